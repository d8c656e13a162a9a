"""Mail in the tests: events go from the outbox by the fan-out to the mail function, and what it sent is read."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from common import keys
from common.clock import clock
from common.table import Table
from local.stack import QueueSource
from operations.consumers import due, fan_out
from operations.erasure import LONGEST_REQUEST
from tests.harness.engines import STACK
from tests.harness.permissions import as_function

MAIL_QUEUE, ERASURE_QUEUE = "MailQueue", "ErasureQueue"
FED = [source for source in STACK.queue_sources if {"Ref": source.queue} in STACK.variables.values()]
"""The consumers whose queues the fan-out is told of, and fills."""
DELIVERED: set[tuple[str, str]] = set()
"""The tables and ids of events that have been delivered, by `deliver_what_is_new`."""


@dataclass(frozen=True)
class Received:
    """A mail that was sent."""

    subject: str
    text: str


def outbox(store: Table) -> list[dict[str, Any]]:
    """Return every event in the outbox as it is stored, in the order of happening."""
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    events = [item for page in pages for item in page["Items"] if item["PK"]["S"].startswith(keys.OUTBOX)]
    return sorted(events, key=lambda item: item["occurred_at"]["S"])


def stream_records(store: Table) -> list[dict[str, Any]]:
    """Return the stream records of every event in the outbox, in the order of happening."""
    return [
        {
            "eventID": item["event_id"]["S"],
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": str(number), "NewImage": item, "Keys": {"PK": item["PK"], "SK": item["SK"]}},
        }
        for number, item in enumerate(outbox(store))
    ]


def make_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the template's queues, and tell the functions where they are as the template does."""
    sqs = boto3.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in STACK.queues}
    for variable, value in STACK.variables.items():
        if isinstance(value, dict) and value.get("Ref") in urls:
            monkeypatch.setenv(variable, urls[value["Ref"]])


def fan_out_events(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Let the fan-out forward stream records; return what it reports as failed."""
    with as_function("FanOutFunction"):
        return dict(fan_out.handler({"Records": records}, None))


def consume(source: QueueSource, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Let a queue's consumer handle messages; return what it reports as failed."""
    with as_function(source.function.name):
        return dict(source.function.handler()({"Records": records}, None))


def deliver_mail(store: Table) -> dict[str, Any]:
    """Carry all of the outbox's events, again and again if need be; return what the mail function reports as failed."""
    return _deliver(stream_records(store)).get(MAIL_QUEUE, {"batchItemFailures": []})


def _deliver(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Carry events to all their consumers; return what these report as failed, by queue."""
    fan_out_events(records)
    return {source.queue: consume(source, messages) for source in FED if (messages := messages_in(source.queue))}


def deliver_what_is_new(store: Table) -> None:
    """Carry each of the outbox's events to all its consumers once, and so what follows from these, to the end."""
    while new := [each for each in stream_records(store) if (store.name, each["eventID"]) not in DELIVERED]:
        DELIVERED.update((store.name, each["eventID"]) for each in new)
        assert all(reported == {"batchItemFailures": []} for reported in _deliver(new).values())


def messages_in(queue: str) -> list[dict[str, Any]]:
    """Take every message out of a queue, as its consumer receives them; nobody waits for those that are delayed."""
    sqs = boto3.client("sqs")
    for message in sqs_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].queues[queue]._messages:  # noqa: SLF001
        message.delayed_until = 0
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    messages: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        messages += batch
    return [
        {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"} for message in messages
    ]


def erase_accounts(store: Table) -> None:
    """Carry the outbox's events to the erasure function until it sends itself no more; time passes meanwhile."""
    fan_out_events(stream_records(store))
    [source] = [source for source in FED if source.queue == ERASURE_QUEUE]
    while messages := messages_in(source.queue):
        assert consume(source, messages) == {"batchItemFailures": []}
        clock.advance(LONGEST_REQUEST)


def queued() -> list[str]:
    """Return what lies in any queue, and take it out."""
    return [message["body"] for queue in STACK.queues for message in messages_in(queue)]


def mails_to(address: str) -> list[Received]:
    """Return the mails sent to an address, the oldest first."""
    mails = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    return [Received(mail.subject, mail.body) for mail in mails if address in mail.destinations["ToAddresses"]]


def sent() -> Counter[tuple[str, str]]:
    """Count the mails that went out, by address and subject."""
    mails = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    return Counter((address, mail.subject) for mail in mails for address in mail.destinations["ToAddresses"])


def empty_mailboxes(sender: str) -> None:
    """Forget what was sent and what is queued, and let `sender` send."""
    backend = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"]
    backend.reset()
    backend.verify_email_address(sender)
    queues = sqs_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"]
    for name, queue in queues.queues.items():
        queue.last_purged_at = None  # SQS would have us wait a minute before we purge it again
        queues.purge_queue(name)


def link_token(received: Received) -> str:
    """Return the token in the link of a mail."""
    found = re.search(r"token=([\w-]+)", received.text)
    assert found, received.text
    return found[1]


def see_to_what_is_due() -> None:
    """Let the scheduled function see to everything that has fallen due."""
    with as_function("DueFunction"):
        due.handler({})
