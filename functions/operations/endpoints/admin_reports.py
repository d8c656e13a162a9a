"""/admin/reports: what has been reported, for those who look into it."""

from common.api import Api
from common.models import Page
from common.paging import Cursor
from operations.reports import Few, Reports, ReviewedReport

api = Api(switch="reports")


@api.get("/admin/reports", admin=True)
def list_reports(reports: Reports, cursor: Cursor = None, limit: Few = 10) -> Page[ReviewedReport]:
    return reports.latest(cursor, limit)


handler = api.handler
