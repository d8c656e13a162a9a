"""What a request does to the table, and whether it does it once and whole when DynamoDB fails under it.

The measure is the same request undisturbed: whatever struck, once the client has asked again with its key, the table
must have changed in the same ways, as often. So a new operation is covered by its sample. Where no key is honoured
(PUT, PATCH and DELETE, which may be repeated, and what lies under /auth) a second request may find its work done, open
a second session or send a second mail: there the kinds of change must be the same, and their number is free. A place
in a throttle that a request took and could not give back is no effect: it comes free by itself. What is read must read
the same whenever the answer is good, so that nobody takes a store that fails for one that is empty.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Self

from common import keys
from common.api import Operation
from common.ids import new_id
from tests.contract.stack import operations
from tests.harness import snapshot
from tests.harness.client import Answer, Client
from tests.harness.faults import CRASHES, Crash, Fault, failing
from tests.harness.invariants import violations
from tests.harness.samples import SAMPLES, STEPS, Sample
from tests.harness.snapshot import Snapshot
from tests.harness.world import World

type Change = tuple[str, str, str]
type Effect = Counter[Change]

MAKERS = SAMPLES | STEPS
WRITES = ("POST", "PUT", "PATCH", "DELETE")
FOUND_DONE = (401, 404, 409)  # what a repeated DELETE, or request under /auth, may meet: its own work


def declared() -> dict[str, Operation]:
    """Return every operation of the template's endpoints."""
    return {str(each): each.operation for each in operations()}


def sampled(methods: Sequence[str]) -> list[str]:
    """Return the names of the samples of every operation with one of the methods; an operation without one fails."""
    wanted = {name for name in declared() if name.partition(" ")[0] in methods}
    found = {name: name.partition(" : ")[0] for name in MAKERS}
    assert wanted <= set(found.values()), f"without a sample: {wanted - set(found.values())}"
    return [name for name, operation in found.items() if operation in wanted]


def at_once[Result](acts: Sequence[Callable[[], Result]], clients: int = 0) -> list[Result]:
    """Let all acts begin at the same moment, or as many at a time as there are clients."""
    gate = threading.Barrier(clients or len(acts))
    with ThreadPoolExecutor(clients or len(acts), initializer=gate.wait) as pool:
        return [each.result() for each in [pool.submit(act) for act in acts]]


def _kind(place: tuple[str, str], item: dict[str, Any]) -> str:
    names = "/".join(part.partition("#")[0] for part in place)
    return f"{names} {item['kind']['S']}" if names.startswith("OUTBOX") else names


def effect(before: dict[Any, Any], after: dict[Any, Any]) -> Effect:
    """Return how two states of the table differ, whatever the ids."""
    changes: Effect = Counter()
    for place in before.keys() | after.keys():
        if place[0].startswith(keys.THROTTLE):
            continue
        old, new = before.get(place), after.get(place)
        if old is None or new is None:
            changes["+" if old is None else "-", _kind(place, new or old or {}), ""] += 1
        elif old != new:
            names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
            changes["~", _kind(place, new), " ".join(names)] += 1
    return changes


@dataclass(frozen=True)
class Blow:
    """A fault at the call of a number."""

    name: str
    fault: Fault
    number: int
    lasting: bool

    @property
    def crash(self) -> bool:
        return self.name in CRASHES

    def __str__(self) -> str:
        return f"{self.name}, call {self.number}, {'lasting' if self.lasting else 'once'}"


class Trial:
    """One sample's request, to be made again and again from the same state."""

    def __init__(self, world: World, name: str) -> None:
        self.store = world.store
        self.client: Client = world.ann
        self.sample: Sample = MAKERS[name](world)
        self.operation = declared()[self.sample.operation]
        self.start = Snapshot(self.store)
        answer = self.ask(new_id())
        assert answer.status == self.operation.status, answer.text
        self.read = answer.text if self.sample.method == "GET" else None
        self.wanted = effect(self.start.held, snapshot.scan(self.store))

    @property
    def keyed(self) -> bool:
        return self.operation.idempotency != "none"

    @property
    def may_find_itself_done(self) -> bool:
        return self.sample.method == "DELETE" or self.sample.path.startswith("/auth/")

    def ask(self, key: str) -> Answer:
        """Make the request."""
        if self.sample.method == "POST":
            return self.client.post(self.sample.path, self.sample.body, key=key)
        return self.sample.send(self.client)

    def strike(self, blow: Blow) -> tuple[bool, list[str]]:
        """Return whether the fault concerns that call, and what is wrong after the client has asked again."""
        self.start.restore()
        key, first = new_id(), None
        with failing(self.store, blow.fault, blow.number, lasting=blow.lasting) as session:
            try:
                first = self.ask(key)
            except Crash:
                assert blow.crash
        last = self.ask(key) if self.keyed or first is None or first.status >= 500 else first
        if not session.struck:
            return False, []
        return True, [f"{self.sample.operation}: {blow}: {fault}" for fault in self._faults(blow, first, last)]

    def _faults(self, blow: Blow, first: Answer | None, last: Answer) -> Iterator[str]:
        good = self.operation.status
        if first and first.status >= 500 and "Retry-After" not in first.headers:
            yield f"{first.status} without Retry-After"
        if first and first.status < 500 and first.status != good:
            yield f"answered {first.status}: {first.text}"
        if first and not blow.lasting and first.status != good:
            yield f"one passing fault was answered {first.status} {first.code}"
        if last.status != good and not (self.may_find_itself_done and last.status in FOUND_DONE):
            yield f"asked again, answered {last.status}: {last.text}"
        if first and self.keyed and first.status == good and first.text != last.text:
            yield "asked again, answered otherwise"
        for answer in (first, last):
            if answer and answer.status == good and self.read not in (None, answer.text):
                yield f"reads otherwise than undisturbed: {answer.text[:200]}"
        yield from self.wrong()

    def wrong(self) -> Iterator[str]:
        """Say how the table differs from what one undisturbed request leaves."""
        found = snapshot.scan(self.store)
        got = effect(self.start.held, found)
        same = got == self.wanted if self.keyed else got.keys() == self.wanted.keys()
        if not same:
            yield f"too much: {dict(got - self.wanted)}, too little: {dict(self.wanted - got)}"
        yield from violations(found)

    def blows(self, faults: Mapping[str, Fault]) -> Iterator[Blow]:
        """Give every fault at every call that the undisturbed request makes. A crash happens once."""
        self.start.restore()
        with failing(self.store, next(iter(faults.values())), 0, lasting=False) as session:
            self.ask(new_id())
        for number in range(1, session.calls + 1):
            for name, fault in faults.items():
                for lasting in (False,) if name in CRASHES else (False, True):
                    yield Blow(name, fault, number, lasting)


@dataclass
class Tally:
    """How much was tried, and what went wrong."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, more: Self) -> None:
        """Take over what another trial found."""
        self.tried += more.tried
        self.wrong += more.wrong


def strike_everywhere(world: World, names: Sequence[str], faults: Mapping[str, Fault], *, every: int = 1) -> Tally:
    """Let the faults strike at each call of each sample's request, or at every so manieth opportunity."""
    tally = Tally()
    turn = count()
    for name in names:
        trial = Trial(world, name)
        for blow in trial.blows(faults):
            if next(turn) % every == 0:
                struck, wrong = trial.strike(blow)
                tally.tried += struck
                tally.wrong += wrong
        trial.start.restore()
    return tally


def repeat_at_once(world: World, names: Sequence[str], times: int) -> Tally:
    """Send each sample's request with one key many times at once, then with another body, and without a key."""
    tally = Tally()
    for name in names:
        trial = Trial(world, name)
        tally.tried += 1
        tally.wrong += [f"{name}: {fault}" for fault in _repeated(trial, times)]
        trial.start.restore()
    return tally


def _repeated(trial: Trial, times: int) -> Iterator[str]:
    trial.start.restore()
    key = new_id()
    answers = Counter((answer.status, answer.text) for answer in at_once([partial(trial.ask, key)] * times))
    if [status for status, _ in answers] != [trial.operation.status]:
        yield f"answers that differ: {answers}"
    other = trial.client.post(trial.sample.path, {"something": "else"}, key=key)
    if (other.status, other.code) != (422, "idempotency_key_reused"):
        yield f"another body under the key was answered {other.status} {other.code}"
    bare = trial.ask("") if trial.operation.idempotency == "required" else None
    if bare and (bare.status, bare.code) != (400, "idempotency_key_missing"):
        yield f"without a key: {bare.status} {bare.code}"
    yield from trial.wrong()


def keyed() -> list[str]:
    """Return the samples of every operation that honours an Idempotency-Key."""
    operations_by_name = declared()
    return [name for name in sampled(("POST",)) if operations_by_name[name.partition(" : ")[0]].idempotency != "none"]
