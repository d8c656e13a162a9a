"""Whatever breaks a round through what has fallen due, or runs beside it: each effect comes, and comes once."""

import pytest

from appointments.sweep import LOOKED_BACK
from common import keys
from common.clock import clock
from common.table import Table
from tests.harness.faults import CRASHES, FAULTS
from tests.harness.invariants import faults_of
from tests.harness.playdates import items_of
from tests.harness.rounds import go_round_at_once, let_fall_due, strike_rounds
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")


@pytest.fixture
def world(store: Table) -> World:
    return World.build(store)


def test_everything_that_can_fall_due_does(store: Table, world: World) -> None:
    wanted = let_fall_due(world, pairs=2, offers=1)

    until, since = keys.due_partition(clock.now()), keys.due_partition(clock.now() - LOOKED_BACK)
    due = [entry for entry in items_of(store, "DUE#", "") if since <= entry["PK"] <= until]
    assert {entry["what"] for entry in due} == {"day", "hour", "lapse", "over", "repeat"}
    assert faults_of(store) == []
    assert len(due) == wanted


def test_a_round_under_faults_is_made_good_by_the_next(world: World) -> None:
    """Every twenty-ninth of all faults at all calls; `make prove` lets each of them strike."""
    tally = strike_rounds(world, FAULTS, every=29)

    assert tally.wrong == []
    assert tally.tried > 10


def test_a_round_that_dies_is_made_good_by_the_next(world: World) -> None:
    """Before and after every seventh call; `make prove` has the others."""
    tally = strike_rounds(world, CRASHES, every=7)

    assert tally.wrong == []
    assert tally.tried > 10


def test_of_eight_rounds_at_once_each_effect_comes_once(world: World) -> None:
    tally = go_round_at_once(world, threads=8)

    assert tally.wrong == []
    assert tally.tried == 50
