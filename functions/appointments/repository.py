"""Appointments in the table: one method for each way in which they are made, read and left."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from appointments import changes, series
from appointments.agenda import Wanted
from appointments.calendar import BREAK_MINUTES, claimed
from appointments.changes import SlotTaken
from appointments.models import MAX_DAYS_AHEAD, Appointment, AppointmentRecord, NewCare, NewPlaydate, Party
from appointments.series import SeriesRecord
from common import ids, keys
from common.clock import clock
from common.errors import Conflict, NotFound, invalid_field
from common.idempotency import Once
from common.models import Page
from common.outbox import Kind, event
from common.paging import Cursors
from common.table import PRESENT, Check, Table, Write, settle, table
from matching.exclusions import not_apart
from matching.models import MatchRecord
from matching.repository import MatchRepository
from pets.models import PetRecord
from pets.repository import PetNotFound, PetRepository


class AppointmentNotFound(NotFound):
    code = "appointment_not_found"
    title = "There is no such appointment of yours"


class OtherPetNotFound(PetNotFound):
    """The same whether the pet is absent or its owner is nobody's match of the caller."""

    title = "There is no such pet among those of your matches"


class NotMatched(Conflict):
    code = "not_matched"
    title = "You two are no longer matched"


class KeptApart(Conflict):
    """Does not say who keeps them apart."""

    code = "kept_apart"
    title = "These two pets are kept apart"


class AppointmentRepository:
    """Reads and writes appointments. Each write changes calendars and agendas in the same transaction."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)
        self.pets = PetRepository(table)
        self.matches = MatchRepository(table)

    def create(self, user_id: str, new: NewPlaydate | NewCare, once: Once) -> Appointment:
        """Propose a playdate, or put care into the calendar."""
        return self.propose(user_id, new, once) if new.kind == "playdate" else self.plan(user_id, new, once)

    def propose(self, user_id: str, new: NewPlaydate, once: Once) -> Appointment:
        """Propose a playdate to the owner of the other pet; it claims no time before it is accepted.

        Raise PetNotFound, OtherPetNotFound, Invalid where both pets have one owner, KeptApart, and SlotTaken where
        either pet is booked at any of the starts.
        """
        mine = self.pets.owned(user_id, new.pet_id)
        other, match = self.companion(user_id, new.other_pet_id)
        now = clock.now()
        proposer = Party(user_id=user_id, pet_id=mine.pet_id, role="proposer")
        invited = Party(user_id=other.owner_id, pet_id=other.pet_id, role="invited")
        proposal = AppointmentRecord(
            appointment_id=ids.new_id(),
            kind="playdate",
            status="Proposed",
            parties=[proposer, invited],
            made_by=user_id,
            match_id=match.match_id,
            weeks=new.repeat.weeks if new.repeat else None,
            starts=new.offered,
            minutes=new.minutes,
            break_minutes=BREAK_MINUTES,
            offered_at=now,
            place=new.place,
            place_is_public=new.place_is_public,
            created_at=now,
            updated_at=now,
        )
        self.require_free(proposal, new.offered, new.minutes)
        result = proposal.seen_by(proposer)
        self.table.write(
            once.record(result),
            *changes.make(proposal),
            Check(keys.pet(mine.pet_id), PRESENT, otherwise=PetNotFound),
            Check(keys.pet(other.pet_id), PRESENT, otherwise=OtherPetNotFound),
            *not_apart(mine.pet_id, other.pet_id, otherwise=KeptApart),
            self.matches.require_active(match.match_id, otherwise=OtherPetNotFound),
            told("playdate_proposed", proposal, proposer),
        )
        return result

    def plan(self, user_id: str, new: NewCare, once: Once) -> Appointment:
        """Put care for the owner's pet into its calendar at once; raise PetNotFound, SlotTaken."""
        pet = self.pets.owned(user_id, new.pet_id)
        now = clock.now()
        owner = Party(user_id=user_id, pet_id=pet.pet_id, role="owner")
        care = AppointmentRecord(
            appointment_id=ids.new_id(),
            kind="care",
            status="Scheduled",
            parties=[owner],
            made_by=user_id,
            starts=[new.start],
            start=new.start,
            minutes=new.minutes,
            agreed_at=now,
            what=new.what,
            created_at=now,
            updated_at=now,
        )
        result = care.seen_by(owner)
        self.table.write(once.record(result), *changes.make(care), told("care_planned", care, owner))
        return result

    def read(self, user_id: str, appointment_id: str) -> Appointment:
        """Return an appointment of the user; raise AppointmentNotFound."""
        appointment, party = self.part_of(user_id, appointment_id)
        return appointment.seen_by(party)

    def list_of(self, user_id: str, wanted: Wanted, cursor: str | None, limit: int) -> Page[Appointment]:
        """Return a page of the user's appointments, in order of time."""
        scope = f"appointments:{user_id}:{wanted}"
        after = self.cursors.open(scope, cursor)
        rows = self.table.query(
            keys.user_partition(user_id),
            between=wanted.between(after),
            keep=wanted.keep(),
            limit=limit,
            after=after,
        )
        found = self.table.get_many(keys.appointment(row["appointment_id"]) for row in rows.items)
        records = (AppointmentRecord.model_validate(item) for item in found)
        seen = [record.seen_by(party) for record in records if (party := record.party(user_id))]
        # One may have moved on between the look at the agenda and the look at the appointment.
        still = [appointment for appointment in seen if wanted.status in (None, appointment.status)]
        return Page(items=still, next_cursor=self.cursors.seal(scope, rows.last_key))

    def leave(self, user_id: str, appointment_id: str) -> None:
        """Take somebody whose account ends out of an appointment for good; they may be out of it already.

        The others keep it without anything of theirs. What was to come is cancelled, and the others hear of it. What
        has no others is deleted.
        """

        def attempt() -> None:
            before, party = self._part_in(user_id, appointment_id)
            if before and party:
                ending = self.find_series(before.series_id)
                self._call_off(before, before.without(party), party, *(series.unmake(ending) if ending else ()))

        settle(attempt)

    def part(self, user_id: str, other_id: str, when: datetime) -> None:
        """Call off the playdates of two users that lie ahead, as far as they were made up to a moment.

        The other of the two hears that it is off, and not why. Once more does no harm.
        """
        for appointment in self.shared(user_id, other_id, clock.now() - timedelta(days=MAX_DAYS_AHEAD)):
            if appointment.created_at <= when:
                settle(partial(self._part, user_id, appointment.appointment_id))

    def _part(self, user_id: str, appointment_id: str) -> None:
        before, party = self._part_in(user_id, appointment_id)
        if before and party and before.lies_ahead():
            found = self.find_series(before.series_id)
            ending = series.change(found, found.ended_before(before.number)) if found else ()
            self._call_off(before, before.called_off(), party, *ending)

    def _call_off(self, before: AppointmentRecord, after: AppointmentRecord, party: Party, *others: Write) -> None:
        """Write what became of an appointment; if it is off now, the others of it hear so. What has none is deleted."""
        cancelled = after.parties and after.status != before.status
        self.table.write(
            *(changes.move(before, after) if after.parties else changes.unmake(before)),
            told("appointment_cancelled", before, party) if cancelled else None,
            *others,
        )

    def shared(self, user_id: str, other_id: str, since: datetime) -> list[AppointmentRecord]:
        """Return what two users have, or had, together from a moment on, the latest first."""
        between = keys.AGENDA + keys.instant(since), f"{keys.AGENDA}~"
        rows = self.table.query(keys.user_partition(user_id), between=between, newest_first=True)
        found = self.table.get_many(keys.appointment(row["appointment_id"]) for row in rows.items)
        records = map(AppointmentRecord.model_validate, found)
        return [record for record in records if record.party(user_id) and record.party(other_id)]

    def find(self, appointment_id: str) -> AppointmentRecord | None:
        """Return an appointment, whosever it is."""
        item = self.table.get(keys.appointment(appointment_id))
        return AppointmentRecord.model_validate(item) if item else None

    def find_series(self, series_id: str | None) -> SeriesRecord | None:
        """Return a series of weekly playdates, whosever it is."""
        item = self.table.get(keys.series(series_id)) if series_id else None
        return SeriesRecord.model_validate(item) if item else None

    def _part_in(self, user_id: str, appointment_id: str) -> tuple[AppointmentRecord | None, Party | None]:
        """Return an appointment, if it is there, and the user's part in it, if there is one."""
        appointment = self.find(appointment_id)
        return appointment, appointment.party(user_id) if appointment else None

    def part_of(self, user_id: str, appointment_id: str) -> tuple[AppointmentRecord, Party]:
        """Return an appointment and the user's part in it; raise AppointmentNotFound where there is no part."""
        appointment, party = self._part_in(user_id, appointment_id)
        if appointment is None or party is None:
            raise AppointmentNotFound
        return appointment, party

    def companion(
        self, user_id: str, other_pet_id: str, named_at: str = "/other_pet_id"
    ) -> tuple[PetRecord, MatchRecord]:
        """Return the other pet with the active match with its owner.

        Raise OtherPetNotFound, and Invalid where it is the user's own; `named_at` is where the request names it.
        """
        pet = self.pets.find(other_pet_id)
        if pet and pet.owner_id == user_id:
            raise invalid_field(named_at, "is one of your own pets; a playdate takes somebody else's")
        match = self.matches.between(user_id, pet.owner_id) if pet else None
        if pet is None or match is None or match.status != "Active":
            raise OtherPetNotFound
        return pet, match

    def require_free(self, playdate: AppointmentRecord, starts: Iterable[datetime], minutes: int) -> None:
        """Raise SlotTaken where a pet of a playdate is booked at one of these times by something else."""
        rows = [claimed(start, minutes) for start in starts]
        wanted = {quarter for row in rows for quarter in row}
        for party in playdate.parties:
            low, high = (keys.slot(party.pet_id, each)["SK"] for each in (min(wanted), max(wanted)))
            booked = self.table.query(keys.pet_partition(party.pet_id), between=(low, high)).items
            others = {claim["SK"] for claim in booked if claim["appointment_id"] != playdate.appointment_id}
            if others & {keys.slot(party.pet_id, quarter)["SK"] for quarter in wanted}:
                raise SlotTaken


def told(kind: Kind, appointment: AppointmentRecord, actor: Party) -> Write:
    """Return the event by which the others hear of what `actor` did; of care there is nobody else to tell."""
    others = [party.user_id for party in appointment.others(actor.user_id)]
    return event(kind, appointment_id=appointment.appointment_id, user_ids=others)


def repository() -> AppointmentRepository:
    """Return the repository on this process's table."""
    return AppointmentRepository(table())


Appointments = Annotated[AppointmentRepository, Depends(repository)]
