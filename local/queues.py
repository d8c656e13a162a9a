"""Stands in for SQS: queues in one file, so that a restart loses nothing, and their delivery to functions."""

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.files import transaction
from local.intrinsics import ACCOUNT, REGION
from local.refusal import Refusal
from local.runtime import FunctionError, Runtime
from local.stack import QueueDefinition, QueueSource

POLL_SECONDS = 0.1
# A message that failed comes back after the queue's visibility time-out; nobody waits minutes for that on a laptop.
LONGEST_RETURN_SECONDS = 2.0

log = logging.getLogger("local")


@dataclass(frozen=True)
class Message:
    """A message as a consumer receives it; `receives` counts this time as well."""

    message_id: str
    body: str
    sent_at: float
    receives: int


class Queues:
    """The template's queues. A message is hidden while it is being handled, and gone when it has been."""

    def __init__(self, file: Path, definitions: Mapping[str, QueueDefinition]) -> None:
        self._file = file
        self._definitions = definitions
        with transaction(self._file) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, message_id TEXT UNIQUE, queue TEXT,"
                " body TEXT, sent_at REAL, visible_at REAL, receives INTEGER)"
            )
            # Whoever was handling these is no more: the stack was killed meanwhile.
            database.execute("UPDATE message SET visible_at = ? WHERE receives > 0", (time.time(),))

    def send(self, queue: str, body: str, delay_seconds: int = 0) -> str:
        """Put a message into a queue, where nobody sees it before the delay has passed; return its id.

        Raise Refusal where there is no such queue.
        """
        if queue not in self._definitions:
            raise Refusal("QueueDoesNotExist", f"There is no queue {queue}")
        message_id, now = secrets.token_hex(16), time.time()
        with transaction(self._file) as database:
            database.execute(
                "INSERT INTO message (message_id, queue, body, sent_at, visible_at, receives)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (message_id, queue, body, now, now + delay_seconds),
            )
        return message_id

    def receive(self, queue: str, at_most: int) -> list[Message]:
        """Take messages that nobody is handling, the oldest first, and hide them.

        One that has been received too often goes to the dead letters instead, if the queue has a place for them.
        """
        definition, now = self._definitions[queue], time.time()
        with transaction(self._file) as database:
            if definition.dead_letters:
                database.execute(
                    "UPDATE message SET queue = ?, receives = 0 WHERE queue = ? AND visible_at <= ? AND receives >= ?",
                    (definition.dead_letters, queue, now, definition.max_receives),
                )
            rows = database.execute(
                "SELECT message_id, body, sent_at, receives + 1 FROM message"
                " WHERE queue = ? AND visible_at <= ? ORDER BY number LIMIT ?",
                (queue, now, at_most),
            ).fetchall()
            database.executemany(
                "UPDATE message SET receives = receives + 1, visible_at = ? WHERE message_id = ?",
                [(now + definition.visibility_seconds, row[0]) for row in rows],
            )
        return [Message(*row) for row in rows]

    def delete(self, message_id: str) -> None:
        """Forget a message that has been handled."""
        with transaction(self._file) as database:
            database.execute("DELETE FROM message WHERE message_id = ?", (message_id,))

    def give_back(self, message: Message) -> None:
        """Let a message that failed be received again, later each time."""
        wait = min(POLL_SECONDS * 2**message.receives, LONGEST_RETURN_SECONDS)
        with transaction(self._file) as database:
            database.execute(
                "UPDATE message SET visible_at = ? WHERE message_id = ?", (time.time() + wait, message.message_id)
            )

    def bodies(self, queue: str) -> list[str]:
        """Return what a queue holds, the oldest first."""
        with transaction(self._file) as database:
            rows = database.execute("SELECT body FROM message WHERE queue = ? ORDER BY number", (queue,))
            return [body for (body,) in rows.fetchall()]

    def call(self, operation: str, request: bytes) -> dict[str, Any]:
        """Answer a request of SQS's JSON protocol; raise Refusal where SQS would refuse it."""
        if operation != "SendMessage":
            raise Refusal("UnsupportedOperation", f"The local stack does not know {operation}")
        try:
            members = json.loads(request)
            queue, body = members["QueueUrl"].rpartition("/")[2], members["MessageBody"]
            delay = int(members.get("DelaySeconds", 0))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Refusal("InvalidParameterValue", "The request does not fit the operation") from error
        return {"MessageId": self.send(queue, body, delay), "MD5OfMessageBody": _digest(body)}


def _digest(body: str) -> str:
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


class QueueSubscription:
    """One function's reading of one queue."""

    def __init__(self, source: QueueSource, queues: Queues, runtime: Runtime) -> None:
        self.source = source
        self._queues = queues
        self._runtime = runtime

    def run(self, stop: threading.Event) -> None:
        """Deliver messages as they come, until `stop`."""
        while not stop.wait(POLL_SECONDS):
            while not stop.is_set() and self.poll():
                pass

    def poll(self) -> int:
        """Deliver one batch; return how many messages it held. What fails is given back."""
        batch = self._queues.receive(self.source.queue, self.source.batch_size)
        if not batch:
            return 0
        failed = self._failed(batch)
        for message in batch:
            if message.message_id in failed:
                self._queues.give_back(message)
            else:
                self._queues.delete(message.message_id)
        return len(batch)

    def _failed(self, batch: list[Message]) -> set[str]:
        everything = {message.message_id for message in batch}
        event = {"Records": [self._record(message) for message in batch]}
        try:
            result = self._runtime.invoke(self.source.function, event)
        except FunctionError:
            return everything
        failures = (result or {}).get("batchItemFailures") if self.source.partial_failures else None
        named = {failure.get("itemIdentifier") for failure in failures or []}
        # A failure that names no message of the batch counts as a failure of all of it.
        return min(named, everything)

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.message_id,
            "receiptHandle": message.message_id,
            "body": message.body,
            "md5OfBody": _digest(message.body),
            "attributes": {
                "ApproximateReceiveCount": str(message.receives),
                "SentTimestamp": str(int(message.sent_at * 1000)),
                "SenderId": ACCOUNT,
                "ApproximateFirstReceiveTimestamp": str(int(message.sent_at * 1000)),
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.source.queue}",
            "awsRegion": REGION,
        }
