"""A client that calls an ASGI application in process, as from an address of the network."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Client:
    """Calls `app`; every answer is an httpx.Response."""

    app: ASGIApp
    address: str = "127.0.0.1"

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return asyncio.run(self._call(method, path, request))

    async def _call(self, method: str, path: str, request: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
            return await client.request(method, path, **request)

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.call("GET", path, **request)

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self.call("POST", path, **request)
