"""Two actors whose DynamoDB calls are made in a given order: so that every order can be tried, not some."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import combinations
from typing import Any

from common.table import Table


def schedules(first: int, second: int) -> Iterator[list[int]]:
    """Give every order of `first` calls of actor 0 and `second` calls of actor 1."""
    for places in combinations(range(first + second), first):
        yield [0 if place in places else 1 for place in range(first + second)]


class Turns:
    """Lets actors call by turns. Whoever has more calls than the schedule foresees (retries) makes them at the end."""

    def __init__(self, schedule: list[int]) -> None:
        self.schedule = deque(schedule)
        self.changed = threading.Condition()

    @contextmanager
    def turn(self, actor: int) -> Iterator[None]:
        with self.changed:
            assert self.changed.wait_for(lambda: not self.schedule or self.schedule[0] == actor, timeout=10)
            yield
            if self.schedule:
                self.schedule.popleft()
            self.changed.notify_all()

    def leave(self, actor: int) -> None:
        """Take an actor who is done out of what remains of the schedule."""
        with self.changed:
            self.schedule = deque(other for other in self.schedule if other != actor)
            self.changed.notify_all()


class TakingTurns(Table):
    """The table as one actor sees it: the calls that `matters` names wait for their turn."""

    def __init__(self, store: Table, turns: Turns, actor: int, matters: Callable[[dict[str, Any]], bool]) -> None:
        super().__init__(store.client, store.name)
        self.turns, self.actor, self.matters = turns, actor, matters

    def _call(self, operation: str, **members: Any) -> dict[str, Any]:
        if not self.matters(members):
            return super()._call(operation, **members)
        with self.turns.turn(self.actor):
            return super()._call(operation, **members)


def play(
    store: Table,
    schedule: list[int],
    matters: Callable[[dict[str, Any]], bool],
    *acts: Callable[[Table], Any],
) -> list[Any]:
    """Return what the acts return when their calls are made in the order of the schedule."""
    turns = Turns(schedule)

    def run(actor: int) -> Any:
        try:
            return acts[actor](TakingTurns(store, turns, actor, matters))
        finally:
            turns.leave(actor)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, range(len(acts))))
