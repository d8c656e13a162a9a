"""Sends reads to DynamoDB past what the SDK does around them, where a request costs more than what it reads.

A client that is asked makes the request as ever; whoever listens to its calls hears of it, and it judges what goes
wrong. Only a read that is under `directly` is signed (Signature Version 4, as AWS's documentation has it) and sent
here, over the client's own connections. Any answer but a plain 200 is not taken, nor one that the caller cannot read:
then the SDK sends the request anew, with its retries.
"""

import hmac
import json
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import BotoCoreError
from botocore.hooks import first_non_none_response

ALGORITHM = "AWS4-HMAC-SHA256"
SERVICE = "dynamodb"
READS = frozenset({"GetItem", "BatchGetItem", "Query"})
"""What may be sent twice without a thought. A write is the SDK's alone."""

type Reader = Callable[[bytes], dict[str, Any] | None]
"""Makes an answer of what DynamoDB says; None where it cannot."""

_reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


def parsed(body: bytes) -> dict[str, Any]:
    """Return an answer as the SDK's parser would."""
    answer: dict[str, Any] = json.loads(body, object_hook=_with_bytes)
    return answer


def _with_bytes(member: dict[str, Any]) -> dict[str, Any]:
    if isinstance(binary := member.get("B"), str):
        return {"B": a2b_base64(binary)}
    return member


@contextmanager
def directly(reader: Reader = parsed) -> Iterator[None]:
    """Let the reads of this thread be sent directly meanwhile, and their answers be read so."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def allow(client: Any) -> None:
    """Let a client's reads be sent directly, where they are asked to be."""
    client.meta.events.register_last("before-call", partial(_send, client), unique_id="directly")


def _send(
    client: Any, model: Any, params: dict[str, Any], request_signer: Any, **_: Any
) -> tuple[AWSResponse, dict[str, Any]] | None:
    """Return the response to a request and the answer in it, or None: then the SDK goes on."""
    reader = _reader.get()
    if reader is None or model.name not in READS:
        return None
    credentials = request_signer.get_auth_instance(SERVICE, request_signer.region_name, "v4").credentials
    if credentials is None:
        return None
    headers = signed(params, credentials, request_signer.region_name, datetime.now(UTC))
    request = AWSPreparedRequest("POST", params["url"], headers, params["body"], stream_output=False)
    session = client._endpoint.http_session  # noqa: SLF001 (it has no public name; the version is pinned)
    event = f"before-send.{SERVICE}.{model.name}"
    try:
        response = first_non_none_response(client.meta.events.emit(event, request=request)) or session.send(request)
    except BotoCoreError:
        return None
    answer = reader(response.content) if response.status_code == HTTPStatus.OK else None
    return None if answer is None else (response, answer)


def signed(params: dict[str, Any], credentials: Any, region: str, now: datetime) -> dict[str, str]:
    """Return the headers of a request with its signature; `params` are the SDK's, of a POST to the root."""
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    headers = {name.lower(): value for name, value in params["headers"].items()}
    headers |= {"host": urlsplit(params["url"]).netloc, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = sorted(name for name in headers if name == "host" or name.startswith("x-amz-"))
    listed, digest = ";".join(names), sha256(params["body"]).hexdigest()
    canonical = "\n".join(["POST", "/", "", *(f"{name}:{headers[name]}" for name in names), "", listed, digest])
    scope = f"{moment[:8]}/{region}/{SERVICE}/aws4_request"
    to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key(credentials.secret_key, *scope.split("/")), to_sign.encode(), sha256).hex()
    who = f"Credential={credentials.access_key}/{scope}"
    return headers | {"authorization": f"{ALGORITHM} {who}, SignedHeaders={listed}, Signature={signature}"}


@lru_cache(maxsize=8)
def _key(secret: str, *scope: str) -> bytes:
    """Return the key of a day, a region and a service."""
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), sha256)
    return key
