"""The mails about company found and playdates planned.

They say when, and no more: what others wrote is for the page, from which it goes when they do. Whatever has changed by
the time that a mail is written, is not told any more: another event tells what is so now.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appointments.models import AppointmentRecord, Party
from appointments.repository import AppointmentRepository
from auth.accounts import AccountRepository
from auth.models import UserRecord
from common import config, keys
from common.clock import clock
from common.outbox import Kind
from common.table import Item
from matching.profiles import ProfileRepository
from operations.mail import Mail, Writer
from pets.repository import PetRepository


def on_clocks(moment: datetime, time_zone: str) -> str:
    """Return an instant as the clocks of a zone show it."""
    return f"{moment.astimezone(ZoneInfo(time_zone)):%A, %d %B %Y, %H:%M} ({time_zone})"


class Told(NamedTuple):
    """An appointment for one of its parties: with the name of their own pet, and the clocks where they live."""

    user: UserRecord
    appointment: AppointmentRecord
    party: Party
    pet_name: str
    time_zone: str

    @classmethod
    def find(cls, user: UserRecord, accounts: AccountRepository, data: Item) -> "Told | None":
        """Return the appointment of an event, as far as it and the user's part in it are still there."""
        appointment = AppointmentRepository(accounts.table).find(data["appointment_id"])
        party = appointment.party(user.user_id) if appointment else None
        pet = PetRepository(accounts.table).find(party.pet_id) if party else None
        if appointment is None or party is None or pet is None:
            return None
        zone = ProfileRepository(accounts.table).availability(user.user_id).time_zone
        return cls(user, appointment, party, pet.name, zone)

    def at(self, moment: datetime) -> str:
        """Return an instant as the user's clocks show it."""
        return on_clocks(moment, self.time_zone)

    def listed(self, moments: Iterable[datetime]) -> str:
        """Return instants as the user's clocks show them, one to a line."""
        return "\n".join(f"- {self.at(moment)}" for moment in moments)

    @property
    def when(self) -> str:
        """Return when it is, or would have been."""
        return self.at(self.appointment.listed_at)

    @property
    def what(self) -> str:
        """Return what it is, at the beginning of a sentence."""
        return "What you planned" if self.appointment.kind == "care" else "The playdate"

    @property
    def lies_ahead(self) -> bool:
        """Return whether it would still be to come: of several times on offer, the last."""
        return (self.appointment.start or max(self.appointment.starts)) > clock.now()

    def mail(self, subject: str, text: str) -> list[Mail]:
        """Return a mail to the user that leads to the page."""
        page = f"{config.public_url()}/agenda/{self.appointment.appointment_id}"
        return [Mail(self.user.email, subject, f"{text}\n\nSee {page}\n")]


def _offer(told: Told, _data: Item) -> list[Mail]:
    appointment = told.appointment
    if appointment.state != "Proposed" or told.party.role != "invited" or appointment.lapses_at is None:
        return []
    times = told.listed(appointment.starts)
    weekly = f", {appointment.weeks} times, week by week" if appointment.weeks else ""
    text = (
        f"Somebody whom you are matched with proposes a playdate for {told.pet_name}, of {appointment.minutes} minutes"
        f"{weekly}:\n\n{times}\n\nPlease answer by {told.at(appointment.lapses_at)}: after that the offer lapses."
    )
    return told.mail(f"A playdate for {told.pet_name}?", text)


def _agreed(told: Told, _data: Item) -> list[Mail]:
    if told.appointment.current_status != "Scheduled":
        return []
    text = f"It is agreed: {told.pet_name} has a playdate on {told.when}, for {told.appointment.minutes} minutes."
    return told.mail(f"{told.pet_name}'s playdate is agreed", text)


def _declined(told: Told, _data: Item) -> list[Mail]:
    if told.appointment.status != "Declined":
        return []
    text = f"The playdate that you proposed for {told.when} does not suit the other side."
    return told.mail("Your playdate was declined", text)


def _lapsed(told: Told, _data: Item) -> list[Mail]:
    who = "you did not answer" if told.party.role == "invited" else "the other side did not answer"
    text = f"The playdate proposed for {told.when} has lapsed: {who} in time."
    return told.mail("A proposed playdate has lapsed", text)


def _wish(told: Told, _data: Item) -> list[Mail]:
    appointment = told.appointment
    if appointment.state != "Moving" or appointment.move is None or told.party.role != "invited":
        return []
    times = told.listed(appointment.move.starts)
    following = ", and with it those that follow" if appointment.move.following else ""
    text = (
        f"The other side would like to move {told.pet_name}'s playdate on {told.when}{following}. It would take "
        f"{appointment.move.minutes} minutes:\n\n{times}\n\nUntil you agree, it stays as it is."
    )
    return told.mail(f"Another time for {told.pet_name}'s playdate?", text)


def _stays(told: Told, _data: Item) -> list[Mail]:
    if told.appointment.state != "Scheduled":
        return []
    return told.mail("Your playdate stays as it was", f"It was not moved: the playdate is on {told.when}, as agreed.")


def _moved(told: Told, _data: Item) -> list[Mail]:
    if told.appointment.current_status != "Scheduled":
        return []
    text = f"{told.pet_name}'s playdate is now on {told.when}, for {told.appointment.minutes} minutes."
    return told.mail(f"{told.pet_name}'s playdate has moved", text)


def _cancelled(told: Told, _data: Item) -> list[Mail]:
    if not told.lies_ahead:
        return []
    what = "The playdate" if told.appointment.start else "The playdate that was proposed"
    text = f"{what} for {told.when} will not take place: it has been cancelled."
    return told.mail("A playdate has been cancelled", text)


SKIPPED: Mapping[str, str] = {
    "away": "one of you is away then",
    "vaccination": "the vaccination of one of the two pets will have lapsed by then",
    "taken": "one of the two pets has something else then",
    "unmatched": "you two are no longer matched",
    "apart": "the two pets are kept apart",
}


def _reminder(told: Told, data: Item) -> list[Mail]:
    start = told.appointment.start
    if told.appointment.current_status != "Scheduled" or start is None or keys.instant(start) != data["start"]:
        return []
    if not told.lies_ahead:
        return []
    zone = ZoneInfo(told.time_zone)
    same_day = start.astimezone(zone).date() == clock.now().astimezone(zone).date()
    soon = "soon" if data["ahead"] == "hour" else "today" if same_day else "tomorrow"
    text = f"{told.what} with {told.pet_name} is {soon}: {told.when}, for {told.appointment.minutes} minutes."
    return told.mail(f"{told.pet_name}: {soon}", text)


def _over(told: Told, _data: Item) -> list[Mail]:
    if "feedback" not in told.appointment.seen_by(told.party).can:
        return []
    text = (
        f"How was {told.pet_name}'s playdate on {told.when}? Say whether you would like to meet again: neither of you "
        "learns what the other said before both have said it."
    )
    return told.mail(f"How was {told.pet_name}'s playdate?", text)


def _revealed(told: Told, _data: Item) -> list[Mail]:
    text = f"You both have said now whether to meet again after the playdate on {told.when}."
    return told.mail("Meet again?", text)


def _skipped(user: UserRecord, accounts: AccountRepository, data: Item) -> list[Mail]:
    zone = ProfileRepository(accounts.table).availability(user.user_id).time_zone
    when = on_clocks(datetime.fromisoformat(data["start"]), zone)
    text = (
        f"Your weekly playdate on {when} will not take place: {SKIPPED[data['why']]}.\n\n"
        f"Your agenda is at {config.public_url()}/agenda\n"
    )
    return [Mail(user.email, "A weekly playdate is left out", text)]


def _ended(user: UserRecord, _accounts: AccountRepository, _data: Item) -> list[Mail]:
    text = f"Your weekly playdates have come to an end.\n\nYour agenda is at {config.public_url()}/agenda\n"
    return [Mail(user.email, "Your weekly playdates have ended", text)]


def _watch_met(user: UserRecord, accounts: AccountRepository, data: Item) -> list[Mail]:
    """Name the owner's own pet, and nobody else's: who appeared is for the page, and may have gone by then."""
    pet = PetRepository(accounts.table).find(data["pet_id"])
    if pet is None or pet.owner_id != user.user_id:
        return []
    text = (
        f"You asked to be told when company for {pet.name} appears: somebody near you suits now.\n\n"
        f"Have a look: {config.public_url()}/discover?pet={pet.pet_id}\n\n"
        "This was the one mail that you asked for. Where few suit, the page offers to write to you again.\n"
    )
    return [Mail(user.email, f"Company for {pet.name} has appeared", text)]


def _to_party(write: Callable[[Told, Item], list[Mail]]) -> Writer:
    """Return who writes what `write` does, to somebody who still has a part in the appointment."""

    def write_to(user: UserRecord, accounts: AccountRepository, data: Item) -> list[Mail]:
        told = Told.find(user, accounts, data)
        return write(told, data) if told else []

    return write_to


OF_APPOINTMENTS: dict[Kind, Callable[[Told, Item], list[Mail]]] = {
    "playdate_proposed": _offer,
    "playdate_countered": _offer,
    "playdate_accepted": _agreed,
    "playdate_declined": _declined,
    "playdate_lapsed": _lapsed,
    "move_wanted": _wish,
    "move_declined": _stays,
    "playdate_moved": _moved,
    "appointment_cancelled": _cancelled,
    "reminder_due": _reminder,
    "playdate_over": _over,
    "feedback_revealed": _revealed,
}

WRITERS: dict[Kind, Writer] = {
    "watch_met": _watch_met,
    "repeat_skipped": _skipped,
    "repeat_ended": _ended,
    **{kind: _to_party(write) for kind, write in OF_APPOINTMENTS.items()},
}
