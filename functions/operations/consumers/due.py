"""Sees to what of appointments has fallen due, every few minutes. Whatever is left is for the next time."""

from typing import Any

from appointments.sweep import Sweep
from common.table import table

SPARE_MILLISECONDS = 10_000
"""So much of its time the function keeps for the entry that it is at."""


class SomethingLeft(Exception):
    """Some of what fell due could not be seen to: an alarm counts the runs of the function that end so."""


def handler(_event: dict[str, Any], context: Any = None) -> None:
    """Go through all that has fallen due; raise SomethingLeft where that was not possible with all of it."""

    def goes_on() -> bool:
        return context is None or context.get_remaining_time_in_millis() > SPARE_MILLISECONDS

    left = Sweep(table(), goes_on).run()
    if left:
        raise SomethingLeft(f"{left} entries are left")
