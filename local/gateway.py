"""The whole of Pawtime as one ASGI application: the API as API Gateway serves it, the page, and local services."""

import logging
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.events import Answer, MalformedResult, build_event, read_result
from local.media import Media
from local.routes import Router
from local.runtime import FunctionError, Runtime
from local.services import Services, StandIns
from local.stack import Stack
from local.web import Web

LARGEST_BODY = 10 * 1024 * 1024
INTEGRATION_SECONDS = 30
# The connection is ours, not the function's.
HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
UNREPORTED = ("/_local/ready", "/_local/s3/MediaBucket/", "/_local/ses/", "/_local/secretsmanager", "/_local/sqs")

log = logging.getLogger("local")


class TooLarge(Exception):
    """A body is larger than API Gateway takes."""


def _message(status: HTTPStatus) -> Answer:
    """Return what API Gateway itself answers."""
    return Answer(status, [("content-type", "application/json")], f'{{"message":"{status.phrase}"}}'.encode())


TOO_LARGE = Answer(413, [("content-type", "application/json")], b'{"message":"Request Entity Too Large"}')


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


class ApiGateway:
    """The HTTP API: finds the function of a request, calls it, and answers with its result."""

    def __init__(self, router: Router, runtime: Runtime) -> None:
        self._router = router
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(Request(scope, receive))
        except ClientDisconnect:
            return
        headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers
            if name not in HOP_BY_HOP
        ]
        if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: Request) -> Answer:
        path = request.scope["raw_path"].decode("latin-1")
        route = self._router.match(request.method, path)
        if route is None:
            return _message(HTTPStatus.NOT_FOUND)
        try:
            body = await _body(request)
        except TooLarge:
            return TOO_LARGE
        query = request.scope["query_string"].decode("latin-1")
        source_ip = request.client.host if request.client else "127.0.0.1"
        event = build_event(route, request.method, path, query, request.headers.items(), body, source_ip)
        try:
            return read_result(await self._runtime.invoke_async(route.function, event, INTEGRATION_SECONDS))
        except TimeoutError:
            log.error("%s took longer than API Gateway waits", route.function.name)
            return _message(HTTPStatus.SERVICE_UNAVAILABLE)
        except MalformedResult as error:
            log.error("%s returned a malformed result: %s", route.function.name, error)
        except FunctionError:
            pass  # the runtime has said so
        return _message(HTTPStatus.INTERNAL_SERVER_ERROR)


class AccessLog:
    """One line on the console for each request, without its query or a token in its path: they would be good there."""

    def __init__(self, app: ASGIApp, router: Router) -> None:
        self._app = app
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNREPORTED):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            path = self._shown(scope["method"], scope["raw_path"].decode("ascii", "backslashreplace"))
            milliseconds = (time.perf_counter() - started) * 1000
            log.info("%s %s %s %.0f ms", status or "---", scope["method"], path, milliseconds)

    def _shown(self, method: str, path: str) -> str:
        route = self._router.match(method, path)
        return route.path if route and "{token}" in route.path else path


def make_app(stack: Stack, runtime: Runtime, stand_ins: StandIns, web: Path) -> ASGIApp:
    """Return the application. Its functions are imported in the background once it is up."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=runtime.warm, args=[stack.functions.values()], daemon=True).start()
        yield

    router = Router(stack.endpoints)
    routes = [
        *Services(stack.functions, runtime, stand_ins).routes(),
        Mount("/api", ApiGateway(router, runtime)),
        Route("/media/{name:path}", Media(stand_ins.s3.buckets).serve),
        Mount("/", Web(web)),
    ]
    return AccessLog(Starlette(routes=routes, lifespan=lifespan), router)
