"""Likes and endings that cross: two users have one match at the most, and everything stored agrees on it."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from common import keys
from common.idempotency import Once
from common.ids import new_id
from common.table import Put, Table
from matching import cards
from matching.models import DEFAULT_CRITERIA, NO_AVAILABILITY, LikeAnswer, NewLike
from matching.repository import MatchRepository, match_id_of
from pets.discovery import stored
from pets.models import NewPet, describe
from tests.conftest import OwnerFactory
from tests.harness.client import Answer
from tests.harness.mail import stream_records
from tests.harness.neighbours import like, settle_down
from tests.harness.turns import play, schedules

pytestmark = pytest.mark.engines("dynoxide")

type Act = Callable[[], Answer]


def at_once(acts: Sequence[Act]) -> list[Answer]:
    """Let every act begin at the same moment."""
    gate = threading.Barrier(len(acts))

    def run(act: Act) -> Answer:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def standing(store: Table, ann: str, ben: str) -> dict[str, Any]:
    """What the table says of two users, piece by piece."""
    match_id = match_id_of(ann, ben)
    match = store.get(keys.match(match_id))
    return {
        "match": match and match["status"],
        "entries": [
            entry and entry["status"] for who in (ann, ben) for entry in [store.get(keys.match_of_user(who, match_id))]
        ],
        "edges": [store.get(keys.likes_user(one, other)) is not None for one, other in ((ann, ben), (ben, ann))],
    }


def made(store: Table) -> int:
    images = [record["dynamodb"]["NewImage"] for record in stream_records(store)]
    return sum(image["kind"]["S"] == "match_made" for image in images)


ACTIVE = {"match": "Active", "entries": ["Active", "Active"], "edges": [True, True]}


@pytest.mark.parametrize("attempt", range(10))
def test_likes_that_cross_make_exactly_one_match(owner: OwnerFactory, store: Table, attempt: int) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)

    answers = at_once([partial(like, ann, biscuit, olive), partial(like, ben, olive, biscuit)])

    assert [answer.status for answer in answers] == [201, 201]
    assert sum(answer.json["match"] is not None for answer in answers) == 1
    assert standing(store, ann.user_id, ben.user_id) == ACTIVE
    assert len(ann.get("/matches").json["items"]) == len(ben.get("/matches").json["items"]) == 1
    assert made(store) == 1


def test_many_likes_of_many_pets_at_once_make_one_match(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    hers = [settle_down(ann), *(ann.pet()["pet_id"] for _ in range(3))]
    his = [settle_down(ben), *(ben.pet()["pet_id"] for _ in range(3))]
    acts = [partial(like, ann, a, b) for a, b in zip(hers, his, strict=True)]
    acts += [partial(like, ben, b, a) for a, b in zip(hers, his, strict=True)]
    random.Random(3).shuffle(acts)

    answers = at_once(acts)

    assert {answer.status for answer in answers} <= {201, 503}
    assert standing(store, ann.user_id, ben.user_id) == ACTIVE
    assert made(store) == 1
    answered = store.query(keys.user_partition(ann.user_id), prefix=keys.ANSWER).items
    likes = [answer.json["like"] for answer in answers if answer.status == 201]
    assert {item["target_pet_id"] for item in answered} == {each["target_pet_id"] for each in likes} & set(his)


def test_one_request_sent_many_times_at_once_is_one_like(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    like(ben, olive, biscuit)

    answers = at_once([partial(like, ann, biscuit, olive, key="one")] * 12)

    assert {answer.status for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert made(store) == 1


@pytest.mark.parametrize("attempt", range(10))
def test_ending_against_liking_leaves_everything_in_agreement(owner: OwnerFactory, store: Table, attempt: int) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    crumb = ann.pet(name="Crumb")["pet_id"]
    like(ann, biscuit, olive)
    match_id = like(ben, olive, biscuit).json["match"]["match_id"]

    answers = at_once(
        [
            partial(ann.delete, f"/matches/{match_id}"),
            partial(ben.delete, f"/matches/{match_id}"),
            partial(like, ben, olive, crumb),
            partial(like, ann, biscuit, olive),
        ]
    )

    assert {answer.status for answer in answers} <= {200, 201}
    state = standing(store, ann.user_id, ben.user_id)
    assert state["entries"] == [state["match"]] * 2
    assert (state["match"] == "Active") == (state["edges"] == [True, True])


CALLS_OF_A_LIKE = 4
CALLS_OF_AN_END = 2
DOG = {"name": "Rex", "type": "dog", "age": 3, "size": "medium", "activity_level": "medium"}


class Pair:
    """Two users with two pets each, straight in the table."""

    def __init__(self, store: Table) -> None:
        self.store = store
        self.ann, self.ben = new_id(), new_id()
        self.pets = {who: [self._pet(who), self._pet(who)] for who in (self.ann, self.ben)}

    def _pet(self, owner_id: str) -> str:
        pet = describe(NewPet.model_validate(DOG), new_id(), owner_id)
        profile = {"cell": "dr5rsp", "owner_part": cards.pack(DEFAULT_CRITERIA, NO_AVAILABILITY)}
        self.store.write(Put(stored(pet, profile)))
        return pet.pet_id

    def like(self, actor: str, table: Table, number: int = 0) -> LikeAnswer:
        other = self.ben if actor == self.ann else self.ann
        new = NewLike(pet_id=self.pets[actor][number], target_pet_id=self.pets[other][number])
        return MatchRepository(table).like(actor, new, Once(table, actor, new_id(), "", 201))

    def end(self, actor: str, table: Table) -> Any:
        return MatchRepository(table).end(actor, match_id_of(self.ann, self.ben))

    def standing(self) -> dict[str, Any]:
        return standing(self.store, self.ann, self.ben)


def is_about_two(members: dict[str, Any]) -> bool:
    """Whether a call reads what is between two users, or writes: the others cannot tell one order from another."""
    sort = members.get("Key", {}).get("SK", {}).get("S", "")
    return "TransactItems" in members or sort.startswith("LIKES#") or sort == "DETAILS"


def test_in_every_order_likes_that_cross_make_exactly_one_match(store: Table) -> None:
    orders = list(schedules(CALLS_OF_A_LIKE, CALLS_OF_A_LIKE))

    for order in orders:
        pair = Pair(store)
        answers = play(store, order, is_about_two, partial(pair.like, pair.ann), partial(pair.like, pair.ben))
        assert pair.standing() == ACTIVE, order
        assert sum(answer.match is not None for answer in answers) == 1, order

    assert len(orders) == 70
    assert made(store) == 70


@pytest.mark.parametrize("number", [0, 1])
def test_in_every_order_an_end_and_a_like_agree(store: Table, number: int) -> None:
    for order in schedules(CALLS_OF_AN_END, CALLS_OF_A_LIKE):
        pair = Pair(store)
        pair.like(pair.ann, store)
        pair.like(pair.ben, store)

        play(store, order, is_about_two, partial(pair.end, pair.ann), partial(pair.like, pair.ben, number=number))

        state = pair.standing()
        assert state["match"] == "Inactive", order
        assert state["entries"] == ["Inactive", "Inactive"], order
        assert state["edges"] in ([False, False], [False, True]), order
