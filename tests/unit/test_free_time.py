"""Weeks as bitmaps: what windows say, what two weeks have in common, and how it is told."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from matching.availability import (
    SLOT_MINUTES,
    SLOTS_A_DAY,
    WEEKDAYS,
    Week,
    merged,
    on_clocks_of,
    parts_of_week,
    shared,
    week_of,
)
from matching.models import Availability, Window

WINTER = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
BETWEEN_THE_CHANGES = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)
"""New York has gone over to summer time by then, Berlin has not."""

MINUTES = st.integers(0, 24 * 60)


def clock_time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def windows(draw: st.DrawFn, least: int = 0) -> list[Window]:
    spans = st.tuples(st.sampled_from(WEEKDAYS), st.lists(MINUTES, min_size=2, max_size=2, unique=True))
    return [
        Window(weekday=weekday, start=clock_time(min(ends)), end=clock_time(max(ends)))
        for weekday, ends in draw(st.lists(spans, min_size=least, max_size=12))
    ]


def week(*spans: tuple[str, str, str], zone: str = "Europe/Berlin") -> Week:
    """A week of (weekday, start, end)."""
    stated = [{"weekday": weekday, "start": start, "end": end} for weekday, start, end in spans]
    result = week_of(Availability.model_validate({"time_zone": zone, "windows": stated}))
    assert result
    return result


def minutes_of(stated: list[Window]) -> set[tuple[str, int]]:
    return {
        (each.weekday, minute)
        for each in stated
        for minute in range(int(each.start[:2]) * 60 + int(each.start[3:]), int(each.end[:2]) * 60 + int(each.end[3:]))
    }


@given(windows())
def test_merging_keeps_every_minute_and_leaves_no_two_that_touch(stated: list[Window]) -> None:
    tidy = merged(stated)

    assert minutes_of(tidy) == minutes_of(stated)
    assert tidy == sorted(tidy, key=lambda each: (WEEKDAYS.index(each.weekday), each.start))
    assert all(before.weekday != after.weekday or before.end < after.start for before, after in pairwise(tidy))


@given(windows().filter(bool))
def test_a_slot_is_free_if_all_of_it_is(stated: list[Window]) -> None:
    covered = minutes_of(stated)

    found = week_of(Availability(time_zone="UTC", windows=stated, away=[]))

    assert found
    for slot in range(7 * SLOTS_A_DAY):
        day, start = WEEKDAYS[slot // SLOTS_A_DAY], slot % SLOTS_A_DAY * SLOT_MINUTES
        whole = all((day, start + minute) in covered for minute in range(SLOT_MINUTES))
        assert bool(found.free >> slot & 1) == whole


def test_no_windows_are_no_statement() -> None:
    assert week_of(Availability(time_zone="UTC", windows=[], away=[])) is None


def test_the_same_wall_clock_time_is_shared_within_a_zone() -> None:
    mine, theirs = week(("saturday", "09:00", "12:00")), week(("saturday", "10:00", "14:00"))

    assert shared(mine, theirs, WINTER) == week(("saturday", "10:00", "12:00")).free


def test_another_zone_is_brought_to_my_clocks() -> None:
    mine = week(("monday", "18:00", "20:00"))
    theirs = week(("monday", "12:00", "14:00"), zone="America/New_York")

    assert shared(mine, theirs, WINTER) == mine.free


def test_clock_changes_move_the_other_week_on_their_own() -> None:
    mine = week(("monday", "17:00", "20:00"))
    theirs = week(("monday", "12:00", "14:00"), zone="America/New_York")

    assert shared(mine, theirs, WINTER) == week(("monday", "18:00", "20:00")).free
    assert shared(mine, theirs, BETWEEN_THE_CHANGES) == week(("monday", "17:00", "19:00")).free


def test_a_week_goes_round_from_sunday_to_monday() -> None:
    mine = week(("monday", "00:00", "02:00"), zone="Asia/Tokyo")
    theirs = week(("sunday", "15:00", "17:00"), zone="UTC")

    assert shared(mine, theirs, WINTER) == mine.free
    assert shared(theirs, mine, WINTER) == theirs.free


def test_an_odd_quarter_of_an_hour_counts_only_what_is_free_on_both_sides_of_it() -> None:
    theirs = week(("monday", "12:00", "14:00"), zone="Asia/Kathmandu")

    assert on_clocks_of("UTC", theirs, WINTER) == week(("monday", "06:30", "08:00"), zone="UTC").free
    assert on_clocks_of("Asia/Kathmandu", theirs, WINTER) == theirs.free


def test_less_than_an_hour_is_no_time_for_a_playdate() -> None:
    mine = week(("monday", "09:00", "10:00"), ("friday", "09:00", "11:00"))
    theirs = week(("monday", "09:30", "12:00"), ("friday", "10:00", "12:00"))

    assert shared(mine, theirs, WINTER) == week(("friday", "10:00", "11:00")).free


@given(windows(least=1), windows(least=1))
def test_two_sides_share_the_same_time_whoever_asks(mine: list[Window], theirs: list[Window]) -> None:
    one = week_of(Availability(time_zone="Europe/Lisbon", windows=mine, away=[]))
    other = week_of(Availability(time_zone="Asia/Kolkata", windows=theirs, away=[]))
    assert one
    assert other

    assert shared(one, other, WINTER).bit_count() == shared(other, one, WINTER).bit_count()


def test_the_parts_of_the_week_with_most_time_come_first() -> None:
    free = week(("saturday", "09:00", "10:00"), ("sunday", "18:00", "24:00"), ("monday", "12:00", "13:00")).free

    assert parts_of_week(free) == ["Sunday evenings", "Monday afternoons", "Saturday mornings"]


def test_a_time_across_noon_lies_in_both_parts() -> None:
    assert parts_of_week(week(("tuesday", "10:00", "13:00")).free) == ["Tuesday mornings", "Tuesday afternoons"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday": "monday", "start": "12:00", "end": "12:00"},
        {"weekday": "monday", "start": "12:00", "end": "09:00"},
        {"weekday": "monday", "start": "24:00", "end": "24:00"},
        {"weekday": "monday", "start": "9:00", "end": "10:00"},
        {"weekday": "monday", "start": "09:60", "end": "10:00"},
        {"weekday": "monday", "start": "09:00", "end": "24:01"},
        {"weekday": "Monday", "start": "09:00", "end": "10:00"},
        {"weekday": "monday", "start": "09:00", "end": "10:00\n"},
        {"weekday": "monday", "start": "09:00", "end": "10:00", "note": "x"},
    ],
)
def test_a_window_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Window.model_validate(wrong)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime", "America", "europe/lisbon"]
)
def test_a_zone_that_the_world_does_not_know_is_refused(zone: str) -> None:
    with pytest.raises(ValidationError):
        Availability.model_validate({"time_zone": zone, "windows": []})
