"""Takes the records of the table's stream to the functions that subscribe to it, at least once and in order."""

import base64
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.files import write_file
from local.runtime import FunctionError, Runtime
from local.stack import StreamSource

POLL_SECONDS = 0.1
TROUBLE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 2.0
CLIENT_SETTINGS = Config(
    parameter_validation=False,  # the engine's names of shards are shorter than AWS's
    account_id_endpoint_mode="disabled",  # moto does not know those addresses
    retries={"mode": "standard", "total_max_attempts": 2},
)

log = logging.getLogger("local")

type Record = dict[str, Any]
type Pause = Callable[[float], bool]


class Positions:
    """How far each subscription has come, in a file that survives a restart."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}

    def get(self, source: str, stream: str, shard: str) -> str | None:
        """Return the last sequence number that was dealt with."""
        known = self._known.get(source, {})
        number: str | None = known.get("shards", {}).get(shard) if known.get("stream") == stream else None
        return number

    def set(self, source: str, stream: str, shard: str, sequence_number: str) -> None:
        """Remember the last sequence number that was dealt with."""
        with self._lock:
            known = self._known.get(source)
            if known is None or known["stream"] != stream:
                known = self._known[source] = {"stream": stream, "shards": {}}
            known["shards"][shard] = sequence_number
            write_file(self._file, json.dumps(self._known))


def event_record(record: Record, stream: str) -> Record:
    """Return a record as it stands in a function's event: binary values as base64, times as seconds."""
    plain: Record = _plain(record)
    return plain | {"eventSourceARN": stream}


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return int(value.timestamp())
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple() | set():
            return [_plain(inner) for inner in value]
        case _:
            return value


def _number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


class Subscription:
    """One function's reading of one stream."""

    def __init__(
        self, source: StreamSource, client: Any, stream: str, runtime: Runtime, positions: Positions, undelivered: Path
    ) -> None:
        self.source = source
        self._client = client
        self._stream = stream
        self._runtime = runtime
        self._positions = positions
        self._undelivered = undelivered
        self._iterators: dict[str, str] = {}

    def run(self, stop: threading.Event) -> None:
        """Deliver records as they come, until `stop`."""
        while not stop.wait(POLL_SECONDS):
            try:
                while not stop.is_set() and self.poll(stop.wait):
                    pass
            except (BotoCoreError, ClientError, OSError) as error:
                log.warning("%s cannot read the stream: %s", self.source.name, error)
                self._iterators.clear()
                stop.wait(TROUBLE_SECONDS)

    def poll(self, pause: Pause) -> int:
        """Deliver what has come since the last time; return how many records that were.

        `pause` waits that many seconds before a record is tried again, and tells whether to give up for now.
        """
        return sum(self._poll_shard(shard, pause) for shard in list(self._shards()))

    def _shards(self) -> Iterator[str]:
        if self._iterators:
            yield from self._iterators
            return
        description = self._client.describe_stream(StreamArn=self._stream)["StreamDescription"]
        yield from (shard["ShardId"] for shard in description["Shards"])

    def _poll_shard(self, shard: str, pause: Pause) -> int:
        iterator = self._iterators.get(shard) or self._first_iterator(shard)
        answer = self._client.get_records(ShardIterator=iterator)
        records: list[Record] = answer["Records"]
        wanted = [record for each in records if self.source.wants(record := event_record(each, self._stream))]
        for start in range(0, len(wanted), self.source.batch_size):
            if not self._deliver(wanted[start : start + self.source.batch_size], shard, pause):
                self._iterators.pop(shard, None)
                return 0
        if records:
            self._positions.set(self.source.name, self._stream, shard, _number(records[-1]))
        if following := answer.get("NextShardIterator"):
            self._iterators[shard] = following
        else:
            self._iterators.clear()  # the shard is read to its end: look for those that follow it
        return len(records)

    def _first_iterator(self, shard: str) -> str:
        last = self._positions.get(self.source.name, self._stream, shard)
        place = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
            if last
            else {"ShardIteratorType": self.source.starting_position}
        )
        try:
            answer = self._client.get_shard_iterator(StreamArn=self._stream, ShardId=shard, **place)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            # The engine has forgotten what comes next: go on with the oldest that it still has.
            answer = self._client.get_shard_iterator(
                StreamArn=self._stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )
        return str(answer["ShardIterator"])

    def _deliver(self, batch: list[Record], shard: str, pause: Pause) -> bool:
        """Hand over a batch until all of it is dealt with; tell whether it is.

        As in Lambda, what precedes the first failure counts as done, and a batch that fails as a whole is halved
        where the template says so. A record that fails too often is put aside, and the rest goes on.
        """
        attempt = 0
        while batch:
            raised = False
            try:
                failed = self._first_failure(batch)
            except FunctionError:
                raised, failed = True, 0
            if failed is None:
                self._positions.set(self.source.name, self._stream, shard, _number(batch[-1]))
                return True
            if failed:
                self._positions.set(self.source.name, self._stream, shard, _number(batch[failed - 1]))
                batch, attempt = batch[failed:], 0
            elif raised and self.source.bisect and len(batch) > 1:
                middle = len(batch) // 2
                return self._deliver(batch[:middle], shard, pause) and self._deliver(batch[middle:], shard, pause)
            elif self.source.attempts is not None and attempt >= self.source.attempts:
                self._put_aside(batch[0])
                self._positions.set(self.source.name, self._stream, shard, _number(batch[0]))
                batch, attempt = batch[1:], 0
                continue
            attempt += 1
            if pause(min(POLL_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)):
                return False
        return True

    def _first_failure(self, batch: list[Record]) -> int | None:
        """Call the function; return the place of the first record that it did not deal with, or None."""
        result = self._runtime.invoke(self.source.function, {"Records": batch})
        failures = (result or {}).get("batchItemFailures") if self.source.partial_failures else None
        if not failures:
            return None
        places = {_number(record): place for place, record in enumerate(batch)}
        # A failure that names no record of the batch counts as a failure of all of it.
        return min(places.get(failure.get("itemIdentifier"), 0) for failure in failures)

    def _put_aside(self, record: Record) -> None:
        log.error("%s failed too often with one record: it is in %s", self.source.name, self._undelivered.name)
        with self._undelivered.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"source": self.source.name, "record": record}) + "\n")
