"""Who may do what with an appointment, and when."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from appointments import lifecycle
from appointments.lifecycle import (
    AppointmentStatus,
    PartyRole,
    ProposalExpired,
    State,
    Transition,
    TransitionNotAllowed,
)
from common.errors import Invalid

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=1)
STATUSES = get_args(AppointmentStatus.__value__)
STATES: list[State] = [*STATUSES, "Moving", "At hand", "Under way"]
ROLES = get_args(PartyRole.__value__)
STEPS = get_args(Transition.__value__)

ALLOWED = """
    Proposed    proposer  reschedule  Proposed
    Proposed    proposer  cancel      Cancelled
    Proposed    invited   accept      Scheduled
    Proposed    invited   decline     Declined
    Proposed    invited   reschedule  Proposed
    Scheduled   proposer  reschedule  Scheduled
    Scheduled   proposer  cancel      Cancelled
    Scheduled   invited   reschedule  Scheduled
    Scheduled   invited   cancel      Cancelled
    Scheduled   owner     reschedule  Scheduled
    Scheduled   owner     cancel      Cancelled
    Moving      proposer  reschedule  Scheduled
    Moving      proposer  decline     Scheduled
    Moving      proposer  cancel      Cancelled
    Moving      invited   accept      Scheduled
    Moving      invited   decline     Scheduled
    Moving      invited   reschedule  Scheduled
    Moving      invited   cancel      Cancelled
    At_hand     proposer  check-in    Scheduled
    At_hand     proposer  cancel      Cancelled
    At_hand     invited   check-in    Scheduled
    At_hand     invited   cancel      Cancelled
    At_hand     owner     cancel      Cancelled
    Under_way   proposer  check-in    Scheduled
    Under_way   proposer  complete    Completed
    Under_way   invited   check-in    Scheduled
    Under_way   invited   complete    Completed
    Under_way   owner     complete    Completed
    Completed   proposer  feedback    Completed
    Completed   invited   feedback    Completed
"""
STEPS_ALLOWED = {
    (state.replace("_", " "), role, step): status
    for state, role, step, status in (line.split() for line in ALLOWED.strip().splitlines())
}


@pytest.mark.parametrize(("state", "role", "step"), list(STEPS_ALLOWED))
def test_what_is_allowed_leads_on(state: State, role: PartyRole, step: Transition) -> None:
    assert lifecycle.follow(state, role, step) == STEPS_ALLOWED[state, role, step]


@pytest.mark.parametrize(("state", "role", "step"), sorted(set(product(STATES, ROLES, STEPS)) - set(STEPS_ALLOWED)))
def test_everything_else_is_refused_with_the_current_status(state: State, role: PartyRole, step: Transition) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        lifecycle.follow(state, role, step)

    assert refusal.value.as_dict()["current_status"] == lifecycle.status_of(state)


@pytest.mark.parametrize(("state", "role"), list(product(STATES, ROLES)))
def test_what_is_offered_to_do_is_what_is_allowed(state: State, role: PartyRole) -> None:
    offered = lifecycle.available(state, role)

    assert set(offered) == {step for step in STEPS if (state, role, step) in STEPS_ALLOWED}


def test_only_a_status_that_the_api_knows_is_ever_shown() -> None:
    assert {lifecycle.status_of(state) for state in STATES} == set(STATUSES)


@pytest.mark.parametrize(
    ("before_start", "state"),
    [(31, "Scheduled"), (30, "At hand"), (1, "At hand"), (0, "Under way"), (-29, "Under way"), (-30, "Completed")],
)
def test_time_takes_what_was_agreed_from_state_to_state(before_start: int, state: State) -> None:
    now = SOON - timedelta(minutes=before_start)

    assert lifecycle.state_at("Scheduled", SOON, 30, None, now) == state


def test_a_wish_to_move_stands_until_it_lapses() -> None:
    def state(now: datetime) -> State:
        return lifecycle.state_at("Scheduled", LATER, 30, SOON, now)

    assert state(SOON - timedelta(seconds=1)) == "Moving"
    assert state(SOON) == "Scheduled"


def test_a_proposal_stands_until_it_lapses() -> None:
    def state(now: datetime) -> State:
        return lifecycle.state_at("Proposed", None, 30, SOON, now)

    assert state(SOON - timedelta(seconds=1)) == "Proposed"
    assert state(SOON) == "Expired"


def test_an_offer_lapses_after_a_week_or_with_its_last_time() -> None:
    week = timedelta(days=7)

    assert lifecycle.lapses_at([SOON, LATER], NOW) == LATER
    assert lifecycle.lapses_at([SOON, NOW + 2 * week], NOW) == NOW + week


@pytest.mark.parametrize("status", ["Cancelled", "Declined", "Expired", "Completed"])
def test_time_changes_nothing_that_has_ended(status: AppointmentStatus) -> None:
    assert lifecycle.state_at(status, SOON, 30, None, LATER) == status


def test_the_only_start_need_not_be_named() -> None:
    assert lifecycle.choose_start([SOON], None, "Proposed", NOW) == SOON
    assert lifecycle.choose_start([SOON], SOON, "Proposed", NOW) == SOON


@pytest.mark.parametrize("wanted", [None, SOON + timedelta(minutes=15)])
def test_of_several_starts_one_must_be_named(wanted: datetime | None) -> None:
    with pytest.raises(Invalid) as refusal:
        lifecycle.choose_start([SOON, LATER], wanted, "Proposed", NOW)

    assert refusal.value.members["errors"][0]["pointer"] == "/start"


def test_a_start_that_has_come_is_too_late_to_accept() -> None:
    with pytest.raises(ProposalExpired) as refusal:
        lifecycle.choose_start([NOW, LATER], NOW, "Proposed", NOW)

    assert refusal.value.as_dict()["current_status"] == "Proposed"
    assert lifecycle.choose_start([NOW, LATER], LATER, "Proposed", NOW) == LATER


def test_only_what_was_agreed_needs_a_reason_to_be_cancelled() -> None:
    lifecycle.require_reason("Proposed", None)
    lifecycle.require_reason("Scheduled", "Biscuit is ill")

    with pytest.raises(Invalid):
        lifecycle.require_reason("Scheduled", None)
