"""What the parties do with an appointment: each step one transaction with calendars, agendas and what falls due."""

from collections.abc import Iterable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends

from appointments import changes, lifecycle, reliability, series
from appointments.models import (
    Acceptance,
    Appointment,
    AppointmentRecord,
    Cancellation,
    Feedback,
    Move,
    Party,
    Rescheduling,
)
from appointments.repository import AppointmentRepository, KeptApart, NotMatched, told
from appointments.series import SeriesRecord
from common import keys
from common.clock import clock
from common.errors import Conflict, invalid_field
from common.idempotency import Once
from common.outbox import Kind
from common.table import PRESENT, Table, Update, Write, settle, table
from matching.exclusions import not_apart
from matching.models import NO_AVAILABILITY
from matching.profiles import ProfileRepository


class FeedbackOver(Conflict):
    """Carries `current_status`."""

    code = "feedback_over"
    title = "You have said already whether to meet again, or it was too long ago"


class AppointmentTransitions:
    """Takes appointments from one state to the next, as `lifecycle.TRANSITIONS` allows.

    Every method raises AppointmentNotFound, and TransitionNotAllowed with the status that it found.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.appointments = AppointmentRepository(table)

    def accept(self, user_id: str, appointment_id: str, acceptance: Acceptance, once: Once) -> Appointment:
        """Agree to a proposal or to other times: it claims the time on both calendars, and gives back what it replaces.

        Raise Invalid for a start that was not offered, ProposalExpired, NotMatched, KeptApart, PetGone, SlotTaken.
        """

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            after = before.follow(party, "accept")
            offer = before.move or before
            start = lifecycle.choose_start(offer.starts, acceptance.start, before.status, clock.now())
            agreed = {"starts": offer.starts, "start": start, "minutes": offer.minutes}
            after = after.model_copy(update=agreed | {"move": None, "agreed_at": clock.now()})
            if before.weeks and not before.move:
                after = after.model_copy(update={"series_id": before.appointment_id})
            other = before.others(user_id)[0]
            return self._move(
                before,
                after,
                party,
                once,
                self.appointments.matches.require_active(before.match_id or "", otherwise=NotMatched),
                *not_apart(party.pet_id, other.pet_id, otherwise=KeptApart),
                *self._series_follows(before, after),
                told("playdate_moved" if before.move else "playdate_accepted", after, party),
            )

        return settle(attempt)

    def decline(self, user_id: str, appointment_id: str, once: Once) -> Appointment:
        """Turn a proposal down, or a wish to move what is agreed, which then stays as it is."""

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            after = before.follow(party, "decline", move=None)
            kind: Kind = "playdate_declined" if before.status == "Proposed" else "move_declined"
            return self._move(before, after, party, once, told(kind, after, party))

        return settle(attempt)

    def reschedule(self, user_id: str, appointment_id: str, wanted: Rescheduling, once: Once) -> Appointment:
        """Offer other times. Care moves at once; what two sides have agreed stands until the other accepts.

        Raise Invalid, and SlotTaken where a pet is booked at one of the times by something else.
        """

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            after = before.follow(party, "reschedule")
            if wanted.following and (before.status == "Proposed" or not before.series_id):
                raise invalid_field("/following", "is for what repeats; this does not, or not yet")
            if before.kind == "care":
                return self._shift(before, after, party, wanted, once)
            self.appointments.require_free(before, wanted.offered, wanted.minutes)
            now = clock.now()
            offered: dict[str, Any] = {"parties": before.offered_by(party), "offered_at": now}
            if before.status == "Proposed":
                offered |= {"starts": wanted.offered, "minutes": wanted.minutes}
            else:
                offered["move"] = Move(starts=wanted.offered, minutes=wanted.minutes, following=wanted.following)
            after = after.model_copy(update=offered)
            kind: Kind = "playdate_countered" if before.status == "Proposed" else "move_wanted"
            return self._move(before, after, party, once, told(kind, after, party))

        return settle(attempt)

    def _shift(
        self, before: AppointmentRecord, after: AppointmentRecord, party: Party, wanted: Rescheduling, once: Once
    ) -> Appointment:
        if len(wanted.offered) > 1:
            raise invalid_field("/starts", "is for playdates, where somebody else chooses: say one start")
        moved = {"starts": wanted.offered, "start": wanted.offered[0], "minutes": wanted.minutes}
        after = after.model_copy(update=moved | {"agreed_at": clock.now()})
        return self._move(before, after, party, once, told("care_moved", after, party))

    def cancel(self, user_id: str, appointment_id: str, cancellation: Cancellation, once: Once) -> Appointment:
        """Withdraw a proposal, or cancel what was agreed and give its time back.

        Raise Invalid where a reason is needed and missing, or where nothing follows.
        """

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            late = before.start is not None and before.start - clock.now() < lifecycle.LATE_CANCEL
            after = before.follow(
                party,
                "cancel",
                cancel_reason=cancellation.reason,
                cancelled_by=user_id,
                cancelled_late=late and before.kind == "playdate",
                move=None,
            )
            lifecycle.require_reason(before.status, cancellation.reason)
            return self._move(
                before,
                after,
                party,
                once,
                *(self._series_ends(before) if cancellation.following else ()),
                *(reliability.cancelled_late(self.table, user_id) if after.cancelled_late else ()),
                told("appointment_cancelled", after, party),
                told("repeat_ended", after, party) if cancellation.following else None,
            )

        return settle(attempt)

    def check_in(self, user_id: str, appointment_id: str, once: Once) -> Appointment:
        """Say that one is there: from half an hour before the start, up to the end. Again, it changes nothing."""

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            after = before.follow(party, "check-in", parties=before.with_part(party, checked_in=True))
            if party.checked_in:
                self.table.write(once.record(before.seen_by(party)))
                return before.seen_by(party)
            return self._move(before, after, party, once)

        return settle(attempt)

    def complete(self, user_id: str, appointment_id: str, once: Once) -> Appointment:
        """End what is under way before its time. Who says so was there; so was the other, if nobody has checked in."""

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            together = not any(each.checked_in for each in before.parties)
            there = [
                each.model_copy(update={"checked_in": each.checked_in or together or each.user_id == user_id})
                for each in before.parties
            ]
            after = before.follow(party, "complete", parties=there if before.kind == "playdate" else before.parties)
            return self._move(
                before,
                after,
                party,
                once,
                *reliability.of_what_is_over(self.table, after),
                told("appointment_completed", after, party),
            )

        return settle(attempt)

    def feedback(self, user_id: str, appointment_id: str, feedback: Feedback, once: Once) -> Appointment:
        """Say whether to meet again, once. Both sides see what was said as soon as both have said it.

        Raise FeedbackOver the second time, and 14 days after the end.
        """

        def attempt() -> Appointment:
            before, party = self.appointments.part_of(user_id, appointment_id)
            said = before.with_part(party, again=feedback.again, note=feedback.note)
            after = before.follow(party, "feedback", parties=said)
            if "feedback" not in before.seen_by(party).can:
                raise FeedbackOver(current_status=after.current_status)
            after = after.model_copy(update={"status": before.status})
            revealed = [each.again for each in said if each.again is not None]
            both = len(revealed) == len(said)
            return self._move(
                before,
                after,
                party,
                once,
                *(self._remember(after, again=all(revealed)) if both else ()),
                told("feedback_revealed", after, party) if both else None,
            )

        return settle(attempt)

    def _remember(self, appointment: AppointmentRecord, *, again: bool) -> Iterable[Write]:
        """Give the writes that note with the match of the two whether both want to meet again, where it is there."""
        match_id = appointment.match_id or ""
        names = [keys.match(match_id), *(keys.match_of_user(each.user_id, match_id) for each in appointment.parties)]
        there = self.table.get_many(names)
        return [Update(name, put={"again": again}, condition=PRESENT) for name in names] if len(there) == 3 else []

    def _series_follows(self, before: AppointmentRecord, after: AppointmentRecord) -> list[Write]:
        """Return the writes on the series where one begins, or where all that follows moves along."""
        if after.series_id and not before.series_id:
            return series.make(SeriesRecord.begin(after, self._time_zone(after)))
        if before.move and before.move.following:
            found = self._series_of(before)
            return series.change(found, found.moved(after))
        return []

    def _time_zone(self, playdate: AppointmentRecord) -> str:
        """Return the zone where who proposed lives or, if they have not said, where the other does."""
        users = sorted((party.user_id for party in playdate.parties), key=lambda each: each != playdate.made_by)
        profiles = ProfileRepository(self.table)
        said = [each for each in map(profiles.availability, users) if each != NO_AVAILABILITY]
        return (said or [NO_AVAILABILITY])[0].time_zone

    def _series_ends(self, before: AppointmentRecord) -> list[Write]:
        found = self._series_of(before)
        return series.change(found, found.ended_before(before.number))

    def _series_of(self, appointment: AppointmentRecord) -> SeriesRecord:
        found = self.appointments.find_series(appointment.series_id)
        if found is None:
            raise invalid_field("/following", "is for what repeats; this does not, or no longer")
        return found

    def _move(
        self, before: AppointmentRecord, after: AppointmentRecord, party: Party, once: Once, *others: Write | None
    ) -> Appointment:
        result = after.seen_by(after.party(party.user_id) or party)
        self.table.write(once.record(result), *changes.move(before, after), *others)
        return result


def transitions() -> AppointmentTransitions:
    """Return the transitions on this process's table."""
    return AppointmentTransitions(table())


Transitions = Annotated[AppointmentTransitions, Depends(transitions)]
