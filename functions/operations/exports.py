"""Everything that Pawtime keeps of somebody, as one document for them.

It is read off the account's own partition, in the order of its keys, so that it holds what is there. What is left out
is listed in tests/integration/test_export.py: what leads elsewhere, runs out within a day, or says what stands here
already. Of others it holds no more than ids, without which a like or a block would say nothing.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Query

from appointments.feeds import FeedRepository
from appointments.lifecycle import AppointmentStatus, PartyRole
from appointments.models import AppointmentKind, AppointmentRecord, Feedback, Party
from auth.accounts import OPEN, AccountRepository
from auth.activity import Activity, activity_once, as_activity
from auth.models import Session, SessionRecord, User
from auth.sessions import as_session
from common import keys
from common.auth import SignedIn
from common.clock import clock
from common.errors import Unauthenticated
from common.models import Id, Instant, Out
from common.paging import Cursors
from common.table import Check, Item, Table, table
from matching.apart import ApartRepository
from matching.models import (
    Availability,
    Block,
    BlockRecord,
    Criteria,
    KeptApart,
    Like,
    LikeRecord,
    Location,
    MatchRecord,
    MatchStatus,
    Pass,
    PassRecord,
    Reliability,
    Watch,
    WatchRecord,
)
from matching.profiles import availability_of, criteria_of, location_of
from operations.reports import OwnReport, as_own
from pets.discovery import Discovery
from pets.models import Pet
from pets.repository import PetRepository

AT_ONCE = 600
"""Things in one document. With the longest texts in each it stays below the 6 MB that Lambda answers at the most."""

Things = Annotated[int, Query(ge=1, le=AT_ONCE, description="How many things at the most")]


class OwnMatch(Out):
    """A match without the other side; `my_pet_id` is the pet that they liked."""

    match_id: Id
    status: MatchStatus
    matched_at: Instant
    ended_at: Instant | None
    my_pet_id: Id


class OwnAppointment(Out):
    """An appointment without what others wrote: `place` and `cancel_reason` are null unless they are the owner's."""

    appointment_id: Id
    kind: AppointmentKind
    status: AppointmentStatus
    my_role: PartyRole
    pet_id: Id
    starts: list[Instant]
    start: Instant | None
    minutes: int
    place: str | None
    what: str | None
    cancel_reason: str | None
    checked_in: bool
    feedback: Feedback | None
    created_at: Instant
    updated_at: Instant


class OwnFeed(Out):
    """That one's calendar can be subscribed to. The address itself is kept nowhere."""

    created_at: Instant


class Export(Out):
    """All that Pawtime keeps of the person: of an ordinary account in one document.

    One that holds more than fits goes on where `next_cursor` leads, with more of the lists; it is null at the end.
    """

    exported_at: Instant
    account: User
    reliability: Reliability
    email_to_come: str | None
    location: Location | None
    criteria: Criteria
    availability: Availability
    pets: list[Pet]
    likes: list[Like]
    passes: list[Pass]
    watches: list[Watch]
    blocks: list[Block]
    kept_apart: list[KeptApart]
    reports: list[OwnReport]
    matches: list[OwnMatch]
    appointments: list[OwnAppointment]
    calendar_feed: OwnFeed | None
    sessions: list[Session]
    activity: list[Activity]
    next_cursor: str | None


class ExportRepository:
    """Reads what belongs to an account."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)
        self.accounts = AccountRepository(table)
        self.pets = PetRepository(table)
        self.aparts = ApartRepository(table)
        self.feeds = FeedRepository(table)

    def page(self, caller: SignedIn, cursor: str | None, limit: int) -> Export:
        """Return the caller's own data, or as many of the things in it as the limit says."""
        user_id, scope = caller.user_id, f"export:{caller.user_id}"
        account = self.accounts.get(user_id)
        if account is None:
            raise Unauthenticated
        if cursor is None:
            self.table.write(
                activity_once(user_id, "data_exported"), Check(keys.user(user_id), OPEN, otherwise=Unauthenticated)
            )
        profile = Discovery.read(self.table, user_id).attributes
        rows = self.table.query(keys.user_partition(user_id), limit=limit, after=self.cursors.open(scope, cursor))
        pets = self.pets.find_many(row["pet_id"] for row in _of(keys.PET, rows.items))
        answers = _of(keys.ANSWER, rows.items)
        feed = self.feeds.current(user_id)
        return Export(
            exported_at=clock.now(),
            account=account.as_user(),
            reliability=Reliability.of(self.table.get(keys.user(user_id)) or {}),
            email_to_come=self.accounts.wanted_email(user_id),
            location=location_of(profile) if "cell" in profile else None,
            criteria=criteria_of(profile),
            availability=availability_of(profile),
            pets=[pet.as_pet() for pet in pets],
            likes=[LikeRecord.model_validate(row).as_like() for row in answers if "liked_at" in row],
            passes=[PassRecord.model_validate(row).as_pass() for row in answers if "passed_at" in row],
            watches=[WatchRecord.model_validate(row).as_watch() for row in _of(keys.WATCH, rows.items)],
            blocks=[BlockRecord.model_validate(row).as_block() for row in _of(keys.BLOCK, rows.items)],
            kept_apart=self.aparts.asked_for(pets),
            reports=[as_own(row) for row in _of(keys.REPORT, rows.items)],
            matches=self._matches(user_id, _of(keys.MATCH, rows.items)),
            appointments=self._appointments(user_id, _of(keys.AGENDA, rows.items)),
            calendar_feed=OwnFeed(created_at=feed.created_at) if feed else None,
            sessions=[
                as_session(SessionRecord.model_validate(row), caller.session_id)
                for row in _of(keys.SESSION, rows.items)
            ],
            activity=[as_activity(row) for row in _of(keys.ACTIVITY, rows.items)],
            next_cursor=self.cursors.seal(scope, rows.last_key),
        )

    def _matches(self, user_id: str, entries: list[Item]) -> list[OwnMatch]:
        found = self.table.get_many(keys.match(entry["match_id"]) for entry in entries)
        return [_own_match(user_id, MatchRecord.model_validate(item)) for item in found]

    def _appointments(self, user_id: str, entries: list[Item]) -> list[OwnAppointment]:
        found = self.table.get_many(keys.appointment(entry["appointment_id"]) for entry in entries)
        records = map(AppointmentRecord.model_validate, found)
        return [own_appointment(record, party) for record in records if (party := record.party(user_id))]


def _of(prefix: str, items: list[Item]) -> list[Item]:
    return [item for item in items if item["SK"].startswith(prefix)]


def _own_match(user_id: str, match: MatchRecord) -> OwnMatch:
    return OwnMatch(**match.model_dump(exclude={"liked_pets", "again"}), my_pet_id=match.liked_pets[user_id])


def own_appointment(appointment: AppointmentRecord, party: Party) -> OwnAppointment:
    """Return what belongs to one party of an appointment."""
    return OwnAppointment(
        **appointment.model_dump(
            include={"appointment_id", "kind", "starts", "start", "minutes", "what", "created_at", "updated_at"}
        ),
        status=appointment.current_status,
        my_role=party.role,
        pet_id=party.pet_id,
        place=appointment.place if appointment.made_by == party.user_id else None,
        cancel_reason=appointment.cancel_reason if appointment.cancelled_by == party.user_id else None,
        checked_in=party.checked_in,
        feedback=party.feedback,
    )


def repository() -> ExportRepository:
    """Return the repository on this process's table."""
    return ExportRepository(table())


Exports = Annotated[ExportRepository, Depends(repository)]
