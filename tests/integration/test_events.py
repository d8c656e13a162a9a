"""Events: from the outbox by the stream to the queues of their effects, whatever fails on the way."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from botocore.exceptions import ClientError

from auth.accounts import AccountRepository
from common import aws, outbox
from common.clock import clock
from common.outbox import event
from common.table import Table
from local.stack import QueueSource
from operations import mail as mails
from operations.consumers import fan_out, mail
from operations.consumers.mail import WRITERS
from operations.erasure import LONGEST_REQUEST
from tests.conftest import OwnerFactory
from tests.harness import deliveries
from tests.harness.client import Client
from tests.harness.deliveries import Delivery, tell_everything
from tests.harness.engines import STACK
from tests.harness.mail import (
    FED,
    MAIL_QUEUE,
    consume,
    deliver_mail,
    fan_out_events,
    mails_to,
    messages_in,
    stream_records,
)
from tests.harness.moments import tomorrow
from tests.harness.neighbours import block, move
from tests.harness.playdates import PASSWORD, meet
from tests.harness.world import World

REFUSED = ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "canary@example.com"}}, "SendMessage")
[MAIL] = [source for source in FED if source.queue == MAIL_QUEUE]


def register(client: Client, *names: str) -> None:
    for name in names:
        account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        assert client.post("/auth/register", account).status == 202


def queued(store: Table, queue: str = MAIL_QUEUE) -> list[dict[str, Any]]:
    """Forward the outbox and return what a queue then holds, as its function receives it."""
    fan_out_events(stream_records(store))
    return messages_in(queue)


@pytest.fixture(params=FED, ids=lambda source: source.function.name)
def delivery(request: pytest.FixtureRequest, anonymous: Client, store: Table, owner: OwnerFactory) -> Delivery:
    """What a consumer gets when somebody registers, wants another address, moves, has left, or blocks a match."""
    source: QueueSource = request.param
    ann, cem = owner("ann"), owner("cem")
    cem.pet()
    couple = meet(owner("dan"), owner("eve"))
    couple.scheduled()
    couple.proposed(tomorrow(15))
    settled = {record["eventID"] for record in stream_records(store)}
    register(anonymous, "bob")
    assert ann.put("/me/email", {"email": "annie@example.com", "password": PASSWORD}).status == 202
    assert cem.delete("/me", {"password": PASSWORD}).status == 202
    block(couple.ann, couple.ben)
    move(couple.ann, 52.52, 13.4)
    clock.advance(LONGEST_REQUEST)
    fan_out_events([record for record in stream_records(store) if record["eventID"] not in settled])
    return Delivery(store, source, messages_in(source.queue))


def test_an_event_names_what_happened_and_carries_no_personal_data(anonymous: Client, store: Table) -> None:
    register(anonymous, "canary")

    [record] = queued(store)

    event = json.loads(record["body"])
    user = AccountRepository(store).find("canary")
    assert user
    assert (event["kind"], event["data"]) == ("verification_requested", {"user_id": user.user_id})
    assert "canary" not in record["body"]


def test_of_every_kind_of_event_it_is_said_which_effects_it_has() -> None:
    assert set(get_args(outbox.Kind.__value__)) == set(fan_out.EFFECTS)


def test_every_kind_of_event_that_has_a_mail_has_a_writer() -> None:
    assert {kind for kind, effects in fan_out.EFFECTS.items() if "mail" in effects} == set(WRITERS)


def test_an_event_without_effects_goes_nowhere(store: Table) -> None:
    store.write(event("care_planned"))

    reported = fan_out_events(stream_records(store))

    assert reported == {"batchItemFailures": []}
    assert [messages_in(queue) for queue in STACK.queues] == [[] for _ in STACK.queues]


def test_an_event_of_an_unknown_kind_is_reported(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann")
    [record] = stream_records(store)
    record["dynamodb"]["NewImage"]["kind"] = {"S": "nobody_listens"}

    reported = fan_out_events([record])

    assert reported == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_what_cannot_be_forwarded_is_reported_and_the_rest_goes_on(
    anonymous: Client, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(anonymous, "ann", "bob", "cem")
    records = stream_records(store)
    refused_id = records[1]["dynamodb"]["NewImage"]["event_id"]["S"]
    sqs = aws.client("sqs")
    send = sqs.send_message

    def send_message(**message: Any) -> Any:
        if refused_id in message["MessageBody"]:
            raise REFUSED
        return send(**message)

    monkeypatch.setattr(sqs, "send_message", send_message)
    reported = fan_out_events(records)

    assert reported == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert len(messages_in(MAIL_QUEUE)) == 2


def test_a_fan_out_that_is_killed_at_any_call_forwards_all_of_its_batch(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann", "bob", "cem")

    tally = deliveries.kill_fan_out(stream_records(store))

    assert tally.wrong == []
    assert tally.tried == 3 * 4


def test_duplicates_and_another_order_change_nothing(delivery: Delivery) -> None:
    tally = deliveries.deliver_twice(delivery, times=3)

    assert tally.wrong == []


@pytest.mark.engines("dynoxide")
def test_a_consumer_that_is_killed_at_any_call_still_does_everything_once(delivery: Delivery) -> None:
    tally = deliveries.kill_consumer(delivery)

    assert tally.wrong == []


@pytest.mark.engines("dynoxide")
def test_of_two_consumers_at_once_one_does_it(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann")

    tally = deliveries.deliver_at_once(Delivery(store, MAIL, queued(store)))

    assert tally.wrong == []
    assert tally.tried > 20


def test_what_nobody_can_read_ends_among_the_dead_letters_and_holds_up_nothing(
    delivery: Delivery, tmp_path: Path
) -> None:
    tally = deliveries.poison(delivery, tmp_path)

    assert tally.wrong == []


def test_a_message_that_nobody_can_read_is_reported_alone(anonymous: Client, store: Table) -> None:
    register(anonymous, "ann")
    poison = {"messageId": "poison", "body": deliveries.POISON, "eventSource": "aws:sqs"}

    reported = consume(MAIL, [poison, *queued(store)])

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


def test_of_two_mails_the_one_that_failed_alone_is_sent_again(
    store: Table, owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    assert ann.put("/me/email", {"email": "annie@example.com", "password": PASSWORD}).status == 202
    send = mails.send

    def refuse_the_warning(written: mails.Mail) -> None:
        if written.address == ann.email:
            raise REFUSED
        send(written)

    with monkeypatch.context() as patch:
        patch.setattr(mails, "send", refuse_the_warning)
        deliver_mail(store)
    deliver_mail(store)

    assert [len(mails_to(address)) for address in ("annie@example.com", ann.email)] == [1, 1]


def test_a_claim_outlives_the_function_and_ends_before_its_message_comes_again() -> None:
    hidden = STACK.queues[MAIL_QUEUE].visibility_seconds

    assert MAIL.function.timeout < mail.LEASE_SECONDS < hidden


def test_what_the_operations_do_is_every_kind_of_event(store: Table) -> None:
    tell_everything(World.build(store))

    kinds = {record["dynamodb"]["NewImage"]["kind"]["S"] for record in stream_records(store)}

    assert kinds == fan_out.EFFECTS.keys()
