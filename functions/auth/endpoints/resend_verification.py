"""/auth/resend-verification: ask for another verification mail."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.models import Accepted, MailRequest
from common.api import Api
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.post("/auth/resend-verification", public=True, status_code=HTTPStatus.ACCEPTED)
def resend_verification(sent: MailRequest, accounts: Accounts, request: CurrentRequest) -> Accepted:
    accounts.request_verification(sent.email, request.address)
    return Accepted()


handler = api.handler
