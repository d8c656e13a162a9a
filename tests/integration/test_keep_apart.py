"""Pets that are kept apart: not shown to each other, not liked, and not brought together by any playdate."""

import pytest

from common import keys
from common.ids import new_id
from common.table import Put, Table
from tests.conftest import OwnerFactory
from tests.harness.client import Client
from tests.harness.invariants import faults_of
from tests.harness.moments import Now, a_minute_later
from tests.harness.neighbours import keep_apart, like, settle_down, shown
from tests.harness.playdates import Couple, items_of

ABSENT = "a" * 26


def test_pets_are_kept_apart_until_that_is_lifted(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    path = f"/pets/{biscuit}/keep-apart/{olive}"
    before = ann.get(path)

    now = Now()
    put = ann.put(path)
    read = ann.get(path)
    lifted = ann.delete(path)

    assert (before.status, before.code) == (404, "not_kept_apart")
    assert (put.status, put.json) == (200, {"pet_id": biscuit, "other_pet_id": olive, "since": now})
    assert read.json == put.json
    assert (lifted.status, ann.get(path).code, ann.delete(path).code) == (204, "not_kept_apart", "not_kept_apart")


def test_asking_again_changes_nothing(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    path = f"/pets/{settle_down(ann)}/keep-apart/{settle_down(ben)}"
    first = ann.put(path)

    a_minute_later()
    again = ann.put(path)

    assert (again.status, again.json) == (200, first.json)


@pytest.mark.parametrize("asks", ["ann", "ben"])
def test_neither_is_shown_to_the_other_whoever_asked(owner: OwnerFactory, asks: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    ann, ben = people.values()
    pets = {"ann": settle_down(ann), "ben": settle_down(ben)}
    sister = ann.pet(name="Sister")["pet_id"]
    other = {"ann": "ben", "ben": "ann"}[asks]

    keep_apart(people[asks], pets[asks], pets[other])

    assert pets["ben"] not in shown(ann, pets["ann"])
    assert shown(ben, pets["ben"]) == {sister}
    assert pets["ben"] in shown(ann, sister)


def test_a_like_between_them_answers_as_for_an_absent_pet(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    keep_apart(ann, biscuit, olive)

    answers = [like(ann, biscuit, olive), like(ann, biscuit, ABSENT), like(ben, olive, biscuit)]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "pet_not_found")] * 3
    assert answers[0].json | {"request_id": ""} == answers[1].json | {"request_id": ""}
    assert like(ann, ann.pet(name="Sister")["pet_id"], olive).status == 201


def test_no_playdate_of_the_two_is_proposed(couple: Couple) -> None:
    keep_apart(couple.ben, couple.olive, couple.biscuit)

    refused = couple.propose()
    of_another = couple.propose(pet_id=couple.ann.pet(name="Sister")["pet_id"])

    assert (refused.status, refused.code) == (409, "kept_apart")
    assert of_another.status == 201


def test_no_playdate_of_the_two_is_accepted(couple: Couple) -> None:
    proposal = couple.proposed()
    keep_apart(couple.ann, couple.biscuit, couple.olive)

    refused = couple.ben.post(f"/appointments/{proposal}/accept")
    couple.ann.delete(f"/pets/{couple.biscuit}/keep-apart/{couple.olive}")
    accepted = couple.ben.post(f"/appointments/{proposal}/accept")

    assert (refused.status, refused.code) == (409, "kept_apart")
    assert accepted.status == 200


def test_only_who_asked_sees_it_and_lifts_it(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    keep_apart(ann, biscuit, olive)
    path = f"/pets/{olive}/keep-apart/{biscuit}"

    answers = [ben.get(path), ben.delete(path)]
    keep_apart(ben, olive, biscuit)
    ben.delete(path)

    assert [(answer.status, answer.code) for answer in answers] == [(404, "not_kept_apart")] * 2
    assert olive not in shown(ann, biscuit)


def test_two_of_ones_own_can_be_kept_apart_from_each_other(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit, crumb = (ann.pet(name=name)["pet_id"] for name in ("Biscuit", "Crumb"))

    answer = ann.put(f"/pets/{biscuit}/keep-apart/{crumb}")

    assert answer.status == 200
    assert ann.get(f"/pets/{crumb}/keep-apart/{biscuit}").code == "not_kept_apart"


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_takes_a_pet_of_mine(owner: OwnerFactory, method: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)

    answers = [getattr(ann, method)(f"/pets/{pet}/keep-apart/{biscuit}") for pet in (olive, ABSENT)]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "pet_not_found")] * 2
    assert answers[0].json | {"request_id": ""} == answers[1].json | {"request_id": ""}


def test_it_takes_another_pet_that_there_is(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)

    absent, itself = (ann.put(f"/pets/{biscuit}/keep-apart/{other}") for other in (ABSENT, biscuit))
    lifted = [ann.delete(f"/pets/{biscuit}/keep-apart/{other}") for other in (ABSENT, biscuit)]

    assert (absent.status, absent.code) == (404, "pet_not_found")
    assert (itself.status, itself.pointers()) == (422, ["/path/other_pet_id"])
    assert [(answer.status, answer.code) for answer in lifted] == [(404, "not_kept_apart")] * 2


@pytest.mark.parametrize("goes", ["ann", "ben"])
def test_it_goes_with_either_pet(owner: OwnerFactory, store: Table, goes: str) -> None:
    people = {"ann": owner("ann"), "ben": owner("ben")}
    pets = {name: settle_down(each) for name, each in people.items()}
    keep_apart(people["ann"], pets["ann"], pets["ben"])
    keep_apart(people["ben"], pets["ben"], pets["ann"])

    assert people[goes].delete(f"/pets/{pets[goes]}").status == 204

    assert items_of(store, "PET#", keys.APART) == []


@pytest.mark.engines("dynoxide")
def test_a_pet_that_is_kept_apart_from_very_many_can_be_deleted(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    keep_apart(ann, biscuit, olive)
    [entry] = items_of(store, keys.pet_partition(biscuit), keys.APART)
    for other in (new_id() for _ in range(100)):
        twins = keys.apart(biscuit, other, biscuit), keys.apart(other, biscuit, biscuit)
        store.write(Put(entry | twins[0] | {"other_pet_id": other}), Put(entry | twins[1] | {"other_pet_id": biscuit}))

    answer = ann.delete(f"/pets/{biscuit}")

    assert answer.status == 204
    assert items_of(store, "PET#", keys.APART) == []
    assert faults_of(store) == []


def test_a_stranger_keeps_nothing_apart(anonymous: Client) -> None:
    path = f"/pets/{ABSENT}/keep-apart/{ABSENT}"

    answers = [anonymous.get(path), anonymous.put(path), anonymous.delete(path)]

    assert [answer.status for answer in answers] == [401] * 3
