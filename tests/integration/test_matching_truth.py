"""Who is found, by whom, and what is said of them, beside looking at everybody there is."""

import random

import pytest

from common.table import Table
from matching.nearby import NearbyIndex
from tests.harness.judging import see_each_other
from tests.harness.recall import SPOTS, search_everywhere

pytestmark = pytest.mark.engines("dynoxide")

read = NearbyIndex.read


def test_one_owner_sees_the_other_whenever_the_other_sees_the_one(store: Table) -> None:
    findings = see_each_other(store, number=12)

    assert findings.wrong == []
    assert findings.looked_at == 12 + 12 * 11 / 2


def test_every_pet_that_suits_is_found_all_over_the_world_and_no_other(store: Table) -> None:
    found = search_everywhere(store, number=1500, wishes_each=2)

    assert found.wrong == []
    assert found.looked_at == 2 * len(SPOTS)
    assert found.pets > found.looked_at


def test_a_search_that_misses_somebody_now_and_then_is_noticed(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    monkeypatch.setattr(NearbyIndex, "read", lambda *more: [entry for entry in read(*more) if chance.random() < 0.9])

    found = search_everywhere(store, number=800, wishes_each=1)
    seen = see_each_other(store, number=8)

    assert [wrong for wrong in found.wrong if "are shown of" in wrong]
    assert seen.wrong
