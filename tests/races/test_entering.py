"""Refreshing, ending sessions and guessing, many at once: in small what `make prove` measures in full."""

from io import StringIO

import pytest

from auth import sessions
from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.entering import (
    ended_for_good,
    give_nothing_away,
    guess_at_once,
    lose_answers,
    refresh_at_once,
    refuse_refreshes,
)
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")


def test_one_token_presented_by_many_at_once_takes_one_step(owner: OwnerFactory) -> None:
    tally = refresh_at_once(owner("ann"), rounds=3, times=20)

    assert (tally.tried, tally.wrong) == (60, [])


def test_a_refresh_without_a_grace_time_is_caught(owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "GRACE", -sessions.GRACE)

    tally = refresh_at_once(owner("ann"), rounds=1, times=10)

    assert tally.wrong


def test_refresh_tokens_that_are_not_in_force_are_refused(store: Table, owner: OwnerFactory, log: StringIO) -> None:
    tally = refuse_refreshes(store, owner("ann"), rounds=4)

    assert tally.wrong == []
    assert log.getvalue().count("refresh token reused") == 2 * 4


def test_an_answer_that_was_lost_logs_nobody_out(store: Table, owner: OwnerFactory) -> None:
    tally = lose_answers(store, owner("ann"), times=20)

    assert (tally.tried, tally.wrong) == (20, [])


def test_what_has_ended_is_accepted_nowhere(store: Table) -> None:
    tally = ended_for_good(World.build(store))

    assert tally.wrong == []
    assert tally.tried > 100


def test_guesses_at_once_are_counted_and_owners_get_in(store: Table) -> None:
    tally = guess_at_once(store, rounds=1, times=32, parallel_logins=12)

    assert tally.wrong == []


def test_answers_do_not_tell_what_is_known(store: Table) -> None:
    tally, ratios = give_nothing_away(store, times=5)

    assert tally.wrong == []
    assert len(ratios) == 5
