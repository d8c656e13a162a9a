"""The shared Api: an endpoint declares what it allows, and everything else happens here, in one order.

request guards -> route (404, 405) -> switch (503) -> authentication (401) -> roles (403) -> idempotency
-> validation (422) -> the endpoint's function -> problem+json for whatever went wrong -> headers -> one log line.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from common import auth, config, idempotency, requests
from common.errors import (
    ChildNotAllowed,
    Forbidden,
    InternalError,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    SwitchedOff,
)
from common.idempotency import Requirement
from common.logs import failure, logger
from common.requests import Request
from common.table import table

type ChildPolicy = Literal["allow", "ask", "deny"]
type Event = Mapping[str, Any]
type Response = dict[str, Any]

LONGEST_ID = 128  # well above ours, and well below what a key of DynamoDB may hold
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Operation:
    """One method of one path, with everything that its endpoint declares of it."""

    method: str
    path: str
    public: bool
    child: ChildPolicy
    idempotency: Requirement
    status: int
    pattern: re.Pattern[str]
    problems: tuple[int, ...] = ()
    admin: bool = False
    secret: bool = False
    media_type: str = JSON
    fresh_seconds: int | None = None


class _State:
    """Powertools keeps the request under way on its resolver; this keeps it apart for each thread."""

    def __init__(self) -> None:
        self.event: Any = None
        self.lambda_context: Any = None
        self.context: dict[str, Any] = {}


_state: ContextVar[_State | None] = ContextVar("api_request", default=None)


class _Resolver(APIGatewayHttpResolver):
    """Powertools' resolver, safe to use from several threads at once (as the local server and the race tests do)."""

    def __init__(self) -> None:
        self._idle = _State()
        self._first_call = threading.Lock()
        super().__init__(
            enable_validation=True,
            strip_prefixes=[requests.PREFIX],
            json_body_deserializer=lambda _body: self.context["document"],
            serializer=_dumps,
        )
        self.exception_handler(Exception)(self._leave_to_api)

    @staticmethod
    def _leave_to_api(error: Exception) -> Any:
        raise error

    @property
    def _current(self) -> _State:
        return _state.get() or self._idle

    @property
    def current_event(self) -> Any:
        return self._current.event

    @current_event.setter
    def current_event(self, event: Any) -> None:
        self._current.event = event

    @property
    def lambda_context(self) -> Any:
        return self._current.lambda_context

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        self._current.lambda_context = context

    @property
    def context(self) -> dict[str, Any]:
        return self._current.context

    @context.setter
    def context(self, context: dict[str, Any]) -> None:
        self._current.context = context

    def answer(self, event: dict[str, Any], lambda_context: Any, **context: Any) -> Response:
        """Validate and call the endpoint's function; whatever it raises is raised."""
        state = _State()
        token = _state.set(state)
        try:
            state.event = self._to_proxy_event(event)
            state.lambda_context = lambda_context
            state.context = context
            return self._resolve().build(state.event)
        finally:
            _state.reset(token)

    def _handle_not_found(self, method: str, path: str) -> Any:  # noqa: ARG002 (as Powertools calls it)
        """Raise NotFound: `Api` knows the path, but an id in it holds what Powertools takes in none (`#`, `?`, ...)."""
        raise NotFound

    def _call_route(self, route: Any, route_arguments: dict[str, str]) -> Any:
        if not route._middleware_stack_built:  # noqa: SLF001 (built on first use, without a lock of its own)
            with self._first_call:
                if not route._middleware_stack_built:  # noqa: SLF001
                    route._build_middleware_stack(router_middlewares=self._router_middlewares, app=self)  # noqa: SLF001
        return super()._call_route(route, route_arguments)


class Api:
    """The API of one endpoint: one path with its methods, in one Lambda function.

    `switch` names the switch that turns the endpoint off; None means that it cannot be turned off.
    """

    def __init__(self, *, switch: str | None) -> None:
        self.switch = switch
        self.operations: list[Operation] = []
        self.resolver = _Resolver()

    def get(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare GET; see `_declare`."""
        return self._declare("GET", path, **declared)

    def post(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare POST; see `_declare`."""
        return self._declare("POST", path, **declared)

    def put(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare PUT; see `_declare`."""
        return self._declare("PUT", path, **declared)

    def patch(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare PATCH; see `_declare`."""
        return self._declare("PATCH", path, **declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare DELETE; see `_declare`."""
        return self._declare("DELETE", path, **declared)

    def _declare(
        self,
        method: str,
        path: str,
        *,
        public: bool = False,
        child: ChildPolicy = "deny",
        idempotency: Requirement | None = None,
        status_code: int = HTTPStatus.OK,
        problems: tuple[int, ...] = (),
        admin: bool = False,
        secret: bool = False,
        media_type: str = JSON,
        fresh_seconds: int | None = None,
        summary: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare an operation. Left out, everything is closed: signed-in adults only.

        `child`: whether a child may do this, must ask, or may not. `admin`: whether only that role may. `idempotency`:
        whether an Idempotency-Key is required, honoured or ignored; a POST of a signed-in user honours it unless it
        says otherwise. `problems`: statuses that its rules bring about and that method, path and body do not show.
        `secret`: whether its answer is kept for repeats in such a way that only the caller's key opens it. `media_type`
        is that of a good answer. `fresh_seconds`: for how long a client may keep that, and it is then only sent again
        if it has changed (ETag, If-None-Match); left out, nobody keeps it.
        """
        honoured: Requirement = "honoured" if method == "POST" and not public else "none"
        pattern = re.compile(re.sub(r"\{\w+\}", f"[^/]{{1,{LONGEST_ID}}}", path))
        self.operations.append(
            Operation(
                method,
                path,
                public,
                child,
                idempotency or honoured,
                int(status_code),
                pattern,
                problems,
                admin,
                secret,
                media_type,
                fresh_seconds,
            )
        )

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            return self.resolver.route(
                re.sub(r"\{(\w+)\}", r"<\1>", path),
                method,
                status_code=int(status_code),
                summary=summary,
                tags=[function.__module__.partition(".")[0]],
                operation_id=function.__name__,
                openapi_extensions={"security": []} if public else None,
            )(function)

        return register

    def handler(self, event: Event, lambda_context: Any = None) -> Response:
        """Answer an API Gateway event (payload 2.0). No exception leaves here."""
        started = time.perf_counter()
        seen: dict[str, Any] = {}
        try:
            response = self._answer(event, lambda_context, seen)
        except Problem as problem:
            if problem.__cause__ and problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                logger.error("not available", extra=failure(problem) | {"request_id": seen.get("request_id")})
            response = _problem_response(problem, seen)
        except Exception as error:  # noqa: BLE001 (an exception that left a handler would reach the caller)
            logger.error("unexpected error", extra=failure(error) | {"request_id": seen.get("request_id")})
            response = _problem_response(InternalError(), seen)
        headers = SECURITY_HEADERS | {"X-Request-Id": seen.get("request_id", "")}
        response["headers"] = headers | response.get("headers", {})
        logger.info(
            "request",
            extra=seen
            | {"status": response["statusCode"], "duration_ms": round((time.perf_counter() - started) * 1000, 1)},
        )
        return response

    def _answer(self, event: Event, lambda_context: Any, seen: dict[str, Any]) -> Response:
        seen["request_id"] = event.get("requestContext", {}).get("requestId", "")
        request = requests.read(event)
        operation = self._find(request, seen)
        if self.switch and self.switch in config.switched_off():
            raise SwitchedOff
        if operation.public:
            response = self._resolve(event, request, lambda_context, document=_document(request))
            return _revalidated(operation, request, response)
        caller = auth.authenticate(request.headers, table())
        seen["user_id"] = caller.user_id
        if caller.role == "child" and operation.child != "allow":
            raise ChildNotAllowed
        if operation.admin and caller.role != "admin":
            raise Forbidden
        document = _document(request)
        once = idempotency.Once(
            table(),
            caller.user_id,
            idempotency.read_key(request.headers.get("idempotency-key"), operation.idempotency),
            idempotency.fingerprint(request.method, request.path, document),
            operation.status,
            operation.secret,
        )
        if done := once.answer():
            return _replay(done)
        try:
            response = self._resolve(event, request, lambda_context, caller=caller, once=once, document=document)
        except Problem:
            # A parallel request with the same key may have won and changed what this one found.
            if done := once.answer():
                return _replay(done)
            raise
        if once.key is not None and not once.recorded:
            raise RuntimeError(f"{request.method} of this endpoint has an effect but records no answer")
        return _revalidated(operation, request, response)

    def _find(self, request: Request, seen: dict[str, Any]) -> Operation:
        matching = [operation for operation in self.operations if operation.pattern.fullmatch(request.path)]
        if not matching:
            raise NotFound
        seen["method"], seen["route"] = request.method, matching[0].path
        for operation in matching:
            if operation.method == request.method:
                return operation
        error = MethodNotAllowed()
        seen["allow"] = ", ".join(sorted(operation.method for operation in matching))
        raise error

    def _resolve(self, event: Event, request: Request, lambda_context: Any, **context: Any) -> Response:
        try:
            response = self.resolver.answer(
                requests.resolver_event(event, request), lambda_context, request=request, **context
            )
        except RequestValidationError as error:
            raise _validation_problem(error) from error
        if response["statusCode"] == HTTPStatus.NO_CONTENT:
            response["body"] = ""
            response["headers"].pop("Content-Type", None)
        return response


def _revalidated(operation: Operation, request: Request, response: Response) -> Response:
    """Return the answer with what it is known again by, or 304 where the client knows it; see RFC 9110, 13.1.2."""
    if operation.fresh_seconds is None:
        return response
    etag = f'"{hashlib.sha256(response["body"].encode()).hexdigest()[:32]}"'
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={operation.fresh_seconds}"}
    if known & {etag, "*"}:
        return response | {"statusCode": int(HTTPStatus.NOT_MODIFIED), "headers": headers, "body": ""}
    return response | {"headers": response["headers"] | headers}


def _document(request: Request) -> Any:
    """Return the parsed body; that of a GET has no meaning and is not looked at."""
    return None if request.method == "GET" else request.json


def _replay(answer: idempotency.Answer) -> Response:
    return {
        "statusCode": answer.status,
        "headers": {"Content-Type": JSON, "Idempotency-Replayed": "true"},
        "body": answer.body,
        "isBase64Encoded": False,
        "cookies": [],
    }


def _problem_response(problem: Problem, seen: dict[str, Any]) -> Response:
    seen["code"] = problem.code
    headers = {"Content-Type": PROBLEM_JSON} | problem.all_headers
    if allow := seen.pop("allow", None):
        headers["Allow"] = allow
    return {
        "statusCode": problem.status,
        "headers": headers,
        "body": _dumps(problem.as_dict() | {"request_id": seen.get("request_id", "")}),
        "isBase64Encoded": False,
        "cookies": [],
    }


def _validation_problem(error: RequestValidationError) -> Problem:
    """Return the 422 for what the caller sent; a response that breaks its own model is a defect of ours."""
    errors = error.errors()
    if any(each["loc"][0] == "response" for each in errors):
        raise RuntimeError("The answer does not fit its model: " + ", ".join(str(each["loc"]) for each in errors))
    return Invalid(
        errors=[
            {
                "pointer": _pointer(each["loc"]),
                "type": each["type"],
                "detail": each["msg"].removeprefix("Value error, "),
            }
            for each in errors
        ]
    )


def _pointer(location: tuple[Any, ...]) -> str:
    """Return where an error is: a JSON pointer into the body, or `/query/...`, `/path/...`, `/header/...`."""
    parts = location[1:] if location[0] == "body" else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
