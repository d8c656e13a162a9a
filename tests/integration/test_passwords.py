"""Passwords: which may be chosen, changing them, forgetting them, and the sessions that end then."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from auth import passwords
from common import keys
from common.clock import clock
from common.table import Table
from tests.conftest import OwnerFactory, Postbox
from tests.harness.client import Answer, Client, Owner
from tests.harness.mail import link_token
from tests.harness.newcomers import newcomer
from tests.harness.playdates import PASSWORD
from tests.harness.snapshot import scan
from tests.harness.world import sign_in

NEW = "a kennel full of violins"


def change(owner: Owner, current: str = PASSWORD, new: str = NEW) -> Answer:
    return owner.put("/auth/password", {"current_password": current, "new_password": new})


def forget(owner: Owner, mails: Postbox) -> str:
    """Ask for the mail with which a forgotten password is replaced; return its token."""
    before = len(mails(owner.email))
    assert Client().post("/auth/password/forgot", {"email": owner.email}).status == 202
    return link_token(mails(owner.email, count=before + 1)[-1])


def reset(token: str, new: str = NEW) -> Answer:
    return Client().post("/auth/password/reset", {"token": token, "new_password": new})


def log_in(owner: Owner, password: str) -> Answer:
    return Client().post("/auth/login", {"username": owner.username, "password": password, "delivery": "body"})


@pytest.mark.parametrize(
    "password",
    ["password", "PassWord1!", "sunshine2024", "Pawtime!", "pawtimepawtime", "aaaaaaaa", "1234567890", "!!!!!!!!"],
)
def test_what_is_guessed_first_is_no_password(anonymous: Client, password: str) -> None:
    answer = anonymous.post("/auth/register", newcomer("ann", password))

    assert (answer.status, answer.pointers()) == (422, ["/password"])


def test_the_commonest_passwords_that_are_long_enough_are_all_known() -> None:
    known = set(passwords.COMMON.read_text(encoding="utf-8").split())

    assert len(known) >= 3000
    assert min(map(len, known)) >= 8
    assert {"password", "12345678", "123456789", "sunshine", "football", "princess", "iloveyou", "trustno1"} <= known


@pytest.mark.parametrize("own", ["username", "email"])
def test_ones_own_name_or_address_is_no_password(anonymous: Client, own: str) -> None:
    ann = newcomer("ann")

    answer = anonymous.post("/auth/register", ann | {"password": f"{ann[own].upper()}1!"})

    assert (answer.status, answer.pointers()) == (422, ["/password"])


@pytest.mark.parametrize(
    "password",
    ["eight ch", "ünïcödé", "\U0001f436\U0001f431", " leading and trailing ", "x9" * 512, "no-digits-no-capitals"],
)
def test_a_password_needs_no_kinds_of_characters(owner: OwnerFactory, password: str) -> None:
    ann = owner("ann", password)

    answer = log_in(ann, password)

    assert answer.status == 200


def test_a_password_typed_on_another_keyboard_is_the_same(owner: OwnerFactory) -> None:
    ann = owner("ann", "cafe\u0301 au lait")

    answer = log_in(ann, "caf\u00e9 au lait")

    assert answer.status == 200


def test_a_changed_password_ends_all_other_sessions_and_tells_by_mail(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    phone = sign_in(ann.username)

    answer = change(ann)

    assert answer.status == 204
    assert (ann.get("/me").status, phone.get("/me").status) == (200, 401)
    assert (log_in(ann, PASSWORD).status, log_in(ann, NEW).status) == (401, 200)
    assert mails(ann.email, count=2)[-1].subject == "Your password was changed"


def test_a_change_whose_answer_was_lost_may_be_asked_for_again(owner: OwnerFactory) -> None:
    ann = owner("ann")

    first, again = change(ann), change(ann)

    assert (first.status, again.status) == (204, 204)


def test_a_wrong_current_password_changes_nothing(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = change(ann, current="not my password")

    assert (answer.status, answer.code, answer.pointers()) == (422, "wrong_password", ["/current_password"])
    assert log_in(ann, PASSWORD).status == 200


def test_an_easily_guessed_new_password_is_refused(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = change(ann, new=f"{ann.username}1")

    assert (answer.status, answer.pointers()) == (422, ["/new_password"])


def test_whoever_holds_a_session_gets_five_guesses_and_locks_nobody_out(owner: OwnerFactory) -> None:
    ann = owner("ann")
    thief = sign_in(ann.username)

    guesses = [change(thief, current=f"guess {number}").status for number in range(6)]

    assert guesses == [422] * 5 + [429]
    assert change(ann).status == 204


def test_a_forgotten_password_is_replaced_by_the_mailed_link(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    answer = reset(forget(ann, mails))

    assert answer.status == 204
    assert ann.get("/me").status == 401
    assert Client().post("/auth/refresh", {"refresh_token": ann.refresh_token}).status == 401
    assert (log_in(ann, PASSWORD).status, log_in(ann, NEW).status) == (401, 200)


def test_a_reset_makes_the_browser_known(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    answer = reset(forget(ann, mails))

    assert [cookie.partition("=")[0] for cookie in answer.cookies] == ["__Host-device"]


def test_a_reset_link_signs_nobody_in(owner: OwnerFactory, mails: Postbox, store: Table) -> None:
    ann = owner("ann")

    answer = reset(forget(ann, mails))

    assert (answer.status, answer.text) == (204, "")
    assert store.query(keys.user_partition(ann.user_id), prefix=keys.SESSION).items == []


def test_a_link_holds_256_random_bits_of_which_the_table_has_but_the_hash(
    owner: OwnerFactory, mails: Postbox, store: Table
) -> None:
    ann = owner("ann")

    tokens = [forget(ann, mails) for _ in range(2)]

    secrets = {token.removeprefix(ann.user_id) for token in tokens}
    assert [len(urlsafe_b64decode(secret + "=")) * 8 for secret in secrets] == [256, 256]
    assert not [secret for secret in secrets if secret in str(scan(store))]


def test_a_password_is_good_for_as_long_as_its_owner_likes(owner: OwnerFactory) -> None:
    ann = owner("ann")
    clock.advance(timedelta(days=3 * 365))

    answer = log_in(ann, PASSWORD)

    assert answer.status == 200


def test_a_reset_link_works_once(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    token = forget(ann, mails)
    reset(token)

    again = reset(token, "yet another password")

    assert (again.status, again.code) == (409, "link_used")
    assert log_in(ann, NEW).status == 200


def test_a_reset_link_is_good_for_ten_minutes(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    token = forget(ann, mails)
    clock.advance(timedelta(minutes=10))

    answer = reset(token)

    assert (answer.status, answer.code) == (400, "token_invalid")


def test_a_new_password_makes_earlier_links_void(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    token = forget(ann, mails)
    change(ann)

    answer = reset(token, "yet another password")

    assert (answer.status, answer.code) == (400, "token_invalid")


def test_a_link_that_proves_an_address_resets_no_password(anonymous: Client, mails: Postbox) -> None:
    ann = newcomer("ann")
    anonymous.post("/auth/register", ann)
    token = link_token(mails(ann["email"])[-1])

    answer = reset(token)

    assert (answer.status, answer.code) == (400, "token_invalid")


def test_a_reset_link_proves_no_address(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    answer = Client().post("/auth/verify-email", {"token": forget(ann, mails)})

    assert (answer.status, answer.code) == (400, "token_invalid")


def test_a_refused_new_password_leaves_the_link_good(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    token = forget(ann, mails)

    refused = reset(token, "password")

    assert (refused.status, refused.pointers()) == (422, ["/new_password"])
    assert reset(token).status == 204


def test_no_more_than_five_mails_an_hour_go_to_an_address(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    answers = [Client().post("/auth/password/forgot", {"email": ann.email}) for _ in range(8)]

    assert {(answer.status, answer.text) for answer in answers} == {(202, answers[0].text)}
    asked_for = [mail for mail in mails(ann.email) if mail.subject == "Choose a new password"]
    assert len(asked_for) <= 5


def test_a_wrong_current_password_is_wrong_even_where_the_new_one_is_the_present_one(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = change(ann, current="not my password", new=PASSWORD)

    assert (answer.status, answer.code) == (422, "wrong_password")


def test_only_the_session_that_changed_it_may_ask_again_and_only_for_a_while(owner: OwnerFactory) -> None:
    ann = owner("ann")
    change(ann)
    other = sign_in(ann.username, NEW)

    from_another_session = change(other)
    with_another_password = change(ann, current="not my password")
    clock.advance(timedelta(minutes=11))
    later = change(sign_in(ann.username, NEW))

    assert {each.status for each in (from_another_session, with_another_password, later)} == {422}


@pytest.mark.parametrize("way", ["change", "reset"])
def test_a_new_password_calls_off_a_change_of_the_address(owner: OwnerFactory, mails: Postbox, way: str) -> None:
    ann, of_a_thief = owner("ann"), newcomer("eve")["email"]
    ann.put("/me/email", {"email": of_a_thief, "password": PASSWORD})
    link = link_token(mails(of_a_thief)[-1])
    change(ann) if way == "change" else reset(forget(ann, mails))

    answer = Client().post("/auth/verify-email", {"token": link})

    assert (answer.status, answer.code) == (400, "token_invalid")
    assert sign_in(ann.username, NEW).get("/me").json["email"] == ann.email


def test_asking_for_other_mails_keeps_nobody_from_a_new_password(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    for _ in range(10):
        Client().post("/auth/resend-verification", {"email": ann.email})

    answer = reset(forget(ann, mails))

    assert answer.status == 204


def test_where_another_link_is_refused_one_that_is_good_lies_in_the_mailbox(
    owner: OwnerFactory, mails: Postbox
) -> None:
    ann = owner("ann")
    link = forget(ann, mails)
    before = len(mails(ann.email))
    clock.advance(timedelta(minutes=9))

    for _ in range(5):
        Client().post("/auth/password/forgot", {"email": ann.email})

    assert len(mails(ann.email, count=before + 1)) == before + 1
    assert reset(link).status == 204


def test_a_reset_knows_no_device_any_more_but_its_own(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")
    of_a_thief = log_in(ann, PASSWORD).json["device_token"]
    reset(forget(ann, mails))

    again = {"username": ann.username, "password": NEW, "delivery": "body", "device_token": of_a_thief}
    answer = Client().post("/auth/login", again)

    assert answer.json["device_token"] is not None


def test_asking_for_a_new_password_shows_in_the_activity(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    forget(ann, mails)

    assert "password_reset_requested" in {each["kind"] for each in ann.get("/me/activity").json["items"]}
