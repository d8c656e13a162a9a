"""/auth/password/reset: choose a new password by the token that was mailed."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from auth import browser
from auth.credentials import Credentials
from auth.models import PasswordReset
from common.api import Api

api = Api(switch="auth")


@api.post("/auth/password/reset", public=True, status_code=HTTPStatus.NO_CONTENT, problems=(HTTPStatus.CONFLICT,))
def reset_password(reset: PasswordReset, credentials: Credentials) -> Response[None]:
    return browser.on_known_device(credentials.reset(reset))


handler = api.handler
