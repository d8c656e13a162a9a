"""Reports: what somebody did is kept as it was, for those who look into it and for nobody else."""

import json
from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.clock import clock
from common.table import Item, Table, Update
from operations.reports import A_DAY, KEPT_FOR, canonical, is_intact, seal
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client, Owner
from tests.harness.moments import Now, tomorrow
from tests.harness.neighbours import block, settle_down
from tests.harness.playdates import Couple, items_of
from tests.harness.world import as_admin, erase_now, sign_in

ABSENT = "a" * 26
TEXT = "He shouted at my dog"
WHY = {"reason": "It rains"}


def report(owner: Owner, key: str | None = None, **whom: Any) -> Answer:
    return owner.post("/reports", {"reason": "harassment", "text": TEXT} | whom, key=key)


def reviewed(store: Table, owner: Owner) -> list[dict[str, Any]]:
    """What an admin reads."""
    answer = as_admin(store, owner.username).get("/admin/reports")
    assert answer.status == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def stored(store: Table) -> Item:
    [item] = items_of(store, keys.reports_partition(), "")
    return item


def test_a_report_is_taken(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")

    now = Now()
    answer = report(ann, user_id=ben.user_id)

    assert answer.status == 201
    assert answer.json == {"report_id": answer.json["report_id"], "reported_at": now, "reason": "harassment"}


def test_an_admin_reads_what_was_there_then(couple: Couple, store: Table) -> None:
    couple.ann.patch(f"/pets/{couple.biscuit}", {"temperament": "Shy"})
    scheduled = couple.scheduled(place="At the fountain")
    couple.ben.post(f"/appointments/{scheduled}/cancel", WHY)
    proposed = couple.proposed(tomorrow(15))
    report(couple.ben, user_id=couple.ann.user_id)

    couple.ann.patch(f"/pets/{couple.biscuit}", {"name": "Angel", "temperament": None})
    couple.ann.post(f"/appointments/{proposed}/cancel")
    block(couple.ann, couple.ben)
    [found] = reviewed(store, couple.ann)

    assert (found["reporter_id"], found["reported_id"]) == (couple.ben.user_id, couple.ann.user_id)
    assert (found["reason"], found["text"], found["intact"], found["stripped_at"]) == ("harassment", TEXT, True, None)
    [pet] = found["pets"]
    assert (pet["pet_id"], pet["card"]["name"], pet["card"]["temperament"]) == (couple.biscuit, "Biscuit", "Shy")
    assert found["match"]["status"] == "Active"
    later, earlier = found["appointments"]
    assert (later["appointment_id"], later["status"], later["place"]) == (proposed, "Proposed", None)
    assert (earlier["appointment_id"], earlier["status"]) == (scheduled, "Cancelled")
    assert earlier["proposed_by"] == "reported"
    assert (earlier["place"], earlier["cancel_reason"]) == ("At the fountain", "It rains")


def test_somebody_is_reported_by_a_pet_that_one_is_shown(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    olive = settle_down(ben, name="Olive")
    ben.pet(name="Sister")

    answer = report(ann, pet_id=olive, text=None)

    assert answer.status == 201
    [found] = reviewed(store, ann)
    assert (found["reported_id"], found["text"], found["match"]) == (ben.user_id, None, None)
    assert [pet["card"]["name"] for pet in found["pets"]] == ["Olive"]


@pytest.mark.parametrize("blocks", ["ann", "ben"])
def test_a_block_keeps_nobody_from_reporting(owner: OwnerFactory, blocks: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    olive = settle_down(people["ben"])
    block(people[blocks], people[{"ann": "ben", "ben": "ann"}[blocks]])

    assert report(people["ann"], pet_id=olive).status == 201


def test_one_cannot_report_oneself(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)

    answers = [report(ann, user_id=ann.user_id), report(ann, pet_id=biscuit)]

    assert [(answer.status, answer.pointers()) for answer in answers] == [(422, ["/user_id"]), (422, ["/pet_id"])]


def test_who_is_unknown_cannot_be_reported(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")

    answers = [report(ann, user_id=ABSENT), report(ann, pet_id=ABSENT), report(ann, pet_id=ben.pet()["pet_id"])]

    assert [answer.code for answer in answers] == ["user_not_found", "pet_not_found", "pet_not_found"]


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "spam"},
        {"user_id": ABSENT},
        {"user_id": ABSENT, "pet_id": ABSENT, "reason": "spam"},
        {"user_id": ABSENT, "reason": "boredom"},
        {"user_id": ABSENT, "reason": "spam", "text": "x" * 2001},
        {"user_id": ABSENT, "reason": "spam", "text": ""},
    ],
)
def test_a_report_that_makes_no_sense_is_refused(owner: OwnerFactory, body: dict[str, Any]) -> None:
    assert owner("ann").post("/reports", body).status == 422


def test_a_report_is_made_once_under_its_key(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")

    first, repeated = (report(ann, key="one", user_id=ben.user_id) for _ in range(2))

    assert (repeated.status, repeated.text) == (201, first.text)
    assert len(items_of(store, keys.reports_partition(), "")) == 1


def test_there_is_a_limit_for_a_day(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    taken = [report(ann, user_id=ben.user_id).status for _ in range(A_DAY.places)]

    refused = report(ann, user_id=ben.user_id)
    of_another = report(ben, user_id=ann.user_id)
    clock.advance(A_DAY.window)
    ann.token = sign_in(ann.username).token
    next_day = report(ann, user_id=ben.user_id)

    assert taken == [201] * 20
    assert (refused.status, refused.code) == (429, "too_many_reports")
    assert int(refused.headers["Retry-After"]) == A_DAY.window.total_seconds()
    assert (of_another.status, next_day.status) == (201, 201)


def test_only_admins_read_reports(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    report(ann, user_id=ben.user_id)

    answers = [who.get("/admin/reports") for who in (ann, ben)]

    assert [(answer.status, answer.code) for answer in answers] == [(403, "forbidden")] * 2


def test_reports_come_in_pages_the_latest_first(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    made = []
    for _ in range(5):
        made.append(report(ann, user_id=ben.user_id).json["report_id"])
        clock.advance(timedelta(seconds=1))
    admin = as_admin(store, ann.username)

    first = admin.get("/admin/reports", limit=3).json
    second = admin.get("/admin/reports", limit=3, cursor=first["next_cursor"]).json

    assert second["next_cursor"] is None
    assert [each["report_id"] for each in first["items"] + second["items"]] == made[::-1]


@pytest.mark.parametrize("part", ["facts", "reporter_words", "reported_words", "digest"])
def test_a_report_that_was_touched_is_told(owner: OwnerFactory, store: Table, part: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    settle_down(ben, name="Olive")
    report(ann, user_id=ben.user_id)
    kept = stored(store)
    changed = {
        "facts": kept["facts"].replace("harassment", "spam"),
        "reporter_words": kept["reporter_words"].replace("shouted at", "sang to"),
        "reported_words": kept["reported_words"].replace("Olive", "Angel"),
        "digest": "0" * 64,
    }[part]

    store.update(Update({"PK": kept["PK"], "SK": kept["SK"]}, put={part: changed}))

    assert changed != kept[part]
    assert [each["intact"] for each in reviewed(store, ann)] == [False]


def test_a_report_whose_words_are_missing_without_reason_is_told(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    report(ann, user_id=ben.user_id)
    kept = stored(store)

    store.update(Update({"PK": kept["PK"], "SK": kept["SK"]}, remove=["reported_words"]))

    assert [each["intact"] for each in reviewed(store, ann)] == [False]


@pytest.mark.parametrize("leaves", ["ann", "ben"])
def test_who_leaves_takes_their_words_along_and_nothing_else(couple: Couple, store: Table, leaves: str) -> None:
    """Ann reports Ben, who had proposed nothing; she had named a place, and he a reason."""
    appointment = couple.scheduled(place="At the fountain")
    couple.ben.post(f"/appointments/{appointment}/cancel", WHY)
    report(couple.ann, user_id=couple.ben.user_id)
    before = stored(store)
    people = {"ann": couple.ann, "ben": couple.ben}

    now = Now()
    erase_now(store, people.pop(leaves).user_id)
    [found] = reviewed(store, *people.values())

    words = {"ann": (TEXT, "At the fountain"), "ben": ("Olive", "It rains")}
    left = json.dumps(found)
    for whose, said in words.items():
        assert [word in left for word in said] == [whose != leaves] * 2
    assert found["intact"]
    assert found["stripped_at"] == now
    assert found["appointments"][0]["status"] == "Cancelled"
    assert (stored(store)["facts"], stored(store)["digest"]) == (before["facts"], before["digest"])


def test_a_report_is_kept_for_two_years(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    report(ann, user_id=ben.user_id)

    for kind in (keys.REPORT, keys.REPORTED):
        [entry] = items_of(store, "USER#", kind)
        assert entry["ttl"] == stored(store)["ttl"] == clock.timestamp() + int(KEPT_FOR.total_seconds())
    clock.advance(KEPT_FOR)

    assert reviewed(store, ann) == []


def test_who_leaves_after_a_report_has_run_out_leaves_all_the_same(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    report(ann, user_id=ben.user_id)
    kept = stored(store)
    store.delete({"PK": kept["PK"], "SK": kept["SK"]})

    erase_now(store, ann.user_id)

    assert items_of(store, "USER#" + ann.user_id, "") == []
    assert items_of(store, keys.reports_partition(), "") == []


def test_what_was_said_cannot_be_guessed_from_its_digest() -> None:
    one, other = (seal({}, {"reporter": {"text": "Rude"}, "reported": {}}) for _ in range(2))

    assert json.loads(one["facts"])["words"] != json.loads(other["facts"])["words"]
    assert is_intact(one)
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'


def test_a_stranger_reports_nobody(anonymous: Client) -> None:
    answers = [anonymous.post("/reports", {"user_id": ABSENT, "reason": "spam"}), anonymous.get("/admin/reports")]

    assert [answer.status for answer in answers] == [401, 401]
