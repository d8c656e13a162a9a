"""What every endpoint answers to requests that are wrong, and what every answer carries."""

import base64
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.config import Config

from auth.endpoints import verify_email
from common.table import Table
from operations.endpoints import health
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client

type Poster = Callable[..., Answer]

JSON = {"content-type": "application/json"}


@pytest.fixture
def post(owner: OwnerFactory) -> Poster:
    """Send a body to POST /pets as a signed-in owner."""
    ann = owner("ann")

    def send(body: bytes, content_type: str = "application/json") -> Answer:
        return ann.call("POST", "/pets", body, {"content-type": content_type})

    return send


MALFORMED = {
    "nothing but a brace": b"{",
    "NaN": b'{"age": NaN}',
    "Infinity": b'{"age": -Infinity}',
    "a number beyond all bounds": b'{"age": 1e999}',
    "five thousand digits": b'{"age": ' + b"9" * 5000 + b"}",
    "a member twice": b'{"age": 1, "age": 2}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "a hundred thousand brackets": b'{"a":' + b"[" * 30_000,
    "deep nesting": b'{"a":' * 40 + b"1" + b"}" * 40,
    "no UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "Rex"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "two documents": b"{}{}",
    "a comment": b'{/* */"age": 1}',
}


@pytest.mark.parametrize("nasty", MALFORMED)
def test_a_body_that_is_not_strict_json_answers_400(post: Poster, nasty: str) -> None:
    answer = post(MALFORMED[nasty])

    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"text"', b"7", b"null", b"true", b"", b"{}"])
def test_a_body_that_is_no_description_answers_422(post: Poster, body: bytes) -> None:
    answer = post(body)

    assert (answer.status, answer.code) == (422, "invalid")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json; charset=latin-1",
        "application/jsonp",
    ],
)
def test_a_body_that_is_not_declared_as_json_answers_415(post: Poster, content_type: str) -> None:
    answer = post(b'{"name": "Rex"}', content_type)

    assert (answer.status, answer.code) == (415, "not_json")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "Application/JSON", 'application/json;charset="utf-8"']
)
def test_json_may_be_declared_in_all_its_spellings(post: Poster, content_type: str) -> None:
    dog = {"name": "Rex", "type": "dog", "age": 3, "size": "large", "activity_level": "high"}

    answer = post(json.dumps(dog).encode(), content_type)

    assert answer.status == 201


def test_a_body_over_64_kilobytes_answers_413(post: Poster) -> None:
    answer = post(b'{"name": "' + b"x" * 64 * 1024 + b'"}')

    assert (answer.status, answer.code) == (413, "too_large")


def test_a_body_that_is_not_base64_although_it_says_so_answers_400(store: Table) -> None:
    event = {
        "rawPath": "/api/health",
        "headers": {},
        "body": "%%%",
        "isBase64Encoded": True,
        "requestContext": {"http": {"method": "GET"}, "requestId": "r"},
    }

    answer = health.handler(event)

    assert answer["statusCode"] == 400


def test_a_base64_body_is_read(store: Table) -> None:
    event = {
        "rawPath": "/api/auth/verify-email",
        "headers": {"Content-Type": "application/json"},
        "body": base64.b64encode(b'{"token": "x"}').decode(),
        "isBase64Encoded": True,
        "requestContext": {"http": {"method": "POST"}, "requestId": "r", "stage": "$default"},
    }

    answer = verify_email.handler(event)

    assert json.loads(answer["body"])["code"] == "token_invalid"


def test_a_method_that_an_address_does_not_take_answers_405_with_those_it_does(anonymous: Client) -> None:
    answer = anonymous.call("PUT", "/pets", b"{}", JSON)

    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "method_not_allowed", "GET, POST")


@pytest.mark.parametrize("authorization", [None, "", "Basic YTpi", "Bearer", "Bearer ", "Bearer x.y.z"])
def test_who_is_not_signed_in_gets_401_before_anything_is_validated(
    anonymous: Client, authorization: str | None
) -> None:
    headers = JSON | ({"authorization": authorization} if authorization is not None else {})

    answer = anonymous.call("POST", "/pets", b"not json", headers)

    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/health", "/pets", "/pets/x"])
def test_every_answer_carries_the_security_headers_and_a_request_id(anonymous: Client, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert answer.headers["X-Request-Id"]


def test_an_endpoint_that_is_switched_off_answers_503(anonymous: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHED_OFF", "shop,pets")

    off, on = anonymous.get("/pets"), anonymous.get("/health")

    assert (off.status, off.code, off.headers["Retry-After"]) == (503, "switched_off", "300")
    assert on.status == 200


def test_without_its_store_an_endpoint_answers_503_and_when_to_come_back(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    nobody_listens = Config(connect_timeout=0.2, retries={"total_max_attempts": 1})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            store, "client", boto3.client("dynamodb", endpoint_url="http://127.0.0.1:9", config=nobody_listens)
        )
        answers = [ann.get("/pets"), ann.post("/pets", {}), Client().get("/health")]

    assert [(answer.status, answer.code) for answer in answers] == [(503, "unavailable")] * 3
    assert all(answer.headers["Retry-After"] for answer in answers)


def test_an_unexpected_error_answers_500_without_a_word_of_what_it_was(
    owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    ann = owner("ann")
    monkeypatch.setattr(Table, "query", lambda *_args, **_more: 1 / 0)

    answer = ann.get("/pets")

    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (500, "internal_error", "5")
    assert "division" not in answer.text
    assert "ZeroDivisionError" in log.getvalue()


def test_one_line_is_logged_for_a_request_and_it_holds_no_secret(owner: OwnerFactory, log: StringIO) -> None:
    ann = owner("ann", password="canary-password-1")
    log.truncate(log.seek(0))

    answer = ann.get("/pets")

    [line] = log.getvalue().splitlines()
    logged = json.loads(line)
    assert (logged["method"], logged["route"], logged["status"]) == ("GET", "/pets", 200)
    assert logged["request_id"] == answer.headers["X-Request-Id"]
    assert (ann.token or "") not in line


def test_nothing_private_of_registering_and_signing_in_reaches_the_log(owner: OwnerFactory, log: StringIO) -> None:
    ann = owner("canary", password="canary-password-1")
    Client().post("/auth/login", {"username": ann.username, "password": "canary-password-2"})
    ann.post("/auth/register", {"username": ann.username, "email": ann.email, "password": 7})

    logged = log.getvalue()

    assert logged.count('"message":"request"') >= 4
    assert "canary" not in logged
    assert ann.refresh_token not in logged


def test_every_read_of_the_table_itself_is_strongly_consistent(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    ann.pet()
    read: list[dict[str, Any]] = []
    store.client.meta.events.register("provide-client-params.dynamodb", lambda params, **_: read.append(params))

    answer = ann.get("/pets")

    asked = [params.get("RequestItems", {}).get(store.name, params) for params in read]
    assert answer.status == 200
    assert len(asked) >= 3
    assert all(params["ConsistentRead"] for params in asked)
