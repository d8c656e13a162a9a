"""Reads of the index that come late: nobody is shown who does not suit now, and nothing that is written goes wrong."""

import random

import pytest

from common.table import Table
from matching import candidates
from tests.harness.late_index import LateIndex, late_index
from tests.races.wandering import Neighbourhood, wander

pytestmark = pytest.mark.engines("dynoxide")


@pytest.mark.parametrize("latest", [0, 1, 5, 20])
def test_however_late_the_index_is_everything_written_is_right(store: Table, latest: int) -> None:
    tally = wander(store, steps=80, seed=latest, latest=latest)

    assert tally.wrong == []


def test_a_search_that_believes_the_index_is_caught(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "suit", lambda *_, **__: True)

    chance = random.Random(5)
    with late_index(store, 20, chance) as index:
        wrong = Neighbourhood(store, index, chance).walk(steps=3000)  # chance decides how soon it shows

        assert any("do not suit any more" in fault for fault in wrong)


def test_an_index_that_is_never_late_is_noticed(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LateIndex, "after", lambda *_, **__: None)

    tally = wander(store, steps=10, seed=5, latest=20)

    assert any("reads were late" in fault for fault in tally.wrong)
