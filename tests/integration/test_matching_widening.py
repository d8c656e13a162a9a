"""Where too few fit what was asked, the search looks farther, and says so; and who likes a pet is shown to it."""

import random
from dataclasses import replace
from typing import Any

import pytest

from common.clock import clock
from common.geo import Point
from common.table import Table
from matching.models import DEFAULT_CRITERIA, Criteria
from tests.conftest import OwnerFactory
from tests.harness.client import Owner
from tests.harness.neighbours import ANYBODY, UNION_SQUARE, candidates, like, look_for, pass_on, settle_down
from tests.harness.village import best_first, move_in, neighbours, settle

KM_NORTH = 1 / 111.195


def north(owner: Owner, kilometres: float, **pet: Any) -> str:
    return settle_down(owner, latitude=UNION_SQUARE[0] + kilometres * KM_NORTH, **pet)


def search(owner: Owner, pet_id: str, **query: Any) -> Any:
    answer = owner.get("/matching/candidates", pet_id=pet_id, **query)
    assert answer.status == 200, answer.text
    return answer.json


def test_where_few_fit_others_are_shown_after_them_and_it_is_said_why(owner: OwnerFactory) -> None:
    ann, ben, cleo = owner("ann"), owner("ben"), owner("cleo")
    biscuit = settle_down(ann, size="small")
    small, large = north(ben, 3, size="small"), settle_down(cleo, size="large")
    look_for(cleo, radius_km=25)
    look_for(ann, size_preference="small")

    found = search(ann, biscuit)

    assert [(item["pet"]["pet_id"], item["as_asked"]) for item in found["items"]] == [(small, True), (large, False)]
    assert found["widened"] == {
        "criteria": ANYBODY | {"radius_km": 25, "with_children": False, "vaccinated": False} | NO_AGES,
        "relaxed": ["any size, not only small", "up to 25 km away, not only 5 km"],
    }


NO_AGES = {"age_range_start": None, "age_range_end": None}


def test_no_more_is_given_up_than_it_takes(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    for number in range(5):
        settle_down(owner(f"ben-{number}"), activity_level="low", size="large")
    look_for(ann, activity_level="high", size_preference="large")

    found = search(ann, biscuit)

    assert found["widened"]["relaxed"] == ["any energy, not only high"]
    assert len(found["items"]) == 5


def test_where_enough_fit_nothing_is_widened(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    for number in range(5):
        settle_down(owner(f"ben-{number}"))
    far = north(owner("cleo"), 6)

    found = search(ann, biscuit, limit=3)

    assert found["widened"] is None
    assert far not in {item["pet"]["pet_id"] for item in found["items"]}


def test_who_wants_no_more_than_asked_is_given_no_more(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    north(ben, 8)
    look_for(ben, radius_km=25)

    found = search(ann, biscuit, widen="false")

    assert (found["items"], found["widened"]) == ([], None)


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("seed", range(4))
def test_a_wider_search_finds_all_who_suit_it_and_first_those_who_fit(
    owner: OwnerFactory, store: Table, seed: int
) -> None:
    chance = random.Random(seed)
    ann = owner("ann")
    place = Point(*UNION_SQUARE)
    picky = DEFAULT_CRITERIA.model_copy(
        update={"radius_km": 3, "size_preference": "small", "activity_level": "low", "age_range_end": 4}
    )
    mine = replace(move_in(ann, chance, place, 3), criteria=picky)
    ann.put("/matching/criteria", picky.model_dump(mode="json"))
    everybody = list(neighbours(chance, 150, place, 30))
    settle(store, everybody)

    found = search(ann, mine.pet.pet_id, limit=100)

    wide = replace(mine, criteria=Criteria.model_validate(found["widened"]["criteria"]))
    fitting, suiting = (
        {pet_id for _, ids in best_first(each, everybody, clock.now()) for pet_id in ids} for each in (mine, wide)
    )
    shown = [item["pet"]["pet_id"] for item in found["items"]]
    assert set(shown) == suiting
    assert set(shown[: len(fitting)]) == fitting
    assert [item["as_asked"] for item in found["items"]] == [each in fitting for each in shown]
    assert fitting < suiting


def test_a_wider_search_goes_on_where_it_was(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    for number in range(7):
        ben = owner(f"ben-{number}")
        north(ben, 6)
        look_for(ben, radius_km=25)

    first = search(ann, biscuit, limit=4)
    rest = search(ann, biscuit, limit=4, cursor=first["next_cursor"])

    assert rest["widened"] == first["widened"]
    assert rest["widened"]["relaxed"] == ["up to 10 km away, not only 5 km"]
    assert len({item["pet"]["pet_id"] for item in first["items"] + rest["items"]}) == 7
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "wishes",
    [{"preferred_type": "cat"}, {"with_children": True}, {"vaccinated": True}],
    ids=lambda wishes: next(iter(wishes)),
)
def test_what_matters_for_safety_is_not_given_up(owner: OwnerFactory, wishes: dict[str, Any]) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben, good_with_children="no", vaccinated_until="2020-01-01")
    look_for(ann, **wishes)

    assert search(ann, biscuit)["items"] == []


def test_whom_others_look_for_always_holds(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben)
    look_for(ben, size_preference="large")

    assert search(ann, biscuit)["items"] == []


def test_who_likes_a_pet_after_a_wider_search_is_shown_to_it(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), north(ben, 8)
    look_for(ben, radius_km=10)
    before = candidates(ben, olive)
    like(ann, biscuit, olive)

    [shown] = candidates(ben, olive)
    made = like(ben, olive, biscuit)

    assert before == []
    assert (shown["pet"]["pet_id"], shown["as_asked"]) == (biscuit, True)
    assert made.json["match"]["status"] == "Active"


def test_those_who_like_a_pet_are_shown_to_it_though_they_live_farther_than_they_look(owner: OwnerFactory) -> None:
    ann, ben, eve, tom = owner("ann"), owner("ben"), owner("eve"), owner("tom")
    biscuit, sister, olive = settle_down(ann), ann.pet(name="Sister")["pet_id"], north(ben, 24)
    rex, tiger = settle_down(eve), settle_down(tom, latitude=40.9)
    look_for(ben, radius_km=25)
    before = candidates(ben, olive)
    for liking, pet_id in ((ann, biscuit), (ann, sister), (eve, rex), (tom, tiger)):
        assert like(liking, pet_id, olive).status == 201
    pass_on(ben, olive, sister)

    pages: list[list[str]] = []
    cursor = None
    while not pages or cursor:
        page = ben.get("/matching/candidates", pet_id=olive, limit=1, **({"cursor": cursor} if cursor else {})).json
        pages.append([item["pet"]["pet_id"] for item in page["items"]])
        cursor = page["next_cursor"]

    assert before == []
    assert sorted(pet_id for page in pages for pet_id in page) == sorted({biscuit, rex, tiger})
    assert candidates(ben, olive, radius_km=5) == []


def test_a_like_opens_no_way_past_what_the_other_side_looks_for(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben, type="cat")
    like(ann, biscuit, olive)

    look_for(ben, preferred_type="cat")

    assert candidates(ben, olive) == []


def test_a_pass_is_no_like(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), north(ben, 8)
    look_for(ben, radius_km=10)
    pass_on(ann, biscuit, olive)

    assert candidates(ben, olive) == []
