"""Reads a template's YAML, with CloudFormation's short tags written out as the functions they stand for."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from local.intrinsics import TemplateError

TAGS = (
    "And Base64 Cidr Condition Equals FindInMap GetAZs GetAtt If ImportValue Join Not Or Ref Select Split Sub Transform"
)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, and without names that appear twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _intrinsic(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if name not in TAGS.split():
        raise yaml.constructor.ConstructorError(None, None, f"!{name} is no CloudFormation function", node.start_mark)
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def read(path: Path) -> dict[str, Any]:
    """Return the template in a file; raise TemplateError where it is none."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        raise TemplateError(f"{path.name} cannot be read: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise TemplateError(f"{path.name}{line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources")
    return document
