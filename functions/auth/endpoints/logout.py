"""/auth/logout: end the session in use."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from auth import browser
from auth.sessions import Sessions
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.post("/auth/logout", child="allow", idempotency="none", status_code=HTTPStatus.NO_CONTENT)
def log_out(caller: CurrentUser, sessions: Sessions) -> Response[None]:
    sessions.end(caller.user_id, caller.session_id)
    return browser.without_cookie()


handler = api.handler
