"""The gateway answers as API Gateway, CloudFront and Lambda's Invoke API do."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.gateway import LARGEST_BODY, make_app
from local.runtime import Runtime, TimedOut
from local.stack import Stack
from tests.local import handlers, stacks
from tests.local.client import Client

ENDPOINTS = [
    stacks.endpoint("/api/pets/{pet_id}"),
    stacks.endpoint("/api/secret/{token}/pets"),
    stacks.endpoint("/api/cookies", handler="cookies"),
    stacks.endpoint("/api/event", handler="event_itself"),
    stacks.endpoint("/api/broken", handler="broken"),
    stacks.endpoint("/api/unserialisable", handler="unserialisable"),
    stacks.endpoint("/api/malformed", handler="malformed"),
    stacks.endpoint("/api/too_large", handler="too_large"),
    stacks.endpoint("/api/leaves", handler="leaves"),
    stacks.endpoint("/api/missing", handler="not_there"),
    stacks.endpoint("/api/endless", handler="endless"),
    stacks.endpoint("/api/endless/in_no_time", handler="endless", timeout=0),
]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client on this machine."""
    read = stacks.read(tmp_path)
    functions = {each.function.name: each.function for each in ENDPOINTS}
    functions["ContextItselfFunction"] = stacks.function("context_itself")
    stack = Stack(functions, ENDPOINTS, [], {}, [], {}, read.table, read.values, {})
    app = make_app(stack, Runtime([]), stacks.stand_ins(tmp_path), tmp_path / "dist")
    return Client(app)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Functions get no time to be imported in; one that never ends may end with the test."""
    monkeypatch.setattr("local.runtime.INITIALISATION_SECONDS", 0)
    handlers.RELEASE.clear()
    yield
    handlers.RELEASE.set()


def test_a_request_is_answered_by_its_function(client: Client) -> None:
    answer = client.call("PUT", "/api/pets/7?a=b")

    assert (answer.status_code, answer.text) == (200, "ANY /api/pets/{pet_id}")
    assert answer.headers["content-type"] == "text/plain"


def test_the_function_gets_what_the_network_delivered(client: Client) -> None:
    event = client.post("/api/event?a=1&a=2", headers={"X-Tag": "é".encode("latin-1")}, content=b"\x00").json()

    assert event["rawQueryString"] == "a=1&a=2"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert (event["body"], event["isBase64Encoded"]) == ("AA==", True)


def test_each_cookie_arrives_on_its_own(client: Client) -> None:
    answer = client.get("/api/cookies")

    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.status_code == 204
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("path", ["/api/nothing", "/api/pets", "/api/pets/7/8", "/api/"])
def test_an_unknown_path_is_answered_by_the_gateway_itself(path: str, client: Client) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')
    assert answer.headers["content-type"] == "application/json"


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.post("/api/event", content=b"0" * (LARGEST_BODY + 1))

    assert (answer.status_code, answer.text) == (413, '{"message":"Request Entity Too Large"}')


@pytest.mark.parametrize("name", ["broken", "unserialisable", "malformed", "too_large", "leaves", "missing"])
def test_a_function_that_fails_is_a_plain_500_and_the_next_request_is_answered(name: str, client: Client) -> None:
    answer, next_answer = client.get(f"/api/{name}"), client.get("/api/pets/7")

    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')
    assert next_answer.status_code == 200


@pytest.mark.usefixtures("impatience")
def test_a_function_has_no_more_time_than_the_template_gives() -> None:
    with pytest.raises(TimedOut):
        Runtime([]).invoke(stacks.function("endless", timeout=0), {})


@pytest.mark.usefixtures("impatience")
def test_a_function_that_exceeds_its_own_time_is_one_that_fails(client: Client) -> None:
    answer = client.get("/api/endless/in_no_time")

    assert (answer.status_code, answer.text) == (500, '{"message":"Internal Server Error"}')


@pytest.mark.usefixtures("impatience")
def test_a_function_that_may_take_longer_than_the_gateway_waits_is_a_plain_503(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.gateway.INTEGRATION_SECONDS", 0)

    answer = client.get("/api/endless")

    assert (answer.status_code, answer.text) == (503, '{"message":"Service Unavailable"}')


def test_a_consumer_handles_one_event_at_a_time() -> None:
    consumer = stacks.function("slow_consumer")
    runtime = Runtime([consumer])
    spans: list[tuple[float, float]] = []

    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda _: runtime.invoke(consumer, {"spans": spans}), range(4)))

    assert all(earlier[1] <= later[0] for earlier, later in zip(sorted(spans), sorted(spans)[1:], strict=False))


@pytest.mark.usefixtures("impatience")
def test_calls_of_a_consumer_that_never_ends_leave_threads_for_everybody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.runtime.THREADS", 3)
    consumer = stacks.function("endless", timeout=0)
    runtime = Runtime([consumer])

    for _ in range(6):
        with pytest.raises(TimedOut):
            runtime.invoke(consumer, {})

    assert runtime.invoke(stacks.function("event_itself"), "answered") == "answered"


def invoke(client: Client, name: str, payload: Any = None, kind: str = "RequestResponse") -> Any:
    return client.post(
        f"/2015-03-31/functions/{name}/invocations",
        content=json.dumps(payload),
        headers={"X-Amz-Invocation-Type": kind},
    )


@pytest.mark.parametrize(
    "name",
    [
        "EventItselfFunction",
        "EventItselfFunction:live",
        "arn:aws:lambda:eu-west-1:000000000000:function:EventItselfFunction",
    ],
)
def test_a_function_is_invoked_by_name_or_arn(name: str, client: Client) -> None:
    answer = invoke(client, name, {"a": [1]})

    assert (answer.status_code, answer.json()) == (200, {"a": [1]})
    assert "x-amz-function-error" not in answer.headers


def test_a_function_is_told_its_name_and_limits(client: Client) -> None:
    assert invoke(client, "ContextItselfFunction").json() == ["ContextItselfFunction", 128, True]


def test_a_function_error_is_told_to_the_one_who_invokes(client: Client) -> None:
    answer = invoke(client, "BrokenFunction")

    assert (answer.status_code, answer.headers["x-amz-function-error"]) == (200, "Unhandled")
    assert (answer.json()["errorType"], answer.json()["errorMessage"]) == ("ValueError", "the secret is 42")


def test_an_event_invocation_does_not_wait_for_the_result(client: Client) -> None:
    answer = invoke(client, "BrokenFunction", kind="Event")

    assert (answer.status_code, answer.text) == (202, "")


def test_an_unknown_function_is_not_found(client: Client) -> None:
    answer = invoke(client, "Nobody")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")


def test_the_console_tells_of_a_request_and_of_no_secret_in_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="local")

    for path in ("/api/pets/7?token=Kanarienvogel", "/api/secret/Kanarienvogel/pets"):
        assert client.get(path).status_code == 200

    lines = [record.getMessage().rpartition(" ")[0].rpartition(" ")[0] for record in caplog.records]
    assert lines == ["200 GET /api/pets/7", "200 GET /api/secret/{token}/pets"]


def test_a_function_that_cannot_be_imported_is_named(caplog: pytest.LogCaptureFixture) -> None:
    Runtime([]).warm([stacks.function("echo"), stacks.function("not_there")])

    [sentence] = [record.getMessage() for record in caplog.records]
    assert sentence.startswith("NotThereFunction cannot be imported: AttributeError: ")
