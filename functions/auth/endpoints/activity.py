"""/me/activity: what happened to the signed-in person's account."""

from auth.activity import Activities, Activity
from common.api import Api
from common.auth import CurrentUser
from common.models import Page
from common.paging import Cursor, Limit

api = Api(switch="auth")


@api.get("/me/activity", child="allow")
def list_activity(
    caller: CurrentUser, activities: Activities, limit: Limit = 20, cursor: Cursor = None
) -> Page[Activity]:
    return activities.latest(caller.user_id, limit, cursor)


handler = api.handler
