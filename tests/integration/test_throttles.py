"""Guessing at passwords: how often it is let through, and that owners still get in."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from auth import passwords, throttles
from auth.throttles import Limit
from common.clock import clock
from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client
from tests.harness.playdates import PASSWORD


def log_in(typed: str, password: str = "not my password", device_token: str | None = None) -> Answer:
    device = {"device_token": device_token} if device_token else {}
    return Client().post("/auth/login", {"username": typed, "password": password, "delivery": "body"} | device)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.sessions.PATIENCE_SECONDS", 0)
    monkeypatch.setenv("ADDRESS_LIMITS", "on")


def test_ten_wrong_passwords_are_looked_at_in_a_quarter_of_an_hour(owner: OwnerFactory) -> None:
    ann = owner("ann")

    guesses = [log_in(ann.username).status for _ in range(12)]

    assert guesses == [401] * 10 + [429] * 2


def test_who_is_throttled_hears_for_how_long_and_may_try_again_then(owner: OwnerFactory) -> None:
    ann = owner("ann")
    for _ in range(10):
        log_in(ann.username)
    clock.advance(timedelta(minutes=14))

    refused = log_in(ann.username, PASSWORD)
    clock.advance(timedelta(seconds=int(refused.headers["Retry-After"])))

    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "too_many_attempts", "60")
    assert log_in(ann.username, PASSWORD).status == 200


@pytest.mark.parametrize("kind", ["username", "email"])
def test_a_name_that_nobody_has_is_throttled_alike(owner: OwnerFactory, kind: str) -> None:
    ann = owner("ann")
    unknown = {"username": "nobody-at-all", "email": "nobody@example.com"}[kind]
    known = {"username": ann.username, "email": ann.email}[kind]

    of_unknown = [log_in(unknown) for _ in range(12)]
    of_known = [log_in(known) for _ in range(12)]

    assert [(each.status, each.code) for each in of_unknown] == [(each.status, each.code) for each in of_known]


def test_right_passwords_are_not_counted(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answers = [log_in(ann.username, PASSWORD).status for _ in range(15)]

    assert answers == [200] * 15


def test_guesses_by_name_and_by_address_add_up(owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = owner("ann")
    checked: Counter[bool] = Counter()
    matches = passwords.matches

    def count(stored: str | None, typed: str) -> bool:
        checked[stored is not None] += 1
        return matches(stored, typed)

    monkeypatch.setattr(passwords, "matches", count)

    answers = [log_in(typed) for _ in range(7) for typed in (ann.username, ann.email)]

    assert {(answer.status, answer.code) for answer in answers} == {(401, "wrong_credentials")}
    assert checked == {True: 10, False: 4}


def test_a_known_device_gets_in_while_others_guess(owner: OwnerFactory) -> None:
    ann = owner("ann")
    device = log_in(ann.username, PASSWORD).json["device_token"]
    for _ in range(10):
        log_in(ann.username)

    elsewhere, at_home = log_in(ann.username, PASSWORD), log_in(ann.username, PASSWORD, device)

    assert (elsewhere.status, at_home.status) == (429, 200)
    assert at_home.json["device_token"] is None


def test_a_known_device_has_ten_guesses_as_well(owner: OwnerFactory) -> None:
    ann = owner("ann")
    device = log_in(ann.username, PASSWORD).json["device_token"]

    guesses = [log_in(ann.username, device_token=device).status for _ in range(12)]

    assert guesses == [401] * 10 + [429] * 2


def test_the_device_of_one_owner_is_nothing_to_another(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    bens = log_in(ben.username, PASSWORD).json["device_token"]
    for _ in range(10):
        log_in(ann.username)

    answer = log_in(ann.username, PASSWORD, bens)

    assert answer.status == 429


def test_sixty_four_guesses_at_once_are_ten(owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = owner("ann")

    with ThreadPoolExecutor(32) as pool:
        statuses = Counter(pool.map(lambda _: log_in(ann.username).status, range(64)))

    assert statuses == {401: 10, 429: 54}


def test_whoever_types_the_right_password_waits_for_a_place(
    owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    monkeypatch.setattr("auth.sessions.PATIENCE_SECONDS", throttles.PATIENCE_SECONDS * 5)

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: log_in(ann.username, PASSWORD).status, range(20)))

    assert statuses == [200] * 20


def test_one_address_may_guess_a_hundred_times_whomever_it_tries(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.sessions.GUESSES_OF_AN_ADDRESS", throttles.Limit(5, timedelta(minutes=15)))

    guesses = [log_in(f"somebody-{number}").status for number in range(7)]

    assert guesses == [401] * 5 + [429] * 2


def test_addresses_are_not_counted_where_that_is_off(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.sessions.GUESSES_OF_AN_ADDRESS", throttles.Limit(1, timedelta(minutes=15)))
    monkeypatch.setenv("ADDRESS_LIMITS", "off")

    guesses = [log_in(f"somebody-{number}").status for number in range(3)]

    assert guesses == [401] * 3


def test_what_a_client_says_of_its_address_changes_nothing(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.sessions.GUESSES_OF_AN_ADDRESS", throttles.Limit(2, timedelta(minutes=15)))
    body = {"password": "not my password", "delivery": "body"}

    guesses = [
        Client(headers={"x-forwarded-for": f"10.0.0.{number}"}).post("/auth/login", body | {"username": f"a{number}"})
        for number in range(4)
    ]

    assert [guess.status for guess in guesses] == [401, 401, 429, 429]


def test_guesses_that_fill_an_accounts_places_show_in_its_activity_once(owner: OwnerFactory) -> None:
    ann = owner("ann")
    for _ in range(10):
        log_in(ann.email)

    for _ in range(3):
        log_in(ann.username)

    kinds = [each["kind"] for each in ann.get("/me/activity").json["items"]]
    assert kinds.count("sign_ins_refused") == 1


def test_who_is_refused_for_the_address_loses_no_place_of_the_account(
    owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    monkeypatch.setattr("auth.sessions.GUESSES_OF_AN_ADDRESS", Limit(1, timedelta(minutes=15)))
    log_in("somebody-else")
    refused = [log_in(ann.username, PASSWORD).status for _ in range(12)]

    monkeypatch.setenv("ADDRESS_LIMITS", "off")
    answer = log_in(ann.username, PASSWORD)

    assert (set(refused), answer.status) == ({429}, 200)
