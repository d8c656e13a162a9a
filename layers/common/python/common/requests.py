"""An API Gateway event (payload 2.0) as a request, and the guards that it passes before anything reads it."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.request import Request as ResolverRequest

from common import config
from common.errors import Invalid, Malformed, NotJson, TooLarge

MAX_BODY_BYTES = 64 * 1024
MAX_DEPTH = 32
MAX_NUMBER_DIGITS = 40
PREFIX = "/api"
JSON_TYPE = re.compile(r"\s*application/json\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?;?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What arrived: header names in lower case, the body as text, the path without `/api`.

    `address` is the caller's as API Gateway saw it, whatever headers say; None where addresses are not counted.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None
    cookies: Mapping[str, str]
    request_id: str
    address: str | None

    @property
    def json(self) -> Any:
        """Return the parsed body, or None where there is none; raise Malformed or NotJson."""
        if self.body is None:
            return None
        if not JSON_TYPE.fullmatch(self.headers.get("content-type", "")):
            raise NotJson
        return parse(self.body)


def read(event: Mapping[str, Any]) -> Request:
    """Return the request in `event`; raise TooLarge or Malformed where the body cannot be taken."""
    http = event["requestContext"]["http"]
    return Request(
        method=http["method"].upper(),
        path=event["rawPath"].removeprefix(PREFIX) or "/",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_body(event),
        cookies=dict(cookie.strip().partition("=")[::2] for cookie in event.get("cookies") or []),
        request_id=event["requestContext"].get("requestId", ""),
        address=http.get("sourceIp") if config.limits_addresses() else None,
    )


def _body(event: Mapping[str, Any]) -> str | None:
    body = event.get("body")
    if not body:
        return None
    try:
        raw = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
        if len(raw) > MAX_BODY_BYTES:
            raise TooLarge
        text: str = raw.decode()
    except ValueError as error:  # of all kinds: not base64, not ASCII where base64 is said to be, not UTF-8
        raise Malformed("The body is not UTF-8") from error
    return text


def resolver_event(event: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Return the event as Powertools is to see it: lower-case headers and a decoded body.

    The media type has been checked by now; stating it plainly keeps Powertools from trying forms and multipart.
    """
    headers = {**request.headers, "content-type": "application/json"}
    return {**event, "headers": headers, "body": request.body, "isBase64Encoded": False}


def current_request(request: ResolverRequest) -> Request:
    """Return the request under way, for the few endpoints that read headers or cookies."""
    current: Request = request.context["request"]
    return current


CurrentRequest = Annotated[Request, Depends(current_request)]


def _constant(_name: str) -> None:
    raise Malformed("NaN and Infinity are not JSON")


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_DIGITS:
        raise Malformed("A number has too many digits")
    return int(digits)


def _decimal(digits: str) -> float:
    value = float(digits)
    if len(digits) > MAX_NUMBER_DIGITS or value in (float("inf"), float("-inf")):
        raise Malformed("A number is out of range")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("A member name appears twice in one object")
    return members


def _depth(text: str) -> int:
    """Return how deeply brackets nest, counting those inside strings as well: a bound, not the exact depth."""
    depth = deepest = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def parse(text: str) -> Any:
    """Return the JSON object in `text`; raise Malformed for what is not strict JSON, Invalid for another value."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Malformed("The body is nested too deeply")
    try:
        document = json.loads(
            text, parse_constant=_constant, parse_int=_integer, parse_float=_decimal, object_pairs_hook=_members
        )
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Malformed("The body contains half of a surrogate pair") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON") from error
    if not isinstance(document, dict):
        raise Invalid(errors=[{"pointer": "", "type": "object_type", "detail": "The body must be a JSON object"}])
    return document
