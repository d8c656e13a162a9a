"""/appointments/{appointment_id}/calendar.ics: one appointment as a file, for its parties."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from appointments.calendar_files import MEDIA_TYPE
from appointments.published import Calendars
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="appointments")


@api.get("/appointments/{appointment_id}/calendar.ics", child="allow", media_type=MEDIA_TYPE)
def read_appointment_calendar(appointment_id: str, owner: CurrentUser, calendars: Calendars) -> Response[str]:
    as_file = {"Content-Disposition": 'attachment; filename="pawtime.ics"'}
    return Response(HTTPStatus.OK, MEDIA_TYPE, calendars.of_one(owner.user_id, appointment_id), headers=as_file)


handler = api.handler
