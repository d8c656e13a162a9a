"""Event filters: the part of Lambda's filter patterns that the template uses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Rule = Callable[[Any], bool]

_ABSENT = object()


class UnknownRule(Exception):
    """A filter pattern that the local stack cannot follow."""


@dataclass(frozen=True)
class Pattern:
    """A filter: an event passes when every leaf of the pattern finds one of its alternatives."""

    members: Mapping[str, "Pattern | list[Rule]"]

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Return the pattern in `text`; raise UnknownRule where it cannot be followed."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise UnknownRule("the pattern is not JSON") from error
        return cls._read(document)

    @classmethod
    def _read(cls, document: Any) -> "Pattern":
        if not isinstance(document, dict):
            raise UnknownRule(f"{document!r} stands where an object or a list is expected")
        return cls(
            {
                name: [_rule(alternative) for alternative in inner] if isinstance(inner, list) else cls._read(inner)
                for name, inner in document.items()
            }
        )

    def matches(self, event: Any) -> bool:
        """Tell whether an event passes."""
        if not isinstance(event, Mapping):
            return False
        return all(_holds(wanted, event.get(name, _ABSENT)) for name, wanted in self.members.items())


def _holds(wanted: Pattern | list[Rule], value: Any) -> bool:
    if isinstance(wanted, Pattern):
        # An absent object is one without members: {"exists": false} may still hold inside it.
        return wanted.matches({} if value is _ABSENT else value)
    return any(rule(value) for rule in wanted)


def _rule(alternative: Any) -> Rule:
    match alternative:
        case {"prefix": str(prefix), **rest} if not rest:
            return lambda value: isinstance(value, str) and value.startswith(prefix)
        case {"suffix": str(suffix), **rest} if not rest:
            return lambda value: isinstance(value, str) and value.endswith(suffix)
        case {"exists": bool(wanted), **rest} if not rest:
            return lambda value: (value is not _ABSENT) is wanted
        case str() | bool() | int() | float() | None:
            return lambda value: type(value) is type(alternative) and value == alternative
        case _:
            raise UnknownRule(f"the local stack does not know the rule {json.dumps(alternative)}")
