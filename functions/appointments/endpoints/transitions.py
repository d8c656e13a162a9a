"""/appointments/{appointment_id}/{transition}: what the parties do with an appointment."""

from appointments.models import Acceptance, Appointment, Cancellation
from appointments.repository import Appointments
from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency

api = Api(switch="appointments")


@api.post("/appointments/{appointment_id}/accept")
def accept_appointment(
    appointment_id: str,
    owner: CurrentUser,
    appointments: Appointments,
    once: Idempotency,
    acceptance: Acceptance = Acceptance(),
) -> Appointment:
    return appointments.accept(owner.user_id, appointment_id, acceptance, once)


@api.post("/appointments/{appointment_id}/decline")
def decline_appointment(
    appointment_id: str, owner: CurrentUser, appointments: Appointments, once: Idempotency
) -> Appointment:
    return appointments.decline(owner.user_id, appointment_id, once)


@api.post("/appointments/{appointment_id}/cancel")
def cancel_appointment(
    appointment_id: str,
    owner: CurrentUser,
    appointments: Appointments,
    once: Idempotency,
    cancellation: Cancellation = Cancellation(),
) -> Appointment:
    return appointments.cancel(owner.user_id, appointment_id, cancellation, once)


handler = api.handler
