"""The demo data shows what there is to see, and is filled in but once."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from common.clock import clock
from common.table import Table
from local import seed
from tests.harness.client import Client
from tests.harness.invariants import faults_of
from tests.harness.mail import outbox, see_to_what_is_due


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """All households would take their time, and those that have anything to do with each other come first."""
    few = list(islice(seed.households(), seed.NEIGHBOURS + 1))
    monkeypatch.setattr(seed, "households", lambda: iter(few))


def signed_in(username: str) -> Client:
    login = {"username": username, "password": seed.PASSWORD, "delivery": "body"}
    return Client(Client().post("/auth/login", login).json["access_token"])


def agenda(client: Client) -> list[dict[str, Any]]:
    return list(client.get("/appointments", limit=100).json["items"])


def test_the_first_owner_has_something_to_answer_to_look_forward_to_and_to_look_back_on(store: Table) -> None:
    seed.seed(store)
    see_to_what_is_due()

    held, *coming = agenda(signed_in("maya"))
    [proposed] = [each for each in coming if each["status"] == "Proposed"]
    weekly = [each for each in coming if each["status"] == "Scheduled"]

    assert (held["status"], held["can"], held["missed_by"]) == ("Completed", ["feedback"], None)
    assert (held["other_checked_in"], held["other_feedback"]) == (True, None)
    assert (proposed["my_role"], proposed["can"]) == ("invited", ["accept", "decline", "reschedule"])
    assert [each["repeat"]["number"] for each in weekly] == list(range(1, len(weekly) + 1))
    assert len(weekly) >= 4
    assert faults_of(store) == []


def test_who_came_counts_for_both_and_one_of_them_has_said_how_it_was(store: Table) -> None:
    seed.seed(store)

    maya, nia = signed_in("maya"), signed_in("nia")

    [held] = [each for each in agenda(nia) if each["status"] == "Completed"]
    assert held["my_feedback"]["again"] is True
    for owner in (maya, nia):
        known = [match["other_reliability"]["kept"] for match in owner.get("/matches").json["items"]]
        assert 1 in known


@pytest.mark.parametrize("days", range(7))
def test_it_can_be_filled_in_on_any_day(store: Table, days: int) -> None:
    clock.advance(timedelta(days=days, hours=3 * days))
    now = clock.now()

    seed.seed(store)

    times = {each["status"]: datetime.fromisoformat(each["starts"][0]) for each in agenda(signed_in("maya"))}
    assert clock.now() == now
    assert times["Completed"] < now < min(times["Proposed"], times["Scheduled"])
    assert times["Proposed"].astimezone(UTC) < now + timedelta(days=9)


def test_filling_in_what_is_there_changes_nothing(store: Table) -> None:
    lines = seed.seed(store)
    told = len(outbox(store))

    again = seed.seed(store)

    assert again == lines
    assert len(outbox(store)) == told
