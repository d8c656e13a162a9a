"""/auth/password: change the password."""

from http import HTTPStatus

from auth.credentials import Credentials
from auth.models import PasswordChange
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.put("/auth/password", status_code=HTTPStatus.NO_CONTENT)
def change_password(change: PasswordChange, caller: CurrentUser, credentials: Credentials) -> None:
    credentials.change(caller, change)


handler = api.handler
