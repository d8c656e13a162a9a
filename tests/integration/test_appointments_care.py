"""Planning care for one's own pets."""

from datetime import UTC, datetime

from common.table import Table
from tests.harness.moments import tomorrow
from tests.harness.playdates import Couple, items_of, plan_care, planned


def test_care_is_in_the_calendar_at_once(couple: Couple) -> None:
    answer = plan_care(couple.ann, couple.biscuit, tomorrow(9), 30)

    assert answer.status == 201
    assert answer.json["status"] == "Scheduled"
    assert answer.json["my_role"] == "owner"
    assert answer.json["start"] == tomorrow(9)
    assert (answer.json["what"], answer.json["place"], answer.json["other_pet_id"]) == ("Vaccination", None, None)
    assert answer.json["can"] == ["reschedule", "cancel"]


def test_care_claims_each_quarter_of_an_hour(store: Table, couple: Couple) -> None:
    planned(couple.ann, couple.biscuit, tomorrow(9), 30)

    assert len(items_of(store, f"PET#{couple.biscuit}", "SLOT#")) == 2


def test_a_pet_cannot_be_cared_for_twice_at_a_time(couple: Couple) -> None:
    planned(couple.ann, couple.biscuit, tomorrow(9), 60)

    overlapping = plan_care(couple.ann, couple.biscuit, tomorrow(9, 45), 30)
    after = plan_care(couple.ann, couple.biscuit, tomorrow(10), 30)

    assert (overlapping.status, overlapping.code) == (409, "slot_taken")
    assert after.status == 201


def test_care_is_for_ones_own_pets(couple: Couple) -> None:
    answer = plan_care(couple.ann, couple.olive)

    assert (answer.status, answer.code) == (404, "pet_not_found")


def test_care_takes_no_other_pet(couple: Couple) -> None:
    answer = plan_care(couple.ann, couple.biscuit, other_pet_id=couple.olive)

    assert (answer.status, answer.pointers()) == (422, ["/other_pet_id"])


def test_a_pet_with_a_booking_ahead_is_not_deleted(couple: Couple) -> None:
    planned(couple.ann, couple.biscuit)

    answer = couple.ann.delete(f"/pets/{couple.biscuit}")

    assert (answer.status, answer.code) == (409, "pet_has_appointments")


def test_a_claim_goes_thirty_days_after_its_time(store: Table, couple: Couple) -> None:
    planned(couple.ann, couple.biscuit, tomorrow(9), 15)

    (claim,) = items_of(store, f"PET#{couple.biscuit}", "SLOT#")

    assert datetime.fromtimestamp(claim["ttl"], UTC) == datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
