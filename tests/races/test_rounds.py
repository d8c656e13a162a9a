"""Whatever breaks a round through what has fallen due, or runs beside it: each effect comes, and comes once."""

from datetime import timedelta

import pytest

from appointments import reliability
from appointments.models import AppointmentRecord
from appointments.sweep import LOOKED_BACK
from common import keys
from common.clock import clock
from common.table import Table, Update
from tests.harness.faults import CRASHES, FAULTS
from tests.harness.invariants import faults_of
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import this_quarter
from tests.harness.playdates import act, items_of
from tests.harness.rounds import QUARTER, go_round_at_once, let_fall_due, strike_rounds
from tests.harness.world import World, sign_in

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


def test_who_comes_at_the_last_moment_while_a_round_counts_has_come(
    store: Table, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, count = world.playdate_at(this_quarter() - timedelta(minutes=45)), reliability.of_what_is_over
    assert act(world.ann, held, "check-in").status == 200
    late = iter([world.ben])

    def count_while_somebody_comes(table: Table, playdate: AppointmentRecord) -> list[Update]:
        counted = count(table, playdate)
        for owner in late:
            clock.advance(-QUARTER)
            assert act(owner, held, "check-in").status == 200
            clock.advance(QUARTER)
        return counted

    monkeypatch.setattr(reliability, "of_what_is_over", count_while_somebody_comes)
    clock.advance(QUARTER)
    see_to_what_is_due()

    assert faults_of(store) == []
    [match] = sign_in(world.ann.username).get("/matches").json["items"]
    assert match["other_reliability"] == {"kept": 1, "missed": 0, "cancelled_late": 0}
