"""Imports point one way, and pure rules stay pure."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.contract.stack import FUNCTIONS, ROOT, functions, read_template

LAYER = ROOT / "layers/common/python"
LOWEST_FIRST = ["common", "auth", "pets", "matching", "appointments", "interactions", "shop", "family", "operations"]
PURE = {"scoring", "lifecycle", "calendar", "geo", "suggesting", "clock_changes", "time_zones"}
NOT_PURE = {"boto3", "botocore", "aws_lambda_powertools"}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "main"}
SPEAKS_TO_AWS = {
    "auth.key_rotation": "the keys that sign, in Secrets Manager",
    "auth.signing_keys": "the same, to be read",
    "operations.consumers.erasure": "SQS",
    "operations.consumers.fan_out": "SQS",
    "operations.mail": "SES",
}


def module_name(file: Path) -> str:
    root = LAYER if file.is_relative_to(LAYER) else FUNCTIONS
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file for root in (LAYER, FUNCTIONS) for file in sorted(root.rglob("*.py"))}
every_module = pytest.mark.parametrize("module", MODULES)


@cache
def imports(module: str) -> frozenset[str]:
    """Return what a module imports, wherever in it: modules, and names that may be modules."""

    def found() -> Iterator[str]:
        for node in ast.walk(ast.parse(MODULES[module].read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module} imports by a relative path"
                yield str(node.module)
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    return frozenset(found())


def reached(module: str) -> set[str]:
    """Return all that comes along when a module is imported, as far as our own modules go."""
    seen: set[str] = set()
    ahead = {module}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        if name in MODULES:
            ahead |= imports(name) - seen
    return seen


@every_module
def test_a_module_imports_from_its_own_domain_and_those_below(module: str) -> None:
    domain = module.partition(".")[0]
    allowed = LOWEST_FIRST[: LOWEST_FIRST.index(domain) + 1]
    ours = {name.partition(".")[0] for name in imports(module)} & {*LOWEST_FIRST, "local", "tests", "benchmarks"}
    assert ours <= set(allowed)


@every_module
def test_nothing_imports_an_endpoint(module: str) -> None:
    assert not [name for name in imports(module) if ".endpoints" in name]


@pytest.mark.parametrize("module", [module for module in MODULES if module.rpartition(".")[2] in PURE])
def test_pure_rules_need_neither_aws_nor_the_web(module: str) -> None:
    assert not {name.partition(".")[0] for name in reached(module)} & NOT_PURE


@every_module
def test_only_the_layer_speaks_to_aws_but_for_a_few(module: str) -> None:
    speaks = bool({name.partition(".")[0] for name in imports(module)} & {"boto3", "botocore"})
    assert not speaks or module.startswith("common.") or module in SPEAKS_TO_AWS


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [module for module in MODULES if module.rpartition(".")[2] in SAYS_NOTHING]


@pytest.mark.parametrize(
    ("layer", "package", "for_whom"),
    [
        ("ImagesLayer", "PIL", {"PictureFunction"}),
        ("CalendarsLayer", "icalendar", {"AppointmentCalendarFunction", "SubscribedCalendarFunction"}),
    ],
)
def test_what_a_layer_of_its_own_brings_is_imported_by_the_functions_that_have_it_and_by_no_other(
    layer: str, package: str, for_whom: set[str]
) -> None:
    template = read_template()
    having = {name for name, each in functions(template).items() if {"Ref": layer} in each.get("Layers", [])}

    importing = {
        name
        for name, each in functions(template).items()
        if any(module.partition(".")[0] == package for module in reached(each["Handler"].removesuffix(".handler")))
    }

    assert importing == having == for_whom
