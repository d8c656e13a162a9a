"""Mail in the tests: events go from the outbox by the fan-out to the mail function, and what it sent is read."""

import re
from dataclasses import dataclass
from typing import Any

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from common import config, keys
from common.table import Table
from operations.consumers import fan_out, mail
from tests.harness.permissions import as_function


@dataclass(frozen=True)
class Received:
    """A mail that was sent."""

    subject: str
    text: str


def stream_records(store: Table) -> list[dict[str, Any]]:
    """Return the stream records of every event in the outbox, in the order of happening."""
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    events = [item for page in pages for item in page["Items"] if item["PK"]["S"].startswith(keys.OUTBOX)]
    events.sort(key=lambda item: item["occurred_at"]["S"])
    return [
        {
            "eventID": item["event_id"]["S"],
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": str(number), "NewImage": item, "Keys": {"PK": item["PK"], "SK": item["SK"]}},
        }
        for number, item in enumerate(events)
    ]


def deliver_mail(store: Table) -> dict[str, Any]:
    """Carry all of the outbox's events, again and again if need be; return what the mail function reports as failed."""
    events = {"Records": stream_records(store)}
    with as_function("FanOutFunction"):
        fan_out.handler(events, None)
    messages = received_from(config.queue_url("mail"))
    records = [
        {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"} for message in messages
    ]
    with as_function("MailFunction"):
        result: dict[str, Any] = dict(mail.handler({"Records": records}, None))
    return result


def received_from(queue_url: str) -> list[dict[str, Any]]:
    """Take every message out of a queue."""
    sqs = boto3.client("sqs")
    messages: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        messages += batch
    return messages


def mails_to(address: str) -> list[Received]:
    """Return the mails sent to an address, the oldest first."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
    return [Received(mail.subject, mail.body) for mail in sent if address in mail.destinations["ToAddresses"]]


def empty_mailboxes(sender: str) -> None:
    """Forget what was sent, and let `sender` send."""
    backend = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"]
    backend.reset()
    backend.verify_email_address(sender)
    received_from(config.queue_url("mail"))


def link_token(received: Received) -> str:
    """Return the token in the link of a mail."""
    found = re.search(r"token=([\w-]+)", received.text)
    assert found, received.text
    return found[1]
