"""Blocks: from then on two users are nothing to each other, and neither is told why."""

from datetime import timedelta
from typing import Any

import pytest

from common.clock import clock
from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Client, Owner
from tests.harness.mail import deliver_mail, mails_to
from tests.harness.moments import Now, a_minute_later, tomorrow
from tests.harness.neighbours import block, like, settle_down, shown
from tests.harness.playdates import PASSWORD, Couple, meet, plan_care, told

ABSENT = "a" * 26


def nameless(problem: Any) -> Any:
    return {**problem, "request_id": ""}


def appointment(owner: Owner, appointment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = owner.get(f"/appointments/{appointment_id}").json
    return found


def test_a_user_is_blocked_listed_and_let_go(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")

    now = Now()
    made = ann.post("/blocks", {"user_id": ben.user_id})
    listed = ann.get("/blocks").json
    lifted, again = (ann.delete(f"/blocks/{ben.user_id}") for _ in range(2))

    assert (made.status, made.json) == (201, {"user_id": ben.user_id, "blocked_at": now})
    assert listed == {"items": [made.json], "next_cursor": None}
    assert (lifted.status, again.status, again.code) == (204, 404, "block_not_found")
    assert ann.get("/blocks").json["items"] == []


def test_somebody_is_blocked_by_a_pet_that_one_is_shown(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)

    answer = ann.post("/blocks", {"pet_id": olive})

    assert (answer.status, answer.json["user_id"]) == (201, ben.user_id)
    assert shown(ann, biscuit) == shown(ben, olive) == set()


def test_a_match_is_blocked_by_its_pet_wherever_that_is(couple: Couple) -> None:
    hidden = couple.ben.pet(name="Hidden")["pet_id"]

    answer = couple.ann.post("/blocks", {"pet_id": hidden})

    assert answer.status == 201


@pytest.mark.parametrize("blocks", ["ann", "ben"])
def test_neither_is_shown_to_the_other_whoever_blocks(owner: OwnerFactory, blocks: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    ann, ben = people.values()
    biscuit, olive = settle_down(ann), settle_down(ben)
    other = {"ann": ben, "ben": ann}[blocks]

    block(people[blocks], other)

    assert shown(ann, biscuit) == shown(ben, olive) == set()


def test_who_blocks_is_gone_from_a_search_that_is_under_way(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)
    others = {settle_down(each): each for each in (owner(f"ben{number}") for number in range(3))}
    first = ann.get("/matching/candidates", pet_id=biscuit, limit=1).json
    [seen] = [item["pet"]["pet_id"] for item in first["items"]]
    blocker = next(pet for pet in others if pet != seen)

    block(others[blocker], ann)
    rest = ann.get("/matching/candidates", pet_id=biscuit, cursor=first["next_cursor"]).json["items"]

    assert {item["pet"]["pet_id"] for item in rest} == others.keys() - {seen, blocker}


@pytest.mark.parametrize("blocks", ["ann", "ben"])
def test_a_like_answers_as_for_an_absent_pet(owner: OwnerFactory, blocks: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    ann, ben = people.values()
    biscuit, olive = settle_down(ann), settle_down(ben)
    block(people[blocks], {"ann": ben, "ben": ann}[blocks])

    answers = [like(ann, biscuit, target) for target in (olive, ABSENT)]

    assert [answer.status for answer in answers] == [404, 404]
    assert nameless(answers[0].json) == nameless(answers[1].json)


@pytest.mark.parametrize("blocks", ["ann", "ben"])
def test_the_match_is_absent_for_both(couple: Couple, blocks: str) -> None:
    people = {"ann": couple.ann, "ben": couple.ben}
    [match] = couple.ann.get("/matches").json["items"]
    path = f"/matches/{match['match_id']}"

    block(people.pop(blocks), *people.values())

    for who in (couple.ann, couple.ben):
        assert who.get("/matches").json == {"items": [], "next_cursor": None}
        for answer, absent in ((who.get(path), who.get(f"/matches/{ABSENT}")), (who.delete(path), who.get(path))):
            assert answer.code == "match_not_found"
            assert nameless(answer.json) == nameless(absent.json)


def test_lifting_a_block_brings_no_match_back_and_fresh_likes_do(couple: Couple) -> None:
    ann, ben = couple.ann, couple.ben
    block(ann, ben)
    ann.delete(f"/blocks/{ben.user_id}")

    after = [who.get("/matches", status="Active").json["items"] for who in (ann, ben)]
    alone = like(ann, couple.biscuit, couple.olive)
    both = like(ben, couple.olive, couple.biscuit)

    assert after == [[], []]
    assert (alone.status, alone.json["match"]) == (201, None)
    assert both.json["match"]["status"] == "Active"


def test_lifting_ones_own_block_leaves_that_of_the_other(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    block(ann, ben)
    block(ben, ann)

    ann.delete(f"/blocks/{ben.user_id}")

    assert shown(ann, biscuit) == shown(ben, olive) == set()
    assert ben.delete(f"/blocks/{ann.user_id}").status == 204
    assert shown(ann, biscuit) == {olive}


def test_a_like_of_before_counts_no_more_after_a_block(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    like(ben, olive, biscuit)

    block(ann, ben)
    ann.delete(f"/blocks/{ben.user_id}")
    liked = like(ann, biscuit, olive)

    assert liked.json["match"] is None


def test_blocking_again_changes_nothing(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    first = ann.post("/blocks", {"user_id": ben.user_id})

    a_minute_later()
    again = ann.post("/blocks", {"user_id": ben.user_id})

    assert (again.status, again.json) == (201, first.json)
    assert len(told(store, "user_blocked")) == 1


def test_a_block_is_repeated_under_its_key(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    body = {"user_id": ben.user_id}

    first, repeated = (ann.post("/blocks", body, key="one") for _ in range(2))

    assert (repeated.status, repeated.text) == (201, first.text)
    assert repeated.headers["Idempotency-Replayed"] == "true"


def test_one_cannot_block_oneself(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)

    by_name, by_pet = ann.post("/blocks", {"user_id": ann.user_id}), ann.post("/blocks", {"pet_id": biscuit})

    assert (by_name.status, by_name.pointers()) == (422, ["/user_id"])
    assert (by_pet.status, by_pet.pointers()) == (422, ["/pet_id"])


@pytest.mark.parametrize("body", [{}, {"user_id": ABSENT, "pet_id": ABSENT}, {"user_id": 1}, {"pet_id": ""}])
def test_one_says_whom_in_one_way(owner: OwnerFactory, body: dict[str, Any]) -> None:
    answer = owner("ann").post("/blocks", body)

    assert answer.status == 422


def test_who_is_unknown_cannot_be_blocked(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    hidden = ben.pet()["pet_id"]

    users = [ann.post("/blocks", {"user_id": user_id}) for user_id in (ABSENT, "nobody#1")]
    pets = [ann.post("/blocks", {"pet_id": pet_id}) for pet_id in (ABSENT, hidden)]

    assert [(answer.status, answer.code) for answer in users] == [(404, "user_not_found")] * 2
    assert [(answer.status, answer.code) for answer in pets] == [(404, "pet_not_found")] * 2
    assert nameless(pets[0].json) == nameless(pets[1].json)


def test_who_has_left_cannot_be_blocked(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    ben.delete("/me", {"password": PASSWORD})

    answer = ann.post("/blocks", {"user_id": ben.user_id})

    assert (answer.status, answer.code) == (404, "user_not_found")


def test_who_is_blocked_can_block_as_well(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    settle_down(ann)
    olive = settle_down(ben)
    block(ben, ann)

    answer = ann.post("/blocks", {"pet_id": olive})

    assert answer.status == 201


def test_who_is_blocked_is_not_told(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")

    block(ann, ben)

    assert ben.get("/blocks").json["items"] == []
    assert ben.delete(f"/blocks/{ann.user_id}").code == "block_not_found"
    assert ann.user_id not in ben.get("/me/export").text


def test_blocks_come_in_pages(owner: OwnerFactory) -> None:
    ann, others = owner("ann"), [owner(f"ben{number}") for number in range(3)]
    for other in others:
        block(ann, other)

    first = ann.get("/blocks", limit=2).json
    second = ann.get("/blocks", limit=2, cursor=first["next_cursor"]).json

    assert (len(first["items"]), second["next_cursor"]) == (2, None)
    assert {each["user_id"] for each in first["items"] + second["items"]} == {other.user_id for other in others}


def test_what_the_two_had_planned_is_called_off_and_the_other_hears_so(couple: Couple, store: Table) -> None:
    sister = str(couple.ann.pet(name="Sister")["pet_id"])
    proposed, scheduled = couple.proposed(), couple.scheduled(tomorrow(15), place="At the fountain")
    care = plan_care(couple.ann, sister).json["appointment_id"]

    block(couple.ann, couple.ben)
    for _ in range(2):
        deliver_mail(store)

    for who in (couple.ann, couple.ben):
        assert {appointment(who, each)["status"] for each in (proposed, scheduled)} == {"Cancelled"}
        assert {appointment(who, each)["cancel_reason"] for each in (proposed, scheduled)} == {None}
    assert appointment(couple.ann, care)["status"] == "Scheduled"
    assert plan_care(couple.ben, couple.olive, tomorrow(15)).status == 201
    mails = mails_to(couple.ben.email)
    assert [mail.subject for mail in mails].count("A playdate has been cancelled") == 2
    assert all("block" not in mail.text.lower() for mail in mails)
    assert "A playdate has been cancelled" not in [mail.subject for mail in mails_to(couple.ann.email)]


def test_calling_off_twice_does_no_more(couple: Couple, store: Table) -> None:
    couple.scheduled()
    block(couple.ann, couple.ben)

    for _ in range(4):
        deliver_mail(store)

    assert len(told(store, "appointment_cancelled")) == 1


def test_what_has_passed_or_is_with_others_stays(owner: OwnerFactory, store: Table) -> None:
    couple = meet(owner("ann"), owner("ben"))
    other = meet(couple.ann, owner("cleo"))
    passed, unanswered = couple.scheduled(tomorrow(9)), couple.proposed(tomorrow(7))
    kept = other.scheduled(tomorrow(20))
    clock.advance(timedelta(days=1, hours=2))
    for who in (couple.ann, couple.ben, other.ben):
        login = {"username": who.username, "password": PASSWORD, "delivery": "body"}
        who.token = who.post("/auth/login", login).json["access_token"]

    block(couple.ann, couple.ben)
    for _ in range(2):
        deliver_mail(store)

    assert appointment(couple.ben, passed)["status"] == "Completed"
    assert appointment(couple.ben, unanswered)["status"] == "Expired"
    assert appointment(other.ben, kept)["status"] == "Scheduled"


def test_what_they_plan_after_the_block_was_lifted_is_not_called_off(couple: Couple, store: Table) -> None:
    ann, ben = couple.ann, couple.ben
    block(ann, ben)
    a_minute_later()
    ann.delete(f"/blocks/{ben.user_id}")
    like(ann, couple.biscuit, couple.olive)
    like(ben, couple.olive, couple.biscuit)
    fresh = couple.scheduled()

    deliver_mail(store)

    assert appointment(ann, fresh)["status"] == "Scheduled"


def test_a_stranger_blocks_nobody(anonymous: Client) -> None:
    answers = [
        anonymous.post("/blocks", {"user_id": ABSENT}),
        anonymous.get("/blocks"),
        anonymous.delete(f"/blocks/{ABSENT}"),
    ]

    assert [answer.status for answer in answers] == [401] * 3
