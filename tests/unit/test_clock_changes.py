"""Suggested and repeated times where clocks change, beside brute force; `make prove ONLY=R10` looks at all of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appointments import clock_changes
from appointments.series import SeriesRecord
from tests.harness.clock_changes import YEARS, ZONES, changes, compare, compare_repeats

SOME = 383


def test_what_is_suggested_around_a_change_is_what_clocks_show() -> None:
    findings = compare(every=SOME)

    assert findings.wrong == []
    assert findings.looked_at > 50


def test_all_changes_of_the_years_are_looked_at() -> None:
    found = list(changes())

    changing = {zone for zone, _ in found}
    assert len(found) == 2 * len(YEARS) * len(changing)
    assert changing == set(ZONES) - {"Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "Asia/Tehran"}


def test_a_change_that_is_seen_too_late_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    next_change = clock_changes.next_change
    monkeypatch.setattr(
        clock_changes,
        "next_change",
        lambda zone, span: min(next_change(zone, span) + timedelta(minutes=15), span.end),
    )

    assert compare(every=SOME).wrong


def test_offsets_that_never_change_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_changes, "next_change", lambda zone, span: span.end)

    assert compare(every=SOME).wrong


def test_weekly_playdates_keep_their_time_of_day_around_changes() -> None:
    findings = compare_repeats(every=40)

    assert findings.wrong == []
    assert findings.looked_at > 50


def test_a_weekly_playdate_that_forgets_the_change_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_the_hour(self: SeriesRecord, number: int) -> datetime:
        first = datetime.fromisoformat(self.anchor).replace(tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)
        return first + timedelta(weeks=number)

    monkeypatch.setattr(SeriesRecord, "start_of", by_the_hour)

    assert compare_repeats(every=40).wrong
