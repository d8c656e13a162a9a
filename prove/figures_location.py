"""The figures of where people live: what tests/integration/test_location_privacy.py holds in small, in full."""

from collections.abc import Callable
from statistics import fmean, median

from prove.figure import Figure
from prove.figures_races import stores
from prove.wanted import WANTED
from tests.harness.leaks import CELLS_ARE_SHOWN, WEAK
from tests.harness.stalking import FOUND_KM, better_than_told, stalk
from tests.harness.within_a_cell import move_within_cells

NEARLY_ALL = 0.95


def unmoved(places: int = 500, points: int = 10) -> Figure:
    """L1: in so many cells, one world beside as many others in which the owner is elsewhere in the cell."""
    with stores() as fresh:
        findings = move_within_cells(fresh(), places, points)
    return Figure.of("L1", WANTED["L1"], "pairs of worlds", findings.looked_at, findings.wrong)


def attacked(victims: int = 200) -> Figure:
    """L2: an attacker who knows everything but where the victims live, beside one who is told their cells."""
    with stores() as fresh:
        attempts = stalk(fresh(), victims, snaps=True)
    named = sum(each.guess == each.victim.cell.middle for each in attempts)
    error, told = median(each.error for each in attempts), median(each.told for each in attempts)
    share, told_share = (
        median(km / each.diagonal for km, each in zip(kms, attempts, strict=True))
        for kms in ([each.error for each in attempts], [each.told for each in attempts])
    )
    more = (
        f"; median error {error:.2f} km, {share:.3f} of the cell's diagonal (told the cell: {told:.2f} km,"
        f" {told_share:.3f}); the cell named for {named}, after {fmean(each.queries for each in attempts):.0f} queries"
        f" ({max(each.queries for each in attempts)} at the most)"
    )
    return Figure.of("L2", WANTED["L2"], "victims", len(attempts), list(better_than_told(attempts)), more)


def leaky(victims: int = 20) -> Figure:
    """L3: the same attack where exact points are known, and something of them is let out."""
    wrong, medians = [], []
    for name, weak in WEAK.items():
        with stores() as fresh, weak():
            attempts = stalk(fresh(), victims, snaps=name in CELLS_ARE_SHOWN)
        found = sum(each.found for each in attempts)
        medians.append(f"{name}: {found} of {victims} found, median {1000 * median(e.error for e in attempts):.0f} m")
        if found < NEARLY_ALL * victims or not list(better_than_told(attempts)):
            wrong.append(f"{name}: only {found} within {FOUND_KM} km")
    return Figure.of("L3", WANTED["L3"], "victims", victims * len(WEAK), wrong, f" ({'; '.join(medians)})")


FIGURES: dict[str, Callable[[], Figure]] = {"L1": unmoved, "L2": attacked, "L3": leaky}
