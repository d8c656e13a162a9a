"""Weekly playdates: made four weeks ahead, left out where one side cannot, changed one by one or all that follow."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from common import keys
from common.table import Table
from tests.conftest import Postbox
from tests.harness.client import Owner
from tests.harness.invariants import faults_of
from tests.harness.mail import deliver_what_is_new, see_to_what_is_due
from tests.harness.moments import nine_tomorrow, text, tomorrow
from tests.harness.neighbours import be_free
from tests.harness.playdates import Couple, act, go_to, items_of, like, planned, told
from tests.harness.world import erase_now

WHY = {"reason": "We are moving"}
WEEK = timedelta(weeks=1)


def in_weeks(number: int, hour: int = 9) -> str:
    return text(nine_tomorrow().replace(hour=hour) + number * WEEK)


def weekly(couple: Couple, weeks: int, minutes: int = 60) -> str:
    """The id of the first of so many weekly playdates, from nine tomorrow, with the next ones on the calendars."""
    appointment_id = couple.scheduled(tomorrow(9), minutes, repeat={"weeks": weeks})
    see_to_what_is_due()
    return appointment_id


def starts(owner: Owner, status: str = "Scheduled") -> list[str]:
    """When somebody's appointments of a status begin."""
    page = owner.get("/appointments", status=status, limit=100, **{"from": tomorrow(0)}).json
    return [item["start"] for item in page["items"]]


def nth(owner: Owner, number: int) -> dict[str, Any]:
    """Somebody's playdate that is the so-manieth of a series, counted from 1."""
    items = owner.get("/appointments", limit=100, **{"from": tomorrow(0)}).json["items"]
    [found] = [item for item in items if item["repeat"] and item["repeat"]["number"] == number]
    return dict(found)


def away(owner: Owner, first: str, last: str, zone: str = "UTC") -> None:
    body = {"time_zone": zone, "windows": [], "away": [{"from": first, "to": last}]}
    assert owner.put("/matching/availability", body).status == 200


def test_who_agrees_to_the_first_agrees_to_all(store: Table, couple: Couple) -> None:
    appointment_id = weekly(couple, 3)

    assert starts(couple.ann) == starts(couple.ben) == [in_weeks(0), in_weeks(1), in_weeks(2)]
    assert nth(couple.ben, 1)["appointment_id"] == appointment_id
    assert nth(couple.ben, 3)["repeat"] == {"series_id": appointment_id, "number": 3, "weeks": 3}
    assert len(told(store, "playdate_repeated")) == 2
    assert faults_of(store) == []


def test_before_the_first_is_agreed_on_nothing_repeats(couple: Couple) -> None:
    couple.proposed(tomorrow(9), 60, repeat={"weeks": 3})

    see_to_what_is_due()

    assert starts(couple.ann) == []


def test_only_the_next_four_weeks_are_on_the_calendars(store: Table, couple: Couple) -> None:
    weekly(couple, 10)
    at_first = len(starts(couple.ann))

    go_to(nine_tomorrow() + WEEK, couple.ann, couple.ben)
    see_to_what_is_due()

    assert at_first == 4
    assert starts(couple.ann)[-1] == in_weeks(5)
    assert faults_of(store) == []


def test_it_ends_with_the_last(store: Table, couple: Couple) -> None:
    weekly(couple, 2)
    go_to(nine_tomorrow() + 2 * WEEK, couple.ann, couple.ben)
    see_to_what_is_due()

    see_to_what_is_due()

    assert starts(couple.ann, "Completed") == [in_weeks(0), in_weeks(1)]
    assert [entry["PK"] for entry in items_of(store, f"{keys.DUE}#", "repeat")] == []


def test_the_time_is_the_same_on_the_clocks_of_who_proposed_across_a_change(couple: Couple) -> None:
    be_free(couple.ann, zone="America/New_York")
    weekly(couple, 2)

    one, other = (datetime.fromisoformat(start) for start in starts(couple.ann))

    assert other - one == WEEK - timedelta(hours=1), "on 8 March 2026 clocks in New York go forward"
    zone = ZoneInfo("America/New_York")
    assert one.astimezone(zone).time() == other.astimezone(zone).time()


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_a_week_in_which_one_side_is_away_is_left_out(store: Table, couple: Couple, who: str) -> None:
    day = (nine_tomorrow() + WEEK).date()
    away(couple.ann if who == "ann" else couple.ben, str(day), str(day))

    weekly(couple, 3)

    assert starts(couple.ann) == [in_weeks(0), in_weeks(2)]
    assert [each["why"] for each in told(store, "repeat_skipped")] == ["away"]
    assert faults_of(store) == []


def test_who_is_away_in_their_own_zone_is_away(couple: Couple) -> None:
    day = (nine_tomorrow() + WEEK + timedelta(days=1)).date()
    away(couple.ben, str(day), str(day), zone="Pacific/Kiritimati")

    weekly(couple, 2)

    assert starts(couple.ann) == [in_weeks(0), in_weeks(1)], "nine o'clock in UTC is 23:00 of the same day there"


def test_a_week_whose_time_is_taken_is_left_out(couple: Couple) -> None:
    planned(couple.ben, couple.olive, in_weeks(1), 15)

    weekly(couple, 3)

    assert starts(couple.ann) == [in_weeks(0), in_weeks(2)]


@pytest.mark.parametrize("renewed", [False, True])
def test_a_day_before_it_is_left_out_where_a_vaccination_lapses_unless_that_was_renewed(
    store: Table, couple: Couple, renewed: bool
) -> None:
    until = str((nine_tomorrow() + timedelta(days=6)).date())
    assert couple.ben.patch(f"/pets/{couple.olive}", {"vaccinated_until": until}).status == 200
    weekly(couple, 2)
    if renewed:
        couple.ben.patch(f"/pets/{couple.olive}", {"vaccinated_until": str((nine_tomorrow() + 9 * WEEK).date())})

    go_to(nine_tomorrow() + timedelta(days=6), couple.ann, couple.ben)
    see_to_what_is_due()

    assert nth(couple.ann, 2)["status"] == ("Scheduled" if renewed else "Cancelled")
    assert [each["why"] for each in told(store, "repeat_skipped")] == ([] if renewed else ["vaccination"])
    assert faults_of(store) == []


def test_pets_that_are_kept_apart_do_not_meet_though_it_was_on_the_calendars(store: Table, couple: Couple) -> None:
    weekly(couple, 2)
    assert couple.ann.put(f"/pets/{couple.biscuit}/keep-apart/{couple.olive}").status == 200

    go_to(nine_tomorrow() + timedelta(days=6), couple.ann, couple.ben)
    see_to_what_is_due()

    assert nth(couple.ann, 2)["status"] == "Cancelled"
    assert faults_of(store) == []


def test_a_block_ends_a_series_for_good(store: Table, couple: Couple) -> None:
    weekly(couple, 8)
    assert couple.ann.post("/blocks", {"user_id": couple.ben.user_id}).status == 201
    deliver_what_is_new(store)
    assert couple.ann.delete(f"/blocks/{couple.ben.user_id}").status == 204
    like(couple.ann, couple.biscuit, couple.olive)
    like(couple.ben, couple.olive, couple.biscuit)

    go_to(nine_tomorrow() + 2 * WEEK, couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann) == []
    assert faults_of(store) == []


def test_what_both_agreed_on_by_hand_is_not_left_out_since_one_is_away(store: Table, couple: Couple) -> None:
    weekly(couple, 2)
    second = nth(couple.ann, 2)["appointment_id"]
    day = (nine_tomorrow() + WEEK).date()
    away(couple.ben, str(day), str(day))
    act(couple.ann, second, "reschedule", {"start": in_weeks(1, 18), "minutes": 60})
    act(couple.ben, second, "accept")

    go_to(nine_tomorrow() + timedelta(days=6, hours=9), couple.ann, couple.ben)
    see_to_what_is_due()

    assert nth(couple.ann, 2)["status"] == "Scheduled"


def test_what_has_taken_place_does_not_move_with_what_follows(store: Table, couple: Couple) -> None:
    weekly(couple, 3)
    second, third = (nth(couple.ann, number)["appointment_id"] for number in (2, 3))
    act(couple.ann, third, "reschedule", {"start": tomorrow(15), "minutes": 60})
    act(couple.ben, third, "accept")
    go_to(nine_tomorrow() + timedelta(days=2), couple.ann, couple.ben)

    act(couple.ann, second, "reschedule", {"start": in_weeks(1, 14), "minutes": 60, "following": True})
    act(couple.ben, second, "accept")
    see_to_what_is_due()

    assert (nth(couple.ann, 3)["status"], nth(couple.ann, 3)["start"]) == ("Completed", tomorrow(15))
    assert faults_of(store) == []


def test_a_series_goes_on_after_weeks_without_a_round(store: Table, couple: Couple) -> None:
    weekly(couple, 8)

    go_to(nine_tomorrow() + 3 * WEEK, couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann)[-1] == in_weeks(7)
    assert faults_of(store) == []


def test_where_who_proposed_has_no_clocks_the_others_hold(couple: Couple) -> None:
    be_free(couple.ben, zone="America/New_York")
    weekly(couple, 2)

    one, other = (datetime.fromisoformat(start) for start in starts(couple.ann))

    assert other - one == WEEK - timedelta(hours=1)


def test_who_ends_a_series_tells_the_other_once(couple: Couple, mails: Postbox) -> None:
    first = weekly(couple, 8)

    act(couple.ben, first, "cancel", WHY | {"following": True})
    see_to_what_is_due()

    subjects = [mail.subject for mail in mails(couple.ann.email)]
    assert subjects.count("A playdate has been cancelled") == subjects.count("Your weekly playdates have ended") == 1
    assert "Your weekly playdates have ended" not in [mail.subject for mail in mails(couple.ben.email)]


def test_a_series_ends_with_the_match(store: Table, couple: Couple) -> None:
    weekly(couple, 8)
    [match] = couple.ann.get("/matches").json["items"]
    couple.ann.delete(f"/matches/{match['match_id']}")

    go_to(nine_tomorrow() + timedelta(days=6), couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann) == []
    assert len(told(store, "repeat_ended")) == 1
    assert faults_of(store) == []


def test_what_is_on_the_calendar_is_left_out_where_somebody_says_too_late_that_they_are_away(
    store: Table, couple: Couple
) -> None:
    weekly(couple, 3)
    day = (nine_tomorrow() + WEEK).date()
    away(couple.ben, str(day), str(day))

    go_to(nine_tomorrow() + timedelta(days=6), couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann) == [in_weeks(2)]
    assert nth(couple.ann, 2)["status"] == "Cancelled"
    assert told(store, "reminder_due") == []
    assert faults_of(store) == []


def test_one_of_a_series_moves_alone(store: Table, couple: Couple) -> None:
    weekly(couple, 3)
    second = nth(couple.ann, 2)["appointment_id"]

    act(couple.ann, second, "reschedule", {"start": in_weeks(1, 14), "minutes": 60})
    act(couple.ben, second, "accept")
    see_to_what_is_due()

    assert starts(couple.ann) == [in_weeks(0), in_weeks(1, 14), in_weeks(2)]
    assert faults_of(store) == []


def test_all_that_follow_move_along(store: Table, couple: Couple) -> None:
    weekly(couple, 6)
    second = nth(couple.ann, 2)["appointment_id"]

    wish = {"start": in_weeks(1, 14), "minutes": 90, "following": True}
    assert act(couple.ann, second, "reschedule", wish).json["move"]["following"] is True
    act(couple.ben, second, "accept")
    see_to_what_is_due()
    go_to(nine_tomorrow() + WEEK + timedelta(hours=5), couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann) == [in_weeks(number, 14) for number in range(1, 6)]
    assert {nth(couple.ben, number)["minutes"] for number in range(2, 7)} == {90}
    assert faults_of(store) == []


def test_one_of_a_series_that_was_held_early_stays_where_it_was_held(store: Table, couple: Couple) -> None:
    weekly(couple, 3)
    third, early = nth(couple.ann, 3)["appointment_id"], text(nine_tomorrow() + timedelta(days=2))
    act(couple.ann, third, "reschedule", {"start": early, "minutes": 60})
    act(couple.ben, third, "accept")
    go_to(nine_tomorrow() + timedelta(days=3), couple.ann, couple.ben)

    second = nth(couple.ann, 2)["appointment_id"]
    act(couple.ann, second, "reschedule", {"start": in_weeks(1, 14), "minutes": 60, "following": True})
    act(couple.ben, second, "accept")
    see_to_what_is_due()

    held = couple.ann.get(f"/appointments/{third}").json
    assert (held["status"], held["start"]) == ("Completed", early)
    assert faults_of(store) == []


def test_one_of_a_series_that_moved_onto_a_taken_time_is_left_out(store: Table, couple: Couple) -> None:
    first = weekly(couple, 3)
    planned(couple.ben, couple.olive, in_weeks(1, 14), 15)

    act(couple.ann, first, "reschedule", {"start": tomorrow(14), "minutes": 60, "following": True})
    act(couple.ben, first, "accept")
    see_to_what_is_due()

    assert starts(couple.ann) == [tomorrow(14), in_weeks(2, 14)]
    assert faults_of(store) == []


def test_one_of_a_series_is_cancelled_alone_and_stays_so(store: Table, couple: Couple) -> None:
    first = weekly(couple, 3)
    act(couple.ben, nth(couple.ben, 2)["appointment_id"], "cancel", WHY)

    act(couple.ann, first, "reschedule", {"start": tomorrow(14), "minutes": 60, "following": True})
    act(couple.ben, first, "accept")
    see_to_what_is_due()

    assert starts(couple.ann) == [tomorrow(14), in_weeks(2, 14)]
    assert faults_of(store) == []


def test_all_that_follow_are_cancelled_with_one(store: Table, couple: Couple) -> None:
    weekly(couple, 8)

    act(couple.ben, nth(couple.ben, 2)["appointment_id"], "cancel", WHY | {"following": True})
    see_to_what_is_due()
    go_to(nine_tomorrow() - timedelta(hours=2) + WEEK, couple.ann, couple.ben)
    see_to_what_is_due()

    assert starts(couple.ann) == []
    assert starts(couple.ann, "Cancelled") == [in_weeks(number) for number in range(1, 4)]
    assert faults_of(store) == []


@pytest.mark.parametrize("step", ["cancel", "reschedule"])
def test_what_does_not_repeat_has_none_that_follow(couple: Couple, step: str) -> None:
    appointment_id = couple.scheduled()
    when = {"start": tomorrow(14), "minutes": 60} if step == "reschedule" else WHY

    answer = act(couple.ann, appointment_id, step, when | {"following": True})

    assert (answer.status, answer.pointers()) == (422, ["/following"])


@pytest.mark.parametrize(
    "repeat", [{}, {"weeks": 1}, {"weeks": 27}, {"weeks": "3"}, {"weeks": 3, "until": "2026-05-01"}]
)
def test_a_repeat_is_of_two_to_twenty_six_weeks(couple: Couple, repeat: dict[str, object]) -> None:
    assert couple.propose(repeat=repeat).status == 422


def test_both_hear_by_mail_of_a_week_that_is_left_out(couple: Couple, mails: Postbox) -> None:
    day = (nine_tomorrow() + WEEK).date()
    away(couple.ann, str(day), str(day))

    weekly(couple, 3)

    for owner in (couple.ann, couple.ben):
        [mail] = [each for each in mails(owner.email) if each.subject == "A weekly playdate is left out"]
        assert "one of you is away then" in mail.text


def test_whose_account_ends_leaves_no_series_behind(store: Table, couple: Couple) -> None:
    weekly(couple, 8)

    erase_now(store, couple.ben.user_id)

    assert items_of(store, "SERIES#", "") == []
    assert [entry["SK"] for entry in items_of(store, f"{keys.DUE}#", "repeat")] == []
    assert starts(couple.ann) == []
