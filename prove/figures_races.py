"""The figures of races, faults and late reads: what tests/races holds in small, run in full."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from moto import mock_aws

from auth import passwords
from common.clock import clock
from common.table import Table
from local.store import EmbeddedStore
from prove.figure import Figure
from tests.harness.engines import SETTINGS, fresh_table, quick_hashes
from tests.harness.faults import CRASHES, FAULTS
from tests.harness.mail import make_queues
from tests.harness.moments import MONDAY_MORNING
from tests.harness.playdates import meet
from tests.harness.rounds import go_round_at_once, strike_rounds
from tests.harness.trials import WRITES, Tally, keyed, repeat_at_once, sampled, strike_everywhere
from tests.harness.world import World, sign_up
from tests.races.crossings import CROSSINGS, PROMISED
from tests.races.orders import cross, cross_with_itself
from tests.races.slots import race_for_slots
from tests.races.wandering import wander
from tests.stateful.machine import play

ALL_METHODS = ("GET", *WRITES)
EVERY_SINGLE_ORDER = ("book/book", "accept/accept", "accept/decline", "accept/cancel", "refresh/revoke")
MOST_ORDERS = 200  # of a write with itself: what is counted by a throttle has more


@contextmanager
def stores(*, quick: bool = True) -> Iterator[Callable[[], Table]]:
    """Give a way to a fresh table, as often as one is needed; the one before is gone then.

    Each is on an embedded engine of its own, since engines slow down as they fill. `quick` passwords are hashed with
    the least that argon2 allows.
    """
    with pytest.MonkeyPatch.context() as patch, mock_aws(), ExitStack() as current:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        make_queues(patch)
        if quick:
            quick_hashes(patch)
        clock.freeze(MONDAY_MORNING)
        logging.disable(logging.CRITICAL)

        def fresh() -> Table:
            current.close()
            engine = current.enter_context(EmbeddedStore())
            return current.enter_context(fresh_table(patch, engine.endpoint))

        try:
            yield fresh
        finally:
            current.close()
            passwords._nobody.cache_clear()  # noqa: SLF001 (it may have been hashed quickly)
            logging.disable(logging.NOTSET)
            clock.reset()


def racing_bookings(bookings: int = 10_000, clients: int = 32, slots: int = 300) -> Figure:
    """R1: many bookings of few slots."""
    with stores() as fresh:
        store = fresh()
        ann = sign_up(store, "ann")
        tally = race_for_slots(store, ann, str(ann.pet()["pet_id"]), bookings=bookings, clients=clients, slots=slots)
    wanted = f"0 double bookings, exactly one winner for each of {slots} slots, {clients} clients"
    return Figure.of("R1", wanted, "bookings", tally.tried, tally.wrong)


def every_interleaving(
    crossings: Sequence[str] = tuple(CROSSINGS), single: Sequence[str] = EVERY_SINGLE_ORDER
) -> Figure:
    """R2: all orders of what crosses; of those in `single`, also the orders that differ in nothing that counts."""
    tally = Tally()
    with stores() as fresh:
        store = fresh()
        couple = meet(sign_up(store, "ann"), sign_up(store, "ben"))
        for names, reduced in ((crossings, True), (single, False)):
            tally.add(cross(store, couple, names, reduced=reduced))
        tally.add(cross_with_itself(World.build(fresh()), sampled(WRITES), MOST_ORDERS))
    shown = [what for what, where in PROMISED.items() if set(where) <= set(crossings)]
    wanted = (
        f"{', '.join(shown)} and others, {len(crossings)} crossings in all, and each write with itself: "
        "0 violations, one winner whenever one is legal"
    )
    return Figure.of("R2", wanted, "orders", tally.tried, tally.wrong)


def beside_a_model(runs: int = 2_000, steps: int = 50) -> Figure:
    """R4: three owners who do whatever they like, and a plain model that says what each answer should be."""
    tally = Tally()
    with stores() as fresh:
        try:
            tally.tried = play(fresh, runs, steps)
        except Exception as error:  # noqa: BLE001 (whatever it is, the steps that led there are what one wants to see)
            tally.wrong.append(f"{type(error).__name__}: {error}; " + "; ".join(getattr(error, "__notes__", [])))
    wanted = f"{runs:,} runs of up to {steps} steps: every answer the model's, everything stored fits together"
    return Figure.of("R4", wanted, "steps", tally.tried, tally.wrong)


def faults_everywhere(every: int = 1) -> Figure:
    """R5: every fault at every call of every operation, reads too, and of a round through what has fallen due."""
    with stores() as fresh:
        tally = strike_everywhere(World.build(fresh()), sampled(ALL_METHODS), FAULTS, every=every)
        tally.add(strike_rounds(World.build(fresh()), FAULTS, every=every))
    return Figure.of("R5", "0 duplicates, 0 halves, every 5xx with Retry-After", "faults", tally.tried, tally.wrong)


def one_key_many_times(times: int = 50, rounds: int = 20, every: int = 1) -> Figure:
    """R6: one key at once, with another body, without; a crash between any two calls; and rounds at once."""
    with stores() as fresh:
        world = World.build(fresh())
        tally = repeat_at_once(world, keyed(), times)
        crashed = strike_everywhere(world, keyed(), CRASHES)
        crashed.add(strike_rounds(World.build(fresh()), CRASHES, every=every))
        crashed.add(go_round_at_once(World.build(fresh()), threads=8, times=rounds))
    requests = Tally(tally.tried * times + crashed.tried, tally.wrong + crashed.wrong)
    return Figure.of(
        "R6",
        f"one effect of {times} at once; 422, 400; a crash anywhere is made good; of 8 rounds at once too",
        "requests",
        requests.tried,
        requests.wrong,
    )


def late_reads(steps: int = 500, delays: Sequence[int] = (0, 1, 2, 5, 10, 50)) -> Figure:
    """R9: neighbours on an index that is up to so many writes late."""
    tally = Tally()
    with stores() as fresh:
        for latest in delays:
            tally.add(wander(fresh(), steps, seed=latest, latest=latest))
    return Figure.of(
        "R9", f"reads 0 to {max(delays)} writes late: 0 violations, 0 5xx", "steps", tally.tried, tally.wrong
    )


FIGURES: dict[str, Callable[[], Figure]] = {
    "R1": racing_bookings,
    "R2": every_interleaving,
    "R4": beside_a_model,
    "R5": faults_everywhere,
    "R6": one_key_many_times,
    "R9": late_reads,
}
