"""Reports of users, each with the evidence as it was at that moment, sealed.

A report is written once, on condition that there is none, and nothing changes it but the end of an account. It has two
kinds of parts, each kept as the canonical JSON that was sealed: the facts (ids, types, statuses, times), and of either
side the words that are theirs (the text of the report; the cards of pets; what they wrote into playdates).
The facts hold the digest of each side's words, and the report that of the facts: so when somebody leaves, their words
go, and the rest can still be told to be what it was. Words are salted, and the salt goes with them: nobody can guess
from a digest what was said. A digest tells what was damaged or touched up; it stops nobody who can write the table.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import model_validator

from appointments.lifecycle import AppointmentStatus
from appointments.models import AppointmentRecord
from appointments.repository import AppointmentRepository
from auth.models import REACHABLE
from auth.throttles import Limit, Throttles, TooManyAttempts
from common import ids, keys
from common.clock import clock
from common.idempotency import Once
from common.models import Id, In, Instant, Out, Page, Paragraph
from common.paging import Cursors
from common.table import Check, Delete, Item, Key, Put, RaceLost, Table, Update, absent, key_of, settle, table
from matching.blocks import BlockRepository, UserNotFound
from matching.models import MatchRecord, MatchStatus, Reference
from matching.repository import MatchRepository
from pets.models import PetCard, PetRecord, PetType
from pets.repository import PetRepository

type Reason = Literal["harassment", "animal_safety", "child_safety", "fake_profile", "spam", "other"]
type Side = Literal["reporter", "reported"]

KEPT_FOR = timedelta(days=730)
A_DAY = Limit(20, timedelta(days=1))
AS_EVIDENCE = 25
"""Appointments in one report, the latest: with all pets and the longest texts it stays below the 400 KB of an item."""
WORDS: dict[Side, str] = {"reporter": "reporter_words", "reported": "reported_words"}


Few = Annotated[int, Query(ge=1, le=10, description="How many at the most: a report may be long")]


class TooManyReports(TooManyAttempts):
    code = "too_many_reports"
    title = "That was very many reports for a day; please wait a while"


class NewReport(In):
    """Whom to report: a user, or whoever owns a pet that one is shown. One of the two is needed."""

    user_id: Reference | None = None
    pet_id: Reference | None = None
    reason: Reason
    text: Paragraph | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.user_id is None) == (self.pet_id is None):
            raise ValueError("give either user_id or pet_id")
        return self


class Report(Out):
    """A report, as who made it sees it."""

    report_id: Id
    reported_at: Instant
    reason: Reason


class OwnReport(Report):
    """A report of one's own with what one wrote."""

    text: str | None


class ReportedPet(Out):
    """A pet as others saw it then; `card` is null once its owner has left."""

    pet_id: Id
    type: PetType
    card: PetCard | None


class ReportedMatch(Out):
    match_id: Id
    status: MatchStatus
    matched_at: Instant
    ended_at: Instant | None


class ReportedAppointment(Out):
    """An appointment of the two as it stood then; texts are null once who wrote them has left."""

    appointment_id: Id
    status: AppointmentStatus
    proposed_by: Side | None
    starts: list[Instant]
    start: Instant | None
    minutes: int
    place: str | None
    cancel_reason: str | None


class ReviewedReport(OwnReport):
    """A report as admins see it. `intact`: what is there is what was kept; what had to go is missing rightly."""

    reporter_id: Id
    reported_id: Id
    pets: list[ReportedPet]
    match: ReportedMatch | None
    appointments: list[ReportedAppointment]
    stripped_at: Instant | None
    intact: bool


class ReportRepository:
    """Writes reports, and reads them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)
        self.throttles = Throttles(table)
        self.blocks = BlockRepository(table)
        self.matches = MatchRepository(table)
        self.pets = PetRepository(table)
        self.appointments = AppointmentRepository(table)

    def make(self, user_id: str, new: NewReport, once: Once) -> Report:
        """Report a user, or a pet's owner, with the evidence as it is now.

        Raise UserNotFound, StrangersPetNotFound, Invalid for oneself, and TooManyReports.
        """

        def attempt() -> Report:
            reported_id = self.blocks.whom(user_id, new.user_id, new.pet_id)
            there = Check(keys.user(reported_id), REACHABLE, otherwise=UserNotFound)
            place = self.throttles.claim(f"reports {user_id}", A_DAY, otherwise=TooManyReports)
            report = Report(report_id=ids.new_id(), reported_at=clock.now(), reason=new.reason)
            sealed = seal(*self._evidence(user_id, reported_id, new, report))
            until = {"ttl": clock.timestamp() + int(KEPT_FOR.total_seconds())}
            moment = report.reported_at, report.report_id
            own = OwnReport(**report.model_dump(), text=new.text).model_dump(mode="json", exclude_none=True)
            about = report.model_dump(mode="json", exclude={"reason"})
            self.table.write(
                once.record(report),
                there,
                Put(keys.report(*moment) | sealed | until, condition=absent()),
                Put(keys.report_by(user_id, *moment) | own | until),
                Put(keys.report_about(reported_id, *moment) | about | until),
                place,
            )
            return report

        return settle(attempt)

    def latest(self, admin_id: str, cursor: str | None, limit: int) -> Page[ReviewedReport]:
        """Return a page of all reports, the latest first."""
        scope = f"reports:{admin_id}"
        rows = self.table.query(
            keys.reports_partition(), limit=limit, after=self.cursors.open(scope, cursor), newest_first=True
        )
        reports = [as_reviewed(item) for item in rows.items]
        return Page(items=reports, next_cursor=self.cursors.seal(scope, rows.last_key))

    def strip(self, entry: Item, side: Side) -> None:
        """Take the words of one side out of the report that an entry leads to, with the entry: their account ends."""
        report, lead = _report_of(entry), key_of(entry)
        stripped = Update(report, put={"stripped_at": clock.now().isoformat()}, remove=[WORDS[side]])
        try:
            self.table.write(stripped, Delete(lead))
        except RaceLost:  # it has run out
            self.table.delete(lead)

    def _evidence(
        self, user_id: str, reported_id: str, new: NewReport, report: Report
    ) -> tuple[dict[str, Any], dict[Side, dict[str, Any]]]:
        """Return the facts, and the words of either side."""
        pets = self._pets(reported_id, new.pet_id)
        match = self.matches.between(user_id, reported_id)
        together = self.appointments.shared(user_id, reported_id, clock.now() - KEPT_FOR)[:AS_EVIDENCE]
        sides: dict[str, Side] = {user_id: "reporter", reported_id: "reported"}
        facts = report.model_dump(mode="json") | {
            "reporter_id": user_id,
            "reported_id": reported_id,
            "pets": [{"pet_id": pet.pet_id, "type": pet.type} for pet in pets],
            "match": _facts_of_match(match) if match else None,
            "appointments": [_facts_of_appointment(each, sides) for each in together],
        }
        words: dict[Side, dict[str, Any]] = {
            "reporter": {"text": new.text, "appointments": _words_in(together, user_id)},
            "reported": {
                "pets": {pet.pet_id: pet.as_card().model_dump(mode="json") for pet in pets},
                "appointments": _words_in(together, reported_id),
            },
        }
        return facts, words

    def _pets(self, reported_id: str, pet_id: str | None) -> list[PetRecord]:
        pets = self.pets.all_owned(reported_id)
        return [pet for pet in pets if pet_id in (None, pet.pet_id)]


def _report_of(entry: Item) -> Key:
    return keys.report(datetime.fromisoformat(entry["reported_at"]), entry["report_id"])


def _facts_of_match(match: MatchRecord) -> dict[str, Any]:
    return ReportedMatch(**match.model_dump(exclude={"liked_pets", "again"})).model_dump(mode="json")


def _facts_of_appointment(appointment: AppointmentRecord, sides: dict[str, Side]) -> dict[str, Any]:
    proposer = sides.get(appointment.made_by or "")
    facts = appointment.model_dump(mode="json", include={"appointment_id", "starts", "start", "minutes"})
    return facts | {"status": appointment.current_status, "proposed_by": proposer}


def _words_in(appointments: list[AppointmentRecord], user_id: str) -> dict[str, dict[str, str]]:
    """Return, by appointment, what one of the two wrote into it."""
    found: dict[str, dict[str, str]] = {}
    for each in appointments:
        party = each.party(user_id)
        words = {
            "place": each.place if each.made_by == user_id else None,
            "cancel_reason": each.cancel_reason if each.cancelled_by == user_id else None,
            "note": party.note if party else None,
        }
        if said := {name: word for name, word in words.items() if word is not None}:
            found[each.appointment_id] = said
    return found


def as_own(entry: Item) -> OwnReport:
    """Return what an entry of who made a report says of it."""
    return OwnReport(**{name: entry.get(name) for name in OwnReport.model_fields})


def canonical(document: Any) -> str:
    """Return the one spelling of a JSON document that digests are taken of."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def seal(facts: dict[str, Any], words: dict[Side, dict[str, Any]]) -> Item:
    """Return what is stored of a report: its facts and each side's words, as they were sealed."""
    texts = {side: canonical(said | {"salt": ids.new_id()}) for side, said in words.items()}
    whole = canonical(facts | {"words": {side: _digest(text) for side, text in texts.items()}})
    return {WORDS[side]: text for side, text in texts.items()} | {"facts": whole, "digest": _digest(whole)}


def is_intact(item: Item) -> bool:
    """Return whether a report is what was sealed. Words may be missing once somebody who wrote them has left."""
    if _digest(item["facts"]) != item["digest"]:
        return False
    digests = json.loads(item["facts"])["words"]
    return all(
        _digest(item[name]) == digests[side] if name in item else "stripped_at" in item for side, name in WORDS.items()
    )


def as_reviewed(item: Item) -> ReviewedReport:
    """Return what admins see of a stored report."""
    facts = json.loads(item["facts"])
    said = {side: json.loads(item[name]) if name in item else {} for side, name in WORDS.items()}
    cards = said["reported"].get("pets", {})
    return ReviewedReport(
        **{name: facts[name] for name in ("report_id", "reported_at", "reason", "reporter_id", "reported_id", "match")},
        text=said["reporter"].get("text"),
        pets=[ReportedPet(**pet, card=cards.get(pet["pet_id"])) for pet in facts["pets"]],
        appointments=[_with_words(each, said.values()) for each in facts["appointments"]],
        stripped_at=item.get("stripped_at"),
        intact=is_intact(item),
    )


def _with_words(facts: dict[str, Any], said: Iterable[dict[str, Any]]) -> ReportedAppointment:
    written = [words.get("appointments", {}).get(facts["appointment_id"], {}) for words in said]
    texts = {
        name: next((words[name] for words in written if name in words), None) for name in ("place", "cancel_reason")
    }
    return ReportedAppointment(**facts, **texts)


def repository() -> ReportRepository:
    """Return the repository on this process's table."""
    return ReportRepository(table())


Reports = Annotated[ReportRepository, Depends(repository)]
