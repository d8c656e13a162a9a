"""/calendar/{token}/pawtime.ics: all appointments of whoever gave this address to a calendar."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from appointments.calendar_files import MEDIA_TYPE
from appointments.published import Calendars
from common.api import Api

api = Api(switch="calendar")


@api.get("/calendar/{token}/pawtime.ics", public=True, media_type=MEDIA_TYPE, fresh_seconds=300)
def read_calendar(token: str, calendars: Calendars) -> Response[str]:
    return Response(HTTPStatus.OK, MEDIA_TYPE, calendars.of_all(token))


handler = api.handler
