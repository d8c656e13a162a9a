"""Crossings, each in every order of its calls, and everything that is wrong after one of these."""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any

import pytest

from common import keys
from common.ids import new_id
from common.table import Table
from tests.harness.client import Answer, Client
from tests.harness.interleaving import every_order
from tests.harness.invariants import faults_of
from tests.harness.playdates import Couple
from tests.harness.snapshot import Snapshot
from tests.harness.trials import Tally, Trial, declared
from tests.harness.world import World
from tests.races.crossings import CROSSED_IN, CROSSINGS, outcome


def cross(store: Table, couple: Couple, names: Sequence[str], *, reduced: bool = True) -> Tally:
    """Try all orders of some crossings; see `every_order` for what `reduced` leaves out."""
    tally = Tally()
    start = Snapshot(store)
    for name in names:
        crossing = CROSSINGS[name]
        acts = crossing.prepare(couple)
        seen = set()
        with asked() as operations:
            for played in every_order(store, acts, reduced=reduced):
                seen.add(outcome(played.answers))
                tally.tried += 1
                faults = faults_of(store)
                if crossing.anns_sessions not in (None, sessions := _sessions(store, couple.ann.user_id)):
                    faults.append(f"Ann has {sessions} sessions")
                tally.wrong += [f"{name}, {played.order}: {fault}" for fault in faults]
        tally.wrong += [f"{name} came to {each}" for each in seen - crossing.outcomes]
        tally.wrong += [f"{name} never came to {each}" for each in crossing.outcomes - seen]
        meant = {operation for operation, where in CROSSED_IN.items() if where == name}
        tally.wrong += [f"{name} has nothing of {each}" for each in meant - operations]
        start.restore()
    return tally


def _sessions(store: Table, user_id: str) -> int:
    return len(store.query(keys.user_partition(user_id), prefix=keys.SESSION).items)


@contextmanager
def asked() -> Iterator[set[str]]:
    """Collect the operations that are asked for meanwhile."""
    patterns = {name: re.compile(re.sub(r"{\w+}", "[^/]+", name)) for name in declared()}
    call, operations = Client.call, set[str]()

    def noting(self: Client, method: str, path: str, *more: Any, **named: Any) -> Answer:
        operations.update(name for name, pattern in patterns.items() if pattern.fullmatch(f"{method} {path}"))
        return call(self, method, path, *more, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "call", noting)
        yield operations


def cross_with_itself(world: World, names: Sequence[str], most: int | None = None) -> Tally:
    """Let two clients make each sample's request at once, in all orders of their calls or in so many of them."""
    tally = Tally()
    for name in names:
        trial = Trial(world, name)
        trial.start.restore()
        acts = [partial(trial.ask, new_id()), partial(trial.ask, new_id())]
        with pytest.MonkeyPatch.context() as patch:
            # Both want the same place of a throttle, and in every replay the one that they wanted before.
            patch.setattr(random, "choice", itemgetter(0))
            for played in islice(every_order(world.store, acts), most):
                tally.tried += 1
                faults = [f"{answer.status} {answer.text}" for answer in played.answers if answer.status >= 500]
                tally.wrong += [f"{name}, {played.order}: {fault}" for fault in faults + faults_of(world.store)]
        trial.start.restore()
    return tally
