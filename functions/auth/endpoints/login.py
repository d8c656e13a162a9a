"""/auth/login: sign in with a password."""

from aws_lambda_powertools.event_handler import Response

from auth import browser
from auth.models import Login, SignedInAnswer
from auth.sessions import Sessions
from common.api import Api
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.post("/auth/login", public=True)
def log_in(login: Login, sessions: Sessions, request: CurrentRequest) -> Response[SignedInAnswer]:
    by_cookie = login.delivery == "cookie"
    if by_cookie:
        browser.refuse_other_sites(request)
    device_token = login.device_token or request.cookies.get(browser.DEVICE)
    replaced = request.cookies.get(browser.REFRESH) if by_cookie else None
    answer, refresh_token = sessions.log_in(login, device_token, request.address, replaced)
    deliver = browser.with_cookie if by_cookie else browser.with_body
    return deliver(answer, refresh_token)


handler = api.handler
