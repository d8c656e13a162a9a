"""Times that are suggested for a playdate, as owners get them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from appointments.calendar import is_quarter_hour
from common.clock import clock
from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Owner
from tests.harness.moments import nine_tomorrow, text, tomorrow
from tests.harness.playdates import Couple, go_to, like, move_in, planned
from tests.harness.world import sign_up

ABSENT = "a" * 26
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PATH = "/appointments/suggestions"


def suggested(couple: Couple, **query: Any) -> Answer:
    """What Ann is answered who asks for an hour for Biscuit and Olive."""
    pets = {"pet_id": couple.biscuit, "other_pet_id": couple.olive}
    return couple.ann.get(PATH, **pets | query)


def times(couple: Couple, **query: Any) -> list[str]:
    answer = suggested(couple, **query)
    assert answer.status == 200, answer.text
    return [item["start"] for item in answer.json["items"]]


def is_free(owner: Owner, start: str = "00:00", end: str = "24:00", zone: str = "UTC", **more: Any) -> None:
    """Let an owner be free every day."""
    windows = [{"weekday": day, "start": start, "end": end} for day in DAYS]
    answer = owner.put("/matching/availability", {"time_zone": zone, "windows": windows} | more)
    assert answer.status == 200, answer.text


def of_tomorrow() -> dict[str, str]:
    return {"from": tomorrow(0), "to": text(nine_tomorrow() + timedelta(hours=15))}


def test_a_time_that_suits_both_is_suggested_with_what_speaks_for_it(couple: Couple) -> None:
    is_free(couple.ann, "09:00", "11:30")
    is_free(couple.ben, "10:00", "12:00")

    answer = suggested(couple, minutes=90, **of_tomorrow())

    day = f"{nine_tomorrow():%A}"
    assert answer.status == 200
    assert answer.json == {
        "items": [
            {
                "start": tomorrow(10),
                "end": tomorrow(11, 30),
                "why": [
                    f"both free {day} mornings",
                    "soon: tomorrow",
                    "in the daytime",
                    "on the hour",
                    "nothing else in Biscuit's calendar that day",
                ],
            }
        ],
        "minutes": 90,
        "based_on": "both",
        "time_zone": "UTC",
    }


def test_what_is_suggested_can_be_proposed_and_accepted(couple: Couple) -> None:
    is_free(couple.ben, "07:00", "22:00", "America/New_York")
    planned(couple.ann, couple.biscuit, tomorrow(14), 120)

    for start in times(couple, minutes=120, limit=20):
        couple.scheduled(start, 120)


def test_five_are_suggested_of_the_next_two_weeks_unless_more_are_asked_for(couple: Couple) -> None:
    is_free(couple.ann)
    is_free(couple.ben)

    few, many = times(couple), times(couple, limit=20)

    assert (len(few), len(many)) == (5, 20)
    assert few == many[:5]
    assert many == times(couple, limit=20)
    moments = sorted(map(datetime.fromisoformat, many))
    assert all(is_quarter_hour(moment) for moment in moments)
    assert clock.now() + timedelta(hours=2) <= moments[0] < moments[-1] < clock.now() + timedelta(days=14)
    assert all(following - before >= timedelta(hours=1) for before, following in pairwise(moments))


@pytest.mark.parametrize("whose", ["biscuit", "olive"])
def test_a_time_that_either_pet_has_something_in_is_not_suggested(couple: Couple, whose: str) -> None:
    is_free(couple.ann, "10:00", "12:00")
    is_free(couple.ben, "10:00", "12:00")
    owner, pet_id = (couple.ann, couple.biscuit) if whose == "biscuit" else (couple.ben, couple.olive)

    before = times(couple, **of_tomorrow())
    planned(owner, pet_id, tomorrow(10), 30)
    after = times(couple, **of_tomorrow())

    assert before == [tomorrow(10)]
    assert after == [tomorrow(11)]


def test_what_a_pet_has_outside_of_the_range_still_makes_its_day_a_busy_one(couple: Couple) -> None:
    is_free(couple.ann, "10:00", "11:00")
    planned(couple.ann, couple.biscuit, tomorrow(7), 30)

    [found] = suggested(couple, **{"from": tomorrow(10), "to": tomorrow(11)}).json["items"]

    assert found["start"] == tomorrow(10)
    assert not [said for said in found["why"] if "calendar" in said]


def test_what_is_cancelled_is_free_again(couple: Couple) -> None:
    is_free(couple.ann, "10:00", "11:00")
    appointment_id = couple.scheduled(tomorrow(10))

    booked = times(couple, **of_tomorrow())
    couple.ben.post(f"/appointments/{appointment_id}/cancel", {"reason": "Rain"})

    assert booked == []
    assert times(couple, **of_tomorrow()) == [tomorrow(10)]


def test_nobody_is_suggested_a_day_on_which_either_is_away(couple: Couple) -> None:
    today, day = str(clock.now().date()), str(nine_tomorrow().date())
    is_free(couple.ann, away=[{"from": day, "to": day}])
    is_free(couple.ben, away=[{"from": today, "to": today}])

    found = times(couple, limit=20)

    assert not [start for start in found if start[:10] in (today, day)]
    assert [start for start in found if start[:10] not in (today, day)]


def test_it_is_said_whose_statements_they_follow(couple: Couple) -> None:
    based_on = [suggested(couple).json["based_on"]]
    is_free(couple.ben)
    based_on.append(suggested(couple).json["based_on"])
    is_free(couple.ann)
    based_on.append(suggested(couple).json["based_on"])
    couple.ben.put("/matching/availability", {"time_zone": "UTC", "windows": []})
    based_on.append(suggested(couple).json["based_on"])

    assert based_on == ["none", "theirs", "both", "yours"]


def test_who_has_not_said_can_say_where_their_clocks_are(couple: Couple) -> None:
    answer = suggested(couple, time_zone="Asia/Kathmandu", limit=20)

    hours = [datetime.fromisoformat(item["start"]) + timedelta(hours=5, minutes=45) for item in answer.json["items"]]
    assert answer.json["time_zone"] == "Asia/Kathmandu"
    assert {hour.minute for hour in hours} == {0}
    assert all(8 <= hour.hour <= 20 for hour in hours)


def test_both_owners_get_the_same_times(couple: Couple) -> None:
    is_free(couple.ann, "08:00", "13:00")
    is_free(couple.ben, "10:00", "19:00")

    mine = times(couple, limit=20)
    theirs = couple.ben.get(PATH, pet_id=couple.olive, other_pet_id=couple.biscuit, limit=20).json["items"]

    assert sorted(mine) == sorted(item["start"] for item in theirs)


def test_asking_quarter_after_quarter_shows_no_more_than_asking_once(couple: Couple) -> None:
    is_free(couple.ann)
    is_free(couple.ben, "08:10", "17:50")

    pieces = (
        {"from": tomorrow(hour, minute), "to": tomorrow(hour, minute + 14)} for hour in range(24) for minute in (0, 15)
    )
    piecemeal = {start for piece in pieces for start in times(couple, minutes=15, **piece)}

    assert piecemeal == set(times(couple, minutes=15, limit=20, **of_tomorrow())) == {tomorrow(9), tomorrow(12)}


def wrong_ranges() -> Iterator[tuple[dict[str, str], str]]:
    now = clock.now()
    yield {"from": tomorrow(9), "to": tomorrow(9)}, "/query/to"
    yield {"from": tomorrow(9), "to": tomorrow(8)}, "/query/to"
    yield {"to": text(now)}, "/query/to"
    yield {"from": "0001-01-01T00:00:00Z", "to": "1999-01-01T00:00:00Z"}, "/query/to"
    yield {"from": tomorrow(9), "to": text(nine_tomorrow() + timedelta(days=31, seconds=1))}, "/query/to"
    yield {"from": text(now + timedelta(days=180, minutes=1))}, "/query/from"
    yield {"from": "9999-12-31T23:59:59Z"}, "/query/from"
    yield {"to": "9999-12-31T23:59:59Z"}, "/query/to"
    yield {"from": tomorrow(9).removesuffix("Z")}, "/query/from"
    yield {"minutes": "20"}, "/query/minutes"
    yield {"minutes": "255"}, "/query/minutes"
    yield {"limit": "21"}, "/query/limit"
    yield {"time_zone": "Europe/Atlantis"}, "/query/time_zone"


@pytest.mark.parametrize(("query", "pointer"), list(wrong_ranges()))
def test_what_is_not_acceptable_is_pointed_at(couple: Couple, query: dict[str, str], pointer: str) -> None:
    answer = suggested(couple, **query)

    assert (answer.status, answer.pointers()) == (422, [pointer])


def test_a_range_may_begin_in_the_past_and_reach_as_far_as_anything_can_be_proposed(couple: Couple) -> None:
    is_free(couple.ann)
    is_free(couple.ben)
    now = clock.now()

    since_long = times(couple, **{"from": "0001-01-01T00:00:00Z"}, limit=20)
    at_the_end = times(couple, **{"from": text(now + timedelta(days=179))}, limit=20)

    assert since_long == times(couple, limit=20)
    assert at_the_end
    assert max(at_the_end) < text(now + timedelta(days=180))


def test_a_range_of_31_days_is_not_too_long(couple: Couple) -> None:
    assert suggested(couple, **{"from": tomorrow(9), "to": text(nine_tomorrow() + timedelta(days=31))}).status == 200


def test_a_pet_of_somebody_else_is_refused_as_when_a_playdate_is_proposed(couple: Couple, owner: OwnerFactory) -> None:
    cleo = owner("cleo")
    move_in(cleo)
    fig = cleo.pet(name="Fig")["pet_id"]

    refused = [suggested(couple, pet_id=pet_id) for pet_id in (ABSENT, couple.olive, fig)]
    unmatched = [suggested(couple, other_pet_id=pet_id) for pet_id in (ABSENT, fig)]

    assert [(answer.status, answer.code) for answer in refused + unmatched] == [(404, "pet_not_found")] * 5
    assert unmatched[0].json | {"request_id": ""} == unmatched[1].json | {"request_id": ""}
    assert unmatched[0].json["title"] == couple.propose(other_pet_id=fig).json["title"]


def test_a_pet_of_ones_own_is_no_company(couple: Couple) -> None:
    waffle = couple.ann.pet(name="Waffle")["pet_id"]

    answers = [suggested(couple, other_pet_id=pet_id) for pet_id in (waffle, couple.biscuit)]

    assert [(answer.status, answer.pointers()) for answer in answers] == [(422, ["/query/other_pet_id"])] * 2


def test_nothing_is_suggested_once_the_match_has_ended(couple: Couple) -> None:
    [match] = couple.ann.get("/matches").json["items"]
    couple.ben.delete(f"/matches/{match['match_id']}")

    answer = suggested(couple)

    assert (answer.status, answer.code) == (404, "pet_not_found")


def test_nothing_is_suggested_across_a_block(couple: Couple) -> None:
    couple.ben.post("/blocks", {"user_id": couple.ann.user_id})

    answer = suggested(couple)

    assert (answer.status, answer.code) == (404, "pet_not_found")


@pytest.mark.parametrize("asking", ["ann", "ben"])
def test_pets_that_are_kept_apart_are_suggested_no_time(couple: Couple, asking: str) -> None:
    ids = (couple.biscuit, couple.olive) if asking == "ann" else (couple.olive, couple.biscuit)
    getattr(couple, asking).put(f"/pets/{ids[0]}/keep-apart/{ids[1]}")

    refused = suggested(couple)
    of_another = suggested(couple, pet_id=couple.ann.pet(name="Sister")["pet_id"])

    assert (refused.status, refused.code) == (409, "kept_apart")
    assert of_another.status == 200


def test_times_can_only_be_read(couple: Couple) -> None:
    answer = couple.ann.post(PATH, {})

    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_it_takes_a_handful_of_reads_and_no_write(couple: Couple, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    call = Table.call

    def counted(table: Table, operation: str, **members: Any) -> dict[str, Any]:
        calls.append(operation)
        return call(table, operation, **members)

    monkeypatch.setattr(Table, "call", counted)
    assert suggested(couple, limit=20).status == 200

    assert set(calls) == {"get_item", "query"}
    assert len(calls) <= 10


def test_an_answer_holds_nothing_of_the_other_owner(couple: Couple) -> None:
    is_free(couple.ann, "08:00", "20:00")
    is_free(couple.ben, "09:10", "17:25", away=[{"from": "2026-03-05", "to": "2026-03-05"}])
    care = planned(couple.ben, couple.olive, tomorrow(9))

    answer = suggested(couple, limit=20).text

    assert not [each for each in (care, couple.ben.user_id, "Olive", "09:10", "17:25", "Vaccination") if each in answer]


def test_clocks_that_change_move_what_is_suggested(store: Table) -> None:
    ann, ben = sign_up(store, "ann"), sign_up(store, "ben")
    move_in(ann)
    move_in(ben)
    biscuit, olive = ann.pet(name="Biscuit")["pet_id"], ben.pet(name="Olive")["pet_id"]
    like(ann, biscuit, olive)
    like(ben, olive, biscuit)
    go_to(datetime(2026, 3, 27, 9, tzinfo=UTC), ann, ben)
    is_free(ann, "10:00", "11:00", "Europe/Berlin")
    is_free(ben, "08:00", "22:00", "Europe/Berlin")

    found = times(Couple(ann, ben, biscuit, olive), to="2026-03-30T00:00:00Z")

    assert found == ["2026-03-28T09:00:00Z", "2026-03-29T08:00:00Z"]
