"""What falls due of appointments: reminders, offers that lapse, playdates that are over.

Each has an entry under the quarter hour at which it falls due, written and taken away in the transaction that changes
the appointment. So who goes through the entries of a quarter hour needs to look for nothing, and of what was cancelled
or moved nothing is left there.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Literal

from appointments.calendar import end_of, quarter_from
from appointments.models import AppointmentRecord
from common import keys
from common.table import Item

type What = Literal["day", "hour", "lapse", "over", "repeat"]

REMINDERS: Mapping[What, timedelta] = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
"""How long ahead one is reminded; not where it was agreed on later than that."""


def entries_of(appointment: AppointmentRecord) -> list[Item]:
    """Return the entries of what falls due of an appointment as it stands."""
    appointment_id = appointment.appointment_id
    return [
        keys.due(quarter, what, appointment_id) | {"what": what, "appointment_id": appointment_id}
        for quarter, what in _moments(appointment)
        if appointment.parties
    ]


def _moments(appointment: AppointmentRecord) -> Iterator[tuple[datetime, What]]:
    if appointment.status == "Proposed" and appointment.lapses_at:
        yield quarter_from(appointment.lapses_at), "lapse"
    elif appointment.status == "Scheduled" and appointment.start:
        if appointment.lapses_at:
            yield quarter_from(appointment.lapses_at), "lapse"
        for what, ahead in REMINDERS.items():
            if appointment.start - ahead > (appointment.agreed_at or appointment.created_at):
                yield appointment.start - ahead, what
        if appointment.kind == "playdate":
            yield end_of(appointment.start, appointment.minutes), "over"
