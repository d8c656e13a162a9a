"""/auth/refresh: exchange a refresh token for new tokens."""

from aws_lambda_powertools.event_handler import Response

from auth import browser
from auth.models import Refresh, SignedInAnswer
from auth.sessions import Sessions
from common.api import Api
from common.requests import CurrentRequest

api = Api(switch="auth")


@api.post("/auth/refresh", public=True)
def refresh(sessions: Sessions, request: CurrentRequest, sent: Refresh = Refresh()) -> Response[SignedInAnswer]:
    if sent.refresh_token:
        return browser.with_body(*sessions.refresh(sent.refresh_token))
    browser.refuse_other_sites(request)
    return browser.with_cookie(*sessions.refresh(request.cookies.get(browser.REFRESH)))


handler = api.handler
