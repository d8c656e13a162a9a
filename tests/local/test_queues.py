"""Queues of the local stack keep, hide, give back and put aside messages as SQS does."""

import threading
from pathlib import Path

import pytest

from local.queues import Queues, QueueSubscription
from local.refusal import Refusal
from local.runtime import Runtime
from local.stack import QueueDefinition, QueueSource
from tests.local import handlers, stacks
from tests.local.waiting import until

DEFINITIONS = {"Mail": QueueDefinition(30, "Dead", 3), "Dead": QueueDefinition(30)}


@pytest.fixture
def queues(tmp_path: Path) -> Queues:
    return Queues(tmp_path / "queues.db", DEFINITIONS)


def subscription(queues: Queues, handler: str, batch_size: int = 10) -> QueueSubscription:
    source = QueueSource(stacks.function(handler), "Test.Queue", "Mail", batch_size, partial_failures=True)
    return QueueSubscription(source, queues, Runtime([]))


def test_messages_are_received_in_order_and_by_one_receiver_alone(queues: Queues) -> None:
    for body in ("one", "two", "three"):
        queues.send("Mail", body)

    first, second = queues.receive("Mail", 2), queues.receive("Mail", 2)

    assert [message.body for message in first] == ["one", "two"]
    assert [message.body for message in second] == ["three"]


def test_a_restart_loses_no_message(queues: Queues, tmp_path: Path) -> None:
    queues.send("Mail", "one")

    reopened = Queues(tmp_path / "queues.db", DEFINITIONS)

    assert reopened.bodies("Mail") == ["one"]


def test_what_was_being_handled_when_the_stack_was_killed_comes_again_at_once(queues: Queues, tmp_path: Path) -> None:
    queues.send("Mail", "one")
    queues.receive("Mail", 1)

    reopened = Queues(tmp_path / "queues.db", DEFINITIONS)

    assert [message.body for message in reopened.receive("Mail", 1)] == ["one"]


def test_what_is_handled_is_gone_and_what_is_not_comes_again(queues: Queues) -> None:
    handled, failed = queues.send("Mail", "handled"), queues.send("Mail", "failed")
    received = {message.message_id: message for message in queues.receive("Mail", 10)}

    queues.delete(handled)
    queues.give_back(received[failed])

    [again] = until(lambda: queues.receive("Mail", 10))
    assert (again.body, again.receives) == ("failed", 2)


def test_nobody_sees_a_message_before_its_delay_has_passed(queues: Queues) -> None:
    queues.call("SendMessage", b'{"QueueUrl": "https://sqs.example/1/Mail", "MessageBody": "x", "DelaySeconds": 1}')

    assert queues.bodies("Mail") == ["x"]
    assert queues.receive("Mail", 1) == []
    [message] = until(lambda: queues.receive("Mail", 1))
    assert message.body == "x"


def test_a_queue_that_is_not_in_the_template_takes_nothing(queues: Queues) -> None:
    with pytest.raises(Refusal) as refused:
        queues.call("SendMessage", b'{"QueueUrl": "https://sqs.example/1/Other", "MessageBody": "x"}')

    assert refused.value.code == "QueueDoesNotExist"


def test_only_the_messages_that_a_function_reports_come_again(queues: Queues) -> None:
    for body in ("good", "poison", "good"):
        queues.send("Mail", body)
    handlers.QUEUED.clear()

    subscription(queues, "fails_at_poison").poll()

    assert handlers.QUEUED == ["good", "good"]
    assert queues.bodies("Mail") == ["poison"]


def test_a_poison_message_ends_among_the_dead_letters_and_holds_up_nothing(queues: Queues) -> None:
    for body in ("poison", "good"):
        queues.send("Mail", body)
    handlers.QUEUED.clear()
    stop = threading.Event()
    reader = threading.Thread(target=subscription(queues, "fails_at_poison").run, args=[stop])

    reader.start()
    dead = until(lambda: queues.bodies("Dead"))
    stop.set()
    reader.join()

    assert (dead, queues.bodies("Mail"), handlers.QUEUED) == (["poison"], [], ["good"])


def test_a_function_that_raises_loses_no_message_of_its_batch(queues: Queues) -> None:
    for body in ("one", "two"):
        queues.send("Mail", body)

    subscription(queues, "broken").poll()

    assert queues.bodies("Mail") == ["one", "two"]
