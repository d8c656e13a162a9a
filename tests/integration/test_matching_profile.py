"""Where an owner is, whom they look for, when they are free: saying it, reading it, and what is never kept."""

import json
import logging
from typing import Any

import pytest

from common import keys
from common.table import Table, _from_wire
from matching import cards as owner_parts
from pets import cards
from tests.conftest import OwnerFactory
from tests.harness.client import Client
from tests.harness.moments import Now

HOME = {"latitude": 40.73061234, "longitude": -73.93524321, "precision": "neighbourhood"}
CRITERIA = {
    "preferred_type": "cat",
    "age_range_start": 1,
    "age_range_end": 9,
    "size_preference": "small",
    "activity_level": "low",
    "radius_km": 12,
    "with_children": True,
    "vaccinated": True,
}
SATURDAYS: dict[str, Any] = {
    "time_zone": "America/New_York",
    "windows": [{"weekday": "saturday", "start": "09:00", "end": "12:00"}],
}
PATHS = ("/matching/location", "/matching/criteria", "/matching/availability")


def everything_in(store: Table) -> list[dict[str, Any]]:
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    return [_from_wire(wire) for page in pages for wire in page["Items"]]


def stored_pet(store: Table, pet_id: str) -> dict[str, Any]:
    item = store.get(keys.pet(pet_id))
    assert item
    return item


@pytest.mark.parametrize(("precision", "height", "width"), [("neighbourhood", 0.0055, 0.011), ("area", 0.044, 0.044)])
def test_a_place_is_answered_as_the_cell_that_holds_it(
    owner: OwnerFactory, precision: str, height: float, width: float
) -> None:
    ann = owner("ann")

    now = Now()
    answer = ann.put("/matching/location", HOME | {"precision": precision})

    cell = answer.json["cell"]
    assert answer.status == 200
    assert answer.json["precision"] == precision
    assert answer.json["located_at"] == now
    assert cell["south"] <= HOME["latitude"] <= cell["north"]
    assert cell["west"] <= HOME["longitude"] <= cell["east"]
    assert (cell["north"] - cell["south"], cell["east"] - cell["west"]) == pytest.approx((height, width), rel=0.01)
    assert ann.get("/matching/location").json == answer.json


def test_a_place_that_was_never_given_is_not_found(owner: OwnerFactory) -> None:
    answer = owner("ann").get("/matching/location")

    assert (answer.status, answer.code) == (404, "location_not_set")


def test_the_exact_point_is_nowhere_afterwards(
    owner: OwnerFactory, store: Table, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    ann = owner("ann")
    ann.pet()
    caplog.set_level(logging.DEBUG)

    answer = ann.put("/matching/location", HOME)
    ann.put("/matching/location", HOME | {"precision": "exact"})

    printed = capsys.readouterr()
    traces = answer.text + repr(everything_in(store)) + caplog.text + printed.out + printed.err
    for digits in ("40.7306", "73.9352", "730612", "935243"):
        assert digits not in traces


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"latitude": 90.01}, "/latitude"),
        ({"latitude": True}, "/latitude"),
        ({"latitude": "40.7"}, "/latitude"),
        ({"latitude": None}, "/latitude"),
        ({"longitude": -180.5}, "/longitude"),
        ({"precision": "exact"}, "/precision"),
        ({"altitude": 3}, "/altitude"),
    ],
)
def test_a_place_that_is_none_is_refused(owner: OwnerFactory, change: dict[str, Any], pointer: str) -> None:
    ann = owner("ann")

    answer = ann.put("/matching/location", HOME | change)

    assert answer.status == 422
    assert answer.pointers() == [pointer]
    assert ann.get("/matching/location").status == 404


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90, 180), (-90, -180), (0, 180), (0, 0), (84.375, -180), (-0.0, 1e-300)]
)
def test_every_corner_of_the_globe_is_a_place(owner: OwnerFactory, latitude: float, longitude: float) -> None:
    ann = owner("ann")
    pet = ann.pet()

    answer = ann.put("/matching/location", {"latitude": latitude, "longitude": longitude, "precision": "area"})

    assert answer.status == 200
    assert ann.get("/matching/candidates", pet_id=pet["pet_id"]).json["items"] == []


def test_criteria_that_were_never_given_are_open_to_all_within_five_kilometres(owner: OwnerFactory) -> None:
    answer = owner("ann").get("/matching/criteria")

    assert answer.json == {
        "preferred_type": "any",
        "age_range_start": None,
        "age_range_end": None,
        "size_preference": "any",
        "activity_level": "any",
        "radius_km": 5,
        "with_children": False,
        "vaccinated": False,
    }


def test_criteria_are_kept_as_given(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.put("/matching/criteria", CRITERIA)

    assert (answer.status, answer.json) == (200, CRITERIA)
    assert ann.get("/matching/criteria").json == CRITERIA


@pytest.mark.parametrize("bounds", [{"age_range_start": 0}, {"age_range_end": 1}, {}])
def test_each_end_of_the_age_range_may_be_left_open(owner: OwnerFactory, bounds: dict[str, int]) -> None:
    ann = owner("ann")
    open_ended = {name: value for name, value in CRITERIA.items() if not name.startswith("age")} | bounds

    ann.put("/matching/criteria", CRITERIA)
    answer = ann.put("/matching/criteria", open_ended)

    assert answer.json == {"age_range_start": None, "age_range_end": None} | open_ended
    assert ann.get("/matching/criteria").json == answer.json


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"preferred_type": "dragon"}, "/preferred_type"),
        ({"age_range_start": -1}, "/age_range_start"),
        ({"age_range_start": 9}, "/age_range_end"),
        ({"age_range_start": None, "age_range_end": 0}, "/age_range_end"),
        ({"age_range_end": 4.5}, "/age_range_end"),
        ({"size_preference": None}, "/size_preference"),
        ({"activity_level": "wild"}, "/activity_level"),
        ({"radius_km": 0}, "/radius_km"),
        ({"radius_km": 26}, "/radius_km"),
        ({"radius_km": True}, "/radius_km"),
        ({"colour": "brown"}, "/colour"),
    ],
)
def test_criteria_that_make_no_sense_are_refused(owner: OwnerFactory, change: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").put("/matching/criteria", CRITERIA | change)

    assert answer.status == 422
    assert answer.pointers() == [pointer]


def test_availability_that_was_never_given_has_no_windows(owner: OwnerFactory) -> None:
    assert owner("ann").get("/matching/availability").json == {"time_zone": "UTC", "windows": [], "away": []}


def test_windows_come_back_in_order_and_those_that_overlap_as_one(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.put(
        "/matching/availability",
        {
            "time_zone": "America/New_York",
            "windows": [
                {"weekday": "sunday", "start": "22:00", "end": "24:00"},
                {"weekday": "monday", "start": "11:00", "end": "13:30"},
                {"weekday": "monday", "start": "09:00", "end": "11:15"},
            ],
            "away": [{"from": "2026-07-01", "to": "2026-07-14"}, {"from": "2026-03-09", "to": "2026-03-09"}],
        },
    )

    assert answer.status == 200
    assert answer.json["windows"] == [
        {"weekday": "monday", "start": "09:00", "end": "13:30"},
        {"weekday": "sunday", "start": "22:00", "end": "24:00"},
    ]
    assert answer.json["away"][0] == {"from": "2026-07-01", "to": "2026-07-14"}
    assert ann.get("/matching/availability").json == answer.json


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"time_zone": "Mars/Olympus_Mons"}, "/time_zone"),
        ({"time_zone": "../../../etc/passwd"}, "/time_zone"),
        ({"windows": [{"weekday": "monday", "start": "12:00", "end": "09:00"}]}, "/windows/0/end"),
        ({"windows": [{"weekday": "someday", "start": "09:00", "end": "12:00"}]}, "/windows/0/weekday"),
        ({"windows": SATURDAYS["windows"] * 51}, "/windows"),
        ({"away": [{"from": "2026-03-09", "to": "2026-03-08"}]}, "/away/0/to"),
        ({"away": [{"from": "2026-02-30", "to": "2026-03-08"}]}, "/away/0/from"),
        ({"away": [{"from": "2026-03-09", "to": "2026-03-09"}] * 21}, "/away"),
        ({"mood": "good"}, "/mood"),
    ],
)
def test_availability_that_makes_no_sense_is_refused(owner: OwnerFactory, change: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").put("/matching/availability", SATURDAYS | change)

    assert answer.status == 422
    assert answer.pointers() == [pointer]


def test_every_change_reaches_the_cards_of_all_the_owners_pets(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    before = [ann.pet(name=f"Pet {number}")["pet_id"] for number in range(3)]
    assert all("card" not in stored_pet(store, pet_id) for pet_id in before)

    ann.put("/matching/location", HOME)
    ann.put("/matching/criteria", CRITERIA)
    ann.put("/matching/availability", SATURDAYS)
    after = ann.pet(name="Latecomer")["pet_id"]

    for pet_id in [*before, after]:
        item = stored_pet(store, pet_id)
        part = owner_parts.unpack(cards.unpack(item["card"]).owner_part)
        assert (item["area"], item["cell"]) == ("dr5r#dog_far", "dr5rtw")
        assert part.criteria.model_dump(mode="json") == CRITERIA
        assert part.week
        assert part.week.time_zone == "America/New_York"


def test_an_owner_of_as_many_pets_as_there_may_be_can_still_move(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    pets = [ann.pet(name=f"Pet {number}")["pet_id"] for number in range(20)]
    ann.put("/matching/location", HOME)

    ann.put("/matching/location", {"latitude": 52.52, "longitude": 13.405, "precision": "area"})

    assert {stored_pet(store, pet_id)["cell"] for pet_id in pets} == {"u33dc"}


@pytest.mark.parametrize("path", PATHS)
def test_only_those_who_are_signed_in_have_a_profile(anonymous: Client, path: str) -> None:
    assert anonymous.get(path).status == 401
    assert anonymous.put(path, json.loads("{}")).status == 401
