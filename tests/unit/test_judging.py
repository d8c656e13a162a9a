"""What is said of two pets is so, and whoever judges it would notice if it were not."""

from typing import Any

import pytest

from matching import scoring
from matching.scoring import Comparison
from tests.harness import judging
from tests.harness.judging import judge

EXAMPLES = 150

suit, farthest_for = scoring.suit, scoring.farthest_for
words = Comparison._free_time_in_words  # noqa: SLF001


def test_every_two_sides_are_compared_fairly_and_truly() -> None:
    findings = judge(EXAMPLES)

    assert findings.wrong == []
    assert findings.looked_at >= EXAMPLES


def one_sided(patch: pytest.MonkeyPatch) -> None:
    def mine_only(mine: Any, theirs: Any, km: float, today: Any) -> bool:
        return km <= mine.criteria.radius_km and scoring.accepts(mine.criteria, theirs, today)

    patch.setattr(judging, "suit", mine_only)


def too_old(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "SAME_AGE_YEARS", 3)


def wrong_days(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Comparison, "_free_time_in_words", lambda self: words(self).replace("Monday", "Tuesday"))


def wrong_clocks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("matching.availability._offset_minutes", lambda *_: 0)


def short_reach(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judging, "farthest_for", lambda mine, score: farthest_for(mine, score) - 0.5)


def farther_is_better(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(scoring, "DISTANCE", -0.3)


@pytest.mark.parametrize(
    ("lie", "noticed"),
    [
        (one_sided, "one sees the other"),
        (too_old, "about the same age"),
        (wrong_days, "not so"),
        (wrong_clocks, "not so"),
        (short_reach, "possible up to"),
        (farther_is_better, "better at"),
    ],
)
def test_who_judges_notices(monkeypatch: pytest.MonkeyPatch, lie: Any, noticed: str) -> None:
    lie(monkeypatch)

    findings = judge(EXAMPLES)

    assert [wrong for wrong in findings.wrong if noticed in wrong]
