"""Passes: a pet that is none to meet is shown no more, until one thinks again or half a year has gone by."""

from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.clock import clock
from common.table import Table
from matching.repository import PASS_KEPT
from tests.conftest import OwnerFactory
from tests.harness.client import Client
from tests.harness.moments import Now, a_minute_later
from tests.harness.neighbours import block, keep_apart, like, pass_on, settle_down, shown
from tests.harness.world import sign_in

ABSENT = "a" * 26


def test_a_pet_that_one_passes_on_is_no_candidate_any_more(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    before = shown(ann, biscuit)

    now = Now()
    answer = pass_on(ann, biscuit, olive)

    assert (answer.status, answer.json) == (201, {"pet_id": biscuit, "target_pet_id": olive, "passed_at": now})
    assert olive in before
    assert olive not in shown(ann, biscuit)
    assert biscuit in shown(ben, olive)


def test_a_pass_that_is_undone_shows_the_pet_again(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    pass_on(ann, biscuit, olive)

    undone = ann.delete(f"/matching/passes/{olive}")
    again = ann.delete(f"/matching/passes/{olive}")

    assert (undone.status, undone.text) == (204, "")
    assert (again.status, again.code) == (404, "pass_not_found")
    assert olive in shown(ann, biscuit)


def test_passing_again_changes_nothing(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    first = pass_on(ann, biscuit, olive)

    a_minute_later()
    again = pass_on(ann, ann.pet(name="Sister")["pet_id"], olive)

    assert (again.status, again.json) == (201, first.json)


def test_a_pass_is_repeated_under_its_key(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)

    first = pass_on(ann, biscuit, olive, key="one")
    ann.delete(f"/matching/passes/{olive}")
    repeated = pass_on(ann, biscuit, olive, key="one")

    assert (repeated.status, repeated.text) == (201, first.text)
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert olive in shown(ann, biscuit)


def test_one_does_not_pass_on_a_pet_that_one_likes(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    like(ann, biscuit, olive)

    answer = pass_on(ann, biscuit, olive)
    undone = ann.delete(f"/matching/passes/{olive}")

    assert (answer.status, answer.code) == (409, "already_liked")
    assert (undone.status, undone.code) == (404, "pass_not_found")
    assert like(ben, olive, biscuit).json["match"]["status"] == "Active"


def test_a_like_takes_the_place_of_a_pass(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    pass_on(ann, biscuit, olive)
    like(ben, olive, biscuit)

    liked = like(ann, biscuit, olive)

    assert liked.json["match"]["status"] == "Active"
    assert ann.delete(f"/matching/passes/{olive}").code == "pass_not_found"
    assert len(ann.get("/me/export").json["likes"]) == 1
    assert ann.get("/me/export").json["passes"] == []


def test_a_like_that_took_the_place_of_a_pass_is_not_forgotten(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    pass_on(ann, biscuit, olive)

    like(ann, biscuit, olive)

    for kept in (keys.answer(ann.user_id, olive), keys.answered_by(ben.user_id, olive, "like", ann.user_id)):
        item = store.get(kept)
        assert item
        assert "ttl" not in item


def test_a_pass_is_forgotten_after_half_a_year(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    pass_on(ann, biscuit, olive)

    clock.advance(PASS_KEPT - timedelta(seconds=1))
    ann.token = sign_in(ann.username).token
    remembered = shown(ann, biscuit)
    clock.advance(timedelta(seconds=1))
    forgotten = shown(ann, biscuit)
    undone = ann.delete(f"/matching/passes/{olive}")
    anew = pass_on(ann, biscuit, olive)

    assert olive not in remembered
    assert olive in forgotten
    assert undone.code == "pass_not_found"
    assert anew.status == 201


def test_what_cannot_be_liked_cannot_be_passed_on_and_looks_alike(owner: OwnerFactory) -> None:
    ann, ben, cleo, dan = owner("ann"), owner("ben"), owner("cleo"), owner("dan")
    biscuit = settle_down(ann)
    own, hidden = ann.pet(name="Sister")["pet_id"], ben.pet(name="Nowhere")["pet_id"]
    of_a_blocker, apart = settle_down(cleo), settle_down(dan)
    block(cleo, ann)
    keep_apart(dan, apart, biscuit)

    answers = [pass_on(ann, biscuit, target).json for target in (own, hidden, of_a_blocker, apart, ABSENT, "nobody")]

    assert {answer["code"] for answer in answers} == {"pet_not_found"}
    assert len({str({**answer, "request_id": ""}) for answer in answers}) == 1


def test_only_my_own_pet_can_pass(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    settle_down(ann)
    olive = settle_down(ben)

    answer = pass_on(ann, olive, olive)

    assert (answer.status, answer.code) == (404, "pet_not_found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"pet_id": ABSENT}, "/target_pet_id"),
        ({"pet_id": 1, "target_pet_id": ABSENT}, "/pet_id"),
        ({"pet_id": ABSENT, "target_pet_id": ABSENT, "why": "Loud"}, "/why"),
    ],
)
def test_a_pass_that_makes_no_sense_is_refused(owner: OwnerFactory, body: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").post("/matching/passes", body)

    assert (answer.status, answer.pointers()) == (422, [pointer])


def test_nobody_else_undoes_a_pass(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    pass_on(ann, biscuit, olive)

    answer = ben.delete(f"/matching/passes/{olive}")

    assert (answer.status, answer.code) == (404, "pass_not_found")
    assert olive not in shown(ann, biscuit)


def test_a_stranger_passes_on_nothing(anonymous: Client) -> None:
    answers = [
        anonymous.post("/matching/passes", {"pet_id": ABSENT, "target_pet_id": ABSENT}),
        anonymous.delete(f"/matching/passes/{ABSENT}"),
    ]

    assert [answer.status for answer in answers] == [401, 401]
