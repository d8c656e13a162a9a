"""Who may do what with an appointment, and when."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest

from appointments import lifecycle
from appointments.lifecycle import AppointmentStatus, PartyRole, ProposalExpired, Transition, TransitionNotAllowed
from common.errors import Invalid

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=1)
STATUSES = get_args(AppointmentStatus.__value__)
ROLES = get_args(PartyRole.__value__)
STEPS = get_args(Transition.__value__)

ALLOWED = {
    ("Proposed", "invited", "accept"): "Scheduled",
    ("Proposed", "invited", "decline"): "Declined",
    ("Proposed", "proposer", "cancel"): "Cancelled",
    ("Scheduled", "proposer", "cancel"): "Cancelled",
    ("Scheduled", "invited", "cancel"): "Cancelled",
    ("Scheduled", "owner", "cancel"): "Cancelled",
}


@pytest.mark.parametrize(("status", "role", "transition"), list(ALLOWED))
def test_what_is_allowed_leads_on(status: AppointmentStatus, role: PartyRole, transition: Transition) -> None:
    assert lifecycle.follow(status, role, transition) == ALLOWED[status, role, transition]


@pytest.mark.parametrize(("status", "role", "transition"), sorted(set(product(STATUSES, ROLES, STEPS)) - set(ALLOWED)))
def test_everything_else_is_refused_with_the_current_status(
    status: AppointmentStatus, role: PartyRole, transition: Transition
) -> None:
    with pytest.raises(TransitionNotAllowed) as refusal:
        lifecycle.follow(status, role, transition)

    assert refusal.value.as_dict()["current_status"] == status


@pytest.mark.parametrize(("status", "role"), list(product(STATUSES, ROLES)))
def test_what_is_offered_to_do_is_what_is_allowed(status: AppointmentStatus, role: PartyRole) -> None:
    offered = lifecycle.available(status, role, [SOON], NOW)

    assert set(offered) == {step for step in STEPS if (status, role, step) in ALLOWED}


def test_a_proposal_can_be_accepted_while_one_of_its_starts_is_to_come() -> None:
    past = NOW - timedelta(hours=1)

    assert "accept" in lifecycle.available("Proposed", "invited", [past, SOON], NOW)
    assert lifecycle.available("Proposed", "invited", [past, NOW], NOW) == ["decline"]


def test_what_was_agreed_is_completed_once_its_end_has_passed() -> None:
    def status(now: datetime) -> AppointmentStatus:
        return lifecycle.status_at("Scheduled", SOON, 30, now)

    assert status(SOON + timedelta(minutes=29)) == "Scheduled"
    assert status(SOON + timedelta(minutes=30)) == "Completed"


@pytest.mark.parametrize("status", ["Proposed", "Cancelled", "Declined"])
def test_time_completes_nothing_that_was_not_agreed(status: AppointmentStatus) -> None:
    assert lifecycle.status_at(status, SOON, 30, LATER) == status


def test_the_only_start_need_not_be_named() -> None:
    assert lifecycle.choose_start([SOON], None, NOW) == SOON
    assert lifecycle.choose_start([SOON], SOON, NOW) == SOON


@pytest.mark.parametrize("wanted", [None, SOON + timedelta(minutes=15)])
def test_of_several_starts_one_must_be_named(wanted: datetime | None) -> None:
    with pytest.raises(Invalid) as refusal:
        lifecycle.choose_start([SOON, LATER], wanted, NOW)

    assert refusal.value.members["errors"][0]["pointer"] == "/start"


def test_a_start_that_has_come_is_too_late_to_accept() -> None:
    with pytest.raises(ProposalExpired) as refusal:
        lifecycle.choose_start([NOW, LATER], NOW, NOW)

    assert refusal.value.as_dict()["current_status"] == "Proposed"
    assert lifecycle.choose_start([NOW, LATER], LATER, NOW) == LATER


def test_only_what_was_agreed_needs_a_reason_to_be_cancelled() -> None:
    lifecycle.require_reason("Proposed", None)
    lifecycle.require_reason("Scheduled", "Biscuit is ill")

    with pytest.raises(Invalid):
        lifecycle.require_reason("Scheduled", None)
