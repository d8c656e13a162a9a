"""Records of the table's stream reach the functions that subscribe to it: in order, at least once."""

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.in_memory import moto_dynamodb
from local.patterns import Pattern
from local.runtime import FunctionError, Runtime
from local.stack import Function, StreamSource
from local.streams import CLIENT_SETTINGS, Positions, Subscription
from local.template import load
from tests.local import stacks

NUMBERS = itertools.count(1)

type Answerer = Callable[[list[str]], Any]


class Receiver(Runtime):
    """Stands for a function: keeps the batches that it is called with, and answers what a test says."""

    def __init__(self) -> None:
        super().__init__([])
        self.batches: list[list[str]] = []
        self.records: list[dict[str, Any]] = []
        self.answer: Answerer = lambda _batch: None

    def invoke(self, _function: Function, event: Any) -> Any:
        batch = [record["dynamodb"]["Keys"]["PK"]["S"] for record in event["Records"]]
        self.batches.append(batch)
        self.records += event["Records"]
        return self.answer(batch)

    def failing(self, key: str, times: int) -> Answerer:
        """Report the record of this key as failed, so many times."""

        def answer(batch: list[str]) -> Any:
            nonlocal times
            if key not in batch or times == 0:
                return {"batchItemFailures": []}
            times -= 1
            return {"batchItemFailures": [{"itemIdentifier": self._number(key)}]}

        return answer

    def _number(self, key: str) -> str:
        numbers = {each["dynamodb"]["Keys"]["PK"]["S"]: each["dynamodb"]["SequenceNumber"] for each in self.records}
        return str(numbers[key])


def raising(keys: set[str]) -> Answerer:
    """Fail as a whole when one of the keys is in the batch."""

    def answer(batch: list[str]) -> Any:
        if keys & set(batch):
            raise FunctionError({"errorType": "ValueError", "errorMessage": "no"})

    return answer


class Table:
    """A table with a stream, on the embedded engine or, without endpoint, on moto."""

    def __init__(self, endpoint: str | None) -> None:
        self.name = f"streamed-{next(NUMBERS)}"
        self.client = boto3.client("dynamodb", endpoint_url=endpoint)
        self.streams = boto3.client("dynamodbstreams", endpoint_url=endpoint, config=CLIENT_SETTINGS)
        created = self.client.create_table(**load().table.create_request(self.name))
        self.stream = created["TableDescription"]["LatestStreamArn"]

    def put(self, *keys: str, **attributes: Any) -> None:
        for key in keys:
            item = {"PK": {"S": key}, "SK": {"S": "-"}, **attributes}
            self.client.put_item(TableName=self.name, Item=item)


@pytest.fixture
def table(dynoxide: str) -> Iterator[Table]:
    table = Table(dynoxide)
    yield table
    table.client.close()
    table.streams.close()


class Delivery:
    """A subscription to the table, which can be started anew over the same positions."""

    def __init__(self, table: Table, folder: Path, **settings: Any) -> None:
        chosen: dict[str, Any] = {
            "starting_position": "TRIM_HORIZON",
            "batch_size": 10,
            "bisect": False,
            "partial_failures": True,
            "attempts": 2,
            "patterns": [],
            **settings,
        }
        self.table = table
        self.folder = folder
        self.source = StreamSource(function=stacks.function("echo"), name="EchoFunction.Changes", **chosen)
        self.receiver = Receiver()
        self.pauses: list[float] = []
        self.stopping = False
        self.restart()

    def restart(self) -> None:
        positions = Positions(self.folder / "streams.json")
        self.subscription = Subscription(
            self.source,
            self.table.streams,
            self.table.stream,
            self.receiver,
            positions,
            self.folder / "undelivered.jsonl",
        )

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return self.stopping

    def poll(self) -> list[list[str]]:
        """Deliver what there is; return the batches that the function got."""
        before = len(self.receiver.batches)
        self.subscription.poll(self.pause)
        return self.receiver.batches[before:]

    def put_aside(self) -> list[str]:
        file = self.folder / "undelivered.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line)["record"]["dynamodb"]["Keys"]["PK"]["S"] for line in lines]


def test_records_come_in_order_and_in_batches(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, batch_size=2)

    table.put("a", "b", "c")

    assert delivery.poll() == [["a", "b"], ["c"]]
    assert delivery.poll() == []


def test_a_record_looks_as_lambda_shows_it(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path)
    table.put("a", packed={"B": b"\x00\xff"}, count={"N": "3"})

    delivery.poll()

    [record] = delivery.receiver.records
    assert json.loads(json.dumps(record)) == record
    assert (record["eventName"], record["eventSource"]) == ("INSERT", "aws:dynamodb")
    assert record["eventSourceARN"] == table.stream
    assert record["dynamodb"]["NewImage"]["packed"] == {"B": base64.b64encode(b"\x00\xff").decode()}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], int)


def test_only_records_that_pass_the_filter_come(table: Table, tmp_path: Path) -> None:
    pattern = Pattern.parse('{"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "OUTBOX#"}]}}}}')
    delivery = Delivery(table, tmp_path, patterns=[pattern])

    table.put("OUTBOX#1", "USER#1", "OUTBOX#2")
    table.client.delete_item(TableName=table.name, Key={"PK": {"S": "OUTBOX#1"}, "SK": {"S": "-"}})

    assert delivery.poll() == [["OUTBOX#1", "OUTBOX#2"]]


def test_a_restart_neither_loses_nor_repeats_records(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path)
    table.put("a")
    delivery.poll()
    table.put("b")

    delivery.restart()

    assert delivery.poll() == [["b"]]


def test_records_that_the_filter_held_back_are_not_read_again(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, patterns=[Pattern.parse('{"eventName": ["REMOVE"]}')])
    table.put("a", "b")
    delivery.poll()

    delivery.restart()

    assert delivery.subscription.poll(delivery.pause) == 0


def test_a_subscription_to_the_latest_does_not_see_what_was_before(table: Table, tmp_path: Path) -> None:
    table.put("before")
    delivery = Delivery(table, tmp_path, starting_position="LATEST")
    delivery.poll()

    table.put("after")

    assert delivery.poll() == [["after"]]


def test_what_failed_comes_again_from_the_first_failure_on(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path)
    delivery.receiver.answer = delivery.receiver.failing("b", times=2)
    table.put("a", "b", "c")

    assert delivery.poll() == [["a", "b", "c"], ["b", "c"], ["b", "c"]]
    assert delivery.pauses == sorted(delivery.pauses)
    assert delivery.put_aside() == []


def test_a_record_that_always_fails_is_put_aside_and_holds_up_nothing(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, attempts=1)
    delivery.receiver.answer = delivery.receiver.failing("b", times=100)
    table.put("a", "b", "c")

    assert delivery.poll()[-1] == ["c"]
    assert delivery.put_aside() == ["b"]


def test_a_batch_that_fails_as_a_whole_is_halved_until_the_culprit_is_alone(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, bisect=True, attempts=0)
    delivery.receiver.answer = raising({"c"})
    table.put("a", "b", "c", "d")

    assert delivery.poll() == [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]
    assert delivery.put_aside() == ["c"]


def test_without_halving_a_batch_is_tried_again_as_it_is(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, attempts=1)
    delivery.receiver.answer = raising({"a"})
    table.put("a", "b")

    assert delivery.poll() == [["a", "b"], ["a", "b"], ["b"]]
    assert delivery.put_aside() == ["a"]


def test_what_was_under_way_at_the_end_comes_again_after_the_restart(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path)
    delivery.receiver.answer = delivery.receiver.failing("b", times=1)
    table.put("a", "b", "c")
    delivery.stopping = True
    delivery.poll()

    delivery.restart()

    assert delivery.poll() == [["b", "c"]]


def test_a_result_without_failures_to_report_counts_as_done(table: Table, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path, partial_failures=False)
    delivery.receiver.answer = lambda _batch: {"batchItemFailures": [{"itemIdentifier": "1"}]}
    table.put("a")

    assert delivery.poll() == [["a"]]


def test_the_fallback_has_a_stream_too(tmp_path: Path) -> None:
    with moto_dynamodb():
        table = Table(None)
        delivery = Delivery(table, tmp_path)
        table.put("a", "b")
        first = delivery.poll()
        table.put("c")
        delivery.restart()

        second = delivery.poll()

    assert (first, second) == ([["a", "b"]], [["c"]])


def test_positions_in_another_stream_mean_nothing(table: Table, dynoxide: str, tmp_path: Path) -> None:
    delivery = Delivery(table, tmp_path)
    table.put("a", "b", "c")
    delivery.poll()
    other = Table(dynoxide)
    other.put("z")

    delivery.table = other
    delivery.restart()

    assert delivery.poll() == [["z"]]
    other.client.close()
    other.streams.close()
