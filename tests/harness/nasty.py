"""What no honest client sends: bodies, headers, queries and ids that break careless programs."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from common.ids import new_id
from common.requests import MAX_BODY_BYTES, MAX_DEPTH
from local.events import build_event
from tests.harness.client import ROUTER, Answer, Client
from tests.harness.samples import Sample

JSON = "application/json"
BODIES_OF_EACH = 300  # at the least

DOCUMENTS = [
    "", " ", "null", "true", "0", "-0", '"text"', "[]", "[{}]", '[{"name":"Biscuit"}]', "[1,2", "{", "}", "{]", "{}{}",
    '{"a":}', "{'a':1}", '{"a":1,}', '{"a" 1}', "{a:1}", "{} x", '{"a":1}\x00', "\x00{}", "/* */{}", '{"a":01}',
    "NaN", '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}', '{"a":1e999}', '{"a":-1e999}', '{"a":1e-999}',
    '{"a":' + "9" * 5000 + "}", '{"a":-' + "9" * 5000 + "}", '{"a":0.' + "1" * 5000 + "}", '{"a":1e' + "9" * 5000 + "}",
    '{"a":1,"a":2}', '{"":1,"":2}', '{"a":{"b":1,"b":2}}', '{"a":"\\ud800"}', '{"\\udfff":1}', '{"a":"\\ud83d\\ud83d"}',
    '{"a":"\x01"}', '{"a":"\n"}', '{"a":"\\x41"}', '{"a":"\\u00"}', '{"__proto__":{"role":"admin"}}',
    "[" * 100_000, '{"a":' * 10_000, "[" * 30_000, '{"a":' + "[" * 1000 + "]" * 1000 + "}",
    '{"a":' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}", "{" * 100_000 + "}" * 100_000, "\ufeff{}",
    '{"a":"' + "x" * (MAX_BODY_BYTES - 8) + '"}', '{"a":"' + "x" * MAX_BODY_BYTES + '"}', " " * MAX_BODY_BYTES,
    '{"a":"' + "x" * 2**20 + '"}', "{" + ",".join(f'"m{n}":1' for n in range(5000)) + "}",
]  # fmt: skip

BYTES = [
    '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32"), '{"a":"é"}'.encode("latin-1"), b'{"a":"\xff"}',
    b'{"a":"\xc0\x80"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xf4\x90\x80\x80"}', b"\x80\x04\x95", b"\x1f\x8b\x08\x00",
    b'{"a":"\xe2\x82"}', b"\xff\xfe{}", b"\x00" * 100,
]  # fmt: skip

MEDIA_TYPES = [
    "", "text/plain", "text/json", "application/xml", "application/jsonx", "application/json; charset=utf-16",
    "application/json; charset=latin-1", "application/json, text/html", "application/json; charset=utf-8; boundary=x",
    "application/vnd.api+json", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "APPLICATION/JSON;",
    "application/" + "j" * 9000,
]  # fmt: skip

BASE64 = ["!!!", "AAA", "e30", "e30=\n", "e30=e30=", "\u00e9", "=", "====", " ", base64.b64encode(b"\xff\xfe").decode()]

VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**39, 1.5, 1e308, -1e308, 5e-324, -0.0,
    "", " ", "\x00", "a\x00b", "\u202e", "\u2066x\u2069", "\ufeff", "\ud800", "\u0085", "\u2028", "\ue000", "\x1b[2J",
    "a" * 26, "a" * 81, "a" * 501, "a" * 2001, "a" * 60_000, "\U0001f600" * 40, "e\u0301" * 100, "\ufdfa" * 80,
    "\u0130", "../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "%00",
    "%n%s%x", "\\", "0", "true", "null",
    "NaN", "2026-03-03T09:00:00Z", "2026-03-03T09:00:00", "2026-02-30", "2026-03-03",
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+23:59", "2026-03-03T09:00:00+99:99", "2026-03-03T24:00:00Z",
    "0000-00-00", "9999-12-31", "0001-01-01", "20260303", "2026-W10-2", "12:60", "24:00", "09:00\n", "a@b", "a@b.c\n",
    "USER#x", "PET#", "#", "OUTBOX#", ".." * 30, [], [None], [[]], [1] * 1000, ["dog"], {}, {"a": 1},
    {"__class__": "x"}, {"$gt": ""}, {"S": "x"}, {"": {"": {}}},
]  # fmt: skip

IN_EVERY_TEXT: list[Any] = ["\x00", "\ud800", "\u202e", "", "a" * 60_000, [], {}]
"""What every member that is text is always given, whatever else is left to chance."""

TEXTS = [
    "", " ", "\x00", "\r\nX-Evil: 1", "\u202e", "\ud83d\ude00", "%", "%00", "%zz", "..", "../..", ".", "a" * 127,
    "a" * 128, "a" * 129, "a" * 3000, "é" * 128, "null", "-1", "0", "1e9", "NaN", "#", "?", "&a=b", "a/b", "{pet_id}",
    "'\"", "<b>", "PET#x", "\ue000", "a" * 26, "A" * 26, "=", "e30", "true", "2026-03-03T09:00:00Z", "9" * 5000,
    "0001-01-01T00:00:00Z",
]  # fmt: skip

HEADERS = [
    "authorization", "idempotency-key", "content-type", "cookie", "x-forwarded-for", "host", "origin", "if-match",
    "sec-fetch-site", "accept", "content-encoding", "user-agent",
]  # fmt: skip

METHODS = ["HEAD", "OPTIONS", "TRACE", "CONNECT", "GET", "POST", "PUT", "PATCH", "DELETE", "FOO", "get"]


@dataclass(frozen=True)
class Attempt:
    """A request as it arrives. `encoded` is a body that claims to be base64, whatever it is."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    encoded: str | None = None

    def send(self, client: Client) -> Answer | None:
        """Make the request, signed in as `client`; None where API Gateway has no route for it."""
        route = ROUTER.match(self.method, f"/api{self.path}")
        if route is None:
            return None
        signed = {"authorization": f"Bearer {client.token}", "idempotency-key": new_id()} | self.headers
        event = build_event(route, self.method, f"/api{self.path}", self.query, list(signed.items()), self.body)
        if self.encoded is not None:
            event |= {"body": self.encoded, "isBase64Encoded": True}
        return Answer.of_function(route.handler()(event, None))


def bodies(sample: Sample, members: list[str], texts: list[str]) -> tuple[list[Attempt], list[Attempt]]:
    """Return what must be tried as the body of an operation, and what may be: more than 300 in all.

    `members` are the names that its schema knows, `texts` those among them that are text.
    """
    path, query = quote(sample.path), urlencode(sample.query)

    def attempt(body: bytes, media_type: str = JSON, encoded: str | None = None) -> Attempt:
        return Attempt(sample.method, path, query, body, {"content-type": media_type}, encoded)

    document = sample.body or {}
    first = [attempt(_written(put(document, [name], value))) for name in texts for value in IN_EVERY_TEXT]
    made = [attempt(raw.encode()) for raw in DOCUMENTS]
    made += [attempt(raw) for raw in BYTES]
    made += [attempt(_written(document), media_type) for media_type in MEDIA_TYPES]
    made += [attempt(b"", JSON, encoded) for encoded in BASE64]
    made += [attempt(_written(mutated)) for mutated in _mutations(document, members)]
    return first, made


def _written(document: Any) -> bytes:
    return json.dumps(document).encode()


def _mutations(document: dict[str, Any], members: list[str]) -> Iterator[dict[str, Any]]:
    """Give the document with each value at each of its places, and each under names that it does not have."""
    places = [*_places(document), *((member,) for member in members if member not in document)]
    for value in VALUES:
        for place in places:
            yield put(document, place, value)
        yield put(document, ["role"], value)
        yield put(document, ["name"], [value])
        yield {str(value).encode("ascii", "replace").decode(): value}


def _places(document: Any) -> Iterator[tuple[str | int, ...]]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for name, value in inner:
        yield (name,)
        yield from ((name, *rest) for rest in _places(value))


def put(document: Any, place: Sequence[str | int], value: Any) -> Any:
    """Return the document with a value at a place inside it."""
    if not place:
        return value
    copied = document.copy()
    first, rest = place[0], place[1:]
    copied[first] = put(copied[first], rest, value) if rest else value
    return copied


def surroundings(sample: Sample, queries: list[str]) -> list[Attempt]:
    """Return requests with a good body and everything else amiss; `queries` are the parameters that are known."""
    body = json.dumps(sample.body).encode() if sample.body is not None else b""
    good = {"content-type": JSON} if body else {}
    template = sample.operation.partition(" ")[2]
    path = quote(sample.path)
    made = [Attempt(method, path, "", body, good) for method in METHODS if method != sample.method]
    for text in TEXTS:
        spelt = quote(text.encode("utf-8", "surrogatepass"), safe="")
        made += [
            Attempt(sample.method, template.format_map(sample.parameters | {name: spelt}), "", body, good)
            for name in sample.parameters
        ]
        for name in [*queries, "unknown"]:
            known = {other: value for other, value in sample.query.items() if other != name}
            made.append(Attempt(sample.method, path, f"{urlencode(known)}&{name}={spelt}", body, good))
        made += [
            Attempt(sample.method, path, urlencode(sample.query), body, good | {name: text.replace("\r\n", " ")})
            for name in HEADERS
        ]
    return made
