"""Candidates: who is shown to whom, in which order, on which page, and what nobody can learn from it."""

import random
from datetime import timedelta
from itertools import batched, pairwise
from typing import Any

import pytest

from common import geo, keys
from common.clock import clock
from common.ids import new_id
from common.table import Put, Table
from matching import cards as owner_parts
from matching.models import DEFAULT_CRITERIA, NO_AVAILABILITY
from pets.discovery import stored
from pets.models import NewPet, describe
from tests.conftest import OwnerFactory
from tests.harness.client import Client, Owner
from tests.harness.neighbours import (
    SATURDAY_MORNING,
    UNION_SQUARE,
    be_free,
    candidates,
    like,
    look_for,
    move,
    settle_down,
    shown,
)
from tests.harness.world import sign_in

ABSENT = "a" * 26
KM_NORTH = 1 / 111.195


def test_neighbours_are_shown_to_each_other(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, name="Biscuit"), settle_down(ben, name="Olive")
    be_free(ann, SATURDAY_MORNING)
    be_free(ben, SATURDAY_MORNING)

    answer = ann.get("/matching/candidates", pet_id=biscuit, widen="false")

    assert answer.status == 200
    assert answer.json["widened"] is None
    assert answer.json["next_cursor"] is None
    [candidate] = answer.json["items"]
    assert candidate["pet"]["name"] == "Olive"
    assert candidate["distance_band"] == "under 1 km"
    assert candidate["score"] == 75
    assert candidate["reasons"] == [
        "both free Saturday mornings",
        "under 1 km away",
        "same energy",
        "same size",
        "about the same age",
        "vaccinated",
    ]
    assert shown(ben, olive) == {biscuit}


def test_a_candidate_says_nothing_of_its_owner_or_place(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben)

    text = ann.get("/matching/candidates", pet_id=biscuit).text

    for secret in (ben.user_id, ben.username, "owner", "latitude", "cell", "dr5r", "birth_date"):
        assert secret not in text


def test_somebody_elses_pet_and_an_absent_one_have_no_candidates(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    settle_down(ann)
    olive = settle_down(ben)

    answers = [ann.get("/matching/candidates", pet_id=pet_id) for pet_id in (olive, ABSENT, "no such thing")]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "pet_not_found")] * 3


def test_who_has_not_said_where_they_are_is_asked_to(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.get("/matching/candidates", pet_id=ann.pet()["pet_id"])

    assert (answer.status, answer.code) == (409, "location_missing")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"radius_km": 0}, "/query/radius_km"),
        ({"radius_km": 26}, "/query/radius_km"),
        ({"radius_km": "far"}, "/query/radius_km"),
        ({"limit": 0}, "/query/limit"),
        ({"widen": "perhaps"}, "/query/widen"),
        ({"pet_id": None}, "/query/pet_id"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(owner: OwnerFactory, query: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").get("/matching/candidates", **{"pet_id": ABSENT, **query})

    assert (answer.status, answer.pointers()) == (422, [pointer])


def test_a_stranger_searches_nothing(anonymous: Client) -> None:
    assert anonymous.get("/matching/candidates", pet_id=ABSENT).status == 401


def test_my_own_pets_are_no_candidates(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    ann.pet(name="Sister")

    assert candidates(ann, biscuit) == []


@pytest.mark.parametrize(
    ("wishes", "mutual"),
    [
        ({"preferred_type": "cat"}, False),
        ({"preferred_type": "dog"}, True),
        ({"size_preference": "small"}, False),
        ({"activity_level": "high"}, False),
        ({"age_range_start": 4}, False),
        ({"age_range_end": 2}, False),
        ({"age_range_start": 3, "age_range_end": 4}, True),
        ({"radius_km": 1}, False),
        ({"radius_km": 2}, True),
    ],
)
@pytest.mark.parametrize("picky", ["searcher", "found"])
def test_criteria_hold_both_ways(owner: OwnerFactory, wishes: dict[str, Any], mutual: bool, picky: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    olive = settle_down(ben, latitude=UNION_SQUARE[0] + 1.5 * KM_NORTH)

    look_for(ann if picky == "searcher" else ben, **wishes)

    assert shown(ann, biscuit) == ({olive} if mutual else set())
    assert shown(ben, olive) == ({biscuit} if mutual else set())


def test_each_type_is_found_and_only_the_wanted_one(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    whiskers = settle_down(ben, type="cat")
    olive = ben.pet(type="dog")["pet_id"]

    found_any = shown(ann, biscuit)
    look_for(ann, preferred_type="cat")

    assert found_any == {whiskers, olive}
    assert shown(ann, biscuit) == {whiskers}


def test_radius_in_the_query_replaces_mine_but_not_theirs(owner: OwnerFactory) -> None:
    ann, ben, eve = owner("ann"), owner("ben"), owner("eve")
    biscuit = settle_down(ann)
    far = settle_down(ben, latitude=UNION_SQUARE[0] + 12 * KM_NORTH)
    settle_down(eve, latitude=UNION_SQUARE[0] + 12 * KM_NORTH)
    look_for(ben, radius_km=25)

    assert shown(ann, biscuit) == set()
    assert shown(ann, biscuit, radius_km=25) == {far}
    assert candidates(ann, biscuit, radius_km=25)[0]["distance_band"] == "10-25 km"


def test_those_answered_already_are_not_shown_again(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    sister = ben.pet(name="Sister")["pet_id"]

    like(ann, biscuit, olive)

    assert shown(ann, biscuit) == {sister}
    assert shown(ben, olive) == {biscuit}


def test_all_pets_of_a_match_are_left_out_on_both_sides(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    ben.pet(name="Sister")

    like(ann, biscuit, olive)
    like(ben, olive, biscuit)

    assert shown(ann, biscuit) == set()
    assert shown(ben, olive) == set()


def test_a_lapsed_vaccination_is_said_and_hides_nobody(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben, vaccinated_until="2026-03-01")

    [candidate] = candidates(ann, biscuit)

    assert candidate["pet"]["vaccinated"] == "lapsed"
    assert "vaccination lapsed" in candidate["reasons"]
    assert "your free times are unknown" in candidate["reasons"]


def test_who_moves_away_changes_their_mind_or_goes_is_found_no_more(owner: OwnerFactory) -> None:
    ann, ben, eve, tom = owner("ann"), owner("ben"), owner("eve"), owner("tom")
    biscuit = settle_down(ann)
    settle_down(ben)
    settle_down(eve)
    gone = settle_down(tom)

    assert len(shown(ann, biscuit)) == 3
    move(ben, 52.52, 13.4)
    look_for(eve, preferred_type="cat")
    tom.delete(f"/pets/{gone}")

    assert shown(ann, biscuit) == set()


def crowd(store: Table, count: int) -> list[str]:
    """Put pets of as many owners around Union Square straight into the table, as their owners' requests would."""
    chance = random.Random(count)
    dog = {"name": "Rex", "type": "dog", "age": 3, "size": "medium", "activity_level": "medium"}
    pets = [describe(NewPet.model_validate(dog), new_id(), new_id()) for _ in range(count)]
    follows = owner_parts.follows(DEFAULT_CRITERIA, NO_AVAILABILITY)
    for some in batched(pets, 100, strict=False):
        cells = [geo.encode(near(UNION_SQUARE, chance), 6) for _ in some]
        profiles = [{"cell": cell} | follows for cell in cells]
        store.write(*(Put(stored(pet, profile)) for pet, profile in zip(some, profiles, strict=True)))
    return [pet.pet_id for pet in pets]


def near(place: tuple[float, float], chance: random.Random) -> geo.Point:
    return geo.Point(place[0] + chance.uniform(-0.03, 0.03), place[1] + chance.uniform(-0.03, 0.03))


def all_pages(owner: Owner, pet_id: str, limit: int) -> list[list[dict[str, Any]]]:
    pages, cursor = [], None
    while True:
        answer = owner.get("/matching/candidates", pet_id=pet_id, limit=limit, cursor=cursor).json
        pages.append(answer["items"])
        cursor = answer["next_cursor"]
        if cursor is None:
            return pages


def test_pages_together_are_the_whole_list_best_first(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    everybody = crowd(store, 25)

    pages = all_pages(ann, biscuit, limit=10)

    listed = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sorted(item["pet"]["pet_id"] for item in listed) == sorted(everybody)
    assert all(before["score"] >= after["score"] for before, after in pairwise(listed))
    assert listed == candidates(ann, biscuit)


def test_no_more_than_the_best_two_hundred_are_listed(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    crowd(store, 205)

    pages = all_pages(ann, biscuit, limit=100)

    assert [len(page) for page in pages] == [100, 100]


def test_later_pages_do_not_shift_when_others_arrive_or_leave(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    crowd(store, 12)
    before = candidates(ann, biscuit)

    first = ann.get("/matching/candidates", pet_id=biscuit, limit=5).json
    settle_down(ben)
    store.delete(keys.pet(before[7]["pet"]["pet_id"]))
    second = ann.get("/matching/candidates", pet_id=biscuit, limit=5, cursor=first["next_cursor"]).json

    assert first["items"] == before[:5]
    assert second["items"] == before[5:7] + before[8:10]


def test_whoever_no_longer_suits_is_left_out_of_later_pages(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben, UNION_SQUARE[0] + 4.9 * KM_NORTH, size="large")
    crowd(store, 6)

    first = ann.get("/matching/candidates", pet_id=biscuit, limit=4).json
    look_for(ben, preferred_type="cat")
    second = ann.get("/matching/candidates", pet_id=biscuit, limit=4, cursor=first["next_cursor"]).json

    assert olive not in {item["pet"]["pet_id"] for item in first["items"] + second["items"]}
    assert len(first["items"] + second["items"]) == 6


def test_a_cursor_goes_on_with_the_radius_of_its_search(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    crowd(store, 3)
    far = settle_down(ben, latitude=UNION_SQUARE[0] + 12 * KM_NORTH, size="small")
    look_for(ben, radius_km=25)

    first = ann.get("/matching/candidates", pet_id=biscuit, radius_km=25, limit=3).json
    second = ann.get("/matching/candidates", pet_id=biscuit, limit=3, cursor=first["next_cursor"]).json

    assert [item["pet"]["pet_id"] for item in second["items"]] == [far]


def test_a_cursor_is_good_for_ten_minutes_one_owner_and_one_pet(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    sister = ann.pet(name="Sister")["pet_id"]
    crowd(store, 3)
    cursor = ann.get("/matching/candidates", pet_id=biscuit, limit=1).json["next_cursor"]

    def code(who: Owner, pet_id: str, cursor: str = cursor) -> str:
        return who.get("/matching/candidates", pet_id=pet_id, cursor=cursor).code

    assert (code(ben, olive), code(ann, sister)) == ("invalid_cursor", "invalid_cursor")
    assert code(ann, biscuit, cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")) == "invalid_cursor"
    assert code(ann, biscuit) == ""
    clock.advance(timedelta(seconds=299))
    assert code(ann, biscuit) == ""
    clock.advance(timedelta(seconds=301))
    ann.token = sign_in(ann.username).token
    assert code(ann, biscuit) == "search_expired"


@pytest.mark.in_process("moves the clock")
def test_equal_scores_stand_in_an_order_that_changes_by_the_day(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    for number in range(12):
        settle_down(owner(f"ben{number}"))

    today = candidates(ann, biscuit)
    again = candidates(ann, biscuit)
    clock.advance(timedelta(days=1))
    ann.token = sign_in(ann.username).token
    tomorrow = candidates(ann, biscuit)

    assert len({item["score"] for item in today}) == 1
    assert again == today
    assert [item["pet"]["pet_id"] for item in tomorrow] != [item["pet"]["pet_id"] for item in today]


@pytest.mark.parametrize("precision", ["neighbourhood", "area"])
def test_moving_within_ones_cell_changes_no_byte_of_what_others_see(owner: OwnerFactory, precision: str) -> None:
    chance = random.Random(7)
    ann, ben, eve = owner("ann"), owner("ben"), owner("eve")
    biscuit, olive = settle_down(ann), settle_down(ben, precision=precision)
    socks = settle_down(eve, latitude=UNION_SQUARE[0] + 2 * KM_NORTH)
    cell = ben.get("/matching/location").json["cell"]

    def seen() -> list[str]:
        return [
            who.get("/matching/candidates", pet_id=pet_id, radius_km=radius).text
            for who, pet_id in ((ann, biscuit), (eve, socks))
            for radius in (None, 25)
        ]

    before = seen()
    for _ in range(4):
        latitude = chance.uniform(cell["south"], cell["north"])
        longitude = chance.uniform(cell["west"], cell["east"])
        move(ben, latitude, longitude, precision)

        assert seen() == before
    assert any(olive in text for text in before)


def test_leaving_ones_cell_is_seen_so_the_test_above_can_fail(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben)
    before = candidates(ann, biscuit)

    move(ben, UNION_SQUARE[0] + 2 * KM_NORTH, UNION_SQUARE[1])

    assert candidates(ann, biscuit) != before


def test_pets_across_the_antimeridian_and_at_a_pole_are_neighbours(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, -17.8, 179.99), settle_down(ben, -17.8, -179.99)
    across = shown(ann, biscuit)

    move(ann, 89.99, 10)
    move(ben, 89.99, -170)

    assert across == {olive}
    assert shown(ann, biscuit) == {olive}


def test_an_area_and_a_neighbourhood_meet_in_one_index(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, precision="area"), settle_down(ben, precision="neighbourhood")

    assert shown(ann, biscuit) == {olive}
    assert shown(ben, olive) == {biscuit}


def test_the_search_finds_all_that_looking_at_every_pet_would_find(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    everybody = crowd(store, 60)
    here = geo.encode(geo.Point(*UNION_SQUARE), 6)
    cells = {pet_id: str((store.get(keys.pet(pet_id)) or {})["cell"]) for pet_id in everybody}

    for radius in (1, 2, 3):
        near = {pet_id for pet_id, cell in cells.items() if geo.distance_km(here, cell) <= radius}

        assert shown(ann, biscuit, radius_km=radius) == near
        assert 0 < len(near) < len(everybody)
