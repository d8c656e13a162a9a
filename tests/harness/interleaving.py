"""Every order in which the DynamoDB calls of two or three clients can be made, one order after another.

The clients are whole requests, each in a thread of its own. A hook on botocore's `before-call` holds every call until
the scheduler lets it go, and lets one go at a time; up to its next call the client then runs alone. Which client goes
next is a choice, and the choices are enumerated depth first, by replay from the same stored state. Nothing is assumed
of how many calls a client makes: one that lost a race and tries again simply has more of them. What the SDK repeats
within a call belongs to that call. Threads that a request starts carry its context, and so belong to its client.

Orders that differ only in calls that cannot feel each other (they read, or touch different items) come to the same
end, call by call. Of each such family the scheduler makes one (sleep sets; Godefroid, 1996), judging by the keys in the
calls themselves. So looks at one's own session, or at one's own idempotency record, multiply nothing, and nobody has
to declare what is indifferent. `reduced=False` makes every single order, to check that claim.

Caches of the process are outside this: what they hold must have been read before, or the replay is refused.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest

from common import table as table_module
from common.table import Table
from matching import candidates, density
from tests.harness.snapshot import Snapshot

SECONDS = 20  # until a client that neither calls nor ends counts as stuck
LAST = "\U0010ffff"

type Act = Callable[[], Any]


@dataclass(frozen=True, order=True)
class Place:
    """A stretch of sort keys in one partition, both ends included; without a partition, the whole table."""

    partition: str | None
    low: str = ""
    high: str = LAST

    def meets(self, other: "Place") -> bool:
        if self.partition is None or other.partition is None:
            return True
        return self.partition == other.partition and self.low <= other.high and other.low <= self.high


ANYWHERE = Place(None)


@dataclass(frozen=True)
class Footprint:
    """What a call reads and what it may write."""

    reads: tuple[Place, ...] = ()
    writes: tuple[Place, ...] = ()

    def feels(self, other: "Footprint") -> bool:
        """Whether the two calls, made one after the other, can come out otherwise in the other order."""
        mine, others = self.reads + self.writes, other.reads + other.writes
        return _meet(self.writes, others) or _meet(other.writes, mine)


def _meet(some: Sequence[Place], others: Sequence[Place]) -> bool:
    return any(one.meets(other) for one in some for other in others)


def _item(key: dict[str, Any]) -> Place:
    partition, sort = key["PK"]["S"], key["SK"]["S"]
    return Place(partition, sort, sort)


def footprint(operation: str, members: dict[str, Any]) -> Footprint:
    """Return what a call touches; everything, where that cannot be told from its request."""
    reads: list[Place]
    writes: list[Place]
    match operation:
        case "GetItem":
            reads, writes = [_item(members["Key"])], []
        case "BatchGetItem":
            reads, writes = [_item(key) for each in members["RequestItems"].values() for key in each["Keys"]], []
        case "Query":
            reads, writes = [_stretch(members)], []
        case "UpdateItem" | "DeleteItem":
            reads, writes = [], [_item(members["Key"])]
        case "TransactWriteItems":
            parts = [part for each in members["TransactItems"] for part in each.items()]
            places = [(kind, _item(part.get("Key") or part["Item"])) for kind, part in parts]
            reads = [place for kind, place in places if kind == "ConditionCheck"]
            writes = [place for kind, place in places if kind != "ConditionCheck"]
        case _:
            reads, writes = [], [ANYWHERE]
    return Footprint(tuple(reads), tuple(writes))


def _stretch(members: dict[str, Any]) -> Place:
    values = {name: value.get("S", "") for name, value in members["ExpressionAttributeValues"].items()}
    if "IndexName" in members:
        return ANYWHERE
    if ":prefix" in values:
        return Place(values[":partition"], values[":prefix"], values[":prefix"] + LAST)
    return Place(values[":partition"], values.get(":low", ""), values.get(":high", LAST))


@dataclass
class _Call:
    footprint: Footprint
    text: bytes
    granted: bool = False


class Abandoned(BaseException):
    """The rest of a request is of no interest: an order that was made before stands for this one."""


class _Play:
    """One replay: the clients' calls that wait, and the one that is under way."""

    def __init__(self, clients: int) -> None:
        self.changed = threading.Condition()
        self.waiting: list[list[_Call]] = [[] for _ in range(clients)]
        self.under_way: set[int] = set()
        self.finished: set[int] = set()
        self.given_up = False

    def arrive(self, client: int, call: _Call) -> None:
        with self.changed:
            self.waiting[client].append(call)
            self.changed.notify_all()
            self.changed.wait_for(lambda: call.granted or self.given_up)
            if not call.granted:
                raise Abandoned

    def over(self, client: int) -> None:
        with self.changed:
            self.under_way.discard(client)
            self.changed.notify_all()

    def finish(self, client: int) -> None:
        with self.changed:
            self.finished.add(client)
            self.changed.notify_all()

    def ready(self) -> dict[int, _Call]:
        """Wait until everybody stands before a call or has ended; return the calls. None left: all have ended."""
        with self.changed:
            if not self.changed.wait_for(self._still, timeout=SECONDS):
                self.give_up()
                raise TimeoutError(f"clients that neither call nor end; ended: {self.finished}")
            return {
                client: min(calls, key=lambda call: call.text) for client, calls in enumerate(self.waiting) if calls
            }

    def _still(self) -> bool:
        clients = range(len(self.waiting))
        return not self.under_way and all(self.waiting[each] or each in self.finished for each in clients)

    def grant(self, client: int, call: _Call) -> None:
        with self.changed:
            self.waiting[client].remove(call)
            self.under_way.add(client)
            call.granted = True
            self.changed.notify_all()

    def give_up(self) -> None:
        with self.changed:
            self.given_up = True
            self.changed.notify_all()


_playing: ContextVar[tuple[_Play, int] | None] = ContextVar("playing", default=None)


def _before(model: Any, params: dict[str, Any], **_: Any) -> None:
    if playing := _playing.get():
        play, client = playing
        body = bytes(params["body"])
        play.arrive(client, _Call(footprint(model.name, json.loads(body)), body))


def _after(**_: Any) -> None:
    if playing := _playing.get():
        play, client = playing
        play.over(client)


class InTurn(Executor):
    """Does at once what it is given, so that the calls of one client come in the same order in every replay."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **kwargs))
        return done


@contextmanager
def _held(store: Table) -> Iterator[None]:
    """Hold the calls of whoever plays; their pauses before another attempt take no time."""
    events = store.client.meta.events
    hooks = [("before-call.dynamodb", _before), ("after-call.dynamodb", _after), ("after-call-error.dynamodb", _after)]
    for name, hook in hooks:
        events.register(name, hook)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table_module, "_pause", lambda _attempt: None)
            patch.setattr(candidates, "_threads", InTurn)
            patch.setattr(density, "_counts", density._counts.__wrapped__)  # noqa: SLF001 (each replay counts anew)
            yield
    finally:
        for name, hook in hooks:
            events.unregister(name, hook)


@dataclass
class _Choice:
    """A moment at which several clients could go: those worth trying, and which of them goes this time."""

    ready: tuple[int, ...]
    options: list[int]
    number: int = 0

    @property
    def chosen(self) -> int:
        return self.options[self.number]


@dataclass(frozen=True)
class Outcome:
    """What came of one order: the answers, and who went when."""

    answers: list[Any]
    order: list[int] = field(default_factory=list)


def _run(path: list[_Choice], acts: Sequence[Act], *, reduced: bool) -> Outcome | None:
    """Follow `path`, lengthen it to the end, and return what came of it; None where another order stands for it."""
    play = _Play(len(acts))

    def perform(client: int) -> Any:
        _playing.set((play, client))
        try:
            return acts[client]()
        finally:
            play.finish(client)

    order: list[int] = []
    asleep: set[int] = set()
    with ThreadPoolExecutor(len(acts)) as pool:
        clients = [pool.submit(perform, client) for client in range(len(acts))]
        try:
            while calls := play.ready():
                if len(order) == len(path):
                    options = [client for client in calls if client not in asleep]
                    if not options:
                        play.give_up()
                        return None
                    path.append(_Choice(tuple(calls), options))
                choice = path[len(order)]
                assert choice.ready == tuple(calls), "a replay went another way: something outside the table changed"
                chosen = choice.chosen
                tried = asleep.union(choice.options[: choice.number]) if reduced else set[int]()
                asleep = {
                    client
                    for client in tried & calls.keys()
                    if not calls[client].footprint.feels(calls[chosen].footprint)
                }
                order.append(chosen)
                play.grant(chosen, calls[chosen])
        except BaseException:
            play.give_up()
            raise
    return Outcome([client.result() for client in clients], order)


def every_order(store: Table, acts: Sequence[Act], *, reduced: bool = True) -> Iterator[Outcome]:
    """Give what comes of every order of the calls of `acts`, each beginning with the table as it is now.

    While an outcome is looked at, the table is as that order left it; in the end it is as it was.
    """
    start = Snapshot(store)
    path: list[_Choice] = []
    with _held(store):
        while True:
            start.restore()
            outcome = _run(path, acts, reduced=reduced)
            if outcome:
                yield outcome
            while path and path[-1].number + 1 == len(path[-1].options):
                path.pop()
            if not path:
                break
            path[-1].number += 1
        start.restore()
