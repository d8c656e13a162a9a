"""Appointments, as sent, as answered and as stored."""

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
from appointments.calendar import MAX_MINUTES, MIN_MINUTES, is_quarter_hour
from appointments.lifecycle import AppointmentStatus, PartyRole, Transition
from common.clock import clock
from common.models import Id, In, Instant, Note, Out, Record

type AppointmentKind = Literal["playdate", "care"]

MAX_STARTS = 5
MAX_DAYS_AHEAD = 180


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


class NewPlaydate(In):
    """A proposal. Either `start`, or `starts` for the invited to choose from, is needed."""

    kind: Literal["playdate"]
    pet_id: Reference
    other_pet_id: Reference
    start: Start | None = None
    starts: Annotated[list[Start], Field(min_length=1, max_length=MAX_STARTS), AfterValidator(_distinct)] | None = None
    minutes: Minutes
    place: Note | None = None

    @field_validator("other_pet_id")
    @classmethod
    def _two_pets(cls, other_pet_id: str, info: ValidationInfo) -> str:
        if other_pet_id == info.data.get("pet_id"):
            raise ValueError("must be another pet")
        return other_pet_id

    @model_validator(mode="after")
    def _one_way_to_say_when(self) -> Self:
        if (self.start is None) == (self.starts is None):
            raise ValueError("give either start or starts")
        return self

    @property
    def offered(self) -> list[Instant]:
        """Return the starts to choose from, in order of time."""
        return sorted([self.start] if self.start else self.starts or [])


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
    """`reason` is needed for what was agreed; a proposal may be withdrawn without one."""

    reason: Note | None = None


class Appointment(Out):
    """An appointment as one of its parties sees it.

    `pet_id` is the viewer's. `starts` are those offered, `start` the one agreed on. The invited learn `place` by
    accepting. `can` lists what the viewer may do now; doing it may still fail when somebody else was quicker.
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
    place: str | None
    what: str | None
    cancel_reason: str | None
    can: list[Transition]
    created_at: Instant
    updated_at: Instant


class Party(Record):
    """A pet in an appointment, with the owner who answers for it."""

    user_id: str
    pet_id: str
    role: PartyRole


class AppointmentRecord(Record):
    """An appointment as stored. Every change takes `version` one on; Completed is derived, never stored."""

    appointment_id: str
    version: int = 1
    kind: AppointmentKind
    status: AppointmentStatus
    parties: list[Party]
    match_id: str | None = None
    starts: list[Instant]
    start: Instant | None = None
    minutes: int
    place: str | None = None
    what: str | None = None
    cancel_reason: str | None = None
    cancelled_by: str | None = None
    created_at: Instant
    updated_at: Instant

    @property
    def current_status(self) -> AppointmentStatus:
        """Return the status as of now."""
        return lifecycle.status_at(self.status, self.start, self.minutes, clock.now())

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
        status = lifecycle.follow(self.current_status, party.role, transition)
        advanced = {"status": status, "version": self.version + 1, "updated_at": clock.now()}
        return self.model_copy(update=advanced | changes)

    def without(self, party: Party) -> Self:
        """Return it once a party has gone for good: cancelled if it was to come, and with nothing that they wrote."""
        others = self.others(party.user_id)
        left: dict[str, Any] = {"parties": others, "match_id": None}
        if party.role == "proposer":
            left["place"] = None
        if self.cancelled_by not in {other.user_id for other in others}:
            left |= {"cancel_reason": None, "cancelled_by": None}
        return self.called_off().model_copy(update=left)

    def called_off(self) -> Self:
        """Return it cancelled if it was to come, without anybody's word."""
        to_come = {"status": "Cancelled"} if self.current_status in ("Proposed", "Scheduled") else {}
        return self.model_copy(update=to_come | {"version": self.version + 1, "updated_at": clock.now()})

    def lies_ahead(self) -> bool:
        """Return whether it is to come: agreed on and not begun, or proposed for a time that has not passed."""
        times = {"Proposed": max(self.starts), "Scheduled": self.start}
        when = times.get(self.current_status)
        return when is not None and when > clock.now()

    def seen_by(self, party: Party) -> Appointment:
        """Return what one of the parties sees."""
        others = self.others(party.user_id)
        knows_place = party.role != "invited" or self.start is not None
        return Appointment(
            **self.model_dump(
                include={"appointment_id", "kind", "starts", "start", "minutes", "what", "cancel_reason"}
            ),
            status=self.current_status,
            my_role=party.role,
            pet_id=party.pet_id,
            other_pet_id=others[0].pet_id if others else None,
            place=self.place if knows_place else None,
            can=lifecycle.available(self.current_status, party.role, self.starts, clock.now()),
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


From = Annotated[
    Annotated[Instant, AfterValidator(_sortable)] | None,
    Query(
        alias="from", description="Starting then or later; left out, 30 days before `to` or now, whichever is earlier"
    ),
]
To = Annotated[Annotated[Instant, AfterValidator(_sortable)] | None, Query(alias="to", description="Starting before")]
OfPet = Annotated[Reference | None, Query(description="Only those of this pet of mine")]
WithStatus = Annotated[AppointmentStatus | None, Query(description="Only those that have this status now")]
