"""The browser's side of a session: the refresh token as a cookie that no script can read and no other site can send."""

from datetime import timedelta
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from auth.devices import KNOWN_FOR
from auth.models import Accepted, SignedInAnswer
from auth.sessions import IDLE_LIFETIME
from common import config
from common.api import JSON
from common.errors import Forbidden
from common.requests import Request

REFRESH = "__Host-refresh"
DEVICE = "__Host-device"


class CrossSite(Forbidden):
    code = "cross_site"
    title = "This request came from another site"


def refuse_other_sites(request: Request) -> None:
    """Raise CrossSite unless the browser says that the request comes from our own pages.

    `Sec-Fetch-Site` is what current browsers send; older ones are judged by `Origin`, and without either the
    request cannot carry the cookie of somebody else's browser session.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSite
        return
    origin = request.headers.get("origin")
    # Behind the distribution `Host` is the API's own name; on the local stack people also use another of theirs.
    ours = (config.public_url(), f"{config.public_url().partition('://')[0]}://{request.headers.get('host')}")
    if origin is not None and origin not in ours:
        raise CrossSite


def with_cookie(answer: SignedInAnswer, refresh_token: str) -> Response[SignedInAnswer]:
    """Return the answer with its refresh token, and the device's where there is one, as cookies."""
    cookies = [_cookie(REFRESH, refresh_token, IDLE_LIFETIME)]
    if answer.device_token:
        cookies.append(_cookie(DEVICE, answer.device_token, KNOWN_FOR))
    return Response(HTTPStatus.OK, JSON, answer.model_copy(update={"device_token": None}), cookies=cookies)


def with_body(answer: SignedInAnswer, refresh_token: str) -> Response[SignedInAnswer]:
    """Return the answer with the refresh token in it."""
    return Response(HTTPStatus.OK, JSON, answer.model_copy(update={"refresh_token": refresh_token}))


def without_cookie() -> Response[None]:
    """Return an empty answer that makes the browser forget the refresh token."""
    return Response(HTTPStatus.NO_CONTENT, cookies=[_cookie(REFRESH, "", timedelta())])


def on_known_device(device_token: str) -> Response[None]:
    """Return an empty answer that makes the device known."""
    return Response(HTTPStatus.NO_CONTENT, cookies=[_cookie(DEVICE, device_token, KNOWN_FOR)])


def after_the_last_session(answer: Accepted) -> Response[Accepted]:
    """Return the answer, which makes the browser forget what it has of an account that is no more."""
    cookies = [_cookie(name, "", timedelta()) for name in (REFRESH, DEVICE)]
    return Response(HTTPStatus.ACCEPTED, JSON, answer, cookies=cookies)


def _cookie(name: str, value: str, lifetime: timedelta) -> Cookie:
    return Cookie(
        name=name,
        value=value,
        path="/",
        secure=True,
        http_only=True,
        max_age=int(lifetime.total_seconds()),
        same_site=SameSite.STRICT_MODE,
    )
