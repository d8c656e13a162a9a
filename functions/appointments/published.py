"""Appointments as files for calendars: which of them, and what their reader may see of each."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from appointments import calendar_files
from appointments.calendar_files import Entry
from appointments.feeds import FeedRepository
from appointments.models import MAX_DAYS_AHEAD, AppointmentRecord
from appointments.repository import AppointmentNotFound, AppointmentRepository
from common import keys
from common.clock import clock
from common.table import Item, Table, table
from matching.profiles import ProfileRepository
from pets.repository import PetRepository

PAST = timedelta(days=30)
AHEAD = timedelta(days=MAX_DAYS_AHEAD)
CANCELLED_KEPT = timedelta(days=30)
"""For so long a feed says that something is off: until then every subscriber has come by."""
MOST = 1000
"""Appointments in one file. With the longest texts in each it stays below the 6 MB that Lambda answers at the most."""


class CalendarRepository:
    """Reads appointments for calendars."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.appointments = AppointmentRepository(table)
        self.feeds = FeedRepository(table)
        self.pets = PetRepository(table)

    def of_one(self, user_id: str, appointment_id: str) -> str:
        """Return the file of one appointment of the user's; raise AppointmentNotFound."""
        record = self.appointments.find(appointment_id)
        entries = self._entries(user_id, [record] if record else [])
        if not entries:
            raise AppointmentNotFound
        return calendar_files.single(entries[0], self._time_zone(user_id))

    def of_all(self, token: str) -> str:
        """Return the file of the appointments of the user whose feed a token opens; raise FeedNotFound."""
        user_id = self.feeds.holder(token)
        found = self.table.get_many(keys.appointment(row["appointment_id"]) for row in self._agenda(user_id))
        entries = self._entries(user_id, map(AppointmentRecord.model_validate, found))
        return calendar_files.feed([each for each in entries if _is_current(each)], self._time_zone(user_id))

    def _agenda(self, user_id: str) -> list[Item]:
        """Return entries of the user's agenda: first those to come, the next ones first, then back from now.

        A proposal stands at the earliest of its starts; the latest may be so much later as one may plan ahead.
        """
        now, partition = clock.now(), keys.user_partition(user_id)
        earliest, today, latest = (keys.AGENDA + keys.instant(moment) for moment in (now - AHEAD, now, now + AHEAD))
        to_come = self.table.query(partition, between=(today, f"{latest}~"), limit=MOST).items
        past = self.table.query(partition, between=(earliest, today), limit=MOST, newest_first=True).items
        begun = keys.AGENDA + keys.instant(now - PAST)
        listed = [row for row in past if row["SK"] >= begun or row["status"] == "Proposed"]
        return [*to_come, *listed][:MOST]

    def _entries(self, user_id: str, records: Iterable[AppointmentRecord]) -> list[Entry]:
        """Return what the user sees of those appointments in which they have a part, in order of time."""
        seen = [(record.version, record.seen_by(party)) for record in records if (party := record.party(user_id))]
        pet_ids = {pet_id for _, each in seen for pet_id in (each.pet_id, each.other_pet_id) if pet_id}
        names = {pet.pet_id: pet.name for pet in self.pets.find_many(sorted(pet_ids))}
        entries = [
            Entry(each, version, [names[pet_id] for pet_id in (each.pet_id, each.other_pet_id) if pet_id in names])
            for version, each in seen
        ]
        return sorted(entries, key=lambda entry: (entry.start, entry.seen.appointment_id))

    def _time_zone(self, user_id: str) -> str:
        return ProfileRepository(self.table).availability(user_id).time_zone


def _is_current(entry: Entry) -> bool:
    """Return whether a feed shows it: not once it has long been off, nor a proposal that has lapsed."""
    now = clock.now()
    if entry.seen.status == "Expired":
        return False
    if entry.is_off:
        return entry.seen.updated_at > now - CANCELLED_KEPT
    return entry.seen.status == "Proposed" or entry.start >= now - PAST


def repository() -> CalendarRepository:
    """Return the repository on this process's table."""
    return CalendarRepository(table())


Calendars = Annotated[CalendarRepository, Depends(repository)]
