"""Building blocks of the API's models: strict, closed, and free of what no honest client sends."""

import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

# Controls, marks that turn the direction of text, halves of surrogates, private and unassigned characters.
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
JOINERS = "\u200c\u200d"  # some scripts and emoji need them
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


class In(BaseModel):
    """What a client sends: unknown fields, wrong JSON types, NaN and Infinity are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Out(BaseModel):
    """What we answer. Also the shape in which the domain passes things around."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Record(BaseModel):
    """What is stored. Attributes of the item that are no fields (keys, packed cards) are passed over on reading."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def item(self) -> dict[str, Any]:
        """Return the attributes to store: text, integers, lists and maps; what is None is left out."""
        return self.model_dump(mode="json", exclude_none=True)


class Page[Element](Out):
    """One page of a list; `next_cursor` is null at the end."""

    items: list[Element]
    next_cursor: str | None = None


def _clean(text: str, allowed: str = "") -> str:
    for character in set(text) - set(allowed + JOINERS):
        if unicodedata.category(character) in FORBIDDEN_CATEGORIES:
            raise ValueError("control, private and text-direction characters are not accepted")
    if not any(unicodedata.category(each)[0] in "LNPS" and each not in BLANK_LETTERS for each in text):
        raise ValueError("must hold something that can be seen")
    return unicodedata.normalize("NFC", text)


def _line(text: str) -> str:
    return _clean(text)


def _lines(text: str) -> str:
    return _clean(text, allowed="\n\t")


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), AfterValidator(_line)]
Paragraph = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_lines)
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_lines)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{26}$")]


def _parse_instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) > 40 or "T" not in value.upper():
        raise ValueError("must be an RFC 3339 time with an offset, such as 2030-01-31T09:00:00+01:00")
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("must state its offset from UTC")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


def _parse_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("must be a date such as 2020-01-31")
    return date.fromisoformat(value)


def _format_instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Instant = Annotated[
    datetime,
    BeforeValidator(_parse_instant),
    Field(strict=False),
    PlainSerializer(_format_instant, when_used="json"),
]
"""An instant: any offset comes in, UTC goes out."""

Day = Annotated[date, BeforeValidator(_parse_date), Field(strict=False)]
"""A calendar date, `YYYY-MM-DD`."""
