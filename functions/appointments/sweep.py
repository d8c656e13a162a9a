"""Sees to what falls due: reminders, offers that lapse, playdates that are over, and the next of a series.

Each entry goes in the transaction of its effect: so whatever breaks off, comes twice or runs twice at once, each has
its effect exactly once. Entries that fail stay, and are tried again by the next sweep; others do not wait for them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from appointments import changes, reliability, series
from appointments.calendar import QUARTER, quarter_at
from appointments.changes import PetGone, SlotTaken
from appointments.due import REMINDERS, What
from appointments.models import AppointmentRecord
from appointments.repository import AppointmentRepository, KeptApart, NotMatched
from appointments.series import SeriesRecord, WhyNot
from common import keys
from common.clock import clock
from common.logs import failure, logger
from common.outbox import Kind, event
from common.table import PRESENT, Delete, Item, Put, Table, Write, key_of, settle
from matching.exclusions import not_apart
from matching.profiles import ProfileRepository

LOOKED_BACK = timedelta(hours=1)
"""Entries may be written for a moment that has just passed: so long they are still looked for."""

AT_ONCE = 100


class Sweep:
    """One round through what has fallen due; `goes_on` says before each entry whether there is time for it.

    A round goes on where the last one had to stop, however long ago that was.
    """

    def __init__(self, table: Table, goes_on: Callable[[], bool] = lambda: True) -> None:
        self.table = table
        self.goes_on = goes_on
        self.appointments = AppointmentRepository(table)
        self.profiles = ProfileRepository(table)

    def run(self) -> int:
        """See to everything that has fallen due, and return how many entries are left.

        Where time ran out that is one at least: what lies beyond is not counted.
        """
        left, now = 0, clock.now()
        done = now - LOOKED_BACK
        for quarter in self._quarters(now):
            here = self._see_to_all(quarter)
            left += here
            if here:
                done = min(done, quarter)
            if not self.goes_on():
                left, done = max(left, 1), min(done, quarter)
                break
        self.table.write(Put(keys.due_progress() | {"done_until": keys.instant(done)}))
        return left

    def _quarters(self, now: datetime) -> Iterator[datetime]:
        progress = self.table.get(keys.due_progress())
        done = datetime.fromisoformat(progress["done_until"]) if progress else now - LOOKED_BACK
        quarter = quarter_at(done)
        while quarter <= now:
            yield quarter
            quarter += QUARTER

    def _see_to_all(self, quarter: datetime) -> int:
        left, after = 0, None
        while True:
            rows = self.table.query(keys.due_partition(quarter), limit=AT_ONCE, after=after)
            for entry in rows.items:
                if not self.goes_on():
                    return left + 1
                left += not self._see_to(entry)
            after = rows.last_key
            if after is None:
                return left

    def _see_to(self, entry: Item) -> bool:
        """See to one entry; return whether that went well."""
        what: What = entry["what"]
        effects: dict[What, Callable[[Item], None]] = {
            "day": self._remind,
            "hour": self._remind,
            "lapse": self._lapse,
            "over": self._close,
            "repeat": self._repeat,
        }

        def attempt() -> None:
            # Whoever was quicker, to see to it or to change what it is about, has taken the entry away.
            if self.table.get(key_of(entry)):
                effects[what](entry)

        try:
            settle(attempt)
        except Exception as error:  # noqa: BLE001 (whatever it is, the others must not wait for it)
            logger.error("not seen to", extra=failure(error) | {"due": f"{entry['PK']} {entry['SK']}"})
            return False
        return True

    def _lapse(self, entry: Item) -> None:
        before = self.appointments.find(entry["appointment_id"])
        if before is None or before.lapses_at is None or before.lapses_at > clock.now():
            self.table.delete(key_of(entry))
        elif before.status == "Proposed":
            self.table.write(
                *changes.move(before, before.changed(status="Expired")), _to_all("playdate_lapsed", before)
            )
        else:
            self.table.write(*changes.move(before, before.changed(move=None)), _to_all("move_declined", before))

    def _remind(self, entry: Item) -> None:
        found = self.appointments.find(entry["appointment_id"])
        if found is None or found.start is None or found.start <= clock.now():
            self.table.delete(key_of(entry))
            return
        why = self._why_not(found) if found.series_id and found.number else None
        if why and not (why == "away" and self._was_moved(found)):
            off = found.called_off()
            self.table.write(*changes.move(found, off), _skipped(found, why))
            return
        if entry["what"] == "day" and found.start - clock.now() <= REMINDERS["hour"]:
            self.table.delete(key_of(entry))
            return
        start = keys.instant(found.start)
        told = _to_all("reminder_due", found, ahead=entry["what"], start=start)
        self.table.write(_taken(entry), changes.unchanged(found), told)

    def _close(self, entry: Item) -> None:
        found = self.appointments.find(entry["appointment_id"])
        if found is None or found.current_status != "Completed":
            self.table.delete(key_of(entry))
            return
        self.table.write(
            _taken(entry),
            changes.unchanged(found),
            *reliability.of_what_is_over(self.table, found),
            _to_all("playdate_over", found),
        )

    def _why_not(self, playdate: AppointmentRecord) -> WhyNot | None:
        """Return why one of a series cannot be, as far as the two, their pets and their match say so."""
        match = self.appointments.matches.find(playdate.match_id or "")
        if match is None or match.status != "Active":
            return "unmatched"
        one, other = (party.pet_id for party in playdate.parties)
        if self.table.get_many(keys.apart(one, other, asking) for asking in (one, other)):
            return "apart"
        pets = self.appointments.pets.find_many((one, other))
        sides = [(self.profiles.availability(pet.owner_id), pet) for pet in pets]
        return series.why_not(playdate.listed_at, sides)

    def _was_moved(self, playdate: AppointmentRecord) -> bool:
        """Return whether both have agreed by hand on another time than the series': they knew whether they are away."""
        found = self.appointments.find_series(playdate.series_id)
        return found is not None and playdate.listed_at != found.start_of(playdate.number)

    def _repeat(self, entry: Item) -> None:
        """See to the playdates of a series whose turn has come, one transaction each."""
        while (found := self.appointments.find_series(entry["series_id"])) and self._is_due(found):
            self._see_to_next(found)
            if not self.goes_on():
                return
        if found is None:
            self.table.delete(key_of(entry))

    @staticmethod
    def _is_due(found: SeriesRecord) -> bool:
        return found.due_at is not None and found.due_at <= clock.now()

    def _see_to_next(self, found: SeriesRecord) -> None:
        """Make the next playdate of a series, bring it into line, leave it out, or call it off."""
        number = found.next_number
        stored = self.appointments.find(found.appointment_id_of(number))
        if number >= found.weeks:
            self._call_off(found, stored)
            return
        wanted = found.playdate(number)
        if wanted.listed_at <= clock.now() or (stored and not stored.lies_ahead()):
            self.table.write(*series.change(found, found.seen_to(made=False)))
            return
        try:
            why = self._why_not(wanted)
            if why and why != "vaccination":  # which may be renewed by then: it is looked at again a day before
                self._leave_out(found, stored, wanted, why)
            elif stored:
                self._bring_into_line(found, stored, wanted)
            else:
                self._put_on_calendars(found, changes.make(wanted), wanted, "playdate_repeated")
        except SlotTaken:
            self._leave_out(found, stored, wanted, "taken")
        except (NotMatched, KeptApart, PetGone):
            self._end(found)

    def _bring_into_line(self, found: SeriesRecord, stored: AppointmentRecord, wanted: AppointmentRecord) -> None:
        if (stored.start, stored.minutes) == (wanted.start, wanted.minutes):
            self.table.write(*series.change(found, found.seen_to(made=True)))
            return
        moved = stored.changed(
            starts=wanted.starts, start=wanted.start, minutes=wanted.minutes, move=None, agreed_at=clock.now()
        )
        self._put_on_calendars(found, changes.move(stored, moved), moved, "playdate_moved")

    def _put_on_calendars(
        self, found: SeriesRecord, writes: list[Write], playdate: AppointmentRecord, kind: Kind
    ) -> None:
        one, other = (party.pet_id for party in playdate.parties)
        self.table.write(
            *writes,
            *series.change(found, found.seen_to(made=True)),
            self.appointments.matches.require_active(found.match_id, otherwise=NotMatched),
            *not_apart(one, other, otherwise=KeptApart),
            _to_all(kind, playdate),
        )

    def _leave_out(
        self, found: SeriesRecord, stored: AppointmentRecord | None, wanted: AppointmentRecord, why: WhyNot
    ) -> None:
        if why in series.ENDS:
            self._end(found)
            return
        self.table.write(
            *(changes.move(stored, stored.called_off()) if stored else ()),
            *series.change(found, found.seen_to(made=False)),
            _skipped(wanted, why),
        )

    def _end(self, found: SeriesRecord) -> None:
        """End a series, from its first playdate that is to come: those that are made already are called off next."""
        now = clock.now()
        ahead = next(number for number in range(found.next_number + 1) if found.start_of(number) > now)
        ended = found.ended_before(ahead)
        users = [party.user_id for party in found.parties]
        self.table.write(*series.change(found, ended), event("repeat_ended", series_id=found.series_id, user_ids=users))

    def _call_off(self, found: SeriesRecord, stored: AppointmentRecord | None) -> None:
        off = stored if stored and stored.lies_ahead() else None
        self.table.write(
            *series.change(found, found.seen_to(made=False)),
            *(changes.move(off, off.called_off()) if off else ()),
            # Both have heard already that all of them are off.
            event("appointment_cancelled", appointment_id=off.appointment_id, user_ids=[]) if off else None,
        )


def _taken(entry: Item) -> Delete:
    """Return the write that takes an entry away; of two who see to it at once, one fails with RaceLost."""
    return Delete(key_of(entry), condition=PRESENT)


def _to_all(kind: Kind, appointment: AppointmentRecord, **more: str) -> Put:
    users = [party.user_id for party in appointment.parties]
    return event(kind, appointment_id=appointment.appointment_id, user_ids=users, **more)


def _skipped(playdate: AppointmentRecord, why: WhyNot) -> Put:
    return _to_all("repeat_skipped", playdate, start=keys.instant(playdate.listed_at), why=why)
