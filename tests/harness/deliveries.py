"""Events delivered badly: to consumers that die at any call, twice, in another order, to two at once, and with poison.

The measure is the same messages delivered well: whatever happened on the way, once the queue has brought again what was
not handled, the table must have changed in the same ways and the same mails must have gone out, each of them once. One
moment is beyond that: SES has taken a mail, and the consumer dies before it can note so. That mail may come twice.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from common import config, outbox
from common.clock import clock
from common.table import Table
from local import queues as local_queues
from local.queues import Queues, QueueSubscription
from local.runtime import Runtime
from local.stack import QueueSource
from operations.consumers.mail import WRITERS
from operations.erasure import LONGEST_REQUEST
from tests.harness.client import Owner
from tests.harness.engines import STACK
from tests.harness.faults import Crash, Death, dying
from tests.harness.interleaving import every_order
from tests.harness.mail import (
    FED,
    MAIL_QUEUE,
    consume,
    empty_mailboxes,
    fan_out_events,
    messages_in,
    see_to_what_is_due,
    sent,
    stream_records,
)
from tests.harness.playdates import act
from tests.harness.samples import SAMPLES
from tests.harness.snapshot import Snapshot, scan
from tests.harness.trials import Tally, effect
from tests.harness.world import World, sign_in, sign_up

type Message = dict[str, Any]

SENDING = "SendEmail"
POISON = "not json"
MANY_ORDERS = 200

NOTHING = "a" * 26


def tell_everything(world: World) -> None:
    """Let every kind of event happen: by the samples, and what they do not bring about directly."""
    for name, make in SAMPLES.items():
        if not name.startswith("GET"):
            sample = make(world)
            # Whoever leaves gets no mail: that is somebody else.
            caller = _somebody(world) if name == "DELETE /me" else world.ann
            answer = sample.send(caller)
            assert answer.status < 300, f"{name} {answer.status} {answer.text}"
            world.ann.token = sign_in(world.ann.username).token  # some of them end her sessions
    weekly = world.couple.proposed(world.next_start(), 15, repeat={"weeks": 2})
    assert act(world.ben, weekly, "accept").status == 200
    see_to_what_is_due()
    clock.advance(LONGEST_REQUEST)
    kinds = {record["dynamodb"]["NewImage"]["kind"]["S"] for record in stream_records(world.store)}
    facts = {"user_id": world.ann.user_id, "appointment_id": NOTHING, "start": "2026-03-02T09:00Z", "why": "away"}
    world.store.write(*(outbox.event(kind, **facts) for kind in WRITERS if kind not in kinds))


def _somebody(world: World) -> Owner:
    somebody = sign_up(world.store, world.newcomer())
    somebody.pet(name="Fig")
    return somebody


def messages_for(source: QueueSource, store: Table) -> list[Message]:
    """Return what the fan-out puts into a queue of all that was told."""
    fan_out_events(stream_records(store))
    found = {queue: messages_in(queue) for queue in STACK.queues}
    return found[source.queue]


class Delivery:
    """Some messages of a queue, to be delivered to its consumer again and again from the same state."""

    def __init__(self, store: Table, source: QueueSource, messages: Sequence[Message]) -> None:
        self.store, self.source, self.messages = store, source, list(messages)
        self.hidden = timedelta(seconds=STACK.queues[source.queue].visibility_seconds)
        empty_mailboxes(config.mail_sender())
        self.start = Snapshot(store)
        assert messages, f"nothing was told that concerns {source.function.name}"
        assert consume(source, self.messages) == {"batchItemFailures": []}
        self.wanted = self._made()
        self.restart()

    def _made(self) -> tuple[set[tuple[str, str, str]], Counter[Any]]:
        return set(effect(self.start.held, scan(self.store))), sent()

    def restart(self) -> None:
        """Take back whatever was done, and sent."""
        self.start.restore()
        empty_mailboxes(config.mail_sender())

    def come_again(self) -> None:
        """Deliver everything once more, when the queue has hidden it for as long as it does."""
        clock.advance(self.hidden)
        consume(self.source, self.messages)
        clock.advance(-self.hidden)

    def wrong(self, may_repeat: int = 0) -> Iterator[str]:
        """Say how what was done differs from what is done undisturbed."""
        (changes, mails), (wanted, wanted_mails) = self._made(), self.wanted
        if changes != wanted:
            yield f"too much: {changes - wanted}, too little: {wanted - changes}"
        if (mails - wanted_mails).total() > may_repeat:
            yield f"sent too often: {dict(mails - wanted_mails)}"
        if wanted_mails - mails:
            yield f"never sent: {dict(wanted_mails - mails)}"


def deaths(act: Callable[[], object]) -> Iterator[Death]:
    """Give every death that an act can die: before each of its calls and, not noticed by itself, after the last."""
    for number in count(1):
        with dying(number) as death, suppress(Crash):
            act()
        yield death
        if not death.struck:
            return


def kill_consumer(delivery: Delivery) -> Tally:
    """Kill a consumer between any two of its calls; the queue brings all of it again."""
    tally = Tally()
    for death in deaths(partial(consume, delivery.source, delivery.messages)):
        delivery.come_again()
        tally.tried += len(delivery.messages)
        faults = delivery.wrong(may_repeat=death.last == SENDING)
        tally.wrong += [f"{delivery.source.function.name} killed {death}: {fault}" for fault in faults]
        delivery.restart()
    delivery.restart()
    return tally


def deliver_twice(delivery: Delivery, times: int) -> Tally:
    """Deliver every message twice, in so many orders."""
    tally = Tally()
    for seed in range(times):
        messages = delivery.messages * 2
        random.Random(seed).shuffle(messages)
        consume(delivery.source, messages)
        tally.tried += len(messages)
        tally.wrong += [f"{delivery.source.function.name}, each twice: {fault}" for fault in delivery.wrong()]
        delivery.restart()
    return tally


def deliver_at_once(delivery: Delivery, most: int | None = None) -> Tally:
    """Deliver the messages to two consumers at once, in every order of their calls; what failed comes again.

    `most` is how many orders to try of a consumer that makes very many calls.
    """
    tally = Tally()
    two = [partial(consume, delivery.source, delivery.messages)] * 2
    # Mails know no way back to an order that is given up.
    for played in islice(every_order(delivery.store, two, reduced=False), most):
        tally.tried += 2 * len(delivery.messages)
        tally.wrong += [f"two at once, {played.order}: {fault}" for fault in delivery.wrong()]
        delivery.come_again()
        tally.wrong += [f"two at once, {played.order}, and again: {fault}" for fault in delivery.wrong()]
        empty_mailboxes(config.mail_sender())
    return tally


def poison(delivery: Delivery, folder: Path) -> Tally:
    """Send what nobody can read through the template's queue: it ends among the dead letters and holds up nothing."""
    source = delivery.source
    definition = STACK.queues[source.queue]
    queues = Queues(folder / f"{source.queue}.db", STACK.queues)
    subscription = QueueSubscription(source, queues, Runtime([]))
    for body in (POISON, *(message["body"] for message in delivery.messages)):
        queues.send(source.queue, body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_queues, "LONGEST_RETURN_SECONDS", 0)
        while len(queues.bodies(source.queue)) > 1 and subscription.poll():
            pass
        wrong = [f"{source.queue} is held up: {fault}" for fault in delivery.wrong()]
        for _ in range(definition.max_receives):
            subscription.poll()
    if definition.dead_letters is None or queues.bodies(definition.dead_letters) != [POISON]:
        wrong.append(f"{source.queue}: the poison is not among the dead letters")
    wrong += [f"{source.queue} still holds {body}" for body in queues.bodies(source.queue)]
    delivery.restart()
    return Tally(1 + len(delivery.messages), wrong)


def kill_fan_out(records: Sequence[dict[str, Any]]) -> Tally:
    """Kill the fan-out between any two of its calls; the stream brings the batch again."""
    tally = Tally()
    fan_out_events(list(records))
    wanted = _queued()
    for death in deaths(partial(fan_out_events, list(records))):
        fan_out_events(list(records))
        tally.tried += len(records)
        if (queued := _queued()) != wanted:
            tally.wrong.append(f"the fan-out killed {death}: {queued ^ wanted} queued or not")
    _queued()
    return tally


def _queued() -> set[tuple[str, str]]:
    return {(queue, message["body"]) for queue in STACK.queues for message in messages_in(queue)}


def deliver_badly(world: World, folder: Path) -> Tally:
    """Do all of this with every kind of event, to every consumer that the fan-out feeds."""
    tell_everything(world)
    tally = kill_fan_out(stream_records(world.store))
    for source in FED:
        delivery = Delivery(world.store, source, messages_for(source, world.store))
        tally.add(kill_consumer(delivery))
        tally.add(deliver_twice(delivery, times=20))
        tally.add(poison(delivery, folder))
        for message in delivery.messages:
            most = None if source.queue == MAIL_QUEUE else MANY_ORDERS
            tally.add(deliver_at_once(Delivery(world.store, source, [message]), most))
    return tally
