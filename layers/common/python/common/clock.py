"""The one source of the current time, so that a test or the local stack can move it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The system clock plus an offset that is zero in AWS."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Return the current UTC instant, to the second: that is all that items and answers carry."""
        return (self._frozen or datetime.now(UTC)).replace(microsecond=0) + self._offset

    def timestamp(self) -> int:
        """Return the current time as whole seconds since the epoch, as DynamoDB's TTL wants it."""
        return int(self.now().timestamp())

    def after(self, lifetime: timedelta) -> int:
        """Return when something that begins now is over, in the same form."""
        return self.timestamp() + int(lifetime.total_seconds())

    def advance(self, amount: timedelta) -> None:
        """Move this clock forward."""
        self._offset += amount

    def freeze(self, instant: datetime) -> None:
        """Stand still at `instant`; `advance` still moves on from there."""
        self._frozen, self._offset = instant, timedelta()

    def reset(self) -> None:
        """Follow the system clock again."""
        self._frozen, self._offset = None, timedelta()


clock = Clock()
