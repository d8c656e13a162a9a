"""/auth/resend-verification: ask for another verification mail."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.models import Accepted, VerificationRequest
from common.api import Api

api = Api(switch="auth")


@api.post("/auth/resend-verification", public=True, status_code=HTTPStatus.ACCEPTED)
def resend_verification(request: VerificationRequest, accounts: Accounts) -> Accepted:
    accounts.request_verification(request.email)
    return Accepted()


handler = api.handler
