"""/appointments: the signed-in owner's agenda, and new entries in it."""

from http import HTTPStatus

from appointments.agenda import Wanted
from appointments.models import Appointment, From, NewAppointmentBody, OfPet, To, WithStatus
from appointments.repository import Appointments
from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from common.models import Page
from common.paging import Cursor, Limit

api = Api(switch="appointments")


@api.post("/appointments", status_code=HTTPStatus.CREATED, child="ask", idempotency="required")
def create_appointment(
    new: NewAppointmentBody, owner: CurrentUser, appointments: Appointments, once: Idempotency
) -> Appointment:
    return appointments.create(owner.user_id, new, once)


@api.get("/appointments", child="allow")
def list_appointments(
    owner: CurrentUser,
    appointments: Appointments,
    *,
    earliest: From = None,
    latest: To = None,
    pet_id: OfPet = None,
    status: WithStatus = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[Appointment]:
    return appointments.list_of(owner.user_id, Wanted(earliest, latest, pet_id, status), cursor, limit)


handler = api.handler
