"""Many clients at once: whatever they do, no pet is promised twice, and every loser learns where things stand."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Answer
from tests.harness.moments import tomorrow
from tests.harness.playdates import Couple, check_calendars, items_of, like, move_in, plan_care, told
from tests.races.slots import race_for_slots

pytestmark = pytest.mark.engines("dynoxide")

ROUNDS = 12
WHY = {"reason": "It rains"}

type Call = Callable[[], Answer]


def at_once(calls: Sequence[Call]) -> list[Answer]:
    """Make all calls at the same time, and return their answers in order."""
    ready = threading.Barrier(len(calls))

    def wait_and_call(call: Call) -> Answer:
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(wait_and_call, calls))


def step(couple: Couple, who: str, appointment_id: str, transition: str, body: dict[str, str] | None = None) -> Call:
    owner = couple.ann if who == "ann" else couple.ben
    return lambda: owner.post(f"/appointments/{appointment_id}/{transition}", body, key="")


def statuses(answers: Sequence[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_of_crossing_acceptances_of_overlapping_times_exactly_one_wins(store: Table, couple: Couple) -> None:
    proposals = [couple.proposed(tomorrow(9, quarter), 60) for quarter in (0, 15, 30, 45) for _ in range(3)]

    answers = at_once([step(couple, "ben", each, "accept") for each in proposals])

    assert statuses(answers) == [200] + [409] * 11
    assert {answer.code for answer in answers if answer.status == 409} == {"slot_taken"}
    assert len(told(store, "playdate_accepted")) == 1
    check_calendars(store)


def test_two_companions_who_accept_the_same_time_do_not_both_get_it(
    store: Table, couple: Couple, owner: OwnerFactory
) -> None:
    carla = owner("carla")
    move_in(carla)
    luna = carla.pet(name="Luna")["pet_id"]
    like(couple.ann, couple.biscuit, luna)
    like(carla, luna, couple.biscuit)
    with_carla = Couple(couple.ann, carla, couple.biscuit, luna)

    for hour in range(6, 6 + ROUNDS):
        one, other = couple.proposed(tomorrow(hour), 45), with_carla.proposed(tomorrow(hour), 45)
        answers = at_once([step(couple, "ben", one, "accept"), step(with_carla, "carla", other, "accept")])
        assert statuses(answers) == [200, 409]
    check_calendars(store)


def test_a_contested_time_has_exactly_one_winner(store: Table, couple: Couple) -> None:
    tally = race_for_slots(store, couple.ann, couple.biscuit, bookings=300, clients=16, slots=30)

    assert tally.tried == 300
    assert tally.wrong == []


def test_accepted_by_many_devices_at_once_it_is_agreed_once(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed()

    answers = at_once([step(couple, "ben", appointment_id, "accept")] * 8)

    assert statuses(answers) == [200] + [409] * 7
    assert {answer.json["current_status"] for answer in answers if answer.status == 409} == {"Scheduled"}
    assert len(told(store, "playdate_accepted")) == 1
    check_calendars(store)


def test_accepting_and_declining_cross_and_one_holds(store: Table, couple: Couple) -> None:
    for _ in range(ROUNDS):
        appointment_id = couple.proposed()

        answers = at_once([step(couple, "ben", appointment_id, each) for each in ("accept", "decline")])

        assert statuses(answers) == [200, 409]
        winner, loser = sorted(answers, key=lambda answer: answer.status)
        assert loser.json["current_status"] == winner.json["status"]
        step(couple, "ann", appointment_id, "cancel", WHY)()
        check_calendars(store)


def test_accepting_and_withdrawing_cross_and_nothing_stays_claimed(store: Table, couple: Couple) -> None:
    for _ in range(ROUNDS):
        appointment_id = couple.proposed()

        accepting, cancelling = at_once(
            [step(couple, "ben", appointment_id, "accept"), step(couple, "ann", appointment_id, "cancel", WHY)]
        )

        assert cancelling.status == 200
        assert accepting.status == 200 or accepting.json["current_status"] == "Cancelled"
        assert couple.ann.get(f"/appointments/{appointment_id}").json["status"] == "Cancelled"
        assert not items_of(store, "PET#", "SLOT#")
    check_calendars(store)


def test_cancelled_from_both_sides_it_is_cancelled_once(store: Table, couple: Couple) -> None:
    for _ in range(ROUNDS):
        appointment_id = couple.scheduled()

        answers = at_once([step(couple, who, appointment_id, "cancel", WHY) for who in ("ann", "ben")])

        assert statuses(answers) == [200, 409]
        assert max(answers, key=lambda answer: answer.status).json["current_status"] == "Cancelled"
    assert len(told(store, "appointment_cancelled")) == ROUNDS
    check_calendars(store)


def test_a_cancelled_time_goes_to_somebody_else_whole_or_not_at_all(store: Table, couple: Couple) -> None:
    for _ in range(ROUNDS):
        old, new = couple.scheduled(), couple.proposed(tomorrow(7, 45), 60)
        widened = plan_care(couple.ann, couple.biscuit, tomorrow(10, 15), 15).json["appointment_id"]

        cancelling, booking, accepting = at_once(
            [
                step(couple, "ben", old, "cancel", WHY),
                lambda: plan_care(couple.ann, couple.biscuit, tomorrow(8, 45), 45),
                step(couple, "ben", new, "accept"),
            ]
        )

        assert cancelling.status == 200
        assert (booking.status, accepting.status) != (201, 200)
        check_calendars(store)
        for each in (widened, new, booking.json.get("appointment_id")):
            step(couple, "ann", str(each), "cancel", WHY)()


def test_a_pet_is_not_deleted_from_under_a_booking(store: Table, couple: Couple) -> None:
    for _ in range(ROUNDS):
        waffle = couple.ann.pet(name="Waffle")["pet_id"]
        appointment_id = couple.proposed(pet_id=waffle)

        accepting, deleting = at_once(
            [step(couple, "ben", appointment_id, "accept"), partial(couple.ann.delete, f"/pets/{waffle}")]
        )

        outcome = (accepting.status, accepting.code, deleting.status, deleting.code)
        assert outcome in {(200, "", 409, "pet_has_appointments"), (409, "pet_gone", 204, "")}
        check_calendars(store)
        step(couple, "ann", appointment_id, "cancel", WHY)()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_at_once_calendars_and_agendas_stay_right(store: Table, couple: Couple, seed: int) -> None:
    chance = random.Random(seed)

    def anything(known: list[str]) -> Call:
        hour, quarter, minutes = chance.randrange(8, 11), chance.choice((0, 15, 30, 45)), chance.choice((15, 45, 90))
        owner, pet = chance.choice(((couple.ann, couple.biscuit), (couple.ben, couple.olive)))
        transition, target = chance.choice(("accept", "accept", "decline", "cancel")), chance.choice(known)
        return chance.choice(
            (
                lambda: couple.propose(tomorrow(hour, quarter), minutes),
                lambda: plan_care(owner, pet, tomorrow(hour, quarter), minutes),
                lambda: owner.post(f"/appointments/{target}/{transition}", WHY if transition == "cancel" else None, ""),
            )
        )

    known = [couple.proposed(tomorrow(hour), 90) for hour in (8, 9, 10)]
    for _ in range(10):
        answers = at_once([anything(known) for _ in range(12)])
        known += [answer.json["appointment_id"] for answer in answers if answer.status == 201]
        assert {answer.status for answer in answers} <= {200, 201, 404, 409}
        check_calendars(store)
