"""Suggested times for a playdate, read from the table: whose time it is, and what stands in the pets' calendars."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from appointments.calendar import end_of
from appointments.clock_changes import Span
from appointments.models import MAX_DAYS_AHEAD
from appointments.repository import AppointmentRepository, KeptApart
from appointments.suggesting import BasedOn, Meeting, Sides, Suggested, calendars_for
from common import keys
from common.clock import clock
from common.errors import invalid_field
from common.models import Instant, Out
from common.table import Table, table
from matching.exclusions import not_apart
from matching.profiles import ProfileRepository
from pets.repository import PetRepository

DEFAULT_DAYS = 14
MAX_DAYS = 31
MOST = 20


class Suggestion(Out):
    """A time at which both are free, and what speaks for it, in words."""

    start: Instant
    end: Instant
    why: list[str]


class Suggestions(Out):
    """The best times for a playdate of so many minutes, best first.

    Of each night, morning, afternoon and evening at most one, the best of it whatever range was asked for. `based_on`
    says whose statements of when they are free they follow; who has made none is taken to be free every day from 8:00
    to 21:00. What `why` says of days and hours is on the clocks of `time_zone`, the caller's.
    """

    items: list[Suggestion]
    minutes: int
    based_on: BasedOn
    time_zone: str


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: playdates of two pets, starting in [earliest, latest).

    Without `earliest` from now on, as with one that has passed; without `latest` for 14 days. `time_zone` is where the
    caller's clocks are, should they not have said so with when they are free.
    """

    pet_id: str
    other_pet_id: str
    minutes: int
    earliest: datetime | None = None
    latest: datetime | None = None
    time_zone: str | None = None

    def span(self, now: datetime) -> Span:
        """Return the range as of now; raise Invalid where it has passed, or is empty, too long or too far ahead."""
        start = max(self.earliest or now, now)
        if start >= now + timedelta(days=MAX_DAYS_AHEAD):
            raise invalid_field("/query/from", f"must lie less than {MAX_DAYS_AHEAD} days ahead")
        end = self.latest or start + timedelta(days=DEFAULT_DAYS)
        if end <= start:
            raise invalid_field("/query/to", "must lie after from, and in the future")
        if end - start > timedelta(days=MAX_DAYS):
            raise invalid_field("/query/to", f"must lie at most {MAX_DAYS} days after from")
        return Span(start, end)


class SuggestionRepository:
    """Reads what it takes to suggest times; writes nothing."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.pets = PetRepository(table)
        self.appointments = AppointmentRepository(table)
        self.profiles = ProfileRepository(table)

    def best(self, user_id: str, wish: Wish, limit: int) -> Suggestions:
        """Return the best times for a playdate of the user's pet with one of a match.

        Raise Invalid for a range that is none and, as when a playdate is proposed, PetNotFound, OtherPetNotFound,
        Invalid where both pets have one owner, and KeptApart.
        """
        now = clock.now()
        asked = wish.span(now)
        mine = self.pets.owned(user_id, wish.pet_id)
        other, _ = self.appointments.companion(user_id, wish.other_pet_id, named_at="/query/other_pet_id")
        if any(self.table.get(each.key) for each in not_apart(mine.pet_id, other.pet_id, otherwise=KeptApart)):
            raise KeptApart
        my_time, their_time = (self.profiles.availability(each) for each in (user_id, other.owner_id))
        meeting = Meeting(
            sides=Sides.of(my_time, their_time, wish.time_zone),
            minutes=wish.minutes,
            pet_name=mine.name,
            taken=self._taken(mine.pet_id, asked),
            taken_of_other=self._taken(other.pet_id, asked),
            now=now,
            furthest=now + timedelta(days=MAX_DAYS_AHEAD),
        )
        return Suggestions(
            items=[_shown(each, wish.minutes) for each in meeting.suggestions(asked, limit)],
            minutes=wish.minutes,
            based_on=meeting.sides.based_on,
            time_zone=meeting.sides.mine.time_zone,
        )

    def _taken(self, pet_id: str, asked: Span) -> frozenset[datetime]:
        """Return the quarter hours of a pet's calendar that are taken, as far as they matter."""
        between = [keys.slot(pet_id, moment)["SK"] for moment in calendars_for(asked)]
        claims = self.table.query(keys.pet_partition(pet_id), between=(between[0], between[1])).items
        return frozenset(keys.quarter_of(claim) for claim in claims)


def _shown(suggested: Suggested, minutes: int) -> Suggestion:
    return Suggestion(start=suggested.start, end=end_of(suggested.start, minutes), why=suggested.why)


def repository() -> SuggestionRepository:
    """Return the repository on this process's table."""
    return SuggestionRepository(table())


Times = Annotated[SuggestionRepository, Depends(repository)]
