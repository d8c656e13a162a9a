"""Suggested and repeated times around clock changes, beside brute force that asks each minute what clocks show in it.

The rules lay windows out as stretches of UTC between two changes. This here knows no stretches and looks for no
change: it converts every minute to wall-clock time and asks whether that lies in a window.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count, pairwise, product
from zoneinfo import ZoneInfo

from appointments.clock_changes import Span
from appointments.models import AppointmentRecord
from appointments.series import SeriesRecord
from appointments.suggesting import MINIMUM_NOTICE, Meeting, Sides
from matching.models import Availability
from tests.harness.findings import Findings

ZONES = (
    *("Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Africa/Cairo", "America/Santiago"),
    *("Pacific/Auckland", "America/New_York", "Europe/London", "Europe/Berlin", "America/Sao_Paulo", "Asia/Tehran"),
)
"""Clocks that change by half an hour, at midnight, on either hemisphere and no more; offsets of odd quarters."""
YEARS = range(2024, 2031)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
LENGTHS = (15, 60, 105, 240)
MOST = 20

PATTERNS = (
    (("00:00", "24:00"),),
    (("00:00", "05:30"), ("22:30", "24:00")),
    (("00:30", "01:45"), ("02:00", "02:30"), ("03:00", "03:40"), ("23:05", "23:50")),
    (("01:10", "02:10"), ("02:20", "03:20"), ("09:00", "12:00")),
)
"""Windows of a day: all of it; the night, in which clocks change; parts of hours that are leapt over or come twice.

A week is a number: of the pattern of its Monday, from which each day goes on to the next one.
"""


def changes() -> Iterator[tuple[str, datetime]]:
    """Give every change of the clocks of these zones, to the quarter hour, in the order of the zones."""
    first, last = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    days = [first + DAY * number for number in range((last - first).days + 1)]
    for name in ZONES:
        zone = ZoneInfo(name)
        for before, after in pairwise(days):
            if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
                quarters = [before + QUARTER * number for number in range(97)]
                for one, following in pairwise(quarters):
                    if one.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
                        yield name, following


@cache
def shown(zone: str, first: datetime, last: datetime) -> list[tuple[date, str]]:
    """Return what the clocks of a zone show, minute by minute: the date and the time of day."""
    clocks, minutes = ZoneInfo(zone), (last - first) // MINUTE
    local = ((first + MINUTE * number).astimezone(clocks) for number in range(minutes))
    return [(each.date(), f"{each:%H:%M}") for each in local]


@cache
def free_quarters(zone: str, week: int, away: date | None, first: datetime, last: datetime) -> frozenset[datetime]:
    """Return the quarter hours in [first, last) of which every minute lies in a window on the clocks of the zone."""
    free = [
        day != away and any(start <= time_of_day < end for start, end in windows_on(week, day.weekday()))
        for day, time_of_day in shown(zone, first, last)
    ]
    quarters = range((last - first) // QUARTER)
    return frozenset(first + QUARTER * number for number in quarters if all(free[number * 15 : number * 15 + 15]))


def windows_on(week: int, weekday: int) -> tuple[tuple[str, str], ...]:
    """Return the windows of a day of such a week; Monday is 0."""
    return PATTERNS[(week + weekday) % len(PATTERNS)]


def availability(zone: str, week: int, away: date | None) -> Availability:
    """The same as an owner states it."""
    windows = [
        {"weekday": day, "start": start, "end": end}
        for number, day in enumerate(DAYS)
        for start, end in windows_on(week, number)
    ]
    days = [{"from": away, "to": away}] if away else []
    return Availability.model_validate({"time_zone": zone, "windows": windows, "away": days})


def faults(one: str, other: str, week: int, change: datetime, minutes: int) -> Iterator[str]:
    """Say what is wrong with the times that two owners are suggested around a change of clocks."""
    first, last = change - DAY, change + DAY
    mine, theirs = week % len(PATTERNS), week // len(PATTERNS)
    away = (change + DAY).date() if week % 3 == 0 else None
    around = first, last + timedelta(minutes=max(LENGTHS))
    free = free_quarters(one, mine, away, *around) & free_quarters(other, theirs, None, *around)
    taken = frozenset(each for each in free if each.hour % 7 == week % 7 and each.minute == 30)
    length = minutes // 15
    expected = {
        start
        for start in free
        if first <= start < last
        and all(start + QUARTER * number in free for number in range(length))
        and not any(start + QUARTER * number in taken for number in range(length + 1))
    }
    sides = Sides.of(availability(one, mine, away), availability(other, theirs, None), None)
    meeting = Meeting(sides, minutes, "Rex", frozenset(), taken, first - MINIMUM_NOTICE, furthest=last)
    found = list(meeting.starts(Span(first, last)))
    if set(found) != expected or found != sorted(expected):
        wrong = sorted(set(found) ^ expected)
        yield f"{len(found)} starts in place of {len(expected)}, such as {wrong[:1]}"
    suggested = [each.start for each in meeting.suggestions(Span(first, last), MOST)]
    if not set(suggested) <= expected or bool(suggested) != bool(expected):
        yield f"suggests {sorted(set(suggested) - expected)} where {len(expected)} are possible"
    parts, possible = (sorted(map(_part(one), starts)) for starts in (suggested, expected))
    if len(set(parts)) != len(parts):
        yield "suggests one part of a day twice"
    if minutes == LENGTHS[0] and set(parts) != set(possible):
        yield f"suggests {len(parts)} parts of days, though there are {len(set(possible))}"


def _part(zone: str) -> Callable[[datetime], tuple[date, int]]:
    """Return what names the part of a day in which a start lies; the shortest playdates of two parts never overlap."""
    clocks = ZoneInfo(zone)
    return lambda start: (start.astimezone(clocks).date(), start.astimezone(clocks).hour // 6)


def instants_of(zone: str, day: date, time_of_day: str) -> list[datetime]:
    """Return every quarter hour at which the clocks of a zone show this time on this day: none, one or two."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    quarters = (noon + QUARTER * number for number in range(-4 * 28, 4 * 28))
    local = ((each, each.astimezone(ZoneInfo(zone))) for each in quarters)
    return [each for each, shows in local if (shows.date(), f"{shows:%H:%M}") == (day, time_of_day)]


def repeats(zone: str, change: datetime, minutes_off: int) -> Iterator[str]:
    """Say what is wrong with weekly playdates whose third comes so many minutes from a change of clocks."""
    local = (change + timedelta(minutes=minutes_off)).astimezone(ZoneInfo(zone)) - timedelta(weeks=2)
    found = instants_of(zone, local.date(), f"{local:%H:%M}")
    if not found:
        return  # nothing can have been agreed on for then
    weekly = SeriesRecord.begin(_agreed(found[0]), zone)
    for number in range(1, 5):
        day, start = local.date() + timedelta(weeks=number), weekly.start_of(number)
        possible = instants_of(zone, day, f"{local:%H:%M}")
        if possible and start != possible[0]:
            yield f"number {number} begins at {start} in place of {possible[0]}"
        if not possible and start not in _after_the_leap(zone, day, f"{local:%H:%M}"):
            yield f"number {number} begins at {start}, though the clocks leap over {local:%H:%M} that day"


def _after_the_leap(zone: str, day: date, time_of_day: str) -> list[datetime]:
    """Return the instant as long after a leap as the time of day lies after what the clocks showed before it."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    shown_at = [midnight + QUARTER * number for number in range(-4 * 28, 4 * 52)]
    clocks = [each.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for each in shown_at]
    wanted = datetime.fromisoformat(f"{day}T{time_of_day}")
    before = max(number for number, shows in enumerate(clocks) if shows < wanted and shows > wanted - DAY)
    return [shown_at[before] + (wanted - clocks[before])]


def _agreed(start: datetime) -> AppointmentRecord:
    """A playdate that was agreed on, to be repeated."""
    return AppointmentRecord(
        appointment_id="a" * 26,
        kind="playdate",
        status="Scheduled",
        parties=[],
        match_id="b" * 26,
        weeks=26,
        starts=[start],
        start=start,
        minutes=60,
        created_at=start,
        updated_at=start,
    )


def compare_repeats(every: int = 1) -> Findings:
    """Look at weekly playdates at each quarter of an hour of the three hours around each change."""
    findings = Findings()
    turn = count(1)
    for zone, change in changes():
        for minutes_off in range(-180, 195, 15):
            if next(turn) % every == 0:
                findings.note(f"{zone} {change} {minutes_off:+d}", list(repeats(zone, change, minutes_off)))
    return findings


def compare(every: int = 1) -> Findings:
    """Look at each change, with each zone on the other side and each two weeks; or at every so manieth such case."""
    findings = Findings()
    turn = count(1)
    for zone, change in changes():
        shown.cache_clear()
        free_quarters.cache_clear()
        for other, week in product(ZONES, range(len(PATTERNS) ** 2)):
            number = next(turn)
            if number % every == 0:
                one, another = (zone, other) if number % 2 else (other, zone)
                minutes = LENGTHS[number // 2 % len(LENGTHS)]
                where = f"{one} and {another}, {change:%Y-%m-%dT%H:%MZ}, weeks {week}, {minutes} minutes"
                findings.note(where, list(faults(one, another, week, change, minutes)))
    return findings
