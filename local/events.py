"""API Gateway's side of a function: requests become payload-2.0 events, and results become answers.

What the gateway does with a request (which bodies it hands on as text, that `rawPath` is decoded in spite of its
name, that cookies leave the headers) is as observed on HTTP APIs in AWS.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.intrinsics import ACCOUNT
from local.stack import Endpoint

API_ID = "local"
TEXT = re.compile(r"\s*(text/[^;]*|application/(json|xml|javascript))\s*(;.*)?", re.IGNORECASE | re.DOTALL)


class MalformedResult(Exception):
    """A function returned what API Gateway cannot turn into an answer."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; a header may appear several times."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def build_event(
    route: Endpoint,
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    source_ip: str = "127.0.0.1",
) -> dict[str, Any]:
    """Return the event of a request. `path` and `query` are as they stand in the URL, without the `?`."""
    joined, cookies = _headers(headers)
    joined["x-forwarded-for"] = ", ".join(filter(None, [joined.get("x-forwarded-for"), source_ip]))
    now = datetime.now(UTC)
    decoded = unquote(path)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.route_key,
        "rawPath": decoded,
        "rawQueryString": query,
        "headers": joined,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "domainName": joined.get("host", "localhost"),
            "domainPrefix": API_ID,
            "http": {
                "method": method,
                "path": decoded,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": joined.get("user-agent", ""),
            },
            "requestId": secrets.token_urlsafe(11) + "=",
            "routeKey": route.route_key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    if parameters := route.parameters(method, path):
        event["pathParameters"] = parameters
    if body:
        event["body"], event["isBase64Encoded"] = _body(body, joined.get("content-type", ""))
    return event


def _headers(headers: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """Return headers by lower-case name, and the cookies, which do not stay among them."""
    pairs = [(name.lower(), value.strip(" \t")) for name, value in headers]
    cookies = [
        cookie.strip() for name, value in pairs if name == "cookie" for cookie in value.split(";") if cookie.strip()
    ]
    return _joined((name, value) for name, value in pairs if name != "cookie"), cookies


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return a dict in which the values of a repeated name are joined by commas."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the body as the event carries it, and whether that is base64."""
    if TEXT.fullmatch(content_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def read_result(result: Any) -> Answer:
    """Return the answer that a function's result stands for; raise MalformedResult where it stands for none."""
    if not isinstance(result, Mapping) or "statusCode" not in result:
        # The gateway takes anything else for the body of a 200.
        text = result if isinstance(result, str) else json.dumps(result)
        return Answer(200, [("content-type", "application/json")], text.encode())
    try:
        status = int(result["statusCode"])
        headers = [(str(name).lower(), _text(value)) for name, value in (result.get("headers") or {}).items()]
        headers += [("set-cookie", _text(cookie)) for cookie in result.get("cookies") or []]
        body = result.get("body") or ""
        raw = base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()
    except (TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise MalformedResult(str(error)) from error
    if not 200 <= status <= 599:
        raise MalformedResult(f"{status} is not a status")
    if raw and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return Answer(status, headers, raw)


def _text(value: Any) -> str:
    """Return a header's value; raise ValueError where HTTP cannot carry it."""
    text = "true" if value is True else "false" if value is False else str(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header contains a line break")
    text.encode("latin-1")
    return text
