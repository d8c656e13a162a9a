"""/auth/sessions: the devices on which the caller is signed in."""

from http import HTTPStatus

from auth.models import SessionList
from auth.sessions import Sessions
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.get("/auth/sessions", child="allow")
def list_sessions(caller: CurrentUser, sessions: Sessions) -> SessionList:
    return SessionList(items=sessions.list_live(caller.user_id, caller.session_id))


@api.delete("/auth/sessions", child="allow", status_code=HTTPStatus.NO_CONTENT)
def revoke_other_sessions(caller: CurrentUser, sessions: Sessions) -> None:
    sessions.revoke_others(caller.user_id, caller.session_id)


handler = api.handler
