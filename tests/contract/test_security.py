"""docs/security.md says of each requirement by which test it is held, and these tests are there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from auth.models import Registration
from local.template import TEMPLATE
from tests.contract.test_imports import MODULES, imports

ROOT = TEMPLATE.parent
STATES = {"met", "in part", "missing", "not applicable"}
ABOUT_DOCUMENTS = "documentation: "
NO_SECRETS = {"auth.throttles", "common.table"}
"""Where chance chooses no more than how long to wait, and which place is tried first."""


@dataclass(frozen=True)
class Requirement:
    """A row of the table of OWASP ASVS."""

    id: str
    state: str
    by: str

    def named(self) -> Iterator[str]:
        """Give the tests that the row names, and the figures."""
        yield from re.findall(r"`((?:tests?|web)[/_][^`]+)`", self.by)
        yield from re.findall(r"figure ([A-Z][0-9]+)", self.by)


def requirements() -> list[Requirement]:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    return [Requirement(*row) for row in re.findall(r"^\| ([\d., to]+) \| ([^|]+) \| (.*) \|$", text, re.MULTILINE)]


def is_there(named: str) -> bool:
    """Return whether there is such a test, file of tests or figure; a bare name is one of tests/integration."""
    if re.search(rf"^\| {re.escape(named)} \|", (ROOT / "docs/proof.md").read_text(encoding="utf-8"), re.MULTILINE):
        return True
    place, _, test = named.partition("::")
    files = [path for path in (ROOT / place, ROOT / f"tests/integration/{place}.py") if path.exists()]
    if not files or not test:
        return bool(files)
    return re.search(rf"^def {re.escape(test)}\(", files[0].read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_every_row_has_a_state_that_we_know() -> None:
    assert len(requirements()) > 50
    assert {each.state for each in requirements()} <= STATES


def test_every_requirement_that_is_met_names_what_would_fail_if_it_were_not() -> None:
    unproved = [
        each.id
        for each in requirements()
        if each.state == "met" and not each.by.startswith(ABOUT_DOCUMENTS) and not list(each.named())
    ]

    assert unproved == []


def test_every_test_that_is_named_is_there() -> None:
    missing = [f"{each.id}: {named}" for each in requirements() for named in each.named() if not is_there(named)]

    assert missing == []


@pytest.mark.parametrize("named", ["test_nothing", "test_sessions::test_nothing", "tests/contract/nothing.py", "Z9"])
def test_a_test_that_is_not_there_is_missed(named: str) -> None:
    assert not is_there(named)


def test_nothing_is_made_up_by_chance_that_can_be_foretold() -> None:
    foretold = {module for module in MODULES if imports(module) & {"random", "uuid"}}

    assert foretold <= NO_SECRETS


def test_no_secret_question_and_no_hint_is_asked_for() -> None:
    assert Registration.model_fields.keys() == {"username", "email", "password", "first_name", "last_name"}
