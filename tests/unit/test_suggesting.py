"""Suggested times: the time that two owners have in common, what is chosen of it, and what is said of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import batched, combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.calendar import QUARTER, overlap, quarters
from appointments.clock_changes import Span
from appointments.suggesting import MINIMUM_NOTICE, Meeting, Sides, Suggested, common, free_time
from matching.availability import WEEKDAYS
from matching.models import NO_AVAILABILITY, Availability
from tests.harness.moments import MONDAY_MORNING

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWO_WEEKS = Span(MONDAY_MORNING, MONDAY_MORNING + 14 * DAY)
SATURDAY = datetime(2026, 3, 7, tzinfo=UTC)
ALWAYS = tuple((day, "00:00", "24:00") for day in WEEKDAYS)
MANY = 20


def available(*windows: tuple[str, str, str], zone: str = "UTC", away: tuple[str, str] | None = None) -> Availability:
    stated = [{"weekday": day, "start": start, "end": end} for day, start, end in windows]
    days = [{"from": away[0], "to": away[1]}] if away else []
    return Availability.model_validate({"time_zone": zone, "windows": stated, "away": days})


def meeting(mine: Availability, theirs: Availability | None = None, **more: Any) -> Meeting:
    """A playdate of an hour between two owners; the other is always free unless it is said when."""
    known: dict[str, Any] = {
        "minutes": 60,
        "pet_name": "Rex",
        "taken": frozenset(),
        "taken_of_other": frozenset(),
        "now": MONDAY_MORNING,
        "furthest": MONDAY_MORNING + 180 * DAY,
    }
    return Meeting(sides=Sides.of(mine, theirs or available(*ALWAYS), None), **known | more)


def starts(wanted: Meeting, asked: Span = TWO_WEEKS, limit: int = MANY) -> list[datetime]:
    return [each.start for each in wanted.suggestions(asked, limit)]


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day.replace(hour=hour, minute=minute)


def test_what_both_have_said_is_in_common() -> None:
    mine, theirs = available(("saturday", "09:00", "12:00")), available(("saturday", "10:30", "14:00"))

    found = list(meeting(mine, theirs).starts(Span(SATURDAY, SATURDAY + DAY)))

    assert found == [at(SATURDAY, 10, 30), at(SATURDAY, 10, 45), at(SATURDAY, 11)]


def test_each_owner_lives_by_their_own_clocks() -> None:
    mine = available(("saturday", "13:00", "16:00"), zone="Europe/Berlin")
    theirs = available(("saturday", "07:00", "10:00"), zone="America/New_York")

    found = list(meeting(mine, theirs).starts(Span(SATURDAY, SATURDAY + DAY)))

    assert (found[0], found[-1]) == (at(SATURDAY, 12), at(SATURDAY, 14))


def test_windows_that_meet_at_midnight_are_one() -> None:
    night = available(("saturday", "23:00", "24:00"), ("sunday", "00:00", "01:00"))

    assert free_time(night, Span(SATURDAY, SATURDAY + 2 * DAY)) == [Span(at(SATURDAY, 23), at(SATURDAY, 23) + 2 * HOUR)]


def test_a_window_that_begins_between_two_quarters_is_good_from_the_next_one() -> None:
    found = list(meeting(available(("saturday", "09:05", "10:29"))).starts(Span(SATURDAY, SATURDAY + DAY)))

    assert found == [at(SATURDAY, 9, 15)]


def test_days_on_which_either_is_away_are_left_out() -> None:
    window = ("saturday", "09:00", "11:00")
    away = available(window, away=("2026-03-01", "2026-03-07"))

    assert starts(meeting(available(window))) == [at(SATURDAY, 9), at(SATURDAY, 9) + 7 * DAY]
    assert starts(meeting(away)) == starts(meeting(available(window), away)) == [at(SATURDAY, 9) + 7 * DAY]


def test_an_hour_that_clocks_leap_over_is_no_time_and_one_that_comes_twice_is_two_hours() -> None:
    night = available(("sunday", "01:00", "04:00"), zone="Europe/Berlin")
    leap, back = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)

    leapt = free_time(night, Span(leap - DAY, leap + DAY))
    twice = free_time(night, Span(back - DAY, back + DAY))

    assert leapt == [Span(leap, leap + 2 * HOUR)]
    assert twice == [Span(back - HOUR, back + 3 * HOUR)]


def test_a_part_of_the_hour_that_comes_twice_is_free_twice() -> None:
    some = available(("sunday", "02:00", "02:30"), zone="Europe/Berlin")
    back = datetime(2026, 10, 25, tzinfo=UTC)

    found = free_time(some, Span(back - DAY, back + DAY))

    assert found == [Span(back, back + HOUR / 2), Span(back + HOUR, back + HOUR * 1.5)]


MINUTES = [SATURDAY + timedelta(minutes=number) for number in range(61)]
SPANS = st.lists(st.sampled_from(MINUTES), unique=True, max_size=12).map(
    lambda marks: [Span(*ends) for ends in batched(sorted(marks), 2, strict=False) if len(ends) == 2]
)


@given(ones=SPANS, others=SPANS)
def test_what_two_have_in_common_is_every_minute_that_both_have(ones: list[Span], others: list[Span]) -> None:
    def covered(spans: list[Span]) -> set[datetime]:
        return {minute for minute in MINUTES for span in spans if span.start <= minute < span.end}

    found = list(common(ones, others))

    assert covered(found) == covered(ones) & covered(others)
    assert found == sorted(found) == list(common(others, ones))


@pytest.mark.parametrize("whose", ["taken", "taken_of_other"])
def test_what_either_pet_has_in_its_calendar_is_left_free_and_the_break_before_it(whose: str) -> None:
    window = available(("saturday", "09:00", "13:00"))
    taken: dict[str, Any] = {whose: frozenset(quarters(at(SATURDAY, 10, 30), 60))}

    found = list(replace(meeting(window), **taken).starts(Span(SATURDAY, SATURDAY + DAY)))

    assert found == [at(SATURDAY, 9), at(SATURDAY, 9, 15), *(at(SATURDAY, 11, 30) + QUARTER * n for n in range(3))]


def test_the_break_after_it_may_lie_outside_of_the_windows() -> None:
    window = available(("saturday", "09:00", "10:00"))

    assert starts(meeting(window)) == [at(SATURDAY, 9), at(SATURDAY, 9) + 7 * DAY]
    assert starts(meeting(window, taken=frozenset([at(SATURDAY, 10)]))) == [at(SATURDAY, 9) + 7 * DAY]


def test_nobody_is_asked_at_short_notice() -> None:
    on_the_dot = meeting(available(*ALWAYS), now=MONDAY_MORNING)
    a_second_late = meeting(available(*ALWAYS), now=MONDAY_MORNING + timedelta(seconds=1))

    assert min(starts(on_the_dot)) == MONDAY_MORNING + MINIMUM_NOTICE == at(MONDAY_MORNING, 11)
    assert next(a_second_late.starts(TWO_WEEKS)) < at(MONDAY_MORNING, 11)
    assert min(starts(a_second_late)) > at(MONDAY_MORNING, 11)


def test_nothing_is_suggested_that_cannot_be_proposed_yet() -> None:
    window = available(("saturday", "09:00", "11:00"))

    assert starts(meeting(window, furthest=at(SATURDAY, 9))) == []
    assert starts(meeting(window, furthest=at(SATURDAY, 9, 15))) == [at(SATURDAY, 9)]


def test_from_is_included_and_to_is_not() -> None:
    wanted = meeting(available(("saturday", "09:00", "11:00")))

    assert starts(wanted, Span(at(SATURDAY, 9), at(SATURDAY, 9, 15))) == [at(SATURDAY, 9)]
    assert starts(wanted, Span(at(SATURDAY, 8), at(SATURDAY, 9))) == []


def test_a_range_that_is_cut_up_shows_no_more_than_the_whole() -> None:
    theirs = available(("saturday", "07:10", "17:50"), ("sunday", "20:00", "23:00"))
    wanted = meeting(available(*ALWAYS), theirs, minutes=15)
    weekend = Span(SATURDAY, SATURDAY + 2 * DAY)

    pieces = [Span(SATURDAY + QUARTER * number, SATURDAY + QUARTER * (number + 1)) for number in range(2 * 96)]
    piecemeal = {start for piece in pieces for start in starts(wanted, piece)}

    assert piecemeal == set(starts(wanted, weekend))
    assert piecemeal == {at(SATURDAY, 9), at(SATURDAY, 12), at(SATURDAY + DAY, 20)}


def test_times_are_spread_over_days_and_windows() -> None:
    mine = available(("wednesday", "17:00", "21:00"), ("saturday", "08:00", "18:00"), ("sunday", "13:00", "15:00"))

    found = starts(meeting(mine), limit=5)

    assert {start.date() for start in found[:3]} == {date(2026, 3, 4), date(2026, 3, 7), date(2026, 3, 8)}
    assert len({start.date() for start in found}) == 5


def test_two_that_overlap_are_not_suggested_together() -> None:
    wanted = meeting(available(("saturday", "10:00", "15:00")), minutes=180)

    found = starts(wanted)

    assert not [pair for pair in combinations(found, 2) if overlap((pair[0], 180), (pair[1], 180))]
    assert found == [at(SATURDAY, 10), at(SATURDAY, 12) + 7 * DAY]


def test_more_goes_on_where_less_ended() -> None:
    wanted = meeting(available(*ALWAYS))

    longest = starts(wanted, limit=MANY)

    assert len(longest) == MANY
    assert all(starts(wanted, limit=limit) == longest[:limit] for limit in range(1, MANY))


def the_first(wanted: Meeting, asked: Span = TWO_WEEKS) -> Suggested:
    return wanted.suggestions(asked, 1)[0]


def test_daytime_comes_before_the_small_hours_and_full_hours_before_others() -> None:
    early, odd = available(("saturday", "06:00", "11:00")), available(("saturday", "09:15", "11:45"))

    assert the_first(meeting(early)).start == at(SATURDAY, 9)
    assert the_first(meeting(odd)).start == at(SATURDAY, 10)
    assert the_first(meeting(available(("saturday", "09:15", "10:45")))).start == at(SATURDAY, 9, 30)


def test_hours_are_full_where_people_are() -> None:
    kathmandu = available(("saturday", "09:05", "12:00"), zone="Asia/Kathmandu")

    first = the_first(meeting(kathmandu, kathmandu))

    assert f"{first.start.astimezone(ZoneInfo('Asia/Kathmandu')):%H:%M}" == "10:00"
    assert "on the hour" in first.why


def test_between_zones_a_quarter_apart_it_is_said_for_whom_a_time_is_round() -> None:
    theirs = available(("saturday", "00:00", "24:00"), zone="Asia/Kathmandu")

    only_for_them = the_first(meeting(available(("saturday", "09:10", "10:20")), theirs))

    assert only_for_them.start == at(SATURDAY, 9, 15)
    assert [said for said in only_for_them.why if "hour" in said] == ["on the hour for them"]


def test_a_day_with_nothing_else_comes_before_a_busy_one_of_my_pet() -> None:
    mine = available(("saturday", "09:00", "11:00"), ("sunday", "09:00", "11:00"))
    vet = frozenset(quarters(at(SATURDAY, 15), 30))

    assert the_first(meeting(mine)).start == at(SATURDAY, 9)
    assert the_first(meeting(mine, taken=vet)).start == at(SATURDAY + DAY, 9)


def test_of_what_the_other_pet_has_elsewhere_nothing_shows() -> None:
    mine = available(("saturday", "09:00", "11:00"), ("sunday", "09:00", "11:00"))
    elsewhere = frozenset(quarters(at(SATURDAY, 15), 30))

    busy, idle = meeting(mine, taken_of_other=elsewhere), meeting(mine)

    assert busy.suggestions(TWO_WEEKS, MANY) == idle.suggestions(TWO_WEEKS, MANY)


def test_reasons_say_what_is_so() -> None:
    mine = available(("monday", "12:00", "14:00"), ("tuesday", "18:30", "20:00"), ("saturday", "09:00", "11:00"))
    vet = frozenset(quarters(at(MONDAY_MORNING, 16), 30))

    why = {each.start: each.why for each in meeting(mine, taken=vet).suggestions(TWO_WEEKS, MANY)}

    free = "nothing else in Rex's calendar that day"
    assert why[at(MONDAY_MORNING, 12)] == [
        "both free Monday afternoons",
        "soon: today",
        "in the daytime",
        "on the hour",
    ]
    assert why[at(MONDAY_MORNING + DAY, 19)] == ["both free Tuesday evenings", "soon: tomorrow", "on the hour", free]
    assert why[at(SATURDAY, 9)] == [
        "both free Saturday mornings",
        "soon: in 5 days",
        "in the daytime",
        "on the hour",
        free,
    ]
    assert why[at(SATURDAY, 9) + 7 * DAY] == ["both free Saturday mornings", "in the daytime", "on the hour", free]


@given(
    hours=st.lists(st.tuples(st.sampled_from(WEEKDAYS), st.integers(0, 20), st.integers(1, 3)), min_size=1, max_size=6),
    minutes=st.sampled_from([15, 60, 240]),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]),
    busy=st.sets(st.integers(0, 14 * 96), max_size=40),
)
def test_reasons_are_true_whatever_the_weeks(
    hours: list[tuple[str, int, int]], minutes: int, zone: str, busy: set[int]
) -> None:
    mine = available(*((day, f"{hour:02}:00", f"{hour + more:02}:00") for day, hour, more in hours))
    theirs = available(*ALWAYS, zone=zone)
    taken = frozenset(MONDAY_MORNING + QUARTER * number for number in busy)

    found = meeting(mine, theirs, minutes=minutes, taken=taken).suggestions(TWO_WEEKS, MANY)

    for each in found:
        end, there = each.start + timedelta(minutes=minutes), ZoneInfo(zone)
        ends = [(each.start, end), (each.start.astimezone(there), end.astimezone(there))]
        days = (each.start.date() - MONDAY_MORNING.date()).days
        true = {
            "in the daytime": all(
                (one.hour, other.date()) >= (9, one.date())
                and (other.hour, other.minute) <= (18, 0)
                and other.date() == one.date()
                for one, other in ends
            ),
            "on the hour": each.start.minute == 0,
            "at half past": each.start.minute == 30,
            "on the hour for them": ends[1][0].minute == 0 != each.start.minute,
            "at half past for them": ends[1][0].minute == 30 != each.start.minute,
            "nothing else in Rex's calendar that day": each.start.date() not in {quarter.date() for quarter in taken},
            f"soon: {['today', 'tomorrow', *(f'in {number} days' for number in range(2, 20))][days]}": days < 7,
        }
        assert {said for said in each.why if not said.startswith("both free ")} == {
            said for said, holds in true.items() if holds
        }
        part = ("nights", "mornings", "afternoons", "evenings")[each.start.hour // 6]
        assert each.why[0] == f"both free {each.start:%A} {part}"
        assert each.points == sum(merit.points for merit in each.merits)


@pytest.mark.parametrize(
    ("mine", "theirs", "based_on"),
    [(True, True, "both"), (True, False, "yours"), (False, True, "theirs"), (False, False, "none")],
)
def test_it_is_said_whose_statements_they_follow(mine: bool, theirs: bool, based_on: str) -> None:
    window = available(("saturday", "09:00", "11:00"))
    wanted = meeting(window if mine else NO_AVAILABILITY, window if theirs else NO_AVAILABILITY)

    first = the_first(wanted)

    assert wanted.sides.based_on == based_on
    assert (
        first.why[0]
        == {
            "both": "both free Saturday mornings",
            "yours": "you are free Saturday mornings; when they are they have not said",
            "theirs": "they are free Saturday mornings; when you are you have not said",
            "none": "between 08:00 and 21:00, since neither of you has said when you are free",
        }[based_on]
    )


def test_who_has_not_said_is_taken_to_be_free_from_eight_to_nine_in_the_evening() -> None:
    mine = available(*ALWAYS, zone="America/New_York")

    found = meeting(mine, NO_AVAILABILITY, minutes=15).starts(Span(SATURDAY, SATURDAY + DAY))

    hours = {start.astimezone(ZoneInfo("America/New_York")).hour for start in found}
    assert hours == set(range(8, 21))


def test_who_has_said_nothing_lives_by_the_others_clocks_unless_they_say_otherwise() -> None:
    theirs = available(("saturday", "09:00", "11:00"), zone="America/New_York")
    zones = [Sides.of(NO_AVAILABILITY, theirs, zone).mine.time_zone for zone in (None, "Europe/Berlin")]
    nobodys = [Sides.of(NO_AVAILABILITY, NO_AVAILABILITY, zone) for zone in (None, "Asia/Tokyo")]

    assert zones == ["America/New_York", "Europe/Berlin"]
    assert [(each.mine.time_zone, each.theirs.time_zone) for each in nobodys] == [("UTC", "UTC"), ("Asia/Tokyo",) * 2]


def test_a_zone_that_somebody_has_said_holds_without_windows_and_against_what_is_asked() -> None:
    away = available(zone="Europe/Lisbon", away=("2026-03-07", "2026-03-07"))

    sides = Sides.of(away, NO_AVAILABILITY, "Asia/Tokyo")

    assert (sides.mine.time_zone, sides.theirs.time_zone) == ("Europe/Lisbon", "Europe/Lisbon")
    assert sides.mine.away == away.away
