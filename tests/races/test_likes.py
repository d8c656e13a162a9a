"""Likes and endings that cross: two users have one match at the most, and everything stored agrees on it."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from common import keys
from common.table import Table
from matching.repository import match_id_of
from tests.conftest import OwnerFactory
from tests.harness.client import Answer
from tests.harness.interleaving import every_order
from tests.harness.invariants import faults_of
from tests.harness.mail import stream_records
from tests.harness.neighbours import like, settle_down

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


@pytest.mark.parametrize("attempt", range(3))
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


@pytest.mark.parametrize("attempt", range(3))
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


def test_in_every_order_likes_that_cross_make_exactly_one_match(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    acts = [partial(like, ann, biscuit, olive), partial(like, ben, olive, biscuit)]

    for played in every_order(store, acts):
        assert standing(store, ann.user_id, ben.user_id) == ACTIVE, played.order
        assert sum(answer.json["match"] is not None for answer in played.answers) == 1, played.order
        assert made(store) == 1, played.order
        assert not faults_of(store), played.order


@pytest.mark.parametrize("another", [False, True])
def test_in_every_order_an_end_and_a_like_agree(owner: OwnerFactory, store: Table, another: bool) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    liked = str(ann.pet(name="Crumb")["pet_id"]) if another else biscuit
    like(ann, biscuit, olive)
    match_id = like(ben, olive, biscuit).json["match"]["match_id"]

    for played in every_order(store, [partial(ann.delete, f"/matches/{match_id}"), partial(like, ben, olive, liked)]):
        state = standing(store, ann.user_id, ben.user_id)
        assert state["match"] == "Inactive", played.order
        assert state["entries"] == ["Inactive", "Inactive"], played.order
        assert state["edges"] in ([False, False], [False, True]), played.order
        assert made(store) == 1, played.order
        assert not faults_of(store), played.order
