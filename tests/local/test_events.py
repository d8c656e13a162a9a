"""Events and answers are those of API Gateway's payload 2.0."""

import base64
from typing import Any

import pytest

from local.events import Answer, MalformedResult, build_event, read_result
from tests.local.stacks import endpoint

ROUTE = endpoint("/api/pets/{pet_id}")


def event(
    path: str = "/api/pets/7", query: str = "", headers: list[tuple[str, str]] | None = None, body: bytes = b""
) -> dict[str, Any]:
    return build_event(ROUTE, "POST", path, query, headers or [], body, "192.0.2.1")


def test_an_event_says_what_was_asked_by_whom() -> None:
    built = event(headers=[("User-Agent", "test"), ("Host", "localhost:3000")])

    context = built["requestContext"]
    assert built["version"] == "2.0"
    assert built["routeKey"] == context["routeKey"] == "ANY /api/pets/{pet_id}"
    assert built["rawPath"] == "/api/pets/7"
    assert built["pathParameters"] == {"pet_id": "7"}
    assert context["stage"] == "$default"
    assert context["http"] == {
        "method": "POST",
        "path": "/api/pets/7",
        "protocol": "HTTP/1.1",
        "sourceIp": "192.0.2.1",
        "userAgent": "test",
    }


def test_every_request_has_an_id_of_its_own() -> None:
    ids = {event()["requestContext"]["requestId"] for _ in range(100)}

    assert len(ids) == 100


def test_what_is_not_there_has_no_member() -> None:
    built = build_event(endpoint("/api/pets"), "GET", "/api/pets", "", [], b"")

    assert not built.keys() & {"body", "cookies", "pathParameters", "queryStringParameters"}
    assert built["rawQueryString"] == ""
    assert built["isBase64Encoded"] is False


def test_header_names_are_in_lower_case_and_repeated_ones_are_joined() -> None:
    built = event(headers=[("X-Tag", "a"), ("Accept", "text/html"), ("x-tag", " b ")])

    assert built["headers"]["x-tag"] == "a,b"
    assert built["headers"]["accept"] == "text/html"


def test_cookies_leave_the_headers() -> None:
    built = event(headers=[("Cookie", "a=1; b=2"), ("cookie", "c=3")])

    assert built["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in built["headers"]


def test_a_sender_cannot_hide_behind_a_header() -> None:
    built = event(headers=[("X-Forwarded-For", "203.0.113.9")])

    assert built["headers"]["x-forwarded-for"] == "203.0.113.9, 192.0.2.1"
    assert built["requestContext"]["http"]["sourceIp"] == "192.0.2.1"


def test_the_path_is_decoded_in_spite_of_its_name() -> None:
    built = event(path="/api/pets/a%20%C3%A9")

    assert built["rawPath"] == built["requestContext"]["http"]["path"] == "/api/pets/a é"
    assert built["pathParameters"] == {"pet_id": "a é"}


def test_a_query_comes_raw_and_decoded_with_repeated_names_joined() -> None:
    built = event(query="type=dog&type=cat&q=a%20b&empty=")

    assert built["rawQueryString"] == "type=dog&type=cat&q=a%20b&empty="
    assert built["queryStringParameters"] == {"type": "dog,cat", "q": "a b", "empty": ""}


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "text/calendar", "application/xml"]
)
def test_a_body_of_text_comes_as_text(content_type: str) -> None:
    built = event(headers=[("Content-Type", content_type)], body="é".encode())

    assert (built["body"], built["isBase64Encoded"]) == ("é", False)


@pytest.mark.parametrize(
    "content_type", ["", "image/png", "application/x-www-form-urlencoded", "application/problem+json", "json"]
)
def test_any_other_body_comes_as_base64(content_type: str) -> None:
    built = event(headers=[("content-type", content_type)], body=b"a=1")

    assert (built["body"], built["isBase64Encoded"]) == (base64.b64encode(b"a=1").decode(), True)


def test_a_body_that_only_claims_to_be_text_comes_as_base64() -> None:
    built = event(headers=[("content-type", "application/json")], body=b"\xff")

    assert (built["body"], built["isBase64Encoded"]) == ("/w==", True)


def test_a_result_becomes_an_answer() -> None:
    answer = read_result({"statusCode": 201, "headers": {"Content-Type": "text/x", "X-N": 1}, "body": "é"})

    assert answer == Answer(201, [("content-type", "text/x"), ("x-n", "1")], "é".encode())


def test_each_cookie_of_a_result_is_a_header_of_its_own() -> None:
    answer = read_result({"statusCode": 204, "cookies": ["a=1; Secure", "b=2"]})

    assert answer == Answer(204, [("set-cookie", "a=1; Secure"), ("set-cookie", "b=2")], b"")


def test_a_base64_result_is_decoded() -> None:
    answer = read_result({"statusCode": 200, "headers": {}, "body": "/w==", "isBase64Encoded": True})

    assert answer.body == b"\xff"


@pytest.mark.parametrize(
    ("result", "body"), [({"a": 1}, b'{"a": 1}'), ("text", b"text"), (None, b"null"), ([1], b"[1]")]
)
def test_a_result_without_a_status_is_the_body_of_a_200(result: Any, body: bytes) -> None:
    assert read_result(result) == Answer(200, [("content-type", "application/json")], body)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "soon"},
        {"statusCode": 99},
        {"statusCode": None},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
        {"statusCode": 200, "headers": {"a": "\u2603"}},
    ],
)
def test_a_result_that_is_no_answer_is_malformed(result: Any) -> None:
    with pytest.raises(MalformedResult):
        read_result(result)
