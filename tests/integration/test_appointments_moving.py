"""Other times: countering a proposal, moving what was agreed, and moving care."""

from datetime import timedelta

import pytest

from common.table import Table
from tests.conftest import Postbox
from tests.harness.invariants import faults_of
from tests.harness.moments import nine_tomorrow, tomorrow
from tests.harness.playdates import Couple, act, go_to, plan_care, planned, told


def to(hour: int, minute: int = 0, minutes: int = 60) -> dict[str, object]:
    return {"start": tomorrow(hour, minute), "minutes": minutes}


def test_the_invited_answer_with_other_times_and_swap_roles_with_who_proposed(couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9), 60)

    countered = act(couple.ben, appointment_id, "reschedule", {"starts": [tomorrow(14), tomorrow(11)], "minutes": 45})

    assert countered.status == 200, countered.text
    assert (countered.json["status"], countered.json["my_role"]) == ("Proposed", "proposer")
    assert (countered.json["starts"], countered.json["minutes"]) == ([tomorrow(11), tomorrow(14)], 45)
    assert countered.json["can"] == ["reschedule", "cancel"]
    seen = couple.ann.get(f"/appointments/{appointment_id}").json
    assert (seen["my_role"], seen["can"]) == ("invited", ["accept", "decline", "reschedule"])


def test_what_was_countered_is_agreed_by_who_proposed_first(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9), 60)
    act(couple.ben, appointment_id, "reschedule", to(11))

    early = act(couple.ben, appointment_id, "accept")
    agreed = act(couple.ann, appointment_id, "accept")

    assert (early.status, early.code) == (409, "transition_not_allowed")
    assert (agreed.json["status"], agreed.json["start"]) == ("Scheduled", tomorrow(11))
    assert faults_of(store) == []


def test_who_wrote_the_place_sees_it_however_often_the_offer_changes_hands(couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the dog run")

    countered = act(couple.ben, appointment_id, "reschedule", to(11))

    assert countered.json["place"] is None
    assert couple.ann.get(f"/appointments/{appointment_id}").json["place"] == "At the dog run"
    assert act(couple.ann, appointment_id, "accept").json["place"] == "At the dog run"
    assert couple.ben.get(f"/appointments/{appointment_id}").json["place"] == "At the dog run"


def test_a_time_that_is_taken_is_not_offered_instead(couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9), 60)
    planned(couple.ann, couple.biscuit, tomorrow(12), 15)

    answers = [act(couple.ben, appointment_id, "reschedule", to(hour)) for hour in (11, 12)]

    assert [answer.code for answer in answers] == ["slot_taken", "slot_taken"], "the way home takes until 12:15"


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_what_was_agreed_stands_until_the_other_accepts_another_time(store: Table, couple: Couple, who: str) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    asking, asked = (couple.ann, couple.ben) if who == "ann" else (couple.ben, couple.ann)

    wish = act(asking, appointment_id, "reschedule", to(11))
    seen = asked.get(f"/appointments/{appointment_id}").json
    held = plan_care(couple.ann, couple.biscuit, tomorrow(9), 15)
    moved = act(asked, appointment_id, "accept")

    assert (wish.json["status"], wish.json["start"]) == ("Scheduled", tomorrow(9))
    assert seen["move"] == {
        "starts": [tomorrow(11)],
        "minutes": 60,
        "following": False,
        "expires_at": tomorrow(8, 30),
    }
    assert held.code == "slot_taken"
    assert (moved.json["start"], moved.json["move"]) == (tomorrow(11), None)
    assert plan_care(couple.ann, couple.biscuit, tomorrow(9), 15).status == 201
    assert plan_care(couple.ben, couple.olive, tomorrow(11), 15).code == "slot_taken"
    assert faults_of(store) == []


def test_an_appointment_moves_onto_part_of_its_own_time(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    act(couple.ben, appointment_id, "reschedule", to(9, 30, 90))

    moved = act(couple.ann, appointment_id, "accept")

    assert (moved.json["start"], moved.json["minutes"]) == (tomorrow(9, 30), 90)
    assert faults_of(store) == []


def test_the_longest_playdate_moves_and_takes_its_repeats_along(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(1), 240, repeat={"weeks": 3})
    act(couple.ben, appointment_id, "accept")
    act(couple.ben, appointment_id, "reschedule", to(12, minutes=240) | {"following": True})

    moved = act(couple.ann, appointment_id, "accept", key="long")

    assert (moved.status, moved.json["start"]) == (200, tomorrow(12))
    assert faults_of(store) == []


def test_time_that_was_booked_meanwhile_is_not_moved_to(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    act(couple.ben, appointment_id, "reschedule", to(11))
    planned(couple.ann, couple.biscuit, tomorrow(11, 45), 15)

    answer = act(couple.ann, appointment_id, "accept")

    assert (answer.status, answer.code) == (409, "slot_taken")
    assert couple.ann.get(f"/appointments/{appointment_id}").json["start"] == tomorrow(9)
    assert faults_of(store) == []


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_declining_a_move_or_taking_it_back_leaves_what_was_agreed(store: Table, couple: Couple, who: str) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    act(couple.ann, appointment_id, "reschedule", to(11))

    answer = act(couple.ann if who == "ann" else couple.ben, appointment_id, "decline")

    assert (answer.json["status"], answer.json["start"], answer.json["move"]) == ("Scheduled", tomorrow(9), None)
    assert answer.json["can"] == ["reschedule", "cancel"]
    assert faults_of(store) == []


def test_a_move_may_be_countered(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    act(couple.ann, appointment_id, "reschedule", to(11))

    act(couple.ben, appointment_id, "reschedule", to(15))
    moved = act(couple.ann, appointment_id, "accept")

    assert moved.json["start"] == tomorrow(15)


def test_a_move_lapses_when_the_agreed_time_is_at_hand(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    act(couple.ann, appointment_id, "reschedule", to(11))
    go_to(nine_tomorrow() - timedelta(minutes=30), couple.ben)

    shown = couple.ben.get(f"/appointments/{appointment_id}").json
    answer = act(couple.ben, appointment_id, "accept")

    assert (shown["move"], shown["can"]) == (None, ["check-in", "cancel"])
    assert (answer.status, answer.json["current_status"]) == (409, "Scheduled")


def test_nobody_moves_what_is_at_hand(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow() - timedelta(minutes=30), couple.ben)

    answer = act(couple.ben, appointment_id, "reschedule", to(15))

    assert (answer.status, answer.code) == (409, "transition_not_allowed")


def test_care_moves_at_once_and_swaps_its_time(store: Table, couple: Couple) -> None:
    appointment_id = planned(couple.ann, couple.biscuit, tomorrow(9), 60)

    moved = act(couple.ann, appointment_id, "reschedule", to(9, 30, 45))

    assert (moved.json["start"], moved.json["minutes"]) == (tomorrow(9, 30), 45)
    assert plan_care(couple.ann, couple.biscuit, tomorrow(9), 30).status == 201
    assert plan_care(couple.ann, couple.biscuit, tomorrow(10), 15).code == "slot_taken"
    assert told(store, "care_moved") == [{"appointment_id": appointment_id, "user_ids": []}]
    assert faults_of(store) == []


def test_care_does_not_move_where_something_else_is(store: Table, couple: Couple) -> None:
    appointment_id = planned(couple.ann, couple.biscuit, tomorrow(9), 60)
    planned(couple.ann, couple.biscuit, tomorrow(11), 15)

    answer = act(couple.ann, appointment_id, "reschedule", to(10, 30))

    assert (answer.status, answer.code) == (409, "slot_taken")
    assert faults_of(store) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"minutes": 60}, ""),
        ({"start": tomorrow(9), "starts": [tomorrow(9)], "minutes": 60}, ""),
        ({"start": tomorrow(9, 5), "minutes": 60}, "/start"),
        ({"start": tomorrow(10)}, "/minutes"),
        ({"starts": [tomorrow(9), tomorrow(10)], "minutes": 60}, "/starts"),
        (to(10) | {"following": True}, "/following"),
    ],
)
def test_what_is_no_time_to_move_to_is_refused_by_its_place(
    couple: Couple, body: dict[str, object], pointer: str
) -> None:
    appointment_id = planned(couple.ann, couple.biscuit)

    answer = act(couple.ann, appointment_id, "reschedule", body)

    assert (answer.status, answer.pointers()) == (422, [pointer])


@pytest.mark.parametrize("scheduled", [False, True])
def test_the_other_side_hears_by_mail_of_other_times(couple: Couple, mails: Postbox, scheduled: bool) -> None:
    appointment_id = couple.scheduled() if scheduled else couple.proposed()

    act(couple.ben, appointment_id, "reschedule", to(11))

    subjects = [mail.subject for mail in mails(couple.ann.email, count=3 if scheduled else 2)]
    wanted = "Another time for Biscuit's playdate?" if scheduled else "A playdate for Biscuit?"
    assert wanted in subjects
