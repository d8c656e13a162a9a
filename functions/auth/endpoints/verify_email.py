"""/auth/verify-email: prove an e-mail address by the token that was mailed to it."""

from http import HTTPStatus

from auth.accounts import Accounts
from auth.models import EmailVerification
from common.api import Api

api = Api(switch="auth")


@api.post("/auth/verify-email", public=True, status_code=HTTPStatus.NO_CONTENT)
def verify_email(verification: EmailVerification, accounts: Accounts) -> None:
    accounts.verify_email(verification.token)


handler = api.handler
