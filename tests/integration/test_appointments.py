"""Proposing playdates, and who sees them."""

from datetime import timedelta
from typing import Any

import pytest

from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client
from tests.harness.moments import Now, text, this_quarter, tomorrow
from tests.harness.playdates import Couple, items_of, like, move_in, planned, told

NOWHERE, ELSEWHERE = "a" * 26, "b" * 26


def test_a_proposal_says_what_is_planned(couple: Couple) -> None:
    now = Now()
    answer = couple.propose(tomorrow(9), 45, place="At the dog run")

    assert answer.status == 201
    assert answer.json == {
        "appointment_id": answer.json["appointment_id"],
        "kind": "playdate",
        "status": "Proposed",
        "my_role": "proposer",
        "pet_id": couple.biscuit,
        "other_pet_id": couple.olive,
        "starts": [tomorrow(9)],
        "start": None,
        "minutes": 45,
        "expires_at": tomorrow(9),
        "move": None,
        "repeat": None,
        "place": "At the dog run",
        "place_is_public": False,
        "what": None,
        "cancel_reason": None,
        "cancelled_late": False,
        "i_checked_in": False,
        "other_checked_in": False,
        "missed_by": None,
        "my_feedback": None,
        "other_feedback": None,
        "can": ["reschedule", "cancel"],
        "created_at": now,
        "updated_at": now,
    }


def test_a_proposal_is_told_to_the_other_owner_and_claims_no_time(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed()

    assert told(store, "playdate_proposed") == [{"appointment_id": appointment_id, "user_ids": [couple.ben.user_id]}]
    assert not items_of(store, "PET#", "SLOT#")


def test_the_invited_owner_sees_it_from_the_other_side_and_not_yet_where(couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the dog run")

    seen = couple.ben.get(f"/appointments/{appointment_id}").json

    assert (seen["my_role"], seen["can"]) == ("invited", ["accept", "decline", "reschedule"])
    assert (seen["pet_id"], seen["other_pet_id"]) == (couple.olive, couple.biscuit)
    assert seen["place"] is None


def test_the_invited_know_beforehand_whether_they_meet_in_public(couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the dog run", place_is_public=True)

    seen = couple.ben.get(f"/appointments/{appointment_id}").json

    assert (seen["place"], seen["place_is_public"]) == (None, True)


def test_nowhere_is_not_public(couple: Couple) -> None:
    answer = couple.propose(place_is_public=True)

    assert (answer.status, answer.pointers()) == (422, ["/place_is_public"])


def test_up_to_five_starts_can_be_offered_to_choose_from(couple: Couple) -> None:
    starts = [tomorrow(hour) for hour in (15, 9, 11, 10, 12)]

    answer = couple.propose(starts=starts)

    assert answer.status == 201
    assert answer.json["starts"] == sorted(starts)


def test_times_come_in_with_any_offset_and_go_out_as_utc(couple: Couple) -> None:
    answer = couple.propose(tomorrow(14, 45).replace("Z", "+05:45"))

    assert answer.json["starts"] == [tomorrow(9)]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"start": tomorrow(9, 5)}, "/start"),
        ({"start": tomorrow(9).replace("00Z", "01Z")}, "/start"),
        ({"start": tomorrow(9).removesuffix("Z")}, "/start"),
        ({"start": 1772528400}, "/start"),
        ({"start": text(this_quarter())}, "/start"),
        ({"start": "9999-12-31T23:45:00-12:00"}, "/start"),
        ({"starts": []}, "/starts"),
        ({"starts": [tomorrow(9), tomorrow(10).replace("Z", "+01:00")]}, "/starts"),
        ({"starts": [tomorrow(hour) for hour in range(9, 15)]}, "/starts"),
        ({"starts": [tomorrow(9), tomorrow(9, 1)]}, "/starts/1"),
        ({"start": None}, ""),
        ({"start": tomorrow(9), "starts": [tomorrow(9)]}, ""),
        ({"minutes": 0}, "/minutes"),
        ({"minutes": 20}, "/minutes"),
        ({"minutes": 255}, "/minutes"),
        ({"minutes": True}, "/minutes"),
        ({"minutes": 60.0}, "/minutes"),
        ({"place": ""}, "/place"),
        ({"place": "a" * 501}, "/place"),
        ({"place": "left \u202e right"}, "/place"),
        ({"other_pet_id": NOWHERE}, "/other_pet_id"),
        ({"pet_id": ""}, "/pet_id"),
        ({"kind": "walk"}, "/kind"),
        ({"status": "Scheduled"}, "/status"),
        ({"what": "Vet"}, "/what"),
    ],
)
def test_what_is_not_acceptable_is_pointed_at(owner: OwnerFactory, changes: dict[str, Any], pointer: str) -> None:
    acceptable = {"kind": "playdate", "pet_id": NOWHERE, "other_pet_id": ELSEWHERE, "minutes": 60}
    when = {} if "starts" in changes else {"start": tomorrow(9)}

    answer = owner("ann").post("/appointments", acceptable | when | changes)

    assert answer.status == 422
    assert answer.pointers() == [pointer]


def test_a_body_without_a_kind_is_not_acceptable(owner: OwnerFactory) -> None:
    answer = owner("ann").post("/appointments", {"pet_id": NOWHERE})

    assert (answer.status, answer.pointers()) == (422, ["/kind"])


def test_180_days_ahead_is_not_too_far_and_a_quarter_of_an_hour_more_is(couple: Couple) -> None:
    last = this_quarter() + timedelta(days=180)

    at_last, too_late = couple.propose(text(last)), couple.propose(text(last + timedelta(minutes=15)))

    assert at_last.status == 201
    assert (too_late.status, too_late.pointers()) == (422, ["/start"])


def test_a_pet_that_is_not_mine_is_as_absent(couple: Couple) -> None:
    theirs = couple.propose(pet_id=couple.olive, other_pet_id=couple.biscuit)
    absent = couple.propose(pet_id=NOWHERE)

    assert (theirs.status, theirs.code) == (absent.status, absent.code) == (404, "pet_not_found")
    assert _without_request_id(theirs.json) == _without_request_id(absent.json)


def test_a_pet_of_somebody_who_is_not_matched_is_as_absent(couple: Couple, owner: OwnerFactory) -> None:
    carla = owner("carla")
    move_in(carla)
    stranger = carla.pet()["pet_id"]
    like(couple.ann, couple.biscuit, stranger)

    unmatched = couple.propose(other_pet_id=stranger)
    absent = couple.propose(other_pet_id=NOWHERE)

    assert unmatched.status == absent.status == 404
    assert _without_request_id(unmatched.json) == _without_request_id(absent.json)


def test_once_a_match_has_ended_the_other_pet_is_as_absent(couple: Couple) -> None:
    _end_match(couple)

    answer = couple.propose()

    assert (answer.status, answer.code) == (404, "pet_not_found")


def test_once_a_match_has_ended_the_other_pets_time_is_not_told(couple: Couple) -> None:
    planned(couple.ben, couple.olive, tomorrow(9))
    _end_match(couple)

    answer = couple.propose(tomorrow(9))

    assert (answer.status, answer.code) == (404, "pet_not_found")


def test_two_pets_of_one_owner_need_no_playdate(couple: Couple) -> None:
    second = couple.ann.pet(name="Waffle")["pet_id"]

    answer = couple.propose(other_pet_id=second)

    assert (answer.status, answer.pointers()) == (422, ["/other_pet_id"])


@pytest.mark.parametrize("booked", ["ann", "ben"])
def test_time_that_is_booked_for_either_pet_cannot_be_proposed(couple: Couple, booked: str) -> None:
    if booked == "ann":
        planned(couple.ann, couple.biscuit, tomorrow(10))
    else:
        planned(couple.ben, couple.olive, tomorrow(10))

    overlapping = couple.propose(tomorrow(9, 15), 60)
    one_of_two = couple.propose(starts=[tomorrow(14), tomorrow(10, 45)], minutes=15)
    touching = couple.propose(starts=[tomorrow(8, 45), tomorrow(11)], minutes=60)

    assert (overlapping.status, overlapping.code) == (409, "slot_taken")
    assert (one_of_two.status, one_of_two.code) == (409, "slot_taken")
    assert touching.status == 201


def test_whose_time_is_taken_is_not_told(couple: Couple) -> None:
    planned(couple.ann, couple.biscuit, tomorrow(10))
    planned(couple.ben, couple.olive, tomorrow(12))

    mine, theirs = couple.propose(tomorrow(10)), couple.propose(tomorrow(12))

    assert _without_request_id(mine.json) == _without_request_id(theirs.json)


def test_proposals_of_the_same_time_may_stand_side_by_side(couple: Couple) -> None:
    first, second = couple.propose(), couple.propose()

    assert first.status == second.status == 201
    assert first.json["appointment_id"] != second.json["appointment_id"]


def test_repeating_a_proposal_with_its_key_repeats_the_answer(couple: Couple) -> None:
    first = couple.propose(key="once")
    again = couple.propose(key="once")

    assert (again.status, again.json) == (201, first.json)
    assert couple.ben.get("/appointments").json["items"] == [couple.ben.get(_address(first)).json]


def test_repeating_a_proposal_with_its_key_does_nothing_twice(store: Table, couple: Couple) -> None:
    couple.propose(key="once")
    couple.propose(key="once")

    assert len(items_of(store, "APPOINTMENT#", "DETAILS")) == len(told(store, "playdate_proposed")) == 1


def test_a_key_is_good_for_one_request(couple: Couple) -> None:
    couple.propose(key="once")

    answer = couple.propose(minutes=30, key="once")

    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_a_proposal_without_a_key_is_refused(couple: Couple) -> None:
    answer = couple.propose(key="")

    assert (answer.status, answer.code) == (400, "idempotency_key_missing")
    assert couple.ben.get("/appointments").json["items"] == []


def test_nobody_else_sees_an_appointment(couple: Couple, owner: OwnerFactory) -> None:
    carla, appointment_id = owner("carla"), couple.proposed()

    theirs = carla.get(f"/appointments/{appointment_id}")
    absent = carla.get(f"/appointments/{NOWHERE}")

    assert (theirs.status, theirs.code) == (404, "appointment_not_found")
    assert _without_request_id(theirs.json) == _without_request_id(absent.json)


def test_appointments_are_for_those_signed_in(anonymous: Client) -> None:
    assert anonymous.get("/appointments").status == 401
    assert anonymous.post("/appointments", {}).status == 401
    assert anonymous.get(f"/appointments/{NOWHERE}").status == 401
    assert anonymous.post(f"/appointments/{NOWHERE}/accept").status == 401


def _address(answer: Answer) -> str:
    return f"/appointments/{answer.json['appointment_id']}"


def _end_match(couple: Couple) -> None:
    (match,) = couple.ann.get("/matches").json["items"]
    assert couple.ben.delete(f"/matches/{match['match_id']}").status in (200, 204)


def _without_request_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}
