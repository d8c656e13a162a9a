"""A client of the API: every call travels as a payload-2.0 event through the handler that the template names.

Where a site is set, it travels to that by HTTP instead.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from httpx import Headers, Response

from common.clock import clock
from common.ids import new_id
from local.events import build_event
from local.routes import Router
from local.template import load
from tests.harness.permissions import as_function
from tests.harness.site import Site

ROUTER = Router(load().endpoints)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: list[str]

    @classmethod
    def of_function(cls, result: dict[str, Any]) -> Self:
        return cls(result["statusCode"], Headers(result["headers"]), result["body"], result.get("cookies", []))

    @classmethod
    def of_site(cls, response: Response) -> Self:
        cookies = response.headers.get_list("set-cookie")
        return cls(response.status_code, response.headers, response.text, cookies)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The problem's stable code, or nothing where the answer is no problem."""
        return str(self.json["code"]) if self.headers.get("Content-Type") == "application/problem+json" else ""

    def pointers(self) -> list[str]:
        """Where a 422 says that the errors are."""
        return [error["pointer"] for error in self.json["errors"]]


@dataclass
class Client:
    """A client, signed in or not. Nothing in it knows how Pawtime works inside."""

    site: ClassVar[Site | None] = None
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        sent = {**self.headers, **(headers or {})}
        if self.token and "authorization" not in sent:
            sent["authorization"] = f"Bearer {self.token}"
        asked = urlencode(query or {})
        if self.site:
            target = f"/api{path}?{asked}" if asked else f"/api{path}"
            return Answer.of_site(self.site.request(method, target, sent, body or b""))
        route = ROUTER.match(method, f"/api{path}")
        if route is None:
            return Answer(404, {}, '{"message":"Not Found"}', [])
        event = build_event(route, method, f"/api{path}", asked, list(sent.items()), body or b"")
        with as_function(route.function.name):
            return Answer.of_function(route.handler()(event, None))

    def _send(self, method: str, path: str, document: Any, key: str | None) -> Answer:
        headers = {"content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        return self.call(method, path, json.dumps(document).encode(), headers)

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, query={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, document: Any = None, key: str | None = None) -> Answer:
        """POST with a fresh Idempotency-Key unless one is given; '' sends none."""
        return self._send("POST", path, {} if document is None else document, new_id() if key is None else key)

    def put(self, path: str, document: Any = None) -> Answer:
        return self.call("PUT", path) if document is None else self._send("PUT", path, document, None)

    def patch(self, path: str, document: Any) -> Answer:
        return self._send("PATCH", path, document, None)

    def delete(self, path: str, document: Any = None, **query: Any) -> Answer:
        if document is None:
            return self.call("DELETE", path, query=query)
        return self._send("DELETE", path, document, None)


@dataclass
class Owner(Client):
    """A registered, verified, signed-in pet owner."""

    user_id: str = ""
    username: str = ""
    email: str = ""
    refresh_token: str = ""

    @classmethod
    def from_login(cls, answer: Answer) -> Self:
        user = answer.json["user"]
        return cls(
            token=answer.json["access_token"],
            user_id=user["user_id"],
            username=user["username"],
            email=user["email"],
            refresh_token=answer.json["refresh_token"] or "",
        )

    def pet(self, **changes: Any) -> dict[str, Any]:
        """Make a pet: a grown, medium, lively dog of three years unless `changes` say otherwise."""
        today = clock.now().date()
        described = {
            "name": "Biscuit",
            "type": "dog",
            "birth_date": str(today - timedelta(days=1400)),
            "size": "medium",
            "activity_level": "medium",
            "vaccinated_until": str(today + timedelta(days=300)),
            **changes,
        }
        answer = self.post("/pets", described)
        assert answer.status == 201, answer.text
        pet: dict[str, Any] = answer.json
        return pet
