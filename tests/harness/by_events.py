"""The handlers as an ASGI application, for clients that are not ours: what they send arrives as payload-2.0 events."""

from typing import Any

from local.events import build_event, read_result
from tests.harness.client import ROUTER

PREFIX = "/api"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer a request by the handler that the template names, and without one as API Gateway does."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    status, headers, content = _answer(scope, body)
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": content})


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _answer(scope: dict[str, Any], body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    path, query = scope["raw_path"].decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")
    route = ROUTER.match(scope["method"], path)
    if route is None:
        return 404, [("content-type", "application/json")], b'{"message":"Not Found"}'
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    answer = read_result(route.handler()(build_event(route, scope["method"], path, query, headers, body), None))
    return answer.status, answer.headers, answer.body
