"""/admin/reports: what has been reported, for those who look into it."""

from common.api import Api
from common.auth import CurrentUser
from common.models import Page
from common.paging import Cursor
from operations.reports import Few, Reports, ReviewedReport

api = Api(switch="reports")


@api.get("/admin/reports", admin=True)
def list_reports(admin: CurrentUser, reports: Reports, cursor: Cursor = None, limit: Few = 10) -> Page[ReviewedReport]:
    return reports.latest(admin.user_id, cursor, limit)


handler = api.handler
