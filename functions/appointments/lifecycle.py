"""What may become of an appointment, and at whose word: one table, and when each of its states begins.

An appointment reads as one of the states below. Some are never stored: they follow from the time that it is. Who made
the offer that stands is the proposer, and who is to answer it is invited: an answer with other times, or the wish to
move what was agreed, swaps the two. Care has an owner alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from appointments.calendar import end_of
from common.errors import Conflict, invalid_field

type AppointmentStatus = Literal["Proposed", "Scheduled", "Completed", "Cancelled", "Declined", "Expired"]
type State = AppointmentStatus | Literal["Moving", "At hand", "Under way"]
type PartyRole = Literal["proposer", "invited", "owner"]
type Transition = Literal["accept", "decline", "reschedule", "cancel", "check-in", "complete", "feedback"]

ANSWER_WITHIN = timedelta(days=7)
"""An offer that nobody answers lapses after this, or when the last of its times has come."""

CHECK_IN_BEFORE = timedelta(minutes=30)
LATE_CANCEL = timedelta(hours=24)
"""Who cancels what was agreed later than this before it begins, cancels late."""

FEEDBACK_WITHIN = timedelta(days=14)

STORED: Mapping[State, AppointmentStatus] = {"Moving": "Scheduled", "At hand": "Scheduled", "Under way": "Scheduled"}
"""The status that a state reads as, where it is not its own."""

_AGREED: Mapping[Transition, State] = {"reschedule": "Moving", "cancel": "Cancelled"}
_AT_HAND: Mapping[Transition, State] = {"check-in": "At hand", "cancel": "Cancelled"}
_UNDER_WAY: Mapping[Transition, State] = {"check-in": "Under way", "complete": "Completed"}

TRANSITIONS: Mapping[tuple[State, PartyRole], Mapping[Transition, State]] = {
    ("Proposed", "proposer"): {"reschedule": "Proposed", "cancel": "Cancelled"},
    ("Proposed", "invited"): {"accept": "Scheduled", "decline": "Declined", "reschedule": "Proposed"},
    ("Scheduled", "proposer"): _AGREED,
    ("Scheduled", "invited"): _AGREED,
    ("Scheduled", "owner"): {"reschedule": "Scheduled", "cancel": "Cancelled"},
    ("Moving", "proposer"): {"reschedule": "Moving", "decline": "Scheduled", "cancel": "Cancelled"},
    ("Moving", "invited"): {
        "accept": "Scheduled",
        "decline": "Scheduled",
        "reschedule": "Moving",
        "cancel": "Cancelled",
    },
    ("At hand", "proposer"): _AT_HAND,
    ("At hand", "invited"): _AT_HAND,
    ("At hand", "owner"): {"cancel": "Cancelled"},
    ("Under way", "proposer"): _UNDER_WAY,
    ("Under way", "invited"): _UNDER_WAY,
    ("Under way", "owner"): {"complete": "Completed"},
    ("Completed", "proposer"): {"feedback": "Completed"},
    ("Completed", "invited"): {"feedback": "Completed"},
}
"""By state and role, what somebody may do, and the state that it leads to. All else is refused."""


class TransitionNotAllowed(Conflict):
    """Carries `current_status`."""

    code = "transition_not_allowed"
    title = "The appointment's status does not allow you this"


class ProposalExpired(Conflict):
    """Carries `current_status`."""

    code = "proposal_expired"
    title = "The proposed time has passed"


def lapses_at(starts: Sequence[datetime], offered_at: datetime) -> datetime:
    """Return when an offer of these times lapses, if nobody answers it."""
    return min(offered_at + ANSWER_WITHIN, max(starts))


def state_at(
    stored: AppointmentStatus,
    start: datetime | None,
    minutes: int,
    offer_lapses_at: datetime | None,
    now: datetime,
) -> State:
    """Return the state at `now` of what is stored; `offer_lapses_at` is None where no offer stands."""
    if stored == "Proposed":
        return "Expired" if offer_lapses_at and offer_lapses_at <= now else "Proposed"
    if stored != "Scheduled" or start is None:
        return stored
    if end_of(start, minutes) <= now:
        return "Completed"
    if start <= now:
        return "Under way"
    if start - CHECK_IN_BEFORE <= now:
        return "At hand"
    return "Moving" if offer_lapses_at and now < offer_lapses_at else "Scheduled"


def status_of(state: State) -> AppointmentStatus:
    """Return the status that a state reads as."""
    return STORED.get(state, state)  # type: ignore[arg-type]


def follow(state: State, role: PartyRole, transition: Transition) -> AppointmentStatus:
    """Return the status that a transition leads to; raise TransitionNotAllowed where the table has none."""
    following = TRANSITIONS.get((state, role), {}).get(transition)
    if following is None:
        raise TransitionNotAllowed(current_status=status_of(state))
    return status_of(following)


def available(state: State, role: PartyRole) -> list[Transition]:
    """Return what somebody in `role` can do."""
    return list(TRANSITIONS.get((state, role), {}))


def choose_start(
    offered: Sequence[datetime], wanted: datetime | None, status: AppointmentStatus, now: datetime
) -> datetime:
    """Return the start that an acceptance settles on; None stands for the only one offered.

    Raise Invalid where it is not one of those offered, ProposalExpired where it has passed.
    """
    if wanted is None and len(offered) > 1:
        raise invalid_field("/start", "say which of the proposed starts suits you", "missing")
    start = offered[0] if wanted is None else wanted
    if start not in offered:
        raise invalid_field("/start", "is not one of the proposed starts")
    if start <= now:
        raise ProposalExpired(current_status=status)
    return start


def require_reason(status: AppointmentStatus, reason: str | None) -> None:
    """Raise Invalid where something agreed is cancelled without a word; a proposal may be withdrawn in silence."""
    if status == "Scheduled" and reason is None:
        raise invalid_field("/reason", "say why, since others rely on this appointment", "missing")
