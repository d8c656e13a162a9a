"""Weekly playdates: the same time of the week on the clocks where the proposer lives, each an appointment of its own.

Only the next weeks are on the calendars. A series keeps in mind which of its playdates is next to be seen to, and when:
it is made then, or brought into line where somebody changed all that follow, or left out where one side cannot.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

from appointments.calendar import BREAK_MINUTES, quarter_at
from appointments.models import AppointmentRecord, Party
from common import ids, keys
from common.clock import clock
from common.models import Instant, Record
from common.table import Condition, Delete, Item, Put, Update, Write, absent, key_of
from matching.models import Availability
from pets.models import PetRecord

AHEAD = timedelta(weeks=4)
"""So long before they begin, playdates of a series are put on the calendars."""

type WhyNot = Literal["away", "vaccination", "taken", "unmatched", "apart"]
"""Why one playdate of a series is left out. The next may take place, but for the last two."""
ENDS: tuple[WhyNot, ...] = ("unmatched", "apart")


class SeriesRecord(Record):
    """A series as stored. Its playdates are counted from 0; those from `weeks` on do not take place.

    Number `anchor_number` begins at `anchor`, in wall-clock time of the zone, and the others whole weeks apart from it.
    All below `next_number` have been seen to; `made` is the last that was ever made.
    """

    series_id: str
    version: int = 1
    match_id: str
    made_by: str | None = None
    parties: list[Party]
    time_zone: str
    anchor: str
    anchor_number: int
    minutes: int
    place: str | None = None
    place_is_public: bool = False
    weeks: int
    next_number: int
    made: int
    due_at: Instant | None = None

    @classmethod
    def begin(cls, first: AppointmentRecord, time_zone: str) -> Self:
        """Return the series that begins with a playdate that was just agreed on."""
        series = cls(
            series_id=first.appointment_id,
            match_id=first.match_id or "",
            made_by=first.made_by,
            parties=first.parties,
            time_zone=time_zone,
            anchor=_wall_clock(first.start, time_zone),
            anchor_number=0,
            minutes=first.minutes,
            place=first.place,
            place_is_public=first.place_is_public,
            weeks=first.weeks or 1,
            next_number=1,
            made=0,
        )
        return series.model_copy(update={"due_at": series._next_due()})

    def start_of(self, number: int) -> datetime:
        """Return when a playdate begins, in UTC.

        A time that the clocks leave out is taken by the offset before, so that it comes later by what they skip; of a
        time that comes twice it is the first.
        """
        local = datetime.fromisoformat(self.anchor) + timedelta(weeks=number - self.anchor_number)
        return local.replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    def appointment_id_of(self, number: int) -> str:
        """Return the id of a playdate: the same however often it is made."""
        return self.series_id if number == 0 else ids.derived(self.series_id, str(number))

    def seen_to(self, *, made: bool) -> Self:
        """Return it with the next playdate seen to, and made where it is to take place."""
        last = max(self.made, self.next_number) if made else self.made
        return self._changed(next_number=self.next_number + 1, made=last)

    def moved(self, at: AppointmentRecord) -> Self:
        """Return it with what follows one of its playdates brought to that one's time and length."""
        anchor = _wall_clock(at.start, self.time_zone)
        return self._changed(
            anchor=anchor, anchor_number=at.number, minutes=at.minutes, next_number=at.number + 1, parties=at.parties
        )

    def ended_before(self, number: int) -> Self:
        """Return it without the playdates from a number on."""
        return self._changed(weeks=min(self.weeks, number), next_number=min(self.next_number, number))

    def _changed(self, **changes: Any) -> Self:
        changed = self.model_copy(update={"version": self.version + 1} | changes)
        return changed.model_copy(update={"due_at": changed._next_due()})  # noqa: SLF001 (its own)

    def _next_due(self) -> datetime | None:
        """Return when the next playdate is to be seen to: at once where it is there, or time; None after the last."""
        this_quarter = quarter_at(clock.now())
        if self.next_number <= self.made:
            return this_quarter
        if self.next_number < self.weeks:
            return max(self.start_of(self.next_number) - AHEAD, this_quarter)
        return None

    def playdate(self, number: int) -> AppointmentRecord:
        """Return one of its playdates as it is to be."""
        now, start = clock.now(), self.start_of(number)
        return AppointmentRecord(
            appointment_id=self.appointment_id_of(number),
            kind="playdate",
            status="Scheduled",
            parties=[
                party.model_copy(update={"checked_in": False, "again": None, "note": None}) for party in self.parties
            ],
            made_by=self.made_by,
            match_id=self.match_id,
            series_id=self.series_id,
            number=number,
            weeks=self.weeks,
            starts=[start],
            start=start,
            minutes=self.minutes,
            break_minutes=BREAK_MINUTES,
            agreed_at=now,
            place=self.place,
            place_is_public=self.place_is_public,
            created_at=now,
            updated_at=now,
        )


def _wall_clock(moment: datetime | None, time_zone: str) -> str:
    if moment is None:
        raise ValueError("A series begins with a time that was agreed on")
    return moment.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def make(series: SeriesRecord) -> list[Write]:
    """Return the writes of a new series."""
    return [Put(keys.series(series.series_id) | series.item(), condition=absent()), *_due_writes(None, series)]


def change(before: SeriesRecord, after: SeriesRecord) -> list[Write]:
    """Return the writes from `before` to `after`; they fail with RaceLost unless `before` is what is stored."""
    unchanged = Condition("#version = :seen", {"seen": before.version})
    stored = Update.between(keys.series(before.series_id), before.item(), after.item(), unchanged)
    return [stored, *_due_writes(before, after)]


def unmake(series: SeriesRecord) -> list[Write]:
    """Return the writes that leave nothing of a series."""
    return [Delete(keys.series(series.series_id)), *_due_writes(series, None)]


def _due_writes(before: SeriesRecord | None, after: SeriesRecord | None) -> list[Write]:
    old, new = _due(before), _due(after)
    if old == new:
        return []
    return [*([Put(new)] if new else []), *([Delete(key_of(old))] if old else [])]


def _due(series: SeriesRecord | None) -> Item | None:
    if series is None or series.due_at is None:
        return None
    return keys.due(series.due_at, "repeat", series.series_id) | {"what": "repeat", "series_id": series.series_id}


def why_not(start: datetime, sides: list[tuple[Availability, PetRecord]]) -> WhyNot | None:
    """Return why a playdate of a series cannot be, going by each side's owner and pet; None where it can."""
    for availability, pet in sides:
        day = start.astimezone(ZoneInfo(availability.time_zone)).date()
        if availability.is_away(day):
            return "away"
        if pet.vaccinated_until and pet.vaccinated_until < day:
            return "vaccination"
    return None
