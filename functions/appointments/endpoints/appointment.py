"""/appointments/{appointment_id}: one appointment, for its parties."""

from appointments.models import Appointment
from appointments.repository import Appointments
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="appointments")


@api.get("/appointments/{appointment_id}", child="allow")
def read_appointment(appointment_id: str, owner: CurrentUser, appointments: Appointments) -> Appointment:
    return appointments.read(owner.user_id, appointment_id)


handler = api.handler
