"""When the tests happen: on a Monday morning on which the clock stands still or, by HTTP, now."""

from datetime import UTC, datetime, timedelta
from functools import cache

from common.clock import clock
from tests.harness.client import Client

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def text(moment: datetime) -> str:
    """An instant as answers carry it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def nine_tomorrow() -> datetime:
    """Nine o'clock, in UTC, on the day after the tests began: it stays where it is when the clock moves on."""
    return clock.now().replace(hour=9, minute=0, second=0) + timedelta(days=1)


def tomorrow(hour: int, minute: int = 0) -> str:
    """A time of day tomorrow, in UTC."""
    return text(nine_tomorrow().replace(hour=hour, minute=minute))


def this_quarter() -> datetime:
    """The last moment at which an appointment could have begun."""
    now = clock.now()
    return now.replace(minute=now.minute // 15 * 15, second=0)


class Now:
    """Equals the text of every instant since it was made: of a single one where the clock stands still."""

    def __init__(self) -> None:
        self.made = text(clock.now())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.made <= other <= text(clock.now())

    def __hash__(self) -> int:
        return hash(self.made)

    def __repr__(self) -> str:
        return f"<since {self.made}>"


def a_minute_later() -> Now:
    """Let time pass where the clock stands still; elsewhere it does so by itself."""
    if not Client.site:
        clock.advance(timedelta(minutes=1))
    return Now()
