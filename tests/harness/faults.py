"""DynamoDB failing at a call of a request: before the call has an effect, or after; once, or as long as it is tried.

Faults strike below the SDK, in the place of its HTTP session, so that what the SDK repeats is really repeated. The
calls of a request are counted; one that is the same as one that has had no answer is another attempt at the same call.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff

from common import auth
from common import table as table_module
from common.table import Table

SINGLE_WRITES = ("PutItem", "UpdateItem", "DeleteItem")

type Respond = Callable[[AWSPreparedRequest, str], Any]


class Crash(BaseException):
    """The function's process is gone in the middle of a request."""


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.getvalue()


def _failure(status: int, code: str, request: AWSPreparedRequest, **members: Any) -> AWSResponse:
    document = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "It was arranged so"} | members
    headers = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, status, headers, _Raw(json.dumps(document).encode()))


def _throttled(request: AWSPreparedRequest, _operation: str) -> AWSResponse:
    return _failure(400, "ThrottlingException", request)


def _server_error(request: AWSPreparedRequest, _operation: str) -> AWSResponse:
    return _failure(500, "InternalServerError", request)


def _conflict(request: AWSPreparedRequest, operation: str) -> AWSResponse:
    if operation in SINGLE_WRITES:
        return _failure(400, "TransactionConflictException", request)
    first, *others = json.loads(bytes(request.body))["TransactItems"]
    reasons = [{"Code": "TransactionConflict", "Message": str(first.keys())}, *({"Code": "None"} for _ in others)]
    return _failure(400, "TransactionCanceledException", request, CancellationReasons=reasons)


def _refused(request: AWSPreparedRequest, _operation: str) -> AWSResponse:
    raise EndpointConnectionError(endpoint_url=request.url)


def _no_answer(request: AWSPreparedRequest, _operation: str) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=request.url)


def _gone(_request: AWSPreparedRequest, _operation: str) -> AWSResponse:
    raise Crash


def _always(_operation: str) -> bool:
    return True


@dataclass(frozen=True)
class Fault:
    """What comes back instead of an answer; where `committed`, the call has had its effect all the same."""

    respond: Respond
    committed: bool = False
    strikes: Callable[[str], bool] = _always


FAULTS: dict[str, Fault] = {
    "throttled": Fault(_throttled),
    "internal error": Fault(_server_error),
    "internal error after the effect": Fault(_server_error, committed=True),
    "conflict with another transaction": Fault(
        _conflict, strikes=lambda operation: operation in ("TransactWriteItems", *SINGLE_WRITES)
    ),
    "time-out after the effect": Fault(_no_answer, committed=True),
    "connection refused": Fault(_refused),
}

CRASHES: dict[str, Fault] = {
    "crash before a call": Fault(_gone),
    "crash after a call": Fault(_gone, committed=True),
}


class FaultySession:
    """Sends what the SDK sends, but for the call of the given number."""

    def __init__(self, session: Any, fault: Fault, number: int, *, lasting: bool) -> None:
        self.session = session
        self.fault = fault
        self.number = number
        self.lasting = lasting
        self.calls = 0
        self.struck = 0
        self._unanswered: dict[tuple[str, bytes], int] = {}
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def send(self, request: AWSPreparedRequest) -> Any:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else str(target)).partition(".")[2]
        if not self._hit(operation, bytes(request.body)):
            return self.session.send(request)
        if self.fault.committed:
            self.session.send(request)
        return self.fault.respond(request, operation)

    def _hit(self, operation: str, body: bytes) -> bool:
        with self._lock:
            number = self._unanswered.pop((operation, body), 0)
            if not number:
                self.calls += 1
                number = self.calls
            meant = number == self.number and (self.lasting or not self.struck) and self.fault.strikes(operation)
            if meant:
                self._unanswered[operation, body] = number
            self.struck += meant
            return meant


@contextmanager
def failing(store: Table, fault: Fault, number: int, *, lasting: bool) -> Iterator[FaultySession]:
    """Let the call of a number fail; the first that a function which has just started makes is number 1.

    Nobody waits between attempts, and the SDK may always make the attempts that its settings allow.
    """
    endpoint = store.client._endpoint  # noqa: SLF001 (the one way to everything that the SDK sends)
    auth._load_keys.cache_clear()  # noqa: SLF001
    session = FaultySession(endpoint.http_session, fault, number, lasting=lasting)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "http_session", session)
        patch.setattr(ExponentialBackoff, "delay_amount", lambda _self, _context: 0)
        patch.setattr(RetryQuota, "acquire", lambda _self, _amount: True)
        patch.setattr(table_module, "_pause", lambda _attempt: None)
        yield session


@dataclass
class Death:
    """The end of a process, before the call of a number to AWS, of whatever service; `last` is the call before it."""

    number: int
    calls: int = 0
    last: str = ""

    @property
    def struck(self) -> bool:
        return self.calls == self.number

    def __str__(self) -> str:
        return f"before call {self.number}, after {self.last or 'none'}"


@contextmanager
def dying(number: int) -> Iterator[Death]:
    """Let the process die before the call of a number; the first is number 1."""
    death = Death(number)
    call = BaseClient._make_api_call  # noqa: SLF001 (the one place through which every call goes)

    def mortal(self: Any, operation: str, members: dict[str, Any]) -> Any:
        death.calls += 1
        if death.struck:
            raise Crash
        death.last = operation
        return call(self, operation, members)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", mortal)
        yield death
