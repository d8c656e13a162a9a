"""Crossings, each in every order of its calls, and everything that is wrong after one of these."""

from collections.abc import Sequence

from common.table import Table
from tests.harness.interleaving import every_order
from tests.harness.invariants import faults_of
from tests.harness.playdates import Couple
from tests.harness.snapshot import Snapshot
from tests.harness.trials import Tally
from tests.races.crossings import CROSSINGS, outcome


def cross(store: Table, couple: Couple, names: Sequence[str], *, reduced: bool = True) -> Tally:
    """Try all orders of some crossings; see `every_order` for what `reduced` leaves out."""
    tally = Tally()
    start = Snapshot(store)
    for name in names:
        acts = CROSSINGS[name].prepare(couple)
        seen = set()
        for played in every_order(store, acts, reduced=reduced):
            seen.add(outcome(played.answers))
            tally.tried += 1
            tally.wrong += [f"{name}, {played.order}: {fault}" for fault in faults_of(store)]
        tally.wrong += [f"{name} came to {each}" for each in seen - CROSSINGS[name].outcomes]
        tally.wrong += [f"{name} never came to {each}" for each in CROSSINGS[name].outcomes - seen]
        start.restore()
    return tally
