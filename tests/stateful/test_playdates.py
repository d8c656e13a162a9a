"""A machine that plays three owners finds no answer of the API that the plain model does not give."""

from typing import Any

import pytest

from common.table import Table
from tests.stateful.machine import play
from tests.stateful.model import Booking, Model, Person, Quarter, Time

pytestmark = pytest.mark.engines("dynoxide")


def test_the_api_does_what_the_model_says(store: Table) -> None:
    assert play(lambda: store, runs=30, steps=40) > 500


def found_to_differ(store: Table, where: str) -> None:
    """See that the API and a model that is wrong on purpose part company, and about what."""
    with pytest.raises(AssertionError, match=where):
        play(lambda: store, runs=60, steps=40, shrink=False)


def test_a_model_that_lets_pets_be_in_two_places_is_found_to_differ(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Model, "taken", lambda *_, **__: set())

    found_to_differ(store, r"409 .*slot_taken")


def test_a_model_in_which_a_move_keeps_the_old_time_is_found_to_differ(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, claims = Booking.change, Booking.claims

    def move_and_stay(self: Booking, **changes: Any) -> None:
        if "time" in changes and self.status == "Scheduled":
            vars(self)["kept"] = claims(self, self.time)
        change(self, **changes)

    def keep_both(self: Booking, time: Time) -> set[Quarter]:
        kept: set[Quarter] = vars(self).get("kept", set())
        return claims(self, time) | kept

    monkeypatch.setattr(Booking, "change", move_and_stay)
    monkeypatch.setattr(Booking, "claims", keep_both)

    found_to_differ(store, r"answered 20\d .*, and the model says 409")


def test_a_model_in_which_a_counter_proposal_leaves_the_roles_is_found_to_differ(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Booking, "swap", lambda self, _person: self.parts)

    found_to_differ(store, r"'my_role': 'proposer'.*'my_role': 'invited'")


def test_a_model_that_tells_feedback_early_is_found_to_differ(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell_at_once(_self: Model, person: Person, booking: Booking) -> bool | None:
        return next((said for each, said in booking.said.items() if each != person), None)

    monkeypatch.setattr(Model, "other_said", tell_at_once)

    found_to_differ(store, r"'other_said': None.*'other_said': (True|False)")


def test_a_model_that_takes_who_came_for_who_did_not_is_found_to_differ(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(self: Model, booking: Booking) -> None:
        for person in booking.parts if booking.here else ():
            self.counts[person, "kept" if person == self.missed_by(booking) else "missed"] += 1

    monkeypatch.setattr(Model, "_count", count)

    found_to_differ(store, r"how reliable \w+ is: seen is .*'missed': [01]")
