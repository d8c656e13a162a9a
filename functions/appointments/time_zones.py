"""When the clocks of a time zone change, as calendars are told: by yearly rules where there are any.

RFC 5545 (3.6.5) describes a zone by observances: from when on which offset holds, once or every year. Outlook takes no
lists of dates (RDATE), and makes of a zone one rule for each way that clocks go ([MS-STANOICAL] 2.2.47). So what comes
every year on the same weekday of a month is told as a rule; what does not (the month of fasting in Morocco, the Friday
before a Sunday in Israel) is told change by change, for the years that are asked for.
"""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from operator import attrgetter
from zoneinfo import ZoneInfo

from appointments.clock_changes import Span, offset_at, steady

YEARS_OF_A_RULE = 7
"""A rule is believed when it holds for so many years: for fewer, the Friday before a Sunday may pass for the fourth."""
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Observance:
    """An offset from UTC and since when it holds: `onset` on the clocks as they went before.

    `every` says on which weekday of the month it begins anew each year ("2SU", "-1FR"); None means that it does not.
    """

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    every: str | None = None

    @property
    def goes_forward(self) -> bool:
        return self.after > self.before

    @property
    def _kind(self) -> tuple[object, ...]:
        return self.onset.month, self.onset.time(), self.before, self.after, self.name

    @property
    def _places(self) -> set[str]:
        """Return how its day can be called among the days of its month."""
        weekday = WEEKDAYS[self.onset.weekday()]
        left = calendar.monthrange(self.onset.year, self.onset.month)[1] - self.onset.day
        return {f"{(self.onset.day - 1) // 7 + 1}{weekday}"} | ({f"-1{weekday}"} if left < 7 else set())


@lru_cache(maxsize=64)
def observances(time_zone: str, first_year: int, last_year: int) -> Sequence[Observance]:
    """Return what tells every clock time of these years in a zone, in order of time, each rule by its first onset."""
    start, years = first_year - 1, max(last_year + 1 - first_year + 2, YEARS_OF_A_RULE)
    changes = list(_changes(time_zone, start, start + years))
    told = [each for same in _grouped(changes) for each in _told(same, years, last_year + 1)]
    if not any(each.onset.year < first_year for each in told):
        told.append(_in_force(time_zone, datetime(start, 1, 1, tzinfo=UTC)))
    return sorted(told, key=attrgetter("onset"))


def _grouped(changes: Sequence[Observance]) -> Iterator[list[Observance]]:
    """Give the changes of a kind, each list in order of time."""
    kind = attrgetter("_kind")
    for _, same in groupby(sorted(changes, key=kind), key=kind):
        yield list(same)


def _told(same: list[Observance], years: int, last_year: int) -> list[Observance]:
    """Return the one rule by which all changes of a kind come, or, where there is none, those until the last year."""
    places = set.intersection(*(each._places for each in same))  # noqa: SLF001 (its own kind)
    if places and [each.onset.year for each in same] == list(range(same[0].onset.year, same[0].onset.year + years)):
        first = same[0]
        return [Observance(first.onset, first.before, first.after, first.name, every=min(places))]
    return [each for each in same if each.onset.year <= last_year]


def _changes(time_zone: str, first_year: int, end_year: int) -> Iterator[Observance]:
    """Give every change of the offset in [first_year, end_year)."""
    zone = ZoneInfo(time_zone)
    years = Span(datetime(first_year, 1, 1, tzinfo=UTC), datetime(end_year, 1, 1, tzinfo=UTC))
    for (_, before), (stretch, after) in pairwise(steady(zone, years)):
        name = stretch.start.astimezone(zone).tzname() or ""
        yield Observance((stretch.start + before).replace(tzinfo=None), before, after, name)


def _in_force(time_zone: str, moment: datetime) -> Observance:
    local = moment.astimezone(ZoneInfo(time_zone))
    offset = offset_at(ZoneInfo(time_zone), moment)
    return Observance(local.replace(tzinfo=None), offset, offset, local.tzname() or "")
