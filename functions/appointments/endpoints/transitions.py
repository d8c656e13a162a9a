"""/appointments/{appointment_id}/{transition}: what the parties do with an appointment."""

from appointments.models import Acceptance, Appointment, Cancellation, Feedback, Rescheduling
from appointments.transitions import Transitions
from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency

api = Api(switch="appointments")


@api.post("/appointments/{appointment_id}/accept")
def accept_appointment(
    appointment_id: str,
    owner: CurrentUser,
    transitions: Transitions,
    once: Idempotency,
    acceptance: Acceptance = Acceptance(),
) -> Appointment:
    return transitions.accept(owner.user_id, appointment_id, acceptance, once)


@api.post("/appointments/{appointment_id}/decline")
def decline_appointment(
    appointment_id: str, owner: CurrentUser, transitions: Transitions, once: Idempotency
) -> Appointment:
    return transitions.decline(owner.user_id, appointment_id, once)


@api.post("/appointments/{appointment_id}/reschedule")
def reschedule_appointment(
    appointment_id: str, wanted: Rescheduling, owner: CurrentUser, transitions: Transitions, once: Idempotency
) -> Appointment:
    return transitions.reschedule(owner.user_id, appointment_id, wanted, once)


@api.post("/appointments/{appointment_id}/cancel")
def cancel_appointment(
    appointment_id: str,
    owner: CurrentUser,
    transitions: Transitions,
    once: Idempotency,
    cancellation: Cancellation = Cancellation(),
) -> Appointment:
    return transitions.cancel(owner.user_id, appointment_id, cancellation, once)


@api.post("/appointments/{appointment_id}/check-in")
def check_in_to_appointment(
    appointment_id: str, owner: CurrentUser, transitions: Transitions, once: Idempotency
) -> Appointment:
    return transitions.check_in(owner.user_id, appointment_id, once)


@api.post("/appointments/{appointment_id}/complete")
def complete_appointment(
    appointment_id: str, owner: CurrentUser, transitions: Transitions, once: Idempotency
) -> Appointment:
    return transitions.complete(owner.user_id, appointment_id, once)


@api.post("/appointments/{appointment_id}/feedback")
def give_feedback(
    appointment_id: str, feedback: Feedback, owner: CurrentUser, transitions: Transitions, once: Idempotency
) -> Appointment:
    return transitions.feedback(owner.user_id, appointment_id, feedback, once)


handler = api.handler
