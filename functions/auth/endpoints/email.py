"""/me/email: have another e-mail address, once it is proved."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.credentials import Credentials
from auth.models import Accepted, EmailChange
from common.api import Api
from common.auth import CurrentUser
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.put("/me/email", status_code=HTTPStatus.ACCEPTED)
def change_email(
    change: EmailChange, caller: CurrentUser, credentials: Credentials, accounts: Accounts, request: CurrentRequest
) -> Accepted:
    user = credentials.confirm(caller, change.password)
    accounts.request_email(user, change.email, request.address)
    return Accepted()


handler = api.handler
