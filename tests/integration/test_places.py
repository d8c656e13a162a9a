"""Saying where one is by the name of a place, and how often one may move."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.clock import clock
from common.table import Table
from matching.profiles import MOVES_IN_A_DAY, ProfileRepository
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client, Owner
from tests.harness.neighbours import settle_down, shown
from tests.harness.playdates import NEW_YORK
from tests.harness.world import sign_in

DAY = MOVES_IN_A_DAY
BERLIN = {"latitude": 52.52, "longitude": 13.405}


def live(owner: Owner, number: int, precision: str = "neighbourhood") -> Answer:
    """Live in one of many areas, all far from each other."""
    place = {"latitude": 10.0 + number, "longitude": 20.0, "precision": precision}
    return owner.put("/matching/location", place)


def wear_out(owner: Owner) -> None:
    """Settle, and take all the moves of a day."""
    for number in range(DAY.places + 1):
        assert live(owner, number).status == 200


def wait(owner: Owner, time: timedelta) -> None:
    clock.advance(time)
    owner.token = sign_in(owner.username).token


def test_anybody_finds_places_by_how_their_names_begin(anonymous: Client) -> None:
    answer = anonymous.get("/places", q="Portl")

    assert answer.status == 200
    assert answer.json["next_cursor"] is None
    assert answer.json["items"][:2] == [
        {
            "place_id": "5746545",
            "name": "Portland",
            "region": "Oregon",
            "country": "United States",
            "country_code": "US",
            "label": "Portland, Oregon, United States",
        },
        {
            "place_id": "4975802",
            "name": "Portland",
            "region": "Maine",
            "country": "United States",
            "country_code": "US",
            "label": "Portland, Maine, United States",
        },
    ]


def test_ten_places_are_found_unless_one_says_how_many(anonymous: Client) -> None:
    usual = anonymous.get("/places", q="san").json["items"]
    few = anonymous.get("/places", q="san", limit=3).json["items"]

    assert len(usual) == 10
    assert few == usual[:3]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "/query/q"),
        ({"q": "a"}, "/query/q"),
        ({"q": "a" * 81}, "/query/q"),
        ({"q": "ann arbor", "limit": 0}, "/query/limit"),
        ({"q": "ann arbor", "limit": 21}, "/query/limit"),
    ],
)
def test_a_search_for_places_has_bounds(anonymous: Client, query: dict[str, Any], pointer: str) -> None:
    answer = anonymous.get("/places", **query)

    assert (answer.status, answer.pointers()) == (422, [pointer])


@pytest.mark.parametrize("precision", ["neighbourhood", "area"])
def test_a_place_stands_for_its_middle(owner: OwnerFactory, precision: str) -> None:
    ann = owner("ann")

    answer = ann.put("/matching/location", {"place_id": NEW_YORK, "precision": precision})

    cell = answer.json["cell"]
    assert answer.status == 200
    assert answer.json["precision"] == precision
    assert cell["south"] <= 40.714 <= cell["north"]
    assert cell["west"] <= -74.006 <= cell["east"]
    assert ann.get("/matching/location").json == answer.json


def test_owners_of_one_place_find_each_other(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = ann.pet()["pet_id"], ben.pet()["pet_id"]

    for each in (ann, ben):
        each.put("/matching/location", {"place_id": NEW_YORK, "precision": "area"})

    assert olive in shown(ann, biscuit)


def test_a_place_that_is_not_in_the_list_is_not_found(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.put("/matching/location", {"place_id": "1", "precision": "area"})

    assert (answer.status, answer.code) == (404, "place_not_found")
    assert ann.get("/matching/location").status == 404


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/place_id"),
        ({"place_id": NEW_YORK} | BERLIN, "/place_id"),
        ({"place_id": NEW_YORK, "latitude": 52.52}, "/place_id"),
        ({"latitude": 52.52}, "/longitude"),
        ({"longitude": 13.405, "latitude": None}, "/latitude"),
        ({"place_id": 5128581}, "/place_id"),
        ({"place_id": ""}, "/place_id"),
    ],
)
def test_one_says_either_a_point_or_a_place(owner: OwnerFactory, given: dict[str, Any], pointer: str) -> None:
    ann = owner("ann")

    answer = ann.put("/matching/location", given | {"precision": "area"})

    assert (answer.status, answer.code, answer.pointers()) == (422, "invalid", [pointer])


def test_nobody_moves_more_than_five_times_a_day(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)
    before = ann.get("/matching/location").json

    answer = live(ann, 50)

    assert (answer.status, answer.code) == (429, "too_many_moves")
    assert answer.headers["Retry-After"].isdecimal()
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert ann.get("/matching/location").json == before


def test_a_day_later_one_may_move_again(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)
    refused = live(ann, 50)

    wait(ann, timedelta(seconds=int(refused.headers["Retry-After"]) - 1))
    too_early = live(ann, 50)
    wait(ann, timedelta(seconds=1))

    assert too_early.status == 429
    assert live(ann, 50).status == 200


def test_nobody_moves_more_than_twenty_times_in_thirty_days(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)
    for day in range(1, 4):
        wait(ann, DAY.window)
        assert all(live(ann, 10 * day + number).status == 200 for number in range(DAY.places))
    wait(ann, DAY.window)

    answer = live(ann, 60)

    assert (answer.status, answer.code) == (429, "too_many_moves")
    assert int(answer.headers["Retry-After"]) == timedelta(days=26).total_seconds()
    wait(ann, timedelta(days=26))
    assert live(ann, 60).status == 200


def test_saying_the_same_place_again_is_no_move(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)

    answers = [live(ann, DAY.places) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 200]


def test_an_owner_who_may_not_move_may_still_be_known_less_exactly(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)

    around = live(ann, DAY.places, "area")
    back = live(ann, DAY.places)

    assert (around.status, around.json["precision"]) == (200, "area")
    assert (back.status, back.code) == (429, "too_many_moves")


def test_the_area_of_another_place_is_a_move(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)

    assert live(ann, 50, "area").status == 429


def test_each_way_back_from_the_area_into_a_neighbourhood_is_a_move(owner: OwnerFactory) -> None:
    ann = owner("ann")
    live(ann, 0)

    statuses = []
    for _ in range(DAY.places + 1):
        assert live(ann, 0, "area").status == 200
        statuses.append(live(ann, 0).status)

    assert statuses == [200] * DAY.places + [429]


def test_a_refused_place_leaves_no_trace_of_the_attempt(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    pet_id = settle_down(ann, BERLIN["latitude"], BERLIN["longitude"])
    for number in range(DAY.places):
        live(ann, number)
    before = store.get(keys.pet(pet_id))

    live(ann, 50)

    assert store.get(keys.pet(pet_id)) == before


def test_forgetting_the_place_gives_no_moves_back(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    profiles = ProfileRepository(store)
    live(ann, 0)

    statuses = []
    for number in range(1, DAY.places + 2):
        profiles.forget_place(ann.user_id)
        statuses.append(live(ann, number).status)

    assert statuses == [200] * DAY.places + [429]
    assert ann.get("/matching/location").status == 404


def test_the_first_place_is_no_move_whatever_else_was_said_before(owner: OwnerFactory) -> None:
    ann = owner("ann")
    ann.pet()
    ann.put("/matching/availability", {"time_zone": "UTC", "windows": []})

    wear_out(ann)

    assert live(ann, 50).status == 429


def test_other_changes_of_who_may_not_move_go_on(owner: OwnerFactory) -> None:
    ann = owner("ann")
    wear_out(ann)

    answer = ann.put("/matching/availability", {"time_zone": "UTC", "windows": []})

    assert answer.status == 200


def test_one_who_has_moved_often_keeps_nobody_else_from_moving(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    wear_out(ann)
    live(ben, 0)

    assert live(ben, 1).status == 200


@pytest.mark.engines("dynoxide")
@pytest.mark.in_process("asks for more at once than a server need take")
def test_moves_at_once_are_counted_like_moves_in_turn(owner: OwnerFactory) -> None:
    ann = owner("ann")
    live(ann, 0)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: live(ann, number), range(1, 25)))

    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {200, 429, 503}
    assert 0 < statuses.count(200) <= DAY.places
    assert live(ann, 50).status == (429 if statuses.count(200) == DAY.places else 200)
