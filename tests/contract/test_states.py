"""The picture and the table of an appointment's states are what the code says, and there for who cannot see them."""

from collections.abc import Mapping
from typing import get_args
from xml.etree.ElementTree import Element, fromstring

import pytest

from appointments import lifecycle
from appointments.lifecycle import AppointmentStatus, State
from local import states
from local.derived import ROOT

NAMESPACE = "{http://www.w3.org/2000/svg}"


def picture() -> Element:
    """Return the committed picture."""
    return fromstring(states.TARGET.read_text())


def test_the_committed_picture_is_what_the_code_draws() -> None:
    assert states.TARGET.read_text() == states.text(), "run `make states`"


def test_every_state_and_every_step_of_the_table_is_in_it() -> None:
    written = [span.text for span in picture().iter(f"{NAMESPACE}tspan")]
    steps = {step for steps in lifecycle.TRANSITIONS.values() for step in steps}

    assert {*get_args(AppointmentStatus.__value__), "Moving", "At hand", "Under way"} <= set(written)
    assert steps == {line.partition(":")[0] for line in written if line and ": " in line}


def test_what_time_does_is_named_and_nothing_else_is() -> None:
    assert states.steps_of_time() == states.BY_TIME.keys() == states.TIMED.keys()


def test_who_cannot_see_it_is_told_every_step() -> None:
    svg = picture()
    title, told = svg.findtext(f"{NAMESPACE}title"), svg.findtext(f"{NAMESPACE}desc") or ""

    assert (svg.get("role"), svg.get("aria-labelledby"), title) == ("img", "title desc", "The states of an appointment")
    for one, other in {*states.steps_done(), *states.steps_of_time()}:
        assert f"{one} to {other}" in told


def test_the_table_of_the_document_is_that_of_the_code() -> None:
    document = (ROOT / "docs/appointments.md").read_text()
    _, _, table = document.partition("| state | proposer | invited | owner (care) |\n|---|---|---|---|\n")
    rows = (line.strip("| ").split("|") for line in table.partition("\n\n")[0].splitlines())

    said = {
        (state.strip(), role): set(cell.strip().split(", "))
        for state, *cells in rows
        for role, cell in zip(("proposer", "invited", "owner"), cells, strict=False)
        if cell.strip()
    }

    assert said == {key: set(steps) for key, steps in lifecycle.TRANSITIONS.items()}


def test_a_step_without_a_place_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    more: Mapping[tuple[State, lifecycle.PartyRole], Mapping[lifecycle.Transition, State]] = {
        **lifecycle.TRANSITIONS,
        ("Declined", "invited"): {"accept": "Scheduled"},
    }
    monkeypatch.setattr(states, "TRANSITIONS", more)

    with pytest.raises(KeyError, match="Declined"):
        states.text()
