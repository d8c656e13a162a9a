"""One's own account: profile, e-mail address, activity."""

from datetime import timedelta

from common.clock import clock
from tests.conftest import OwnerFactory, Postbox
from tests.harness.client import Answer, Client, Owner
from tests.harness.mail import link_token
from tests.harness.newcomers import newcomer
from tests.harness.playdates import PASSWORD


def move_to(owner: Owner, email: str, password: str = PASSWORD) -> Answer:
    return owner.put("/me/email", {"email": email, "password": password})


def verify(token: str) -> Answer:
    return Client().post("/auth/verify-email", {"token": token})


def test_me_is_the_signed_in_person(owner: OwnerFactory) -> None:
    ann = owner("ann")

    me = ann.get("/me").json

    assert (me["user_id"], me["username"], me["email"], me["role"]) == (
        ann.user_id,
        ann.username,
        ann.email,
        "pet_owner",
    )
    assert not {"password_hash", "password_version"} & me.keys()


def test_names_change_and_are_cleared_and_the_rest_stays(owner: OwnerFactory) -> None:
    ann = owner("ann")
    ann.patch("/me", {"first_name": "Ann", "last_name": "Lee"})

    answer = ann.patch("/me", {"last_name": None})

    assert (answer.status, answer.json) == (200, ann.get("/me").json)
    assert (answer.json["first_name"], answer.json["last_name"]) == ("Ann", None)


def test_a_new_address_is_taken_once_it_is_proved(owner: OwnerFactory, mails: Postbox) -> None:
    ann, new = owner("ann"), newcomer("ann")["email"]

    asked = move_to(ann, new)
    before = ann.get("/me").json["email"]
    proved = verify(link_token(mails(new)[-1]))

    assert (asked.status, proved.status) == (202, 204)
    assert (before, ann.get("/me").json["email"]) == (ann.email, new)
    login = {"password": PASSWORD, "delivery": "body"}
    assert Client().post("/auth/login", login | {"username": new}).status == 200
    assert Client().post("/auth/login", login | {"username": ann.email}).status == 401


def test_the_former_address_hears_of_the_change_in_time(owner: OwnerFactory, mails: Postbox) -> None:
    ann = owner("ann")

    move_to(ann, newcomer("ann")["email"])

    assert mails(ann.email, count=2)[-1].subject == "Your e-mail address is about to change"


def test_a_former_address_can_be_registered_anew(owner: OwnerFactory, mails: Postbox) -> None:
    ann, new = owner("ann"), newcomer("ann")["email"]
    move_to(ann, new)
    verify(link_token(mails(new)[-1]))
    eve = newcomer("eve") | {"email": ann.email}

    Client().post("/auth/register", eve)

    assert "Please confirm your e-mail address" in {mail.subject for mail in mails(ann.email, count=4)}


def test_an_address_of_somebody_else_is_not_taken_and_does_not_show(owner: OwnerFactory, mails: Postbox) -> None:
    ann, ben = owner("ann"), owner("ben")

    taken = move_to(ann, ben.email)
    told = {mail.subject for mail in mails(ben.email, count=2)}
    free = move_to(ann, newcomer("free")["email"])

    assert (taken.status, taken.text) == (free.status, free.text)
    assert "You already have a Pawtime account" in told
    assert ann.get("/me").json["email"] == ann.email


def test_the_password_is_asked_for_again(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = move_to(ann, newcomer("ann")["email"], "not my password")

    assert (answer.status, answer.code, answer.pointers()) == (422, "wrong_password", ["/password"])


def test_only_the_address_asked_for_last_is_taken(owner: OwnerFactory, mails: Postbox) -> None:
    ann, first, second = owner("ann"), newcomer("first")["email"], newcomer("second")["email"]
    move_to(ann, first)
    token = link_token(mails(first)[-1])
    move_to(ann, second)

    answer = verify(token)

    assert (answer.status, answer.code) == (400, "token_invalid")
    assert ann.get("/me").json["email"] == ann.email


def test_a_link_to_a_new_address_is_good_for_a_day(owner: OwnerFactory, mails: Postbox) -> None:
    ann, new = owner("ann"), newcomer("ann")["email"]
    move_to(ann, new)
    token = link_token(mails(new)[-1])
    clock.advance(timedelta(days=1))

    answer = verify(token)

    assert (answer.status, answer.code) == (400, "token_invalid")


def test_two_accounts_that_want_one_address_do_not_both_get_it(owner: OwnerFactory, mails: Postbox) -> None:
    ann, ben, new = owner("ann"), owner("ben"), newcomer("new")["email"]
    move_to(ann, new)
    move_to(ben, new)
    tokens = {link_token(mail) for mail in mails(new, count=2)}

    answers = sorted(verify(token).status for token in tokens)

    assert answers == [204, 400]
    assert [ann.get("/me").json["email"], ben.get("/me").json["email"]].count(new) == 1


def test_activity_tells_what_happened_the_latest_first(owner: OwnerFactory) -> None:
    ann = owner("ann")
    login = {"username": ann.username, "password": PASSWORD, "device_name": "Kitchen tablet", "delivery": "body"}
    tablet = Owner.from_login(Client().post("/auth/login", login))
    session = tablet.refresh_token.split(".")[1]
    ann.delete(f"/auth/sessions/{session}")
    ann.put("/auth/password", {"current_password": PASSWORD, "new_password": "a kennel full of violins"})

    seen = ann.get("/me/activity", limit=100).json["items"]

    assert {each["kind"] for each in seen} == {"signed_in", "session_revoked", "password_changed"}
    [revoked] = [each for each in seen if each["kind"] == "session_revoked"]
    assert revoked["device_name"] == "Kitchen tablet"
    assert seen == sorted(seen, key=lambda each: each["occurred_at"], reverse=True)


def test_activity_is_forgotten_after_ninety_days(owner: OwnerFactory) -> None:
    ann = owner("ann")
    clock.advance(timedelta(days=90))
    login = {"username": ann.username, "password": PASSWORD, "delivery": "body"}
    later = Owner.from_login(Client().post("/auth/login", login))

    seen = later.get("/me/activity").json["items"]

    assert [each["kind"] for each in seen] == ["signed_in"]


def test_the_former_address_hears_that_it_is_the_former_one(owner: OwnerFactory, mails: Postbox) -> None:
    ann, new = owner("ann"), newcomer("ann")["email"]
    move_to(ann, new)

    verify(link_token(mails(new)[-1]))

    assert mails(ann.email, count=3)[-1].subject == "Your e-mail address was changed"
    assert mails(new, count=2)[-1].subject == "Your e-mail address was changed"
