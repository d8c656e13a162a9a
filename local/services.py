"""What exists on the local stack only, by HTTP: Lambda's Invoke API, SES, SQS, S3, Secrets Manager, mail and clock.

None of this asks who is calling, so it answers this machine alone: no other address, no other site's page, and no
host name that a foreign site has pointed at the loopback address.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from common.clock import clock
from local.intrinsics import ACCOUNT, REGION
from local.mailbox import STYLE, BadRequest, Mailbox, as_documents, mail_page
from local.queues import Queues
from local.refusal import Refusal
from local.runtime import FunctionError, Runtime
from local.s3 import S3
from local.stack import Function
from local.vault import Vault

FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_ADVANCE_SECONDS = 100 * 365 * 24 * 3600
MAIL_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class ThisMachineOnly:
    """Lets nobody else through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _from_here(Request(scope)):
            await PlainTextResponse("For this machine only", HTTPStatus.FORBIDDEN)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _from_here(request: Request) -> bool:
    if request.client is None or request.client.host not in HERE:
        return False
    host = request.headers.get("host", "")
    if _host_name(f"//{host}") not in HERE:
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    # Our page may be at localhost, and call us by 127.0.0.1.
    return _host_name(origin) in HERE and _port(origin) == _port(f"//{host}")


def _host_name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _port(address: str) -> int | None:
    try:
        return urlsplit(address).port
    except ValueError:
        return None


@dataclass(frozen=True)
class StandIns:
    """What keeps the data of the services that are stood in for."""

    mailbox: Mailbox
    vault: Vault
    queues: Queues
    s3: S3


class Services:
    """The endpoints, over what they stand for."""

    def __init__(self, functions: Mapping[str, Function], runtime: Runtime, stand_ins: StandIns) -> None:
        self._functions = functions
        self._runtime = runtime
        self._mailbox = stand_ins.mailbox
        self._vault = stand_ins.vault
        self._queues = stand_ins.queues
        self._s3 = stand_ins.s3

    def routes(self) -> list[BaseRoute]:
        """Return the routes, guarded."""
        guard = [Middleware(ThisMachineOnly)]
        local = [
            Route("/ready", self.ready, methods=["GET"]),
            Route("/mail", self.mail, methods=["GET"]),
            Route("/clock", self.advance_clock, methods=["POST"]),
            Route("/ses/v2/email/outbound-emails", self.send_mail, methods=["POST"]),
            Route("/sqs", self.sqs, methods=["POST"]),
            Route("/sqs/", self.sqs, methods=["POST"]),
            Route("/secretsmanager", self.secrets_manager, methods=["POST"]),
            Route("/secretsmanager/", self.secrets_manager, methods=["POST"]),
            Mount("/s3", routes=self._s3.routes()),
        ]
        return [
            Route("/2015-03-31/functions/{name}/invocations", self.invoke, methods=["POST"], middleware=guard),
            Mount("/_local", routes=local, middleware=guard),
        ]

    async def ready(self, _request: Request) -> Response:
        """Answer that everything is up: the stack only listens once it is."""
        return JSONResponse({"status": "ready"})

    async def mail(self, request: Request) -> Response:
        """Show sent mail, the newest first: a page to a browser, JSON to everyone else."""
        mails = self._mailbox.newest_first(request.query_params.get("to"))
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(mail_page(mails), headers=MAIL_PAGE_HEADERS)
        return JSONResponse(as_documents(mails), headers={"Cache-Control": "no-store"})

    async def advance_clock(self, request: Request) -> Response:
        """Move the stack's clock forward; a restart sets it right again."""
        try:
            seconds = (await request.json())["advance_seconds"]
            if isinstance(seconds, bool) or not 0 <= seconds <= LONGEST_ADVANCE_SECONDS:
                raise ValueError
            clock.advance(timedelta(seconds=seconds))
        except (ValueError, TypeError, KeyError, OverflowError):
            return JSONResponse(
                {"message": 'Send {"advance_seconds": n}, n being no less than 0'}, HTTPStatus.BAD_REQUEST
            )
        return JSONResponse({"now": clock.now().isoformat()})

    async def send_mail(self, request: Request) -> Response:
        """Answer SES's SendEmail."""
        try:
            message_id = self._mailbox.send(await request.json(), clock.now().isoformat())
        except (BadRequest, ValueError) as error:
            return JSONResponse(
                {"message": str(error)}, HTTPStatus.BAD_REQUEST, {"x-amzn-errortype": "BadRequestException"}
            )
        return JSONResponse({"MessageId": message_id})

    async def secrets_manager(self, request: Request) -> Response:
        """Answer an operation of Secrets Manager."""
        return await _json_protocol(request, self._vault.call)

    async def sqs(self, request: Request) -> Response:
        """Answer an operation of SQS."""
        return await _json_protocol(request, self._queues.call)

    async def invoke(self, request: Request) -> Response:
        """Answer Lambda's Invoke, for functions by their logical id, alone or in an ARN, with or without qualifier."""
        name = request.path_params["name"].removeprefix(FUNCTION_ARN).partition(":")[0]
        function = self._functions.get(name)
        if function is None:
            return _lambda_error(HTTPStatus.NOT_FOUND, "ResourceNotFoundException", f"Function not found: {name}")
        try:
            body = await request.body()
            event = json.loads(body) if body else {}
        except ValueError:
            return _lambda_error(
                HTTPStatus.BAD_REQUEST, "InvalidRequestContentException", "Could not parse request body into json"
            )
        match request.headers.get("x-amz-invocation-type", "RequestResponse"):
            case "RequestResponse":
                return await self._result(function, event)
            case "Event":
                return Response(
                    status_code=HTTPStatus.ACCEPTED, background=BackgroundTask(self._result, function, event)
                )
            case "DryRun":
                return Response(status_code=HTTPStatus.NO_CONTENT)
            case other:
                return _lambda_error(
                    HTTPStatus.BAD_REQUEST, "InvalidParameterValueException", f"Unknown invocation type: {other}"
                )

    async def _result(self, function: Function, event: Any) -> Response:
        headers = {"X-Amz-Executed-Version": "$LATEST"}
        try:
            result = await self._runtime.invoke_async(function, event)
        except FunctionError as error:
            return JSONResponse(error.payload, headers=headers | {"X-Amz-Function-Error": "Unhandled"})
        return JSONResponse(result, headers=headers)


async def _json_protocol(request: Request, call: Callable[[str, bytes], dict[str, Any]]) -> Response:
    """Answer a request of AWS's JSON protocol, whose header names the service and the operation."""
    operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        answer, status = call(operation, await request.body()), HTTPStatus.OK
    except Refusal as error:
        answer, status = {"__type": error.code, "Message": error.message}, HTTPStatus.BAD_REQUEST
    return JSONResponse(answer, status, {"Content-Type": "application/x-amz-json-1.1"})


def _lambda_error(status: HTTPStatus, code: str, message: str) -> Response:
    return JSONResponse({"Type": "User", "Message": message}, status, {"x-amzn-errortype": code})
