"""In every order of the DynamoDB calls of requests that cross: only what may come of it does, and all is whole."""

from dataclasses import replace

import pytest

from appointments import changes
from appointments.calendar import quarters
from appointments.changes import Claim, SlotTaken
from appointments.models import Appointment, NewCare
from appointments.repository import AppointmentRepository
from common import keys
from common.idempotency import Once
from common.table import Put, Table
from tests.conftest import OwnerFactory
from tests.harness.playdates import Couple, meet
from tests.harness.trials import WRITES, declared, sampled
from tests.harness.world import World
from tests.races.crossings import ALONE, CROSSED_IN, CROSSINGS, PROMISED
from tests.races.orders import cross, cross_with_itself

pytestmark = pytest.mark.engines("dynoxide")

PARTS = 4  # so that several processes can share the work
LONG = ("book/book/book, two of which fit", "book/book/cancel")


@pytest.fixture
def couple(store: Table, owner: OwnerFactory) -> Couple:
    """Ann with Biscuit and Ben with Olive, matched."""
    return meet(owner("ann"), owner("ben"))


@pytest.mark.parametrize("part", range(PARTS))
def test_in_every_order_only_what_may_come_of_it_does(store: Table, couple: Couple, part: int) -> None:
    """Everything that crosses in twos, and one in threes; `make prove` has the others."""
    names = [name for name in CROSSINGS if name not in LONG][part::PARTS]

    tally = cross(store, couple, names)

    assert tally.wrong == []
    assert tally.tried >= 2 * len(names)


def test_every_write_of_the_template_crosses_something_or_it_is_said_why_not() -> None:
    writes = {name for name in declared() if not name.startswith("GET")}

    assert CROSSED_IN.keys() | ALONE.keys() == writes
    assert not CROSSED_IN.keys() & ALONE.keys()
    assert set(CROSSED_IN.values()) <= CROSSINGS.keys()


def test_what_is_to_cross_in_any_case_does() -> None:
    assert {name for names in PROMISED.values() for name in names} <= CROSSINGS.keys()


def test_every_write_crosses_itself(store: Table) -> None:
    """In the first orders, which differ in their last calls, those that write; `make prove` tries all of them."""
    tally = cross_with_itself(World.build(store), sampled(WRITES), most=4)

    assert tally.wrong == []
    assert tally.tried > 50


def test_orders_that_are_left_out_come_to_nothing_else(store: Table, couple: Couple) -> None:
    names = ["refresh/revoke"]

    tried = cross(store, couple, names)
    all_there_are = cross(store, couple, names, reduced=False)

    assert tried.wrong == all_there_are.wrong == []
    assert tried.tried < all_there_are.tried


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A booking as it should not be: it looks whether the time is free, and then takes it without a condition."""
    plan, claim = AppointmentRepository.plan, changes._claim  # noqa: SLF001

    def look_then_plan(self: AppointmentRepository, user_id: str, new: NewCare, once: Once) -> Appointment:
        booked = self.table.query(keys.pet_partition(new.pet_id), prefix=keys.SLOT).items
        wanted = {keys.slot(new.pet_id, quarter)["SK"] for quarter in quarters(new.start, new.minutes)}
        if wanted & {claim["SK"] for claim in booked}:
            raise SlotTaken
        return plan(self, user_id, new, once)

    def take(claimed: Claim, appointment_id: str) -> Put:
        return replace(claim(claimed, appointment_id), condition=None)

    monkeypatch.setattr(AppointmentRepository, "plan", look_then_plan)
    monkeypatch.setattr(changes, "_claim", take)


def test_a_careless_booking_is_caught(store: Table, couple: Couple, careless: None) -> None:
    tally = cross(store, couple, ["book/book"])

    assert any("in two places" in fault for fault in tally.wrong)
    assert any("came to ('201', '201')" in fault for fault in tally.wrong)
