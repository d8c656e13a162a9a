"""/auth/register: make an account."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.models import Accepted, Registration
from common.api import Api

api = Api(switch="auth")


@api.post("/auth/register", public=True, status_code=HTTPStatus.ACCEPTED)
def register(registration: Registration, accounts: Accounts) -> Accepted:
    accounts.register(registration)
    return Accepted()


handler = api.handler
