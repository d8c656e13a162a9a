"""What of an agenda somebody asks for: a stretch of time, and which appointments in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.calendar import quarter_from
from appointments.lifecycle import AppointmentStatus
from common import keys
from common.clock import clock
from common.errors import invalid_field
from common.table import Condition, Key

PAST = timedelta(days=30)

STILL: Mapping[AppointmentStatus, str] = {"Proposed": "#lapses > :moment", "Scheduled": "#ends > :moment"}
"""What holds of entries of a status while time has not taken them further."""

LATER: Mapping[AppointmentStatus, tuple[AppointmentStatus, str]] = {
    "Expired": ("Proposed", "#lapses <= :moment"),
    "Completed": ("Scheduled", "#ends <= :moment"),
}
"""As what entries are stored that time has brought to a status; somebody may have noted it in the entry as well."""


@dataclass(frozen=True)
class Wanted:
    """Appointments starting in [earliest, latest), of one pet, in one status; None does not narrow.

    Without `earliest`, those that started up to 30 days ago (or before `latest`, if that is past) are included.
    """

    earliest: datetime | None = None
    latest: datetime | None = None
    pet_id: str | None = None
    status: AppointmentStatus | None = None

    def between(self, after: Key | None) -> tuple[str, str]:
        """Return the sort keys between which to look, going on after the key `after`.

        A default that moves with the clock must not leave behind the place where a list goes on.
        """
        now = clock.now()
        earliest = self.earliest or min(now, self.latest or now) - PAST
        if self.latest and self.latest <= earliest:
            raise invalid_field("/query/to", "must lie after from")
        first = after["SK"] if after else keys.AGENDA + keys.instant(quarter_from(earliest))
        return first, keys.AGENDA + (keys.instant(quarter_from(self.latest)) if self.latest else "~")

    def keep(self) -> Condition | None:
        """Return the condition on entries; statuses are as of now."""
        conditions: list[str] = []
        values: dict[str, str | int] = {}
        if self.pet_id:
            conditions.append("#pet_id = :pet_id")
            values["pet_id"] = self.pet_id
        if self.status:
            values["status"] = self.status
            conditions.append("#status = :status" + (f" AND {STILL[self.status]}" if self.status in STILL else ""))
            if self.status in LATER:
                before, since = LATER[self.status]
                conditions[-1] = f"({conditions[-1]} OR #status = :before AND {since})"
                values["before"] = before
            if self.status in (*STILL, *LATER):
                values["moment"] = clock.timestamp()
        return Condition(" AND ".join(conditions), values) if conditions else None
