"""The figure of accounts that end: what tests/integration/test_deletion.py holds in small, in full."""

import logging
from collections.abc import Callable

from prove.figure import Figure
from prove.figures_races import stores
from prove.wanted import WANTED
from tests.harness.canaries import CANARY, overheard
from tests.harness.deletion import live, stopped_everywhere, traces
from tests.harness.invariants import faults_of
from tests.harness.mail import erase_accounts, queued
from tests.harness.playdates import meet
from tests.harness.world import sign_up
from tests.races.leaving import REQUESTS, cross_with_erasure, cross_with_leaving


def deleted(every: int = 1, crossing: tuple[str, ...] = tuple(REQUESTS)) -> Figure:
    """C5: a life of canaries ends; the erasure is killed at each of its calls, and crosses with others' requests."""
    with stores() as fresh:
        life = live(fresh())
        before = len(traces(life))
        logging.disable(logging.NOTSET)
        with overheard() as written:
            life.leave()
            stopped = stopped_everywhere(life, every)
            erase_accounts(life.store)
        logging.disable(logging.CRITICAL)
        spoken = [line for line in [*written.getvalue().splitlines(), *queued()] if CANARY in line]
        left = traces(life) + faults_of(life.store) + stopped.wrong + spoken
        store = fresh()
        couple = meet(sign_up(store, "ann"), sign_up(store, "ben"))
        for tally in (cross_with_leaving(store, couple), cross_with_erasure(store, couple, crossing)):
            left += tally.wrong
            stopped.looked_at += tally.tried
    left += [] if before else ["the life left no traces to begin with"]
    more = f", of a life with {before} traces"
    return Figure.of("C5", WANTED["C5"], "times stopped, or crossed by a request", stopped.looked_at, left, more)


FIGURES: dict[str, Callable[[], Figure]] = {"C5": deleted}
