"""How reliable somebody is, as plain counts: playdates to which they came, that they missed, and cancelled late.

They stand with the user and change in the transaction in which it turns out, so that each playdate counts once.
"""

from collections.abc import Iterable

from appointments.models import AppointmentRecord
from common import keys
from common.table import PRESENT, Item, Table, Update

CAME, MISSED, CANCELLED_LATE = "playdates_kept", "playdates_missed", "playdates_cancelled_late"


def of_what_is_over(table: Table, appointment: AppointmentRecord) -> list[Update]:
    """Return the writes that count a playdate once it is over. Where nobody checked in, nothing is known of it."""
    missed = appointment.missed_by()
    if not any(party.checked_in for party in appointment.parties):
        return []
    counts = {party.user_id: MISSED if party == missed else CAME for party in appointment.parties}
    return _count(table, counts.items())


def cancelled_late(table: Table, user_id: str) -> list[Update]:
    """Return the write that counts a late cancellation."""
    return _count(table, [(user_id, CANCELLED_LATE)])


def _count(table: Table, counts: Iterable[tuple[str, str]]) -> list[Update]:
    """Return the writes of those whose account there is; they fail with RaceLost where one goes meanwhile."""
    names = dict(counts)
    there: list[Item] = table.get_many(map(keys.user, names))
    return [Update(keys.user(user["user_id"]), add={names[user["user_id"]]: 1}, condition=PRESENT) for user in there]
