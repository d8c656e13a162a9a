"""Pets: describing, listing, changing, deleting."""

import threading
from datetime import timedelta

import pytest

from common import keys
from common.clock import clock
from common.table import Put, Table
from tests.conftest import OwnerFactory
from tests.harness.moments import a_minute_later, tomorrow
from tests.harness.world import sign_in

DOG = {"name": "Rex", "type": "dog", "age": 3, "size": "large", "activity_level": "high"}


def test_a_new_pet_is_answered_as_it_was_described(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.post(
        "/pets",
        {
            "name": " Zo\u00eb ",
            "type": "dog",
            "breed": "Dalmation/Terrier/Poodle",
            "birth_date": "2020-02-29",
            "weight_g": 999_990,
            "size": "small",
            "activity_level": "low",
            "temperament": "Shy at first.\nThen not.",
            "good_with_children": "yes",
            "vaccinated_until": "2026-12-31",
        },
    )

    pet = answer.json
    assert answer.status == 201
    assert (pet["name"], pet["breed"], pet["weight_g"]) == ("Zo\u00eb", "Dalmation/Terrier/Poodle", 999_990)
    assert (pet["birth_date"], pet["birth_date_estimated"]) == ("2020-02-29", False)
    assert ann.get(f"/pets/{pet['pet_id']}").json == pet


@pytest.mark.in_process("knows the day")
def test_a_pet_born_on_a_leap_day_is_six_on_the_second_of_march(owner: OwnerFactory) -> None:
    pet = owner("ann").pet(birth_date="2020-02-29")

    assert pet["age"] == 6


@pytest.mark.in_process("knows the day")
def test_an_age_in_years_becomes_a_birth_date(owner: OwnerFactory) -> None:
    ann = owner("ann")

    pet = ann.post("/pets", DOG).json

    assert (pet["birth_date"], pet["age"], pet["birth_date_estimated"]) == ("2023-03-02", 3, True)


def test_age_is_derived_and_grows(owner: OwnerFactory) -> None:
    ann = owner("ann")
    pet = ann.pet(birth_date="2025-03-04")

    clock.advance(timedelta(days=2))

    assert pet["age"] == 0
    assert sign_in(ann.username).get(f"/pets/{pet['pet_id']}").json["age"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "x" * 81}, "/name"),
        ({"name": "Rex\u202eTxt"}, "/name"),
        ({"name": 7}, "/name"),
        ({"type": "dragon"}, "/type"),
        ({"age": -1}, "/age"),
        ({"age": True}, "/age"),
        ({"age": 3.0}, "/age"),
        ({"age": 201}, "/age"),
        ({"weight_g": 999_991}, "/weight_g"),
        ({"weight_g": "12"}, "/weight_g"),
        ({"size": "LARGE"}, "/size"),
        ({"vaccinated_until": "soon"}, "/vaccinated_until"),
        ({"vaccinated_until": "20260101"}, "/vaccinated_until"),
        ({"birth_date": "2020-01-01"}, ""),
        ({"owner_id": "x"}, "/owner_id"),
    ],
)
def test_a_description_that_does_not_fit_says_where(
    owner: OwnerFactory, change: dict[str, object], pointer: str
) -> None:
    ann = owner("ann")

    answer = ann.post("/pets", DOG | change)

    assert (answer.status, answer.pointers()) == (422, [pointer])
    assert ann.get("/pets").json["items"] == []


@pytest.mark.parametrize("birth_date", [tomorrow(0)[:10], "1825-03-01", "2020-02-30"])
def test_a_birth_date_must_be_one_that_a_pet_can_have(owner: OwnerFactory, birth_date: str) -> None:
    ann = owner("ann")

    answer = ann.post("/pets", {key: value for key, value in DOG.items() if key != "age"} | {"birth_date": birth_date})

    assert (answer.status, answer.pointers()) == (422, ["/birth_date"])


def test_pets_are_listed_page_by_page(owner: OwnerFactory) -> None:
    ann = owner("ann")
    made = {ann.pet(name=f"Pet {number}")["pet_id"] for number in range(5)}

    first = ann.get("/pets", limit=2).json
    second = ann.get("/pets", limit=2, cursor=first["next_cursor"]).json
    third = ann.get("/pets", limit=2, cursor=second["next_cursor"]).json

    pages = [first, second, third]
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {pet["pet_id"] for page in pages for pet in page["items"]} == made
    assert third["next_cursor"] is None


def test_a_cursor_that_we_did_not_give_out_is_refused(owner: OwnerFactory) -> None:
    ann, bob = owner("ann"), owner("bob")
    for person in (ann, bob):
        for number in range(2):
            person.pet(name=f"Pet {number}")
    cursor = ann.get("/pets", limit=1).json["next_cursor"]

    answers = [
        bob.get("/pets", cursor=cursor),
        ann.get("/pets", cursor=cursor + "A"),
        ann.get("/pets", cursor=cursor[:-2]),
        ann.get("/pets", cursor="\u00e4"),
        ann.get("/pets", cursor=""),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(400, "invalid_cursor")] * 5


def test_a_change_touches_only_what_it_names(owner: OwnerFactory) -> None:
    ann = owner("ann")
    pet = ann.pet(breed="Poodle", weight_g=12_000)
    now = a_minute_later()

    changed = ann.patch(f"/pets/{pet['pet_id']}", {"breed": None, "name": "Pip"})

    assert changed.status == 200
    assert changed.json == pet | {"breed": None, "name": "Pip", "updated_at": now}
    assert ann.get(f"/pets/{pet['pet_id']}").json == changed.json


@pytest.mark.parametrize("field", ["name", "type", "birth_date", "size"])
def test_what_a_pet_must_have_cannot_be_cleared(owner: OwnerFactory, field: str) -> None:
    ann = owner("ann")
    pet = ann.pet()

    answer = ann.patch(f"/pets/{pet['pet_id']}", {field: None})

    assert (answer.status, answer.pointers()) == (422, [f"/{field}"])
    assert ann.get(f"/pets/{pet['pet_id']}").json == pet


def test_a_deleted_pet_is_gone(owner: OwnerFactory) -> None:
    ann = owner("ann")
    pet = ann.pet()

    answer = ann.delete(f"/pets/{pet['pet_id']}")

    assert (answer.status, answer.text) == (204, "")
    assert ann.get(f"/pets/{pet['pet_id']}").status == 404
    assert ann.get("/pets").json["items"] == []


def test_a_pet_with_a_booking_ahead_cannot_be_deleted(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    pet = ann.pet()
    store.write(Put(keys.slot(pet["pet_id"], clock.now() + timedelta(hours=1)) | {"appointment_id": "x"}))

    answer = ann.delete(f"/pets/{pet['pet_id']}")

    assert (answer.status, answer.code) == (409, "pet_has_appointments")


@pytest.mark.parametrize("pet_id", ["x", "a" * 3000, "PROFILE", "x%23PROFILE", "..", "%00", "%F0%9F%90%B6"])
def test_what_is_no_id_is_absent(owner: OwnerFactory, pet_id: str) -> None:
    ann = owner("ann")

    answer = ann.get(f"/pets/{pet_id}")

    assert answer.status == 404


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_somebody_elses_pet_is_as_absent_as_one_that_never_was(owner: OwnerFactory, method: str) -> None:
    ann, bob = owner("ann"), owner("bob")
    pet = bob.pet()
    json_type = {"content-type": "application/json"}

    others = ann.call(method, f"/pets/{pet['pet_id']}", b"{}", json_type)
    absent = ann.call(method, "/pets/aaaaaaaaaaaaaaaaaaaaaaaaaa", b"{}", json_type)

    assert others.status == absent.status == 404
    assert others.json | {"request_id": ""} == absent.json | {"request_id": ""}
    assert bob.get(f"/pets/{pet['pet_id']}").json == pet


def test_the_twenty_first_pet_is_refused_also_when_many_are_made_at_once(owner: OwnerFactory) -> None:
    ann = owner("ann")
    for number in range(15):
        ann.pet(name=f"Pet {number}")
    statuses: list[int] = []

    makers = [threading.Thread(target=lambda: statuses.append(ann.post("/pets", DOG).status)) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert len(ann.get("/pets", limit=100).json["items"]) == 20
    assert statuses.count(201) == 5
    assert set(statuses) <= {201, 409, 503}


def test_repeating_a_request_with_its_key_makes_one_pet_and_gives_the_same_answer(owner: OwnerFactory) -> None:
    ann = owner("ann")

    first, second = (ann.post("/pets", DOG, key="once") for _ in range(2))
    reordered = ann.post("/pets", dict(reversed(DOG.items())), key="once")

    assert (second.status, second.text) == (reordered.status, reordered.text) == (first.status, first.text)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(ann.get("/pets").json["items"]) == 1


def test_a_key_cannot_be_used_for_another_request(owner: OwnerFactory) -> None:
    ann, bob = owner("ann"), owner("bob")
    ann.post("/pets", DOG, key="once")

    other = ann.post("/pets", DOG | {"name": "Max"}, key="once")
    somebody_elses = bob.post("/pets", DOG, key="once")
    malformed = ann.post("/pets", DOG, key="\u00e4")

    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert somebody_elses.status == 201
    assert (malformed.status, malformed.code) == (400, "idempotency_key_invalid")


def test_a_key_may_be_used_again_after_a_day(owner: OwnerFactory) -> None:
    ann = owner("ann")
    ann.post("/pets", DOG, key="once")

    clock.advance(timedelta(days=1))
    later = sign_in(ann.username).post("/pets", DOG | {"name": "Max"}, key="once")

    assert (later.status, later.json["name"]) == (201, "Max")


def test_parallel_requests_with_one_key_make_one_pet(owner: OwnerFactory) -> None:
    ann = owner("ann")
    answers: list[str] = []

    callers = [
        threading.Thread(target=lambda: answers.append(ann.post("/pets", DOG, key="once").text)) for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()

    assert len(set(answers)) == 1
    assert len(ann.get("/pets").json["items"]) == 1
