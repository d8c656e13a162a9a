"""The figure of clock changes: small in tests/unit/test_clock_changes.py."""

from collections.abc import Callable

from prove.figure import Figure
from prove.wanted import WANTED
from tests.harness import clock_changes
from tests.harness.clock_changes import ZONES


def wall_clocks(every: int = 1) -> Figure:
    """R10: suggested and weekly repeated times around each change, beside brute force by zoneinfo."""
    findings, repeated = clock_changes.compare(every), clock_changes.compare_repeats(every)
    changes = len(list(clock_changes.changes()))
    more = (
        f" around {changes} changes, each with {len(ZONES)} zones on the other side; of these"
        f" {repeated.looked_at:,} weekly playdates"
    )
    looked_at, wrong = findings.looked_at + repeated.looked_at, findings.wrong + repeated.wrong
    return Figure.of("R10", WANTED["R10"], "pairs of weeks and weekly playdates", looked_at, wrong, more)


FIGURES: dict[str, Callable[[], Figure]] = {"R10": wall_clocks}
