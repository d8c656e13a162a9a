"""/auth/sessions/{session_id}: one of the caller's sessions."""

from http import HTTPStatus

from auth.sessions import Sessions
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.delete("/auth/sessions/{session_id}", child="allow", status_code=HTTPStatus.NO_CONTENT)
def revoke_session(session_id: str, caller: CurrentUser, sessions: Sessions) -> None:
    sessions.revoke(caller.user_id, session_id)


handler = api.handler
