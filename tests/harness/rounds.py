"""Rounds of the scheduled function through what has fallen due: under faults, killed, and many at once.

The measure is one round undisturbed. Whatever struck, the next round makes it good: after it the table must have
changed in the same ways, each of them once. The note of how far rounds have come is no effect.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, product
from typing import Any

from common.clock import clock
from common.errors import Unavailable
from operations.consumers.due import SomethingLeft
from tests.harness import snapshot
from tests.harness.faults import CRASHES, Crash, Fault, failing
from tests.harness.invariants import violations
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import text, this_quarter
from tests.harness.playdates import Couple, act, brought_to, like, planned
from tests.harness.snapshot import Snapshot
from tests.harness.trials import Blow, Effect, Tally, at_once, effect
from tests.harness.world import World

QUARTER = timedelta(minutes=15)
HOUR, DAY, WEEK = 4 * QUARTER, timedelta(days=1), timedelta(weeks=1)
PROGRESS = ("~", "DUE/PROGRESS", "done_until")
WEEKLY = {"weeks": 2}


def let_fall_due(world: World, *, pairs: int, offers: int) -> int:
    """Let everything that can fall due do so at once, and return how many entries are due then.

    For so many pairs of pets there are two playdates that are over, to which both sides, one or none came, and four
    appointments of which one is reminded. Besides, so many offers lapse, and five series begin, move, end by
    somebody's word and with the match, and leave out a week.
    """
    see_to_what_is_due()
    now, (ann, ben) = this_quarter(), (world.ann, world.ben)
    couples = [
        replace(world.couple, biscuit=str(ann.pet(name="Fig")["pet_id"]), olive=str(ben.pet(name="Plum")["pet_id"]))
        for _ in range(pairs)
    ]
    series = _series_fall_due(world, couples[0], now + 3 * DAY)
    who_came = [[ann, ben], [ann], []]
    for number, couple in enumerate(couples):
        for over, came in zip((-QUARTER, QUARTER), who_came[number % 2 :], strict=False):
            held = _agreed_for(world, couple, now)
            for owner in came:
                assert act(owner, held, "check-in").status == 200
            brought_to(world.store, held, now + over - QUARTER, 15)
        for ahead, due in product((HOUR, DAY), (-QUARTER, QUARTER)):
            _agreed_for(world, couple, now + ahead + due, care=(ahead, due) == (DAY, QUARTER))
    for _ in range(offers):
        world.couple.proposed(text(now + QUARTER), 15)
    clock.advance(QUARTER)
    return 6 * pairs + offers + series


def _agreed_for(world: World, couple: Couple, start: datetime, *, care: bool = False) -> str:
    """The id of a playdate, or of care, that was agreed on long ago and begins then."""
    later = text(this_quarter() + 2 * DAY)
    agreed = planned(couple.ann, couple.biscuit, later, 15) if care else couple.scheduled(later, 15)
    return brought_to(world.store, agreed, start, 15)


def _series_fall_due(world: World, couple: Couple, day: datetime) -> int:
    hours = (day + number * HOUR for number in count())
    begun = [next(hours) for _ in range(4)]
    moved, ended, *_ = (couple.scheduled(text(start), 15, repeat=WEEKLY) for start in begun[:2])
    see_to_what_is_due()
    parted = _weekly_with_a_stranger(world, couple.biscuit, next(hours))
    elsewhere = {"start": text(next(hours)), "minutes": 30, "following": True}
    assert act(couple.ann, moved, "reschedule", elsewhere).status == 200
    assert act(couple.ben, moved, "accept").status == 200
    assert act(couple.ann, ended, "cancel", {"reason": "Enough", "following": True}).status == 200
    assert couple.ann.delete(f"/matches/{parted}").status == 200
    for start in begun[2:]:
        couple.scheduled(text(start), 15, repeat=WEEKLY)
    planned(couple.ann, couple.biscuit, text(begun[3] + WEEK), 15)
    return 5


def _weekly_with_a_stranger(world: World, pet_id: str, start: datetime) -> str:
    """Let Ann agree on weekly playdates with somebody new; return the id of the match of the two."""
    new, plum = world.neighbour()
    like(world.ann, pet_id, plum)
    match = like(new, plum, pet_id).json["match"]
    Couple(world.ann, new, pet_id, plum).scheduled(text(start), 15, repeat=WEEKLY)
    return str(match["match_id"])


class Round:
    """A round through what is due, to be made again and again from the same state."""

    def __init__(self, world: World) -> None:
        self.store = world.store
        self.start = Snapshot(self.store)
        see_to_what_is_due()
        self.wanted = self._effect(snapshot.scan(self.store))

    def _effect(self, found: dict[Any, Any]) -> Effect:
        changes = effect(self.start.held, found)
        del changes[PROGRESS]
        return changes

    def wrong(self) -> Iterator[str]:
        """Say how the table differs from what one round undisturbed leaves."""
        found = snapshot.scan(self.store)
        got = self._effect(found)
        if got != self.wanted:
            yield f"too much: {dict(got - self.wanted)}, too little: {dict(self.wanted - got)}"
        yield from violations(found)

    def blows(self, faults: Mapping[str, Fault]) -> Iterator[Blow]:
        """Give every fault at every call that the undisturbed round makes. A crash happens once."""
        self.start.restore()
        with failing(self.store, next(iter(faults.values())), 0, lasting=False) as session:
            see_to_what_is_due()
        for number, (name, fault) in product(range(1, session.calls + 1), faults.items()):
            for lasting in (False,) if name in CRASHES else (False, True):
                yield Blow(name, fault, number, lasting)

    def strike(self, blow: Blow) -> tuple[bool, list[str]]:
        """Return whether the fault concerns that call, and what is wrong after the next round."""
        self.start.restore()
        wrong = []
        with failing(self.store, blow.fault, blow.number, lasting=blow.lasting) as session:
            try:
                see_to_what_is_due()
            except (Crash, SomethingLeft, Unavailable) as error:
                if not (blow.lasting or blow.crash):
                    wrong.append(f"one passing fault left something: {error}")
        see_to_what_is_due()
        return bool(session.struck), [f"round: {blow}: {fault}" for fault in [*wrong, *self.wrong()]]


def strike_rounds(world: World, faults: Mapping[str, Fault], *, every: int = 1) -> Tally:
    """Let the faults strike at each call of a round with everything due, or at every so manieth opportunity."""
    let_fall_due(world, pairs=1, offers=1)
    tally, trial = Tally(), Round(world)
    for number, blow in enumerate(trial.blows(faults)):
        if number % every == 0:
            struck, wrong = trial.strike(blow)
            tally.tried += struck
            tally.wrong += wrong
    return tally


def go_round_at_once(world: World, *, threads: int, times: int = 1) -> Tally:
    """Let many rounds begin at the same moment, with fifty entries due, so many times."""
    entries = let_fall_due(world, pairs=6, offers=9)
    tally, trial = Tally(), Round(world)

    def go_round() -> None:
        with suppress(SomethingLeft):  # who lost too many races leaves the entry to the next round
            see_to_what_is_due()

    for _ in range(times):
        trial.start.restore()
        at_once([go_round] * threads)
        see_to_what_is_due()
        tally.tried += entries
        tally.wrong += [f"{threads} rounds at once: {fault}" for fault in trial.wrong()]
    return tally
