"""The browser's side of a session: the refresh token as a cookie that no script can read and no other site can send."""

from datetime import timedelta
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from auth.models import SignedInAnswer
from auth.sessions import SESSION_LIFETIME
from common.api import JSON
from common.errors import Forbidden
from common.requests import Request

NAME = "__Host-refresh"


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
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise CrossSite


def read_cookie(request: Request) -> str | None:
    """Return the refresh token that the browser sent."""
    return request.cookies.get(NAME)


def with_cookie(answer: SignedInAnswer, refresh_token: str) -> Response[SignedInAnswer]:
    """Return the answer with the refresh token as a cookie."""
    return Response(HTTPStatus.OK, JSON, answer, cookies=[_cookie(refresh_token, SESSION_LIFETIME)])


def with_body(answer: SignedInAnswer, refresh_token: str) -> Response[SignedInAnswer]:
    """Return the answer with the refresh token in it."""
    return Response(HTTPStatus.OK, JSON, answer.model_copy(update={"refresh_token": refresh_token}))


def without_cookie() -> Response[None]:
    """Return an empty answer that makes the browser forget the refresh token."""
    return Response(HTTPStatus.NO_CONTENT, cookies=[_cookie("", timedelta())])


def _cookie(value: str, lifetime: timedelta) -> Cookie:
    return Cookie(
        name=NAME,
        value=value,
        path="/",
        secure=True,
        http_only=True,
        max_age=int(lifetime.total_seconds()),
        same_site=SameSite.STRICT_MODE,
    )
