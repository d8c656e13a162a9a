"""Functions that run on a schedule are called by the clock, as EventBridge calls them and more often."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from common.clock import clock
from local.runtime import Runtime
from local.schedules import Schedule
from local.stack import ScheduleSource
from local.store import binary
from local.template import TEMPLATE
from tests.local import handlers, stacks
from tests.local.running import Running
from tests.local.waiting import until

SCHEDULED = """
  ClockFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: tests.local.handlers.logs
      Events:
        Clock: { Type: Schedule, Properties: { Schedule: rate(5 minutes), Name: clock } }
"""


@pytest.fixture
def calls() -> list[Any]:
    """What functions note of their calls from now on."""
    handlers.CALLS.clear()
    return handlers.CALLS


def schedule(handler: str, period_seconds: float = 300, payload: str | None = None) -> Schedule:
    source = ScheduleSource(stacks.function(handler), "Test.Clock", "clock", period_seconds, payload)
    return Schedule(source, Runtime([]))


@contextmanager
def running(scheduled: Schedule) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=scheduled.run, args=[stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_function_is_told_what_eventbridge_would_tell_it(calls: list[Any]) -> None:
    scheduled = schedule("called")

    scheduled.call()
    scheduled.call()

    first, second = calls
    assert json.loads(json.dumps(first)) == first
    assert first.pop("id") != second.pop("id")
    assert first == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": f"{clock.now():%Y-%m-%dT%H:%M:%S}Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:000000000000:rule/clock"],
        "detail": {},
    }


def test_a_function_is_told_the_time_of_the_stacks_clock(calls: list[Any]) -> None:
    scheduled = schedule("called")
    scheduled.call()

    clock.advance(timedelta(hours=1))
    scheduled.call()

    first, second = (datetime.fromisoformat(event["time"]) for event in calls)
    assert second - first == timedelta(hours=1)


@pytest.mark.parametrize("payload", ['{"a": [1]}', "null"])
def test_a_function_is_told_what_the_template_says_instead(payload: str, calls: list[Any]) -> None:
    schedule("called", payload=payload).call()

    assert calls == [json.loads(payload)]


def test_a_function_that_fails_is_reported_and_called_again(calls: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    with running(schedule("broken_at_first", period_seconds=0.01)):
        until(lambda: len(calls) > 2)

    sentences = [record.getMessage() for record in caplog.records]
    assert sentences == ["BrokenAtFirstFunction failed: ValueError (see functions.log)"]


def test_a_function_is_not_called_before_it_is_done(calls: list[Any]) -> None:
    with running(schedule("called_slowly", period_seconds=0.001)):
        until(lambda: len(calls) > 3)

    assert all(earlier[1] <= later[0] for earlier, later in pairwise(calls))


def test_a_schedule_ends_between_two_calls(calls: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.schedules.FIRST_PAUSE_SECONDS", 0)

    with running(schedule("called")):
        until(lambda: calls)

    assert len(calls) == 1


def test_a_schedule_comes_round_sooner_than_in_aws() -> None:
    pauses: list[float] = []

    class Impatient(threading.Event):
        """Waits for nothing, and stops what waits for the third time."""

        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            return len(pauses) == 3

    schedule("called", period_seconds=86_400).run(Impatient())

    assert pauses == [1, 5, 5]


@pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine")
def test_the_whole_stack_calls_functions_by_its_clock_and_at_once_when_they_are_invoked(tmp_path: Path) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    template, log = tmp_path / "template.yaml", tmp_path / "data/functions.log"
    template.write_text(TEMPLATE.read_text().replace("\nResources:\n", f"\nResources:{SCHEDULED}"))

    def told(after: timedelta) -> list[dict[str, Any]]:
        """What functions were told by the clock, so long after the test began."""
        *lines, _unfinished = log.read_text().split("\n")
        events = [event for event in map(json.loads, lines) if event.get("detail-type") == "Scheduled Event"]
        return [event for event in events if datetime.fromisoformat(event["time"]) > began + after]

    with Running(tmp_path / "data", template) as stack:
        event = until(lambda: told(timedelta()))[0]
        httpx.post(f"{stack.url}/_local/clock", json={"advance_seconds": 3600}).raise_for_status()
        until(lambda: told(timedelta(hours=1)))
        functions = boto3.client("lambda", endpoint_url=stack.url)
        invoked = functions.invoke(FunctionName="ClockFunction", Payload=json.dumps({"detail-type": "by hand"}))
        functions.close()
        stack.stop()

    assert event["resources"] == ["arn:aws:events:eu-west-1:000000000000:rule/clock"]
    assert "FunctionError" not in invoked
    assert '{"detail-type": "by hand"}' in log.read_text().splitlines()
    assert stack.process.returncode == 0
