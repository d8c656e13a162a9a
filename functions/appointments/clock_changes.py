"""When the clocks of a time zone change: stretches of time between, in which its offset from UTC is steady."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

COARSEST_STEP = timedelta(seconds=2**16)
"""Some 18 hours: no zone changes its clocks twice within that."""
FINEST_STEP = timedelta(seconds=1)


class Span(NamedTuple):
    """A stretch of time: two UTC instants, the second not included."""

    start: datetime
    end: datetime


def steady(zone: ZoneInfo, span: Span) -> Iterator[tuple[Span, timedelta]]:
    """Give the stretches of a span in which a zone's clocks go steadily, in order, each with their offset from UTC.

    The span is one of whole seconds, as are clock changes.
    """
    start = span.start
    while start < span.end:
        end = next_change(zone, Span(start, span.end))
        yield Span(start, end), offset_at(zone, start)
        start = end


def next_change(zone: ZoneInfo, span: Span) -> datetime:
    """Return when the clocks of a zone first change in a span, to the second; its end where they do not.

    In steps that halve: `steady_until` is always an instant at which they have not changed yet.
    """
    offset, steady_until, step = offset_at(zone, span.start), span.start, COARSEST_STEP
    while step >= FINEST_STEP:
        ahead = steady_until + step
        if ahead >= span.end and offset_at(zone, span.end - FINEST_STEP) == offset:
            return span.end
        if ahead < span.end and offset_at(zone, ahead) == offset:
            steady_until = ahead
        else:
            step /= 2
    return steady_until + FINEST_STEP


def offset_at(zone: ZoneInfo, moment: datetime) -> timedelta:
    """Return how far a zone's clocks are ahead of UTC at an instant."""
    return moment.astimezone(zone).utcoffset() or timedelta()
