"""/auth/password/forgot: ask for a mail with a link that lets one choose a new password."""

from http import HTTPStatus

from auth.credentials import Credentials
from auth.models import Accepted, MailRequest
from common.api import Api
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.post("/auth/password/forgot", public=True, status_code=HTTPStatus.ACCEPTED)
def forgot_password(sent: MailRequest, credentials: Credentials, request: CurrentRequest) -> Accepted:
    credentials.request_reset(sent.email, request.address)
    return Accepted()


handler = api.handler
