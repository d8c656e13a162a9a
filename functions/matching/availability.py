"""Free time: the weekly windows as a bitmap of half hours, and what two owners' weeks have in common.

A week is kept in its owner's wall-clock time, beside the zone, and brought to another's clock when two are compared:
so it stays right when clocks change. Slot 0 is Monday 00:00; a slot counts as free if all of it is.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from matching.models import Availability, Weekday, Window

SLOT_MINUTES = 30
SLOTS_A_DAY = 48
SLOTS = 7 * SLOTS_A_DAY
FULL_WEEK = (1 << SLOTS) - 1
PARTS = ("nights", "mornings", "afternoons", "evenings")
SLOTS_A_PART = SLOTS_A_DAY // len(PARTS)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday.__value__)


class Week(NamedTuple):
    """An owner's usual week: bit n of `free` is slot n on the clocks of `time_zone`."""

    time_zone: str
    free: int


def merged(windows: Iterable[Window]) -> list[Window]:
    """Return the same time as few windows, in order: those that overlap or touch become one."""
    result: list[Window] = []
    for window in sorted(windows, key=lambda each: (WEEKDAYS.index(each.weekday), each.start)):
        if result and result[-1].weekday == window.weekday and window.start <= result[-1].end:
            joined = {"start": result[-1].start, "end": max(result[-1].end, window.end)}
            result[-1] = window.model_copy(update=joined)
        else:
            result.append(window)
    return result


def week_of(availability: Availability) -> Week | None:
    """Return the week that an owner has stated; None where no window says anything."""
    if not availability.windows:
        return None
    free = 0
    for window in merged(availability.windows):
        day = WEEKDAYS.index(window.weekday) * SLOTS_A_DAY
        first = -(-minutes_into_day(window.start) // SLOT_MINUTES)
        last = minutes_into_day(window.end) // SLOT_MINUTES
        for slot in range(day + first, day + last):
            free |= 1 << slot
    return Week(availability.time_zone, free)


def minutes_into_day(time_of_day: str) -> int:
    """Return how many minutes into a day a time of day lies, as windows state it: 1440 for 24:00."""
    hours, minutes = time_of_day.split(":")
    return int(hours) * 60 + int(minutes)


def shared(mine: Week, theirs: Week, now: datetime) -> int:
    """Return, on my clocks, the slots in which both are free for an hour or more at a stretch."""
    return at_a_stretch(mine.free & on_clocks_of(mine.time_zone, theirs, now))


def at_a_stretch(free: int) -> int:
    """Return the free slots that are part of an hour or more at a stretch."""
    return free & (_later(free, 1) | _later(free, -1))


def on_clocks_of(time_zone: str, week: Week, now: datetime) -> int:
    """Return the free slots of `week` as the clocks of another zone show them, by the offsets that hold `now`.

    Where the two differ by an odd quarter of an hour, a slot is free only if both that it straddles are.
    """
    if time_zone == week.time_zone:
        return week.free
    minutes = _offset_minutes(time_zone, now) - _offset_minutes(week.time_zone, now)
    slots, rest = divmod(minutes, SLOT_MINUTES)
    moved = _later(week.free, slots)
    return moved & _later(moved, 1) if rest else moved


@lru_cache(maxsize=256)
def _offset_minutes(time_zone: str, now: datetime) -> int:
    offset = now.astimezone(ZoneInfo(time_zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


def _later(free: int, slots: int) -> int:
    """Return the week moved on by some slots; what leaves it on Sunday night comes back on Monday."""
    slots %= SLOTS
    return (free << slots | free >> SLOTS - slots) & FULL_WEEK


def part_of(wall_clock: datetime) -> int:
    """Return the part of the week that a wall-clock time lies in: 0 for the night to Monday's morning, up to 27."""
    return wall_clock.weekday() * len(PARTS) + wall_clock.hour * len(PARTS) // 24


def parts_of_week(free: int) -> list[str]:
    """Return in which parts of the week the free slots lie, those with most first: "Saturday mornings"."""
    counted = [
        ((free >> number * SLOTS_A_PART & (1 << SLOTS_A_PART) - 1).bit_count(), number)
        for number in range(SLOTS // SLOTS_A_PART)
    ]
    best = sorted((-count, number) for count, number in counted if count)
    return [name_of_part(number) for _, number in best]


def name_of_part(part: int) -> str:
    """Return a part of the week in words: "Saturday mornings"."""
    day, part_of_day = divmod(part, len(PARTS))
    return f"{WEEKDAYS[day].capitalize()} {PARTS[part_of_day]}"
