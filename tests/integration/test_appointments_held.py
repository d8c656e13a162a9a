"""From half an hour before a playdate to two weeks after it: checking in, completing, feedback, reliability."""

from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.table import Table, Update
from tests.conftest import Postbox
from tests.harness.client import Owner
from tests.harness.invariants import faults_of
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import nine_tomorrow, text, tomorrow
from tests.harness.neighbours import candidates
from tests.harness.playdates import Couple, act, go_to, planned, told

WHY = {"reason": "It rains"}
HALF_AN_HOUR = timedelta(minutes=30)


def reliability(seen_by: Owner) -> dict[str, int]:
    """How reliable the other side of somebody's only match is."""
    [match] = seen_by.get("/matches").json["items"]
    found: dict[str, int] = match["other_reliability"]
    return found


def held(couple: Couple, *who: Owner) -> str:
    """The id of a playdate that is over, to which these checked in."""
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow(), couple.ann, couple.ben)
    for owner in who:
        assert act(owner, appointment_id, "check-in").status == 200
    go_to(nine_tomorrow() + timedelta(hours=1), couple.ann, couple.ben)
    return appointment_id


def test_one_checks_in_from_half_an_hour_before_up_to_the_end(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    answers = []

    for moment in (-HALF_AN_HOUR - timedelta(seconds=1), -HALF_AN_HOUR, timedelta(minutes=59), timedelta(minutes=60)):
        go_to(nine_tomorrow() + moment, couple.ann)
        answers.append(act(couple.ann, appointment_id, "check-in").status)

    assert answers == [409, 200, 200, 409]


def test_both_see_who_is_there(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow(), couple.ann, couple.ben)

    mine = act(couple.ann, appointment_id, "check-in").json
    theirs = couple.ben.get(f"/appointments/{appointment_id}").json

    assert (mine["i_checked_in"], mine["other_checked_in"]) == (True, False)
    assert (theirs["i_checked_in"], theirs["other_checked_in"]) == (False, True)


def test_who_did_not_come_is_known_only_where_the_other_did(couple: Couple) -> None:
    appointment_id = held(couple, couple.ann)

    mine, theirs = (each.get(f"/appointments/{appointment_id}").json for each in (couple.ann, couple.ben))

    assert (mine["status"], mine["missed_by"], theirs["missed_by"]) == ("Completed", "other", "me")


def test_where_nobody_checked_in_nothing_is_known(couple: Couple) -> None:
    appointment_id = held(couple)

    see_to_what_is_due()

    assert couple.ann.get(f"/appointments/{appointment_id}").json["missed_by"] is None
    assert reliability(couple.ann) == {"kept": 0, "missed": 0, "cancelled_late": 0}


def test_what_is_over_counts_once_for_each_side(store: Table, couple: Couple) -> None:
    held(couple, couple.ann)

    for _ in range(2):
        see_to_what_is_due()

    assert reliability(couple.ben) == {"kept": 1, "missed": 0, "cancelled_late": 0}
    assert reliability(couple.ann) == {"kept": 0, "missed": 1, "cancelled_late": 0}
    assert len(told(store, "playdate_over")) == 1
    assert faults_of(store) == []


def test_who_completes_a_playdate_says_that_both_came(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow() + HALF_AN_HOUR, couple.ann, couple.ben)

    done = act(couple.ann, appointment_id, "complete").json
    go_to(nine_tomorrow() + timedelta(hours=2), couple.ann, couple.ben)
    see_to_what_is_due()

    assert (done["status"], done["missed_by"], done["can"]) == ("Completed", None, ["feedback"])
    assert reliability(couple.ann) == reliability(couple.ben) == {"kept": 1, "missed": 0, "cancelled_late": 0}
    assert faults_of(store) == []


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_completing_says_nothing_of_who_did_not_come(couple: Couple, who: str) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow() + HALF_AN_HOUR, couple.ann, couple.ben)
    act(couple.ann, appointment_id, "check-in")

    done = act(couple.ann if who == "ann" else couple.ben, appointment_id, "complete").json

    assert done["missed_by"] == ("other" if who == "ann" else None)


def test_checking_in_again_changes_nothing(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    go_to(nine_tomorrow(), couple.ann, couple.ben)
    act(couple.ann, appointment_id, "check-in")
    before = store.get(keys.appointment(appointment_id))

    again = act(couple.ann, appointment_id, "check-in")

    assert again.status == 200
    assert store.get(keys.appointment(appointment_id)) == before


def test_completing_early_gives_the_rest_of_the_time_back(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 120)
    go_to(nine_tomorrow() + HALF_AN_HOUR, couple.ann)

    act(couple.ann, appointment_id, "complete")

    planned(couple.ann, couple.biscuit, tomorrow(10), 60)


@pytest.mark.parametrize(("hours_before", "late"), [(25, False), (23, True), (1, True)])
def test_cancelling_within_a_day_is_late_and_is_counted(couple: Couple, hours_before: int, late: bool) -> None:
    appointment_id = couple.scheduled(text(nine_tomorrow() + timedelta(days=1)))
    go_to(nine_tomorrow() + timedelta(days=1, hours=-hours_before), couple.ann, couple.ben)

    answer = act(couple.ann, appointment_id, "cancel", WHY)

    assert answer.json["cancelled_late"] is late
    assert reliability(couple.ben)["cancelled_late"] == int(late)
    assert reliability(couple.ann)["cancelled_late"] == 0


def test_care_is_never_cancelled_late(couple: Couple) -> None:
    appointment_id = planned(couple.ann, couple.biscuit, tomorrow(9))

    answer = act(couple.ann, appointment_id, "cancel", WHY)

    assert answer.json["cancelled_late"] is False
    assert reliability(couple.ben)["cancelled_late"] == 0


def test_neither_learns_what_the_other_said_before_both_have_said_it(couple: Couple) -> None:
    appointment_id = held(couple, couple.ann, couple.ben)

    said = act(couple.ann, appointment_id, "feedback", {"again": True, "note": "Lovely"}).json
    unseen = couple.ben.get(f"/appointments/{appointment_id}").json
    both = act(couple.ben, appointment_id, "feedback", {"again": False}).json
    seen = couple.ann.get(f"/appointments/{appointment_id}").json

    assert said["my_feedback"] == {"again": True, "note": "Lovely"}
    assert (said["other_feedback"], unseen["other_feedback"], unseen["my_feedback"]) == (None, None, None)
    assert both["other_feedback"] == {"again": True, "note": "Lovely"}
    assert seen["other_feedback"] == {"again": False, "note": None}


@pytest.mark.parametrize(("ann", "ben"), [(True, True), (True, False), (False, False)])
def test_the_match_remembers_whether_both_want_to_meet_again(couple: Couple, ann: bool, ben: bool) -> None:
    appointment_id = held(couple, couple.ann, couple.ben)

    act(couple.ann, appointment_id, "feedback", {"again": ann})
    half = couple.ann.get("/matches").json["items"][0]["again"]
    act(couple.ben, appointment_id, "feedback", {"again": ben})

    assert half is None
    assert [each.get("/matches").json["items"][0]["again"] for each in (couple.ann, couple.ben)] == [ann and ben] * 2


def test_whom_not_both_want_to_meet_again_the_search_shows_with_less_of_a_score(store: Table, couple: Couple) -> None:
    waffle = couple.ben.pet(name="Waffle")["pet_id"]
    appointment_id = held(couple, couple.ann, couple.ben)
    act(couple.ann, appointment_id, "feedback", {"again": True})
    act(couple.ben, appointment_id, "feedback", {"again": False})
    [match] = couple.ann.get("/matches").json["items"]
    couple.ann.delete(f"/matches/{match['match_id']}")
    [shown] = [each for each in candidates(couple.ann, couple.biscuit) if each["pet"]["pet_id"] == waffle]

    for each in (couple.ann, couple.ben):
        store.update(Update(keys.match_of_user(each.user_id, match["match_id"]), put={"again": True}))
    [otherwise] = [each for each in candidates(couple.ann, couple.biscuit) if each["pet"]["pet_id"] == waffle]

    assert otherwise["score"] - shown["score"] == 30
    assert set(shown["reasons"]) - set(otherwise["reasons"]) == {"after you two met, not both wanted to again"}


def test_feedback_is_said_once_and_repeated_safely(couple: Couple) -> None:
    appointment_id = held(couple, couple.ann, couple.ben)

    first = act(couple.ann, appointment_id, "feedback", {"again": True}, key="once")
    again = act(couple.ann, appointment_id, "feedback", {"again": True}, key="once")
    other = act(couple.ann, appointment_id, "feedback", {"again": False})

    assert again.json == first.json
    assert first.json["can"] == []
    assert (other.status, other.code) == (409, "feedback_over")


def test_after_two_weeks_it_is_too_late_for_feedback(couple: Couple) -> None:
    appointment_id = held(couple, couple.ann, couple.ben)
    go_to(nine_tomorrow() + timedelta(days=14, hours=1), couple.ann)

    answer = act(couple.ann, appointment_id, "feedback", {"again": True})

    assert (answer.status, answer.code) == (409, "feedback_over")


@pytest.mark.parametrize("body", [None, {}, {"again": "yes"}, {"again": True, "stars": 5}])
def test_feedback_is_whether_to_meet_again_and_nothing_else(couple: Couple, body: Any) -> None:
    appointment_id = held(couple, couple.ann, couple.ben)

    assert act(couple.ann, appointment_id, "feedback", body).status in (400, 422)


@pytest.mark.parametrize("step", ["check-in", "feedback"])
def test_care_has_nobody_to_meet(couple: Couple, step: str) -> None:
    appointment_id = planned(couple.ann, couple.biscuit, tomorrow(9), 60)
    go_to(nine_tomorrow() + timedelta(minutes=0 if step == "check-in" else 60), couple.ann)

    answer = act(couple.ann, appointment_id, step, {"again": True} if step == "feedback" else None)

    assert (answer.status, answer.code) == (409, "transition_not_allowed")


def test_both_are_asked_by_mail_how_it_was(store: Table, couple: Couple, mails: Postbox) -> None:
    held(couple, couple.ann, couple.ben)

    see_to_what_is_due()

    for owner, pet in ((couple.ann, "Biscuit"), (couple.ben, "Olive")):
        assert f"How was {pet}'s playdate?" in [mail.subject for mail in mails(owner.email)]
