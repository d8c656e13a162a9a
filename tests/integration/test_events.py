"""Events: from the outbox by the stream to the queues of their effects, whatever fails on the way."""

import json
import random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from auth.accounts import AccountRepository
from common import config
from common.table import Table
from operations import mail as mails
from operations.consumers import fan_out, mail
from tests.harness.client import Client
from tests.harness.mail import deliver_mail, mails_to, received_from, stream_records

REFUSED = ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "canary@example.com"}}, "SendMessage")


def register(client: Client, *names: str) -> None:
    for name in names:
        account = {"username": name, "email": f"{name}@example.com", "password": "correct horse battery"}
        assert client.post("/auth/register", account).status == 202


def queued(store: Table) -> list[dict[str, Any]]:
    """Forward the outbox and return what the mail queue then holds, as the mail function receives it."""
    fan_out.handler({"Records": stream_records(store)}, None)
    messages = received_from(config.queue_url("mail"))
    return [
        {"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"} for message in messages
    ]


def test_an_event_names_what_happened_and_carries_no_personal_data(anonymous: Client, store: Table) -> None:
    register(anonymous, "canary")

    [record] = queued(store)

    event = json.loads(record["body"])
    user = AccountRepository(store).find("canary")
    assert user
    assert (event["kind"], event["data"]) == ("verification_requested", {"user_id": user.user_id})
    assert "canary" not in record["body"]


def test_an_event_without_effects_goes_nowhere(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann")
    [record] = stream_records(store)
    record["dynamodb"]["NewImage"]["kind"] = {"S": "nobody_listens"}

    reported = fan_out.handler({"Records": [record]}, None)

    assert reported == {"batchItemFailures": []}
    assert received_from(config.queue_url("mail")) == []


def test_what_cannot_be_forwarded_is_reported_and_the_rest_goes_on(
    anonymous: Client, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anonymous, "ann", "bob", "cem")
    records = stream_records(store)
    refused_id = records[1]["dynamodb"]["NewImage"]["event_id"]["S"]
    sqs = boto3.client("sqs")
    send = sqs.send_message

    def send_message(**message: Any) -> Any:
        if refused_id in message["MessageBody"]:
            raise REFUSED
        return send(**message)

    monkeypatch.setattr(sqs, "send_message", send_message)
    monkeypatch.setattr(fan_out, "_sqs", lambda: sqs)
    reported = fan_out.handler({"Records": records}, None)

    assert reported == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(received_from(config.queue_url("mail"))) == 2


def test_duplicates_and_another_order_change_nothing(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann", "bob", "cem")
    records = queued(store) + queued(store)
    random.Random(7).shuffle(records)

    mail.handler({"Records": records}, None)

    assert [len(mails_to(f"{name}@example.com")) for name in ("ann", "bob", "cem")] == [1, 1, 1]


@pytest.mark.parametrize("place", range(3))
def test_a_consumer_that_is_stopped_at_any_message_still_does_each_once(
    anonymous: Client, store: Table, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    register(anonymous, "ann", "bob", "cem")
    records = queued(store)

    class Killed(BaseException):
        """The process is gone: nothing after it runs, nothing is reported."""

    handled: list[str] = []
    send = mails.send

    def send_or_die(written: mails.Mail) -> None:
        if len(handled) == place:
            raise Killed
        handled.append(written.address)
        send(written)

    with monkeypatch.context() as patch:
        patch.setattr(mails, "send", send_or_die)
        with pytest.raises(Killed):
            mail.handler({"Records": records}, None)
    mail.handler({"Records": records}, None)

    assert [len(mails_to(f"{name}@example.com")) for name in ("ann", "bob", "cem")] == [1, 1, 1]


def test_a_message_that_nobody_can_read_is_reported_alone(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann")
    poison = {"messageId": "poison", "body": "not json", "eventSource": "aws:sqs"}

    reported = mail.handler({"Records": [poison, *queued(store)]}, None)

    assert reported == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(mails_to("ann@example.com")) == 1


def test_a_mail_that_fails_is_sent_when_it_comes_again(
    anonymous: Client, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anonymous, "ann")

    def refuse(*_: object) -> None:
        raise REFUSED

    with monkeypatch.context() as patch:
        patch.setattr(mails, "send", refuse)
        reported = deliver_mail(store)
    deliver_mail(store)

    assert len(reported["batchItemFailures"]) == 1
    assert len(mails_to("ann@example.com")) == 1
