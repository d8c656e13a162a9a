"""/me/export: all that Pawtime keeps of the signed-in person."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from common.api import JSON, Api
from common.auth import CurrentUser
from common.paging import Cursor
from operations.exports import AT_ONCE, Export, Exports, Things

api = Api(switch="export")


@api.get("/me/export", child="allow")
def export_own_data(
    caller: CurrentUser, exports: Exports, cursor: Cursor = None, limit: Things = AT_ONCE
) -> Response[Export]:
    as_file = {"Content-Disposition": 'attachment; filename="pawtime.json"'}
    return Response(HTTPStatus.OK, JSON, exports.page(caller, cursor, limit), headers=as_file)


handler = api.handler
