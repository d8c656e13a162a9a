"""Time on a calendar: quarter hours of UTC, of which an appointment takes a row without gaps."""

from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)
MIN_MINUTES = 15
MAX_MINUTES = 240
BREAK_MINUTES = 15
"""After each playdate, so that both get home. Care may be at home, and is its owner's to plan."""


def is_quarter_hour(moment: datetime) -> bool:
    """Return whether an instant lies on a quarter hour."""
    return (moment.minute % 15, moment.second, moment.microsecond) == (0, 0, 0)


def quarter_at(moment: datetime) -> datetime:
    """Return the quarter hour in which `moment` lies, by its beginning."""
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def quarter_from(moment: datetime) -> datetime:
    """Return the first quarter hour that does not lie before `moment`."""
    floor = quarter_at(moment)
    return floor if floor == moment else floor + QUARTER


def end_of(start: datetime, minutes: int) -> datetime:
    """Return when what takes `minutes` from `start` is over; the end itself is free again."""
    return start + timedelta(minutes=minutes)


def quarters(start: datetime, minutes: int) -> list[datetime]:
    """Return the quarter hours in [start, start + minutes), by their beginnings."""
    return [start + QUARTER * number for number in range(minutes // 15)]


def claimed(start: datetime, minutes: int) -> list[datetime]:
    """Return the quarter hours that a playdate takes of a calendar: its own, and the break after it."""
    return quarters(start, minutes + BREAK_MINUTES)


def overlap(one: tuple[datetime, int], other: tuple[datetime, int]) -> bool:
    """Return whether two stretches, each a start and its minutes, share any time."""
    return one[0] < end_of(*other) and other[0] < end_of(*one)
