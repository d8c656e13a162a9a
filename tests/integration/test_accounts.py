"""Registering, proving an address, signing in."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from auth import passwords
from auth.accounts import AccountRepository
from common import keys
from common.clock import clock
from common.table import Table
from tests.conftest import OwnerFactory, Postbox
from tests.harness.client import Answer, Client
from tests.harness.mail import deliver_mail, link_token, mails_to
from tests.harness.newcomers import newcomer
from tests.harness.playdates import PASSWORD
from tests.harness.snapshot import scan


def log_in(client: Client, username: str, password: str = PASSWORD) -> Answer:
    return client.post("/auth/login", {"username": username, "password": password, "delivery": "body"})


def test_an_owner_registers_opens_the_mailed_link_and_signs_in(anonymous: Client, mails: Postbox) -> None:
    ann = newcomer("ann")
    registered = anonymous.post("/auth/register", ann)
    verified = anonymous.post("/auth/verify-email", {"token": link_token(mails(ann["email"])[-1])})

    signed_in = log_in(anonymous, ann["username"])

    assert (registered.status, verified.status, signed_in.status) == (202, 204, 200)
    assert signed_in.json["user"]["username"] == ann["username"]


def test_nobody_signs_in_before_the_address_is_proved(anonymous: Client) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)

    right, wrong = log_in(anonymous, ann["username"]), log_in(anonymous, ann["username"], "wrong")

    assert (right.status, right.code) == (401, "email_not_verified")
    assert (wrong.status, wrong.code) == (401, "wrong_credentials")


def test_a_taken_username_answers_409_whatever_its_case(anonymous: Client, owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = anonymous.post("/auth/register", newcomer("other") | {"username": ann.username.upper()})

    assert (answer.status, answer.code) == (409, "username_taken")


def test_a_known_address_does_not_show_but_its_owner_is_told(
    anonymous: Client, owner: OwnerFactory, mails: Postbox
) -> None:
    ann = owner("ann")
    fresh = anonymous.post("/auth/register", newcomer("new"))

    known = anonymous.post("/auth/register", newcomer("eve") | {"email": ann.email.capitalize()})

    assert (known.status, known.text) == (fresh.status, fresh.text)
    subjects = [mail.subject for mail in mails(ann.email, count=2)]
    assert subjects.count("You already have a Pawtime account") == 1


@pytest.mark.parametrize("known", [True, False])
def test_whether_an_address_is_known_does_not_show_in_what_is_taken_afterwards(
    anonymous: Client, owner: OwnerFactory, known: bool
) -> None:
    ann, eve = owner("ann"), newcomer("eve")
    anonymous.post("/auth/register", eve | ({"email": ann.email} if known else {}))

    again = anonymous.post("/auth/register", eve | {"email": newcomer("other")["email"]})

    assert (again.status, again.code) == (409, "username_taken")


def test_nobody_keeps_anothers_address_by_registering_it_first(anonymous: Client, mails: Postbox) -> None:
    ann, eve = newcomer("ann"), newcomer("eve", password="chosen by somebody else")
    anonymous.post("/auth/register", eve | {"email": ann["email"]})
    anonymous.post("/auth/register", ann)
    sent = mails(ann["email"], count=2)
    [link] = [link_token(mail) for mail in sent if f"as {ann['username']} with" in mail.text]
    [eves_link] = [link_token(mail) for mail in sent if f"as {eve['username']} with" in mail.text]

    verified = anonymous.post("/auth/verify-email", {"token": link})
    too_late = anonymous.post("/auth/verify-email", {"token": eves_link})

    assert (verified.status, too_late.status, too_late.code) == (204, 400, "token_invalid")
    assert log_in(anonymous, ann["username"]).status == 200
    assert log_in(anonymous, ann["email"]).status == 200


def test_an_account_that_never_proves_its_address_frees_its_username(anonymous: Client) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)

    clock.advance(timedelta(days=7))
    again = anonymous.post("/auth/register", ann | {"email": newcomer("later")["email"]})

    assert again.status == 202


def test_an_account_that_has_proved_its_address_stays(anonymous: Client, owner: OwnerFactory) -> None:
    ann = owner("ann")

    clock.advance(timedelta(days=8))

    assert log_in(anonymous, ann.username).status == 200
    assert anonymous.post("/auth/register", newcomer("x") | {"username": ann.username}).code == "username_taken"


def test_a_registration_that_fails_leaves_nothing_behind(anonymous: Client, owner: OwnerFactory, store: Table) -> None:
    ann, other = owner("ann"), newcomer("other")

    anonymous.post("/auth/register", other | {"username": ann.username})

    assert store.query(keys.email(other["email"])["PK"]).items == []


def test_signing_in_sets_no_cookie_for_another_sites_page(owner: OwnerFactory) -> None:
    ann = owner("ann")
    elsewhere = Client(headers={"sec-fetch-site": "cross-site"})

    answer = elsewhere.post("/auth/login", {"username": ann.username, "password": PASSWORD, "delivery": "cookie"})

    assert (answer.status, answer.code, answer.cookies) == (403, "cross_site", [])


def test_the_verification_link_works_twice_but_not_for_ever(anonymous: Client, mails: Postbox) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)
    token = link_token(mails(ann["email"])[-1])

    first, second = (anonymous.post("/auth/verify-email", {"token": token}) for _ in range(2))
    clock.advance(timedelta(hours=25))
    late = anonymous.post("/auth/verify-email", {"token": token})

    assert (first.status, second.status) == (204, 204)
    assert (late.status, late.code) == (400, "token_invalid")


def test_a_second_verification_mail_can_be_asked_for_without_telling_who_has_an_account(
    anonymous: Client, mails: Postbox
) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)

    known = anonymous.post("/auth/resend-verification", {"email": ann["email"]})
    unknown = anonymous.post("/auth/resend-verification", {"email": newcomer("nobody")["email"]})

    assert (known.status, known.text) == (unknown.status, unknown.text) == (202, '{"status":"accepted"}')
    assert len(mails(ann["email"], count=2)) == 2


def test_an_event_delivered_twice_sends_one_mail(anonymous: Client, store: Table) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)

    deliver_mail(store)
    deliver_mail(store)

    assert len(mails_to(ann["email"])) == 1


def test_unknown_users_and_wrong_passwords_answer_alike(anonymous: Client, owner: OwnerFactory) -> None:
    ann = owner("ann")

    wrong = log_in(anonymous, ann.username, "wrong")
    unknown = log_in(anonymous, newcomer("nobody")["username"], "wrong")

    assert wrong.status == unknown.status == 401
    assert wrong.code == unknown.code == "wrong_credentials"


def test_a_password_is_hashed_with_todays_parameters_when_its_owner_signs_in(
    anonymous: Client, owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    first, second = (log_in(anonymous, ann.username) for _ in range(2))

    user = AccountRepository(store).find(ann.username)
    assert user
    assert (first.status, second.status) == (200, 200)
    assert "m=16,t=2,p=1" in user.password_hash


def test_passwords_are_hashed_as_owasp_recommends() -> None:
    parameters = extract_parameters(passwords.hash_password("correct horse battery"))

    assert (parameters.type, parameters.salt_len) == (Type.ID, 16)
    assert parameters.memory_cost >= 19 * 1024
    assert (parameters.time_cost, parameters.parallelism) == (2, 1)


def test_signing_in_works_by_address_too(anonymous: Client, owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = log_in(anonymous, ann.email.upper())

    assert answer.status == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"username": "a"}, "/username"),
        ({"username": "ann lee"}, "/username"),
        ({"email": "ann"}, "/email"),
        ({"email": "ann@example.com\u202e"}, "/email"),
        ({"email": "a..b@example.com"}, "/email"),
        ({"email": "ann@ex\u00e4mple.com"}, "/email"),
        ({"email": "\u0130@example.com"}, "/email"),
        ({"email": "x" * 65 + "@example.com"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"password": "\u00fc" * 513}, "/password"),
        ({"role": "admin"}, "/role"),
        ({"first_name": "\u0000"}, "/first_name"),
        ({"first_name": "\u200b"}, "/first_name"),
        ({"first_name": "\u3164"}, "/first_name"),
    ],
)
def test_a_registration_that_does_not_fit_says_where(anonymous: Client, change: dict[str, str], pointer: str) -> None:
    answer = anonymous.post("/auth/register", newcomer("ann") | change)

    assert answer.status == 422
    assert answer.pointers() == [pointer]


def test_a_password_of_any_characters_up_to_1024_bytes_is_taken_whole(anonymous: Client, owner: OwnerFactory) -> None:
    password = "\U0001f436 " + "\u00fc" * 500
    ann = owner("ann", password)

    whole = log_in(anonymous, ann.username, password)
    cut = log_in(anonymous, ann.username, password[:-1])

    assert (whole.status, cut.status) == (200, 401)


def test_a_password_is_held_against_what_was_typed_and_nothing_like_it(anonymous: Client, owner: OwnerFactory) -> None:
    password = " Seven Violins in a Kennel "
    ann = owner("ann", password)
    like_it = [password.lower(), password.upper(), password.swapcase(), password.strip(), password.lstrip()]

    answers = [log_in(anonymous, ann.username, typed) for typed in (*like_it, password.rstrip(), password)]

    assert [answer.status for answer in answers] == [401] * 6 + [200]


@pytest.mark.parametrize("name", ["admin", "administrator", "root", "test", "user", "pawtime", "maya"])
def test_a_new_table_lets_nobody_in(anonymous: Client, store: Table, name: str) -> None:
    answers = [log_in(anonymous, name, password) for password in ("admin", "password", "changeme", name)]

    assert not [place for place in scan(store) if place[0].startswith("USER#")]
    assert {answer.status for answer in answers} == {401}


def test_one_mail_asks_all_the_newest_accounts_of_an_address_to_prove_it(anonymous: Client, mails: Postbox) -> None:
    email = newcomer("ann")["email"]
    accounts = [newcomer(name) | {"email": email} for name in ("one", "two", "three", "four")]
    for account in accounts:
        anonymous.post("/auth/register", account)
        clock.advance(timedelta(seconds=1))

    anonymous.post("/auth/resend-verification", {"email": email})

    [*_, mail] = mails(email, count=5)
    assert [each["username"] in mail.text for each in accounts] == [False, True, True, True]
