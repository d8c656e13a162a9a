"""When two owners could meet: the time that both have, and the few starts in it that are worth suggesting.

Availability is wall-clock time, and a playdate is time that passes. So each owner's windows are first laid out as
stretches of UTC: between two changes of its clocks a zone's offset is steady, and there a window is moved by that
offset and cut where the clocks change. A time that the clocks leap over lies in no such stretch, and one that they
show twice lies in two. From then on nothing here knows of clock changes.

Of each part of a day (night, morning, afternoon, evening on my clocks) at most one start is suggested, the best of
the whole part whatever range is asked for: so nobody reads the other's windows off by asking quarter after quarter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from appointments.calendar import QUARTER, claimed, end_of, overlap, quarter_from
from appointments.clock_changes import Span, steady
from matching.availability import PARTS, WEEKDAYS, merged, minutes_into_day, name_of_part, part_of
from matching.models import NO_AVAILABILITY, Availability, Window

type BasedOn = Literal["both", "yours", "theirs", "none"]

MINIMUM_NOTICE = timedelta(hours=2)
"""Nobody is asked to be somewhere at once: the other has to see the proposal, and to get there."""

ASSUMED_HOURS = ("08:00", "21:00")
"""When somebody who has not said is taken to be free, every day: nobody is woken, and evenings are not lost."""

DAYTIME = (time(9), time(18))
LONGEST_PART = timedelta(hours=12)
"""Longer than any part of a day, clock changes included."""

SOON_DAYS = 7

# What a start is worth. That it lies in the daytime, and that the day is free otherwise, come before a round time; up
# to a week each day sooner counts a little. Another time of a day that has one is worth less by more than two of these.
IN_DAYTIME = 30
ON_THE_HOUR = 10
AT_HALF_PAST = 5
DAY_WITH_NOTHING_ELSE = 20
EACH_DAY_SOONER = 4
SAME_DAY_AGAIN = -60
SAME_PART_OF_DAY_AGAIN = -10
SAME_PART_OF_WEEK_AGAIN = -10

CALENDAR_AROUND = timedelta(days=2)
"""Farther than the days reach to which the parts at either end of a range belong."""


def calendars_for(asked: Span) -> Span:
    """Return the stretch of the pets' calendars that has to be known to suggest something in what is asked for."""
    return Span(asked.start - CALENDAR_AROUND, asked.end + CALENDAR_AROUND)


def free_time(availability: Availability, span: Span) -> list[Span]:
    """Return the stretches of a span in which an owner with these windows is free, in order; none touch."""
    free: list[Span] = []
    for stretch, offset in steady(ZoneInfo(availability.time_zone), span):
        for window in _wall_clock_windows(availability, stretch.start + offset, stretch.end + offset):
            start, end = max(window.start - offset, stretch.start), min(window.end - offset, stretch.end)
            if start < end:
                joined = free.pop().start if free and free[-1].end == start else start
                free.append(Span(joined, end))
    return free


def _wall_clock_windows(availability: Availability, first: datetime, last: datetime) -> Iterator[Span]:
    """Give an owner's windows on the days from `first` to `last`, in order; all of them as clocks show them."""
    windows = merged(availability.windows)
    midnight = first.replace(hour=0, minute=0, second=0)
    while midnight < last:
        if not availability.is_away(midnight.date()):
            for window in windows:
                if window.weekday == WEEKDAYS[midnight.weekday()]:
                    start, end = (timedelta(minutes=minutes_into_day(each)) for each in (window.start, window.end))
                    yield Span(midnight + start, midnight + end)
        midnight += timedelta(days=1)


def common(ones: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """Give the stretches that lie in one of either, in order; each side is in order, and none of its own touch."""
    mine, theirs = iter(ones), iter(others)
    one, other = next(mine, None), next(theirs, None)
    while one and other:
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            yield Span(start, end)
        if one.end <= other.end:
            one = next(mine, None)
        else:
            other = next(theirs, None)


@dataclass(frozen=True)
class Sides:
    """Two owners, with the windows that they have stated or else are assumed to have."""

    mine: Availability
    theirs: Availability
    based_on: BasedOn

    @classmethod
    def of(cls, mine: Availability, theirs: Availability, time_zone: str | None) -> Self:
        """Return the two as far as they have said when they are free.

        Who has said nothing at all has no zone either, and is taken to live by the other's clocks: owners find each
        other within some kilometres. Where I am the one, `time_zone` comes before that, and UTC where neither helps.
        """
        my_zone = mine.time_zone if mine != NO_AVAILABILITY else time_zone or theirs.time_zone
        their_zone = theirs.time_zone if theirs != NO_AVAILABILITY else my_zone
        stated: dict[tuple[bool, bool], BasedOn] = {
            (True, True): "both",
            (True, False): "yours",
            (False, True): "theirs",
            (False, False): "none",
        }
        return cls(
            _or_assumed(mine, my_zone),
            _or_assumed(theirs, their_zone),
            stated[bool(mine.windows), bool(theirs.windows)],
        )

    def common_time(self, span: Span) -> Iterator[Span]:
        """Give the stretches of a span in which both are free."""
        return common(free_time(self.mine, span), free_time(self.theirs, span))


def _or_assumed(availability: Availability, time_zone: str) -> Availability:
    """Return an availability as it is or, without windows, with those assumed; who is away is away in any case."""
    if availability.windows:
        return availability
    start, end = ASSUMED_HOURS
    windows = [Window(weekday=weekday, start=start, end=end) for weekday in WEEKDAYS]
    return availability.model_copy(update={"time_zone": time_zone, "windows": windows})


class Merit(NamedTuple):
    """What speaks for a start: how much, and in words for people; "" goes without saying."""

    points: int
    said: str


class Suggested(NamedTuple):
    """A start, with the day and the part of the week that it lies in on my clocks, and what speaks for it."""

    start: datetime
    day: date
    part: int
    merits: tuple[Merit, ...]

    @property
    def points(self) -> int:
        """Return how good it is, others left aside."""
        return sum(merit.points for merit in self.merits)

    @property
    def why(self) -> list[str]:
        """Return what speaks for it, in words."""
        return [merit.said for merit in self.merits if merit.said]


@dataclass(frozen=True)
class Meeting:
    """A playdate for which a time is wanted.

    `taken` and `taken_of_other` are the quarter hours that my pet and the other have something in, as far as
    `calendars_for` says. It may begin before `furthest`.
    """

    sides: Sides
    minutes: int
    pet_name: str
    taken: frozenset[datetime]
    taken_of_other: frozenset[datetime]
    now: datetime
    furthest: datetime

    def starts(self, span: Span) -> Iterator[datetime]:
        """Give the starts in a span at which both are free and both pets have nothing else, in order.

        All of the playdate lies within the time of both. The break after it only has to be free in the calendars.
        """
        for stretch in self.sides.common_time(Span(span.start, end_of(span.end, self.minutes))):
            start = quarter_from(stretch.start)
            while start < span.end and end_of(start, self.minutes) <= stretch.end:
                if start not in self._ruled_out:
                    yield start
                start += QUARTER

    @cached_property
    def _ruled_out(self) -> frozenset[datetime]:
        """Return the starts of which the playdate or the break after it would take what is taken.

        As far as it reaches from its start onwards, so far before what is taken it may not begin.
        """
        return frozenset(
            quarter - (onwards - quarter)
            for quarter in self.taken | self.taken_of_other
            for onwards in claimed(quarter, self.minutes)
        )

    def suggestions(self, asked: Span, limit: int) -> list[Suggested]:
        """Return the best starts in what is asked for, best first.

        The same for the same input. With a greater `limit` it goes on where it ended with a smaller one.
        """
        earliest = max(self.now + MINIMUM_NOTICE, asked.start - LONGEST_PART)
        latest = min(self.furthest, asked.end + LONGEST_PART)
        looked_at = Span(quarter_from(earliest), quarter_from(latest))
        best: dict[tuple[date, int], Suggested] = {}
        for start in self.starts(looked_at):
            each = self._judge(start)
            place = each.day, each.part
            if place not in best or each.points > best[place].points:
                best[place] = each
        return self._spread([each for each in best.values() if asked.start <= each.start < asked.end], limit)

    def _spread(self, ahead: list[Suggested], limit: int) -> list[Suggested]:
        """Choose the best again and again; what resembles one that is chosen is worth less from then on."""
        chosen: list[Suggested] = []

        def worth(each: Suggested) -> int:
            return each.points + sum(_again(each, other) for other in chosen)

        while ahead and len(chosen) < limit:
            following = max(ahead, key=worth)  # the earliest of equals
            chosen.append(following)
            taken = following.start, self.minutes
            ahead = [each for each in ahead if not overlap(taken, (each.start, self.minutes))]
        return chosen

    def _judge(self, start: datetime) -> Suggested:
        """Return a start with all that speaks for it: from this alone follow its place and what is said of it."""
        zones = [ZoneInfo(side.time_zone) for side in (self.sides.mine, self.sides.theirs)]
        mine, theirs = (start.astimezone(zone) for zone in zones)
        part = part_of(mine)
        merits = (
            Merit(0, self._free_in_words(part)),
            self._soon((mine.date() - self.now.astimezone(zones[0]).date()).days),
            self._daytime(start, zones),
            *_round_times(mine, theirs),
            self._day_to_itself(mine.date()),
        )
        return Suggested(start, mine.date(), part, merits)

    def _free_in_words(self, part: int) -> str:
        name, (start, end) = name_of_part(part), ASSUMED_HOURS
        said: dict[BasedOn, str] = {
            "both": f"both free {name}",
            "yours": f"you are free {name}; when they are they have not said",
            "theirs": f"they are free {name}; when you are you have not said",
            "none": f"between {start} and {end}, since neither of you has said when you are free",
        }
        return said[self.sides.based_on]

    @staticmethod
    def _soon(days: int) -> Merit:
        if days >= SOON_DAYS:
            return Merit(0, "")
        when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
        return Merit(EACH_DAY_SOONER * (SOON_DAYS - days), f"soon: {when}")

    def _daytime(self, start: datetime, zones: list[ZoneInfo]) -> Merit:
        """Return what it is worth if neither has to get up early or come home late, by their own clocks."""
        dawn, dusk = DAYTIME
        for zone in zones:
            begins, ends = start.astimezone(zone), end_of(start, self.minutes).astimezone(zone)
            if begins.date() != ends.date() or begins.time() < dawn or ends.time() > dusk:
                return Merit(0, "")
        return Merit(IN_DAYTIME, "in the daytime")

    def _day_to_itself(self, day: date) -> Merit:
        """Return what it is worth that my pet has nothing else that day. Of the other pet's days nothing is told."""
        if day in self._busy_days:
            return Merit(0, "")
        return Merit(DAY_WITH_NOTHING_ELSE, f"nothing else in {self.pet_name}'s calendar that day")

    @cached_property
    def _busy_days(self) -> frozenset[date]:
        mine = ZoneInfo(self.sides.mine.time_zone)
        return frozenset(quarter.astimezone(mine).date() for quarter in self.taken)


def _again(each: Suggested, other: Suggested) -> int:
    """Return what it costs a start that another has been chosen."""
    return (
        SAME_DAY_AGAIN * (each.day == other.day)
        + SAME_PART_OF_DAY_AGAIN * (each.part % len(PARTS) == other.part % len(PARTS))
        + SAME_PART_OF_WEEK_AGAIN * (each.part == other.part)
    )


def _round_times(mine: datetime, theirs: datetime) -> tuple[Merit, Merit]:
    """Return what it is worth that a start is easy to keep in mind, on my clocks and on theirs.

    Between zones that differ by an odd quarter of an hour one time is seldom round for both.
    """
    points = {0: ON_THE_HOUR, 30: AT_HALF_PAST}
    words = {0: "on the hour", 30: "at half past"}
    for_them = "" if mine.minute == theirs.minute else words.get(theirs.minute, "")
    return (
        Merit(points.get(mine.minute, 0), words.get(mine.minute, "")),
        Merit(points.get(theirs.minute, 0), for_them and f"{for_them} for them"),
    )
