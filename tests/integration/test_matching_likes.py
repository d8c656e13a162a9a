"""Likes and matches: how a match comes about, who sees it, and how it ends and begins again."""

from typing import Any

import pytest

from common import keys
from common.errors import Conflict, Problem
from common.ids import new_id
from common.table import Table
from matching.repository import MatchRepository, match_id_of
from tests.conftest import OwnerFactory
from tests.harness.client import Client, Owner
from tests.harness.mail import stream_records
from tests.harness.moments import Now, a_minute_later
from tests.harness.neighbours import like, settle_down
from tests.harness.permissions import as_function

ABSENT = "a" * 26


class Gone(Conflict):
    code = "gone"


def match_made(ann: Owner, biscuit: str, ben: Owner, olive: str) -> dict[str, Any]:
    like(ann, biscuit, olive)
    match = like(ben, olive, biscuit).json["match"]
    assert match["status"] == "Active"
    return dict(match)


def events(store: Table) -> list[dict[str, Any]]:
    images = [record["dynamodb"]["NewImage"] for record in stream_records(store)]
    return [image["data"]["M"] for image in images if image["kind"]["S"] == "match_made"]


def test_a_like_alone_makes_no_match(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)

    now = Now()
    answer = like(ann, biscuit, olive)

    assert answer.status == 201
    assert answer.json == {
        "like": {"pet_id": biscuit, "target_pet_id": olive, "liked_at": now},
        "match": None,
    }
    assert ann.get("/matches").json["items"] == ben.get("/matches").json["items"] == []


def test_a_like_alone_is_not_told(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")

    like(ann, settle_down(ann), settle_down(ben))

    assert events(store) == []


def test_two_likes_make_a_match_that_each_side_sees_as_its_own(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, name="Biscuit"), settle_down(ben, name="Olive")

    like(ann, biscuit, olive)
    now = a_minute_later()
    match = like(ben, olive, biscuit).json["match"]

    assert (match["status"], match["matched_at"], match["ended_at"]) == ("Active", now, None)
    assert (match["my_pet"]["name"], match["other_pet"]["name"]) == ("Olive", "Biscuit")
    assert match["other_user_id"] == ann.user_id
    [mine] = ann.get("/matches").json["items"]
    assert (mine["my_pet"]["pet_id"], mine["other_pet"]["pet_id"]) == (biscuit, olive)
    assert mine["other_user_id"] == ben.user_id
    assert ann.get(f"/matches/{match['match_id']}").json == mine
    assert ben.get(f"/matches/{match['match_id']}").json == match


def test_any_pet_of_each_liking_any_pet_of_the_other_makes_the_one_match(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, name="Biscuit"), settle_down(ben, name="Olive")
    crumb, caper = (who.pet(name=name)["pet_id"] for who, name in ((ann, "Crumb"), (ben, "Caper")))

    like(ann, biscuit, olive)
    match = like(ben, caper, crumb).json["match"]
    again = like(ann, crumb, caper).json["match"]

    assert (match["my_pet"]["name"], match["other_pet"]["name"]) == ("Olive", "Crumb")
    assert again["match_id"] == match["match_id"]
    assert len(ann.get("/matches").json["items"]) == len(ben.get("/matches").json["items"]) == 1


def test_a_match_is_told_to_both_once(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    crumb, caper = ann.pet(name="Crumb")["pet_id"], ben.pet(name="Caper")["pet_id"]

    match = match_made(ann, biscuit, ben, olive)
    like(ben, caper, crumb)
    like(ann, crumb, caper)

    [event] = events(store)
    assert event["match_id"]["S"] == match["match_id"]
    assert {each["S"] for each in event["user_ids"]["L"]} == {ann.user_id, ben.user_id}


def test_liking_again_is_harmless_and_answers_the_first_like(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    first = like(ann, biscuit, olive)

    a_minute_later()
    again = like(ann, ann.pet(name="Sister")["pet_id"], olive)
    like(ben, olive, biscuit)
    matched = like(ann, biscuit, olive)

    assert (again.status, again.json) == (201, first.json)
    assert matched.json["like"] == first.json["like"]
    assert matched.json["match"]["status"] == "Active"


@pytest.mark.parametrize("pet_id", ["theirs", ABSENT, "nobody"])
def test_only_my_own_pet_can_like(owner: OwnerFactory, pet_id: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    settle_down(ann)
    olive = settle_down(ben)

    answer = like(ann, olive if pet_id == "theirs" else pet_id, olive)

    assert (answer.status, answer.code) == (404, "pet_not_found")


def test_my_own_an_absent_and_a_hidden_pet_cannot_be_liked_and_look_alike(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    own, hidden = ann.pet(name="Sister")["pet_id"], ben.pet(name="Nowhere")["pet_id"]

    answers = [like(ann, biscuit, target).json for target in (own, hidden, ABSENT, "nobody")]

    assert [answer.pop("status") for answer in answers] == [404] * 4
    assert all(answer.pop("request_id") for answer in answers)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "pet_not_found"


def test_a_like_needs_an_idempotency_key_and_repeats_its_answer(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    like(ben, olive, biscuit)

    without = like(ann, biscuit, olive, key="")
    first = like(ann, biscuit, olive, key="one")
    a_minute_later()
    repeated = like(ann, biscuit, olive, key="one")
    other = like(ann, biscuit, ABSENT, key="one")

    assert (without.status, without.code) == (400, "idempotency_key_missing")
    assert (repeated.status, repeated.text) == (201, first.text)
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_match_whose_like_is_repeated_is_told_once(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    like(ben, olive, biscuit)

    for _ in range(2):
        like(ann, biscuit, olive, key="one")

    assert len(events(store)) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"pet_id": ABSENT}, "/target_pet_id"),
        ({"pet_id": ABSENT, "target_pet_id": 7}, "/target_pet_id"),
        ({"pet_id": "", "target_pet_id": ABSENT}, "/pet_id"),
        ({"pet_id": ABSENT, "target_pet_id": ABSENT, "much": True}, "/much"),
    ],
)
def test_a_like_that_makes_no_sense_is_refused(owner: OwnerFactory, body: dict[str, Any], pointer: str) -> None:
    answer = owner("ann").post("/matching/likes", body)

    assert (answer.status, answer.pointers()) == (422, [pointer])


@pytest.mark.parametrize("ends", ["ann", "ben"])
def test_either_side_ends_a_match_for_both(owner: OwnerFactory, ends: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    ann, ben = people["ann"], people["ben"]
    match = match_made(ann, settle_down(ann), ben, settle_down(ben))
    now = a_minute_later()

    answer = people[ends].delete(f"/matches/{match['match_id']}")

    assert answer.status == 200
    assert (answer.json["status"], answer.json["ended_at"]) == ("Inactive", now)
    for who in (ann, ben):
        assert who.get(f"/matches/{match['match_id']}").json["status"] == "Inactive"
        assert who.get("/matches", status="Active").json["items"] == []
        assert len(who.get("/matches", status="Inactive").json["items"]) == 1


def test_ending_twice_is_harmless(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    match = match_made(ann, settle_down(ann), ben, settle_down(ben))

    first = ann.delete(f"/matches/{match['match_id']}")
    a_minute_later()
    again = ann.delete(f"/matches/{match['match_id']}")

    assert (again.status, again.json) == (200, first.json)


def test_nobody_else_sees_or_ends_a_match(owner: OwnerFactory) -> None:
    ann, ben, eve = owner("ann"), owner("ben"), owner("eve")
    match = match_made(ann, settle_down(ann), ben, settle_down(ben))
    theirs, absent = f"/matches/{match['match_id']}", f"/matches/{ABSENT}"

    answers = [eve.get(theirs), eve.delete(theirs), eve.get(absent), eve.delete(absent)]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "match_not_found")] * 4
    assert eve.get("/matches").json["items"] == []
    assert ann.get(theirs).json["status"] == "Active"


def test_only_a_fresh_like_of_both_brings_a_match_back(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    match = match_made(ann, biscuit, ben, olive)
    ann.delete(f"/matches/{match['match_id']}")
    now = a_minute_later()

    alone = like(ben, olive, biscuit)
    mutual = like(ann, biscuit, olive)

    assert alone.json["match"] is None
    assert alone.json["like"]["liked_at"] == now
    assert mutual.json["match"]["match_id"] == match["match_id"]
    assert (mutual.json["match"]["status"], mutual.json["match"]["ended_at"]) == ("Active", None)
    assert mutual.json["match"]["matched_at"] == now
    assert [each["status"] for each in ben.get("/matches").json["items"]] == ["Active"]


def test_a_match_that_is_brought_back_is_told_again(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    match = match_made(ann, biscuit, ben, olive)
    ann.delete(f"/matches/{match['match_id']}")

    match_made(ann, biscuit, ben, olive)

    assert len(events(store)) == 2


def test_a_match_outlives_its_pets(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    match = match_made(ann, biscuit, ben, olive)

    ben.delete(f"/pets/{olive}")

    seen = ann.get(f"/matches/{match['match_id']}").json
    assert seen["other_pet"] is None
    assert seen["my_pet"]["pet_id"] == biscuit


def test_matches_come_in_pages(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    others = [owner(f"ben{number}") for number in range(5)]
    made = {match_made(ann, biscuit, each, settle_down(each))["match_id"] for each in others}
    ann.delete(f"/matches/{min(made)}")

    first = ann.get("/matches", limit=3, status="Active").json
    second = ann.get("/matches", limit=3, status="Active", cursor=first["next_cursor"]).json

    listed = [match["match_id"] for match in first["items"] + second["items"]]
    assert (len(first["items"]), second["next_cursor"]) == (3, None)
    assert sorted(listed) == sorted(made - {min(made)})
    assert ann.get("/matches", limit=3, cursor=first["next_cursor"]).code == "invalid_cursor"
    assert ann.get("/matches", status="Dormant").pointers() == ["/query/status"]


def test_a_stranger_likes_and_sees_nothing(anonymous: Client) -> None:
    answers = [
        anonymous.post("/matching/likes", {"pet_id": ABSENT, "target_pet_id": ABSENT}),
        anonymous.get("/matches"),
        anonymous.get(f"/matches/{ABSENT}"),
        anonymous.delete(f"/matches/{ABSENT}"),
    ]

    assert [answer.status for answer in answers] == [401] * 4


def test_there_is_one_match_id_for_two_users_whoever_comes_first() -> None:
    one, other, third = new_id(), new_id(), new_id()

    assert match_id_of(one, other) == match_id_of(other, one)
    assert len({match_id_of(one, other), match_id_of(one, third), match_id_of(other, third)}) == 3
    assert len(match_id_of(one, other)) == 26


def test_others_can_require_a_match_in_their_own_transaction(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    matches = MatchRepository(store)
    before = matches.between(ann.user_id, ben.user_id)
    match_id = match_made(ann, settle_down(ann), ben, settle_down(ben))["match_id"]

    store.write(matches.require_active(match_id, otherwise=Gone))
    ben.delete(f"/matches/{match_id}")

    assert before is None
    after = matches.between(ben.user_id, ann.user_id)
    assert after
    assert (after.match_id, after.status) == (match_id, "Inactive")
    for absent_or_ended in (match_id, ABSENT):
        with pytest.raises(Problem) as refused:
            store.write(matches.require_active(absent_or_ended, otherwise=Gone))
        assert refused.type is Gone


def test_a_pet_deleted_meanwhile_is_not_liked(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    look = MatchRepository.between

    def look_and_lose(self: MatchRepository, user_id: str, other_user_id: str) -> Any:
        with as_function(None):
            store.delete(keys.pet(olive))
        return look(self, user_id, other_user_id)

    monkeypatch.setattr(MatchRepository, "between", look_and_lose)
    answer = like(ann, biscuit, olive)

    assert (answer.status, answer.code) == (404, "pet_not_found")
    assert store.get(keys.answer(ann.user_id, olive)) is None
