"""Reading one's agenda."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import OwnerFactory
from tests.harness.client import Owner
from tests.harness.moments import nine_tomorrow, text, this_quarter, tomorrow
from tests.harness.playdates import Couple, go_to, plan_care, planned

WHY = {"reason": "Biscuit is ill"}


def listed(owner: Owner, **query: Any) -> list[str]:
    """The ids of a page of somebody's agenda."""
    answer = owner.get("/appointments", **query)
    assert answer.status == 200, answer.text
    return [item["appointment_id"] for item in answer.json["items"]]


def test_both_see_a_playdate_in_their_agendas_in_order_of_time(couple: Couple) -> None:
    late, early = couple.proposed(tomorrow(15)), couple.scheduled(tomorrow(8))
    care = planned(couple.ann, couple.biscuit, tomorrow(12))

    assert listed(couple.ann) == [early, care, late]
    assert listed(couple.ben) == [early, late]


def test_an_agenda_shows_appointments_as_they_are(couple: Couple) -> None:
    appointment_id = couple.scheduled()

    page = couple.ben.get("/appointments").json

    assert page == {"items": [couple.ben.get(f"/appointments/{appointment_id}").json], "next_cursor": None}


def test_accepting_a_later_start_moves_it_in_the_order(couple: Couple) -> None:
    moved = couple.proposed(starts=[tomorrow(9), tomorrow(12)])
    between = couple.proposed(tomorrow(10))
    assert listed(couple.ann) == [moved, between]

    couple.ben.post(f"/appointments/{moved}/accept", {"start": tomorrow(12)})

    assert listed(couple.ann) == listed(couple.ben) == [between, moved]


def test_from_is_included_and_to_is_not(couple: Couple) -> None:
    nine, ten = planned(couple.ann, couple.biscuit, tomorrow(9)), planned(couple.ann, couple.biscuit, tomorrow(10))

    assert listed(couple.ann, **{"from": tomorrow(9), "to": tomorrow(10)}) == [nine]
    assert listed(
        couple.ann, **{"from": tomorrow(9).replace("00Z", "01Z"), "to": tomorrow(10).replace("00Z", "01Z")}
    ) == [ten]
    assert listed(couple.ann, **{"from": tomorrow(11).replace("Z", "+01:00")}) == [ten]
    assert listed(couple.ann, to=tomorrow(9)) == []


def test_what_began_more_than_thirty_days_ago_is_left_out_unless_asked_for(couple: Couple) -> None:
    appointment_id = planned(couple.ann, couple.biscuit, tomorrow(9))

    go_to(nine_tomorrow() + timedelta(days=30), couple.ann)
    on_the_day = listed(couple.ann)
    go_to(nine_tomorrow() + timedelta(days=30, minutes=1), couple.ann)

    assert on_the_day == [appointment_id]
    assert listed(couple.ann) == []
    assert listed(couple.ann, to=tomorrow(10)) == listed(couple.ann, **{"from": tomorrow(0)}) == [appointment_id]


def test_an_agenda_can_be_of_one_pet(couple: Couple) -> None:
    waffle = couple.ann.pet(name="Waffle")["pet_id"]
    playdate, care = couple.proposed(tomorrow(9)), planned(couple.ann, waffle, tomorrow(9))

    assert listed(couple.ann, pet_id=waffle) == [care]
    assert listed(couple.ann, pet_id=couple.biscuit) == [playdate]
    assert listed(couple.ann, pet_id=couple.olive) == []


def test_statuses_are_as_of_now(couple: Couple) -> None:
    expired, proposed = couple.proposed(tomorrow(9)), couple.proposed(tomorrow(15))
    declined = couple.proposed(tomorrow(9))
    couple.ben.post(f"/appointments/{declined}/decline")
    cancelled = couple.scheduled(tomorrow(9), 15)
    couple.ann.post(f"/appointments/{cancelled}/cancel", WHY)
    over, ahead = (
        planned(couple.ann, couple.biscuit, tomorrow(9), 30),
        planned(couple.ann, couple.biscuit, tomorrow(11)),
    )
    go_to(nine_tomorrow() + timedelta(minutes=30), couple.ann)

    by_status = {
        status: listed(couple.ann, status=status)
        for status in ("Proposed", "Expired", "Declined", "Cancelled", "Completed", "Scheduled")
    }

    assert by_status == {
        "Proposed": [proposed],
        "Expired": [expired],
        "Declined": [declined],
        "Cancelled": [cancelled],
        "Completed": [over],
        "Scheduled": [ahead],
    }


def test_filters_are_applied_while_a_page_is_filled(couple: Couple) -> None:
    waffle = couple.ann.pet(name="Waffle")["pet_id"]
    wanted = []
    for hour in range(6, 12):
        planned(couple.ann, couple.biscuit, tomorrow(hour))
        if hour % 2:
            wanted.append(planned(couple.ann, waffle, tomorrow(hour)))

    first = couple.ann.get("/appointments", pet_id=waffle, limit=2).json
    second = couple.ann.get("/appointments", pet_id=waffle, limit=2, cursor=first["next_cursor"]).json

    assert [item["appointment_id"] for item in first["items"]] == wanted[:2]
    assert [item["appointment_id"] for item in second["items"]] == wanted[2:]
    assert second["next_cursor"] is None


def test_pages_repeat_nothing_and_miss_nothing_while_others_are_added(couple: Couple) -> None:
    there = [planned(couple.ann, couple.biscuit, tomorrow(hour)) for hour in range(6, 16, 2)]

    seen, cursor, hour = [], None, 6
    while True:
        page = couple.ann.get("/appointments", limit=2, cursor=cursor).json
        seen += [item["appointment_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        planned(couple.ann, couple.biscuit, tomorrow(hour + 1))
        hour += 2

    assert [appointment_id for appointment_id in seen if appointment_id in there] == there
    assert len(set(seen)) == len(seen)


def test_a_list_goes_on_where_it_was_though_the_clock_moves(couple: Couple) -> None:
    first, second = (planned(couple.ann, couple.biscuit, tomorrow(hour)) for hour in (9, 10))
    go_to(nine_tomorrow() + timedelta(days=30), couple.ann)
    page = couple.ann.get("/appointments", limit=1).json
    go_to(nine_tomorrow() + timedelta(days=30, minutes=45), couple.ann)

    rest = listed(couple.ann, cursor=page["next_cursor"])

    assert [item["appointment_id"] for item in page["items"]] == [first]
    assert rest == [second]


def test_a_cursor_is_good_for_its_own_list_alone(couple: Couple) -> None:
    for hour in (9, 11, 13):
        couple.scheduled(tomorrow(hour))
    cursor = couple.ann.get("/appointments", limit=1).json["next_cursor"]

    others = couple.ben.get("/appointments", limit=1, cursor=cursor)
    other_filter = couple.ann.get("/appointments", limit=1, cursor=cursor, status="Scheduled")

    assert (others.status, others.code) == (other_filter.status, other_filter.code) == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": tomorrow(10), "to": tomorrow(10)}, "/query/to"),
        ({"from": tomorrow(10), "to": tomorrow(9)}, "/query/to"),
        ({"from": "yesterday"}, "/query/from"),
        ({"from": "2026-03-02T09:00:00"}, "/query/from"),
        ({"from": "0001-01-01T00:00:00Z"}, "/query/from"),
        ({"to": "9999-12-31T23:59:59Z"}, "/query/to"),
        ({"status": "scheduled"}, "/query/status"),
        ({"pet_id": "a" * 65}, "/query/pet_id"),
        ({"limit": 0}, "/query/limit"),
        ({"limit": 101}, "/query/limit"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(owner: OwnerFactory, query: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").get("/appointments", **query)

    assert (answer.status, answer.pointers()) == (422, [pointer])


def test_an_agenda_reaches_as_far_as_appointments_do(couple: Couple) -> None:
    answer = plan_care(couple.ann, couple.biscuit, text(this_quarter() + timedelta(days=180)))

    assert listed(couple.ann) == [answer.json["appointment_id"]]
