"""The figure of calendars: what tests/unit/test_calendar_files.py holds for two years, for all."""

import os
from collections.abc import Callable
from unittest.mock import patch

from prove.figure import Figure
from prove.wanted import WANTED
from tests.harness.calendar_changes import AROUND, ZONES, compare
from tests.harness.calendars import missing


def clocks() -> Figure:
    """R11: calendars around every change of clocks, read by ical.js."""
    if lacking := missing():
        return Figure("R11", WANTED["R11"], lacking, 0, ok=False)
    with patch.dict(os.environ, {"PUBLIC_URL": "https://pawtime.example"}):
        findings = compare(ZONES)
    more = f" of {len(AROUND)} appointments each in {len(ZONES)} zones"
    return Figure.of("R11", WANTED["R11"], "calendars", findings.looked_at, findings.wrong, more)


FIGURES: dict[str, Callable[[], Figure]] = {"R11": clocks}
