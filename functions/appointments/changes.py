"""The writes that make an appointment, or take it from one state to the next.

Both agendas, both calendars and what falls due are functions of the appointment alone. So what to write is the
difference between before and after: nothing is claimed twice, released without having been held, or forgotten.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from appointments import due
from appointments.calendar import end_of, quarters
from appointments.models import AppointmentRecord
from common import keys
from common.errors import Conflict
from common.table import Check, Condition, Delete, Item, Put, Update, Write, absent, key_of
from pets.repository import PetRepository

CLAIM_KEPT = timedelta(days=30)

type Claim = tuple[str, datetime]
"""A pet and one of its quarter hours."""


class SlotTaken(Conflict):
    """Does not say whose time it is that is taken."""

    code = "slot_taken"
    title = "This time is no longer free"


class PetGone(Conflict):
    code = "pet_gone"
    title = "One of the pets is no longer with Pawtime"


def make(new: AppointmentRecord) -> list[Write]:
    """Return the writes of a new appointment."""
    stored = Put(keys.appointment(new.appointment_id) | new.item(), condition=absent())
    return [stored, *_calendar_writes(None, new), *_entry_writes(None, new)]


def move(before: AppointmentRecord, after: AppointmentRecord) -> list[Write]:
    """Return the writes from `before` to `after`; they fail with RaceLost unless `before` is what is stored."""
    stored = Update.between(
        keys.appointment(before.appointment_id), before.item(), after.item(), condition=_unchanged(before)
    )
    return [stored, *_calendar_writes(before, after), *_entry_writes(before, after)]


def unmake(before: AppointmentRecord) -> list[Write]:
    """Return the writes that leave nothing of an appointment; they fail with RaceLost unless it is what is stored."""
    nobodys = before.model_copy(update={"parties": []})
    stored = Delete(keys.appointment(before.appointment_id), condition=_unchanged(before))
    return [stored, *_calendar_writes(before, nobodys), *_entry_writes(before, nobodys)]


def unchanged(seen: AppointmentRecord) -> Check:
    """Return the write that lets a transaction pass only while `seen` is what is stored."""
    return Check(keys.appointment(seen.appointment_id), _unchanged(seen))


def _unchanged(seen: AppointmentRecord) -> Condition:
    return Condition(
        "#version = :seen_version AND #status = :seen_status",
        {"seen_version": seen.version, "seen_status": seen.status},
    )


def claims_of(appointment: AppointmentRecord | None) -> set[Claim]:
    """Return the time that an appointment holds on calendars: none unless it is agreed on."""
    if appointment is None or appointment.status != "Scheduled" or appointment.start is None:
        return set()
    row = quarters(appointment.start, appointment.minutes + appointment.break_minutes)
    return {(party.pet_id, quarter) for party in appointment.parties for quarter in row}


def _calendar_writes(before: AppointmentRecord | None, after: AppointmentRecord) -> Sequence[Write]:
    taken, released = claims_of(after) - claims_of(before), claims_of(before) - claims_of(after)
    booked = sorted({pet_id for pet_id, _ in taken})
    return [
        *(_claim(claim, after.appointment_id) for claim in sorted(taken)),
        *(_release(claim, after.appointment_id) for claim in sorted(released)),
        *(PetRepository.hold(pet_id, otherwise=PetGone) for pet_id in booked),
    ]


def _claim(claim: Claim, appointment_id: str) -> Put:
    """Return the write that takes a quarter hour of a pet: only one can ever succeed."""
    expires = int((claim[1] + CLAIM_KEPT).timestamp())
    item = keys.slot(*claim) | {"appointment_id": appointment_id, "ttl": expires}
    return Put(item, condition=absent(), otherwise=SlotTaken)


def _release(claim: Claim, appointment_id: str) -> Delete:
    """Return the write that gives a quarter hour back. A claim that has expired long since may be gone."""
    own = Condition("attribute_not_exists(PK) OR #appointment_id = :own", {"own": appointment_id})
    return Delete(keys.slot(*claim), condition=own)


def _entry_writes(before: AppointmentRecord | None, after: AppointmentRecord) -> Sequence[Write]:
    old, new = (_by_key([*_agenda(each), *due.entries_of(each)]) if each else {} for each in (before, after))
    return [
        *(Put(item) for place, item in new.items() if old.get(place) != item),
        *(Delete(key_of(item)) for place, item in old.items() if place not in new),
    ]


def _by_key(items: Iterable[Item]) -> dict[tuple[str, str], Item]:
    return {(item["PK"], item["SK"]): item for item in items}


def _agenda(appointment: AppointmentRecord) -> list[Item]:
    """Return the entries of an appointment in its parties' agendas, with what agendas are filtered by."""
    filtered_by: Item = {"status": appointment.status}
    if appointment.start:
        filtered_by["ends"] = int(end_of(appointment.start, appointment.minutes).timestamp())
    elif appointment.lapses_at:
        filtered_by["lapses"] = int(appointment.lapses_at.timestamp())
    return [
        keys.agenda_entry(party.user_id, appointment.listed_at, appointment.appointment_id)
        | {"appointment_id": appointment.appointment_id, "pet_id": party.pet_id}
        | filtered_by
        for party in appointment.parties
    ]
