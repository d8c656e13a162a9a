"""/reports: telling Pawtime's people of somebody who does harm."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from operations.reports import NewReport, Report, Reports

api = Api(switch="reports")


@api.post(
    "/reports",
    status_code=HTTPStatus.CREATED,
    child="allow",
    problems=(HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS),
)
def report_user(new_report: NewReport, caller: CurrentUser, reports: Reports, once: Idempotency) -> Report:
    return reports.make(caller.user_id, new_report, once)


handler = api.handler
