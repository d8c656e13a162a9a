"""/auth/register: make an account."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.models import Accepted, Registration
from common.api import Api
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.post("/auth/register", public=True, status_code=HTTPStatus.ACCEPTED)
def register(registration: Registration, accounts: Accounts, request: CurrentRequest) -> Accepted:
    accounts.register(registration, request.address)
    return Accepted()


handler = api.handler
