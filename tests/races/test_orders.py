"""In every order of the DynamoDB calls of requests that cross: only what may come of it does, and all is whole."""

from collections import Counter
from dataclasses import replace

import pytest

from appointments import changes
from appointments.changes import Claim, SlotTaken
from appointments.models import Appointment, NewCare
from appointments.repository import AppointmentRepository
from common.idempotency import Once
from common.table import Put, Table
from tests.conftest import OwnerFactory
from tests.harness.interleaving import every_order
from tests.harness.invariants import faults_of
from tests.harness.playdates import Couple, meet
from tests.races.crossings import CROSSINGS, outcome

pytestmark = pytest.mark.engines("dynoxide")


@pytest.fixture
def couple(store: Table, owner: OwnerFactory) -> Couple:
    """Ann with Biscuit and Ben with Olive, matched."""
    return meet(owner("ann"), owner("ben"))


@pytest.mark.parametrize("name", CROSSINGS)
def test_in_every_order_only_what_may_come_of_it_does(store: Table, couple: Couple, name: str) -> None:
    crossing = CROSSINGS[name]
    acts = crossing.prepare(couple)

    seen = set()
    for played in every_order(store, acts):
        seen.add(outcome(played.answers))
        assert not faults_of(store), played.order

    assert seen == crossing.outcomes


@pytest.mark.parametrize("name", ["accept/decline", "refresh/revoke"])
def test_orders_that_are_left_out_come_to_nothing_else(store: Table, couple: Couple, name: str) -> None:
    acts = CROSSINGS[name].prepare(couple)

    tried = Counter(outcome(played.answers) for played in every_order(store, acts))
    all_there_are = Counter(outcome(played.answers) for played in every_order(store, acts, reduced=False))

    assert tried.keys() == all_there_are.keys()
    assert tried.total() < all_there_are.total()


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A booking as it should not be: it looks whether the time is free, and then takes it without a condition."""
    plan, claim = AppointmentRepository.plan, changes._claim  # noqa: SLF001

    def look_then_plan(self: AppointmentRepository, user_id: str, new: NewCare, once: Once) -> Appointment:
        if not self._is_free(self.pets.owned(user_id, new.pet_id), new.start, new.minutes):
            raise SlotTaken
        return plan(self, user_id, new, once)

    def take(claimed: Claim, appointment_id: str) -> Put:
        return replace(claim(claimed, appointment_id), condition=None)

    monkeypatch.setattr(AppointmentRepository, "plan", look_then_plan)
    monkeypatch.setattr(changes, "_claim", take)


def test_a_careless_booking_is_caught(store: Table, couple: Couple, careless: None) -> None:
    acts = CROSSINGS["book/book"].prepare(couple)

    caught = [faults_of(store) for _ in every_order(store, acts)]

    assert any(caught)
    assert not all(caught)
    assert any("in two places" in fault for faults in caught for fault in faults)
