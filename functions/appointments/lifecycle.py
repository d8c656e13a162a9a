"""What may become of an appointment, and at whose word.

| status | proposer | invited | owner (of care) |
|---|---|---|---|
| Proposed | cancel (withdraws it) | accept, decline | |
| Scheduled | cancel | cancel | cancel |
| Completed, Cancelled, Declined | | | |

Completed is never stored: a Scheduled appointment reads as Completed once its end has passed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from appointments.calendar import end_of
from common.errors import Conflict, invalid_field

type AppointmentStatus = Literal["Proposed", "Scheduled", "Completed", "Cancelled", "Declined"]
type PartyRole = Literal["proposer", "invited", "owner"]
type Transition = Literal["accept", "decline", "cancel"]

TRANSITIONS: Mapping[tuple[AppointmentStatus, PartyRole], Mapping[Transition, AppointmentStatus]] = {
    ("Proposed", "proposer"): {"cancel": "Cancelled"},
    ("Proposed", "invited"): {"accept": "Scheduled", "decline": "Declined"},
    ("Scheduled", "proposer"): {"cancel": "Cancelled"},
    ("Scheduled", "invited"): {"cancel": "Cancelled"},
    ("Scheduled", "owner"): {"cancel": "Cancelled"},
}


class TransitionNotAllowed(Conflict):
    """Carries `current_status`."""

    code = "transition_not_allowed"
    title = "The appointment's status does not allow you this"


class ProposalExpired(Conflict):
    """Carries `current_status`."""

    code = "proposal_expired"
    title = "The proposed time has passed"


def status_at(stored: AppointmentStatus, start: datetime | None, minutes: int, now: datetime) -> AppointmentStatus:
    """Return how a stored status reads at `now`."""
    over = stored == "Scheduled" and start is not None and end_of(start, minutes) <= now
    return "Completed" if over else stored


def follow(status: AppointmentStatus, role: PartyRole, transition: Transition) -> AppointmentStatus:
    """Return the status that a transition leads to; raise TransitionNotAllowed where the table has none."""
    following = TRANSITIONS.get((status, role), {}).get(transition)
    if following is None:
        raise TransitionNotAllowed(current_status=status)
    return following


def available(
    status: AppointmentStatus, role: PartyRole, starts: Sequence[datetime], now: datetime
) -> list[Transition]:
    """Return what somebody in `role` can do; a proposal can be accepted while one of its starts is to come."""
    allowed = TRANSITIONS.get((status, role), {})
    return [transition for transition in allowed if transition != "accept" or max(starts) > now]


def choose_start(offered: Sequence[datetime], wanted: datetime | None, now: datetime) -> datetime:
    """Return the start that an acceptance settles on; None stands for the only one offered.

    Raise Invalid where it is not one of those offered, ProposalExpired where it has passed.
    """
    if wanted is None and len(offered) > 1:
        raise invalid_field("/start", "say which of the proposed starts suits you", "missing")
    start = offered[0] if wanted is None else wanted
    if start not in offered:
        raise invalid_field("/start", "is not one of the proposed starts")
    if start <= now:
        raise ProposalExpired(current_status="Proposed")
    return start


def require_reason(status: AppointmentStatus, reason: str | None) -> None:
    """Raise Invalid where something agreed is cancelled without a word; a proposal may be withdrawn in silence."""
    if status == "Scheduled" and reason is None:
        raise invalid_field("/reason", "say why, since others rely on this appointment", "missing")
