"""Appointments, as sent, as answered and as stored."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from appointments import lifecycle
from appointments.calendar import MAX_MINUTES, MIN_MINUTES, end_of, is_quarter_hour
from appointments.lifecycle import AppointmentStatus, PartyRole, State, Transition
from common.clock import clock
from common.models import Id, In, Instant, Note, Out, Record

type AppointmentKind = Literal["playdate", "care"]

MAX_STARTS = 5
MAX_DAYS_AHEAD = 180
MAX_WEEKS = 26


def _bookable(start: Instant) -> Instant:
    if not is_quarter_hour(start):
        raise ValueError("must lie on a quarter hour")
    now = clock.now()
    if not now < start <= now + timedelta(days=MAX_DAYS_AHEAD):
        raise ValueError(f"must lie in the future, and at most {MAX_DAYS_AHEAD} days ahead")
    return start


def _distinct(starts: list[Instant]) -> list[Instant]:
    if len(set(starts)) != len(starts):
        raise ValueError("must differ from one another")
    return starts


def _sortable(moment: Instant) -> Instant:
    if not 2000 <= moment.year < 3000:
        raise ValueError("must lie between the years 2000 and 2999")
    return moment


Start = Annotated[Instant, AfterValidator(_bookable), Field(description="On a quarter hour, at most 180 days ahead")]
Minutes = Annotated[int, Field(ge=MIN_MINUTES, le=MAX_MINUTES, multiple_of=15)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""Whatever it is: an id that nothing has is absent, not malformed."""


class Offer(In):
    """Times to choose from: either `start`, or up to five `starts`, and how long each takes."""

    start: Start | None = None
    starts: Annotated[list[Start], Field(min_length=1, max_length=MAX_STARTS), AfterValidator(_distinct)] | None = None
    minutes: Minutes

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        if (self.start is None) == (self.starts is None):
            raise ValueError("give either start or starts")
        return self

    @property
    def offered(self) -> list[Instant]:
        """Return the starts to choose from, in order of time."""
        return sorted([self.start] if self.start else self.starts or [])


class Repeat(In):
    """Every week at the same time of day where the proposer lives, so many times in all."""

    weeks: Annotated[int, Field(ge=2, le=MAX_WEEKS)]


class NewPlaydate(Offer):
    """A proposal. Either `start`, or `starts` for the invited to choose from, is needed."""

    kind: Literal["playdate"]
    pet_id: Reference
    other_pet_id: Reference
    place: Note | None = None
    place_is_public: Annotated[bool, Field(description="A park, say, rather than a home; told before place is")] = False
    repeat: Repeat | None = None

    @field_validator("other_pet_id")
    @classmethod
    def _two_pets(cls, other_pet_id: str, info: ValidationInfo) -> str:
        if other_pet_id == info.data.get("pet_id"):
            raise ValueError("must be another pet")
        return other_pet_id

    @field_validator("place_is_public")
    @classmethod
    def _of_a_place(cls, public: bool, info: ValidationInfo) -> bool:
        if public and info.data.get("place") is None:
            raise ValueError("is said of a place; say which")
        return public


class NewCare(In):
    """Time for one pet: the vet, a groomer, a walk. It needs nobody's consent."""

    kind: Literal["care"]
    pet_id: Reference
    start: Start
    minutes: Minutes
    what: Note


def _without_kind(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Say where an error is in the body: pydantic also names the kind, which is no place in it."""
    try:
        return validate(value)
    except ValidationError as failure:
        details = [
            InitErrorDetails(
                type=error["type"],
                loc=("kind",) if error["type"].startswith("union_tag") else error["loc"][1:],
                input=error["input"],
                ctx=error.get("ctx", {}),
            )
            for error in failure.errors()
        ]
        raise ValidationError.from_exception_data(failure.title, details) from None


type NewAppointment = Annotated[NewPlaydate | NewCare, Field(discriminator="kind")]
NewAppointmentBody = Annotated[NewAppointment, WrapValidator(_without_kind), Body()]


class Acceptance(In):
    """`start` is needed where several were offered, and must be one of them."""

    start: Instant | None = None


class Cancellation(In):
    """`reason` is needed for what was agreed; a proposal may be withdrawn without one.

    `following` ends a weekly repeat with this one: those after it are cancelled as well.
    """

    reason: Note | None = None
    following: bool = False


class Rescheduling(Offer):
    """Other times: of a proposal, of what was agreed (which the other side has to accept), or of care.

    `following` moves a weekly repeat from this one on, to the new time of the week and length.
    """

    following: bool = False


class Feedback(In):
    """Whether to meet again. Neither side learns what the other said before both have said it."""

    again: bool
    note: Note | None = None


class WishToMove(Out):
    """What one side asks for instead of the agreed time, which stands until the other accepts; lapses by itself."""

    starts: list[Instant]
    minutes: int
    following: bool
    expires_at: Instant


class PlaceInSeries(Out):
    """Which of how many weekly playdates this is, counted from 1."""

    series_id: Id
    number: int
    weeks: int


class Appointment(Out):
    """An appointment as one of its parties sees it.

    `pet_id` is the viewer's. `starts` are those offered, `start` the one agreed on. Who made the offer that stands,
    first or last, has the role of the proposer. The invited learn `place` by accepting, and before whether it is
    public. An offer that nobody answers lapses at `expires_at`. Of a playdate to which one side alone checked in,
    `missed_by` names the other. `can` lists what the viewer may do now; doing it may still fail when somebody else was
    quicker.
    """

    appointment_id: Id
    kind: AppointmentKind
    status: AppointmentStatus
    my_role: PartyRole
    pet_id: Id
    other_pet_id: Id | None
    starts: list[Instant]
    start: Instant | None
    minutes: int
    expires_at: Instant | None
    move: WishToMove | None
    repeat: PlaceInSeries | None
    place: str | None
    place_is_public: bool
    what: str | None
    cancel_reason: str | None
    cancelled_late: bool
    i_checked_in: bool
    other_checked_in: bool
    missed_by: Literal["me", "other"] | None
    my_feedback: Feedback | None
    other_feedback: Feedback | None
    can: list[Transition]
    created_at: Instant
    updated_at: Instant


class Party(Record):
    """A pet in an appointment, with the owner who answers for it."""

    user_id: str
    pet_id: str
    role: PartyRole
    checked_in: bool = False
    again: bool | None = None
    note: str | None = None

    @property
    def feedback(self) -> Feedback | None:
        """Return what the owner said afterwards, if anything."""
        return None if self.again is None else Feedback(again=self.again, note=self.note)


class Move(Record):
    """The wish of the proposer to move what is agreed."""

    starts: list[Instant]
    minutes: int
    following: bool = False


class AppointmentRecord(Record):
    """An appointment as stored. Every change takes `version` one on; some states are derived, and never stored.

    `break_minutes` are those after it that it takes of both calendars. `offered_at` is when the offer that stands was
    made, `agreed_at` when the time was last agreed on. One of a series is its `number`th, counted from 0, of `weeks` as
    they were planned when it was agreed.
    """

    appointment_id: str
    version: int = 1
    kind: AppointmentKind
    status: AppointmentStatus
    parties: list[Party]
    made_by: str | None = None
    match_id: str | None = None
    series_id: str | None = None
    number: int = 0
    weeks: int | None = None
    starts: list[Instant]
    start: Instant | None = None
    minutes: int
    break_minutes: int = 0
    offered_at: Instant | None = None
    agreed_at: Instant | None = None
    move: Move | None = None
    place: str | None = None
    place_is_public: bool = False
    what: str | None = None
    cancel_reason: str | None = None
    cancelled_by: str | None = None
    cancelled_late: bool = False
    created_at: Instant
    updated_at: Instant

    @model_validator(mode="before")
    @classmethod
    def _made_by_who_proposed(cls, stored: Any) -> Any:
        """Fill in who made it, which an earlier version did not keep: there roles did not change hands."""
        if not isinstance(stored, Mapping) or "made_by" in stored:
            return stored
        makers = [party for party in stored["parties"] if isinstance(party, Mapping) and party["role"] != "invited"]
        return {**stored, "made_by": makers[0]["user_id"]} if len(makers) == 1 else stored

    @property
    def lapses_at(self) -> Instant | None:
        """Return when the offer that stands lapses; None where none stands."""
        if self.status == "Proposed":
            return lifecycle.lapses_at(self.starts, self.offered_at or self.created_at)
        if self.move and self.start:
            at_hand = self.start - lifecycle.CHECK_IN_BEFORE
            return min(lifecycle.lapses_at(self.move.starts, self.offered_at or self.created_at), at_hand)
        return None

    @property
    def state(self) -> State:
        """Return the state as of now."""
        return lifecycle.state_at(self.status, self.start, self.minutes, self.lapses_at, clock.now())

    @property
    def current_status(self) -> AppointmentStatus:
        """Return the status as of now."""
        return lifecycle.status_of(self.state)

    @property
    def listed_at(self) -> Instant:
        """Return where agendas list it: at the start agreed on, or else at the earliest one offered."""
        return self.start or self.starts[0]

    def party(self, user_id: str) -> Party | None:
        """Return the part that a user has in it, if any."""
        return next((party for party in self.parties if party.user_id == user_id), None)

    def others(self, user_id: str) -> list[Party]:
        """Return the parties besides a user."""
        return [party for party in self.parties if party.user_id != user_id]

    def follow(self, party: Party, transition: Transition, **changes: Any) -> Self:
        """Return it after a transition by `party`; raise TransitionNotAllowed."""
        return self.changed(status=lifecycle.follow(self.state, party.role, transition), **changes)

    def changed(self, **changes: Any) -> Self:
        """Return it one version on, with other attributes."""
        return self.model_copy(update={"version": self.version + 1, "updated_at": clock.now()} | changes)

    def offered_by(self, party: Party) -> list[Party]:
        """Return the parties where `party` makes the offer that stands, and others are to answer it."""
        return [
            each.model_copy(update={"role": "proposer" if each.user_id == party.user_id else "invited"})
            for each in self.parties
        ]

    def with_part(self, party: Party, **changes: Any) -> list[Party]:
        """Return the parties with something changed about one of them."""
        return [each.model_copy(update=changes) if each.user_id == party.user_id else each for each in self.parties]

    def without(self, party: Party) -> Self:
        """Return it once a party has gone for good: cancelled if it was to come, and with nothing that they wrote."""
        others = self.others(party.user_id)
        left: dict[str, Any] = {"parties": others, "match_id": None, "move": None}
        if self.made_by == party.user_id:
            left |= {"place": None, "place_is_public": False, "made_by": None}
        if self.cancelled_by not in {other.user_id for other in others}:
            left |= {"cancel_reason": None, "cancelled_by": None}
        return self.called_off().model_copy(update=left)

    def called_off(self) -> Self:
        """Return it cancelled if it was to come, without anybody's word."""
        to_come = {"status": "Cancelled"} if self.current_status in ("Proposed", "Scheduled") else {}
        return self.changed(**to_come)

    def lies_ahead(self) -> bool:
        """Return whether it is to come: agreed on and not begun, or proposed for a time that has not passed."""
        times = {"Proposed": max(self.starts), "Scheduled": self.start}
        when = times.get(self.current_status)
        return when is not None and when > clock.now()

    def missed_by(self) -> Party | None:
        """Return who alone did not check in to a playdate that is over; None while nobody can tell."""
        absent = [party for party in self.parties if not party.checked_in]
        over = self.kind == "playdate" and self.current_status == "Completed"
        return absent[0] if over and len(absent) == 1 and len(self.parties) == 2 else None

    def seen_by(self, party: Party) -> Appointment:
        """Return what one of the parties sees."""
        other = next(iter(self.others(party.user_id)), None)
        state, missed = self.state, self.missed_by()
        both_said = other is not None and None not in (party.feedback, other.feedback)
        return Appointment(
            **self.model_dump(
                include={
                    "appointment_id",
                    "kind",
                    "starts",
                    "start",
                    "minutes",
                    "place_is_public",
                    "what",
                    "cancel_reason",
                    "cancelled_late",
                    "created_at",
                    "updated_at",
                }
            ),
            status=lifecycle.status_of(state),
            my_role=party.role,
            pet_id=party.pet_id,
            other_pet_id=other.pet_id if other else None,
            expires_at=self.lapses_at if state == "Proposed" else None,
            move=self._wish_to_move() if state == "Moving" else None,
            repeat=self._place_in_series(),
            place=self.place if self.start or party.user_id == self.made_by else None,
            i_checked_in=party.checked_in,
            other_checked_in=other is not None and other.checked_in,
            missed_by=("me" if missed.user_id == party.user_id else "other") if missed else None,
            my_feedback=party.feedback,
            other_feedback=other.feedback if other and both_said else None,
            can=[each for each in lifecycle.available(state, party.role) if each != "feedback" or self._may_say(party)],
        )

    def _may_say(self, party: Party) -> bool:
        """Return whether a party of what is over may still say whether to meet again: once, and while it is fresh."""
        if self.start is None or len(self.parties) < 2:
            return False
        over = end_of(self.start, self.minutes)
        return party.feedback is None and clock.now() < over + lifecycle.FEEDBACK_WITHIN

    def _wish_to_move(self) -> WishToMove | None:
        return WishToMove(**self.move.model_dump(), expires_at=self.lapses_at) if self.move and self.lapses_at else None

    def _place_in_series(self) -> PlaceInSeries | None:
        if self.weeks is None:
            return None
        return PlaceInSeries(series_id=self.series_id or self.appointment_id, number=self.number + 1, weeks=self.weeks)


From = Annotated[
    Annotated[Instant, AfterValidator(_sortable)] | None,
    Query(
        alias="from", description="Starting then or later; left out, 30 days before `to` or now, whichever is earlier"
    ),
]
To = Annotated[Annotated[Instant, AfterValidator(_sortable)] | None, Query(alias="to", description="Starting before")]
OfPet = Annotated[Reference | None, Query(description="Only those of this pet of mine")]
WithStatus = Annotated[AppointmentStatus | None, Query(description="Only those that have this status now")]
