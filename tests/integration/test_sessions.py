"""Sessions: refreshing, reuse, revoking, what is accepted as a token."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from auth import signing_keys
from common.clock import clock
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client, Owner
from tests.harness.playdates import PASSWORD


def refresh(client: Client, token: str) -> Answer:
    return client.post("/auth/refresh", {"refresh_token": token})


def test_a_refresh_gives_new_tokens_that_work(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")

    answer = refresh(anonymous, ann.refresh_token)

    assert answer.status == 200
    assert answer.json["refresh_token"] != ann.refresh_token
    assert Client(token=answer.json["access_token"]).get("/pets").status == 200


def test_an_access_token_expires_after_five_minutes(owner: OwnerFactory) -> None:
    ann = owner("ann")

    clock.advance(timedelta(seconds=299))
    before = ann.get("/pets")
    clock.advance(timedelta(seconds=1))
    after = ann.get("/pets")

    assert (before.status, after.status) == (200, 401)
    assert after.headers["WWW-Authenticate"].startswith("Bearer")


def test_within_thirty_seconds_the_old_token_gives_the_same_successor(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    first = refresh(anonymous, ann.refresh_token)

    clock.advance(timedelta(seconds=30))
    second = refresh(anonymous, ann.refresh_token)

    assert second.status == 200
    assert second.json["refresh_token"] == first.json["refresh_token"]


def test_reuse_after_the_grace_time_ends_the_session(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    successor = refresh(anonymous, ann.refresh_token).json

    clock.advance(timedelta(seconds=31))
    reused = refresh(anonymous, ann.refresh_token)

    assert (reused.status, reused.code) == (401, "session_ended")
    assert refresh(anonymous, successor["refresh_token"]).status == 401
    assert Client(token=successor["access_token"]).get("/pets").status == 401


@pytest.mark.in_process("replaces a part of the code")
def test_a_process_that_has_signed_nothing_yet_can_refresh(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    signing_keys._load.cache_clear()  # noqa: SLF001 (as in a function that has just started)

    answer = refresh(anonymous, ann.refresh_token)

    assert answer.status == 200


def test_a_token_two_generations_old_ends_the_session_even_within_the_grace_time(
    owner: OwnerFactory, anonymous: Client
) -> None:
    ann = owner("ann")
    second = refresh(anonymous, ann.refresh_token).json["refresh_token"]
    third = refresh(anonymous, second).json["refresh_token"]

    reused = refresh(anonymous, ann.refresh_token)

    assert reused.status == 401
    assert refresh(anonymous, third).status == 401


@pytest.mark.parametrize("damage", ["", "x", "a.b.c", "{token}x", "x{token}", "{cut}", "{older}"])
def test_a_refresh_token_that_we_did_not_make_is_refused_and_harms_nobody(
    owner: OwnerFactory, anonymous: Client, damage: str
) -> None:
    ann = owner("ann")
    user, session, _counter, kid, signature = ann.refresh_token.split(".")
    forged = damage.format(
        token=ann.refresh_token, cut=ann.refresh_token[:-1], older=f"{user}.{session}.7.{kid}.{signature}"
    )

    answer = refresh(anonymous, forged)

    assert answer.status in (401, 422)
    assert refresh(anonymous, ann.refresh_token).status == 200


def test_a_browser_gets_its_refresh_token_as_a_cookie_only(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")

    answer = anonymous.post("/auth/login", {"username": ann.username, "password": PASSWORD})

    assert (answer.json["refresh_token"], answer.json["device_token"]) == (None, None)
    assert [cookie.partition("=")[0] for cookie in answer.cookies] == ["__Host-refresh", "__Host-device"]
    for cookie in answer.cookies:
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))


def test_a_browser_refreshes_by_cookie_from_our_own_pages_alone(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    cookie = anonymous.post("/auth/login", {"username": ann.username, "password": PASSWORD}).cookies[0]
    headers = {"cookie": cookie.partition(";")[0], "host": "pawtime.example"}

    own = Client(headers={**headers, "sec-fetch-site": "same-origin"}).post("/auth/refresh")
    other = Client(headers={**headers, "sec-fetch-site": "cross-site"}).post("/auth/refresh")
    older = Client(headers={**headers, "origin": "https://evil.example"}).post("/auth/refresh")

    assert (own.status, len(own.cookies)) == (200, 1)
    assert (other.status, other.code) == (older.status, older.code) == (403, "cross_site")


def test_logging_out_ends_the_session_at_once_and_clears_the_cookie(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")

    answer = ann.post("/auth/logout")

    assert (answer.status, answer.text) == (204, "")
    assert "Max-Age=0" in answer.cookies[0]
    assert ann.get("/pets").status == 401
    assert refresh(anonymous, ann.refresh_token).status == 401


def another_session(owner: Owner, device: str) -> Owner:
    login = {"username": owner.username, "password": PASSWORD, "delivery": "body", "device_name": device}
    return Owner.from_login(Client().post("/auth/login", login))


def test_sessions_are_listed_and_one_can_be_revoked(owner: OwnerFactory) -> None:
    ann = owner("ann")
    phone = another_session(ann, "Phone")

    listed = ann.get("/auth/sessions").json["items"]
    [other] = [session for session in listed if not session["current"]]
    revoked = ann.delete(f"/auth/sessions/{other['session_id']}")

    assert (len(listed), other["device_name"], revoked.status) == (2, "Phone", 204)
    assert phone.get("/pets").status == 401
    assert ann.get("/pets").status == 200


def test_all_other_sessions_can_be_revoked_at_once(owner: OwnerFactory) -> None:
    ann = owner("ann")
    others = [another_session(ann, f"Phone {number}") for number in range(3)]

    answer = ann.delete("/auth/sessions")

    assert answer.status == 204
    assert [other.get("/pets").status for other in others] == [401] * 3
    assert ann.get("/pets").status == 200


def test_the_fifty_first_session_ends_the_one_unused_for_longest(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    clock.advance(timedelta(seconds=1))
    phone = another_session(ann, "Phone")
    clock.advance(timedelta(seconds=1))
    ann.token = refresh(anonymous, ann.refresh_token).json["access_token"]
    for number in range(3, 51):
        another_session(ann, f"Device {number}")
    with_fifty = phone.get("/me").status

    another_session(ann, "Device 51")

    assert (with_fifty, phone.get("/me").status, ann.get("/me").status) == (200, 401, 200)


def test_a_session_ends_after_thirty_days_without_use(owner: OwnerFactory, anonymous: Client) -> None:
    ann, ben = owner("ann"), owner("ben")

    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    just_in_time = refresh(anonymous, ann.refresh_token)
    clock.advance(timedelta(seconds=1))
    too_late = refresh(anonymous, ben.refresh_token)

    assert (just_in_time.status, too_late.status, too_late.code) == (200, 401, "session_ended")


def test_a_session_ends_half_a_year_after_it_began_whatever_its_use(owner: OwnerFactory, anonymous: Client) -> None:
    token, statuses = owner("ann").refresh_token, []

    for _ in range(9):
        clock.advance(timedelta(days=20))
        answer = refresh(anonymous, token)
        statuses.append(answer.status)
        token = answer.json.get("refresh_token", "")

    assert statuses == [200] * 8 + [401]


def test_somebody_elses_session_is_as_absent_as_one_that_never_was(owner: OwnerFactory) -> None:
    ann, bob = owner("ann"), owner("bob")
    session_id = bob.get("/auth/sessions").json["items"][0]["session_id"]

    others = ann.delete(f"/auth/sessions/{session_id}")
    absent = ann.delete("/auth/sessions/aaaaaaaaaaaaaaaaaaaaaaaaaa")

    assert (others.status, others.code) == (absent.status, absent.code) == (404, "session_not_found")
    assert bob.get("/pets").status == 200


def forge(ann: Owner, **changes: object) -> str:
    claims = jwt.decode(ann.token or "", options={"verify_signature": False})
    header = jwt.get_unverified_header(ann.token or "")
    return jwt.encode(claims | changes, generate_private_key(SECP256R1()), "ES256", headers=header)


def resign(ann: Owner, header: dict[str, object] | None = None, **changes: object) -> str:
    """Sign what only we could sign, to see that each claim counts by itself."""
    claims = jwt.decode(ann.token or "", options={"verify_signature": False}) | changes
    own = jwt.get_unverified_header(ann.token or "") | (header or {})
    return jwt.encode(claims, signing_keys.signing_keys().private, "ES256", headers=own)


def unsigned(ann: Owner) -> str:
    parts = [
        {"alg": "none", "typ": "at+jwt", "kid": "x"},
        jwt.decode(ann.token or "", options={"verify_signature": False}),
    ]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


FOREIGN: dict[str, Callable[[Owner], str]] = {
    "signed by another key": forge,
    "not signed": unsigned,
    "a refresh token": lambda ann: ann.refresh_token,
    "empty": lambda ann: "",
    "noise": lambda ann: "\u00ff.\u00ff.\u00ff",
}


@pytest.mark.parametrize("token", FOREIGN)
def test_what_is_not_our_access_token_is_refused(owner: OwnerFactory, token: str) -> None:
    ann = owner("ann")

    answer = Client(token=FOREIGN[token](ann)).get("/pets")

    assert (answer.status, answer.code) == (401, "unauthenticated")


@pytest.mark.in_process("sends more than a gateway lets through")
def test_a_token_of_a_megabyte_is_refused(anonymous: Client) -> None:
    answer = Client(token="a" * 1_000_000).get("/pets")

    assert (answer.status, answer.code) == (401, "unauthenticated")


MISTAKEN: dict[str, Callable[[Owner], str]] = {
    "another type": lambda ann: resign(ann, header={"typ": "JWT"}),
    "an unknown key id": lambda ann: resign(ann, header={"kid": "../../etc/passwd"}),
    "another audience": lambda ann: resign(ann, aud="other"),
    "another issuer": lambda ann: resign(ann, iss="other"),
    "another user": lambda ann: resign(ann, sub="a" * 26),
    "another session": lambda ann: resign(ann, sid="a" * 26),
    "a subject that is no text": lambda ann: resign(ann, sub=["a"]),
    "an expiry that is no number": lambda ann: resign(ann, exp="never"),
    "expired": lambda ann: resign(ann, exp=clock.timestamp()),
    "not yet issued": lambda ann: resign(ann, iat=clock.timestamp() + 1),
}


@pytest.mark.in_process("signs as only we can")
@pytest.mark.parametrize("mistake", MISTAKEN)
def test_what_we_signed_is_refused_for_each_claim_that_does_not_hold(owner: OwnerFactory, mistake: str) -> None:
    ann = owner("ann")
    assert Client(token=resign(ann)).get("/pets").status == 200

    answer = Client(token=MISTAKEN[mistake](ann)).get("/pets")

    assert (answer.status, answer.code) == (401, "unauthenticated")


def test_signing_in_again_in_a_browser_ends_the_session_that_it_had(owner: OwnerFactory) -> None:
    ann = owner("ann")
    login = {"username": ann.username, "password": PASSWORD}
    first = Client().post("/auth/login", login)
    cookies = [cookie.partition(";")[0] for cookie in first.cookies]

    second = Client(headers={"cookie": "; ".join(cookies)}).post("/auth/login", login)

    assert second.status == 200
    assert Client(token=first.json["access_token"]).get("/me").status == 401
    assert Client(token=second.json["access_token"]).get("/me").status == 200


def test_where_nothing_can_be_signed_no_session_begins(owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = owner("ann")
    login = {"username": ann.username, "password": PASSWORD, "delivery": "body"}
    before = ann.get("/auth/sessions").json
    monkeypatch.setenv("SIGNING_SECRET_ID", "nowhere")

    answer = Client().post("/auth/login", login)

    assert (answer.status, answer.code) == (503, "unavailable")
    assert ann.get("/auth/sessions").json == before


def test_a_session_that_is_over_is_not_listed_and_opens_nothing(owner: OwnerFactory, anonymous: Client) -> None:
    ann = owner("ann")
    token = ann.refresh_token
    for _ in range(9):
        clock.advance(timedelta(days=20) - timedelta(seconds=13))
        token = refresh(anonymous, token).json["refresh_token"]
    last = refresh(anonymous, token).json
    clock.advance(timedelta(minutes=3))

    other = another_session(ann, "phone")

    assert Client(token=last["access_token"]).get("/me").status == 401
    assert [each["device_name"] for each in other.get("/auth/sessions").json["items"]] == ["phone"]


@pytest.mark.parametrize(("origin", "status"), [("http://localhost:3000", 200), ("https://evil.example", 403)])
def test_an_old_browser_is_judged_by_our_own_address(
    owner: OwnerFactory, monkeypatch: pytest.MonkeyPatch, origin: str, status: int
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:3000")
    login = {"username": owner("ann").username, "password": PASSWORD}

    answer = Client(headers={"origin": origin, "host": "abc.execute-api.example"}).post("/auth/login", login)

    assert answer.status == status
