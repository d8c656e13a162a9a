"""The keys that sign tokens: made once, published before they are needed, and rotated without anybody's noticing."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from auth import key_rotation
from auth.key_rotation import SETTLED_SECONDS, STEPS, KeyRotation, RotationRefused, Version
from common import auth, aws, config, keys
from common.clock import clock
from common.ids import new_id, new_secret
from common.table import RaceLost, Table
from tests.conftest import OwnerFactory
from tests.harness.client import Client, Owner
from tests.harness.key_rotation import Process, do, rotate, rotate_in_use

QUICKLY = timedelta(0)
TEN_DAYS = timedelta(days=9, hours=23)
LOST = (RotationRefused, RaceLost, ClientError)


def secret() -> dict[str, Any]:
    """The current version of what is kept in Secrets Manager."""
    answer = aws.client("secretsmanager").get_secret_value(
        SecretId=config.signing_secret_id(), VersionStage="AWSCURRENT"
    )
    kept: dict[str, Any] = json.loads(answer["SecretString"])
    return kept


def published(store: Table) -> list[str]:
    """The ids of the keys that everybody can verify."""
    item = store.get(keys.verification_keys())
    assert item
    return sorted(item["public"])


def of_the_secret() -> list[str]:
    """The ids of the keys that should be published."""
    kept = secret()
    return sorted(kept[name]["kid"] for name in ("previous", "current", "next") if name in kept)


def let_keys_settle() -> None:
    clock.advance(timedelta(seconds=SETTLED_SECONDS))


def refreshed(ann: Owner) -> Owner:
    """Ann with new tokens, from a process that has just started."""
    with Process().answering():
        answer = Client().post("/auth/refresh", {"refresh_token": ann.refresh_token})
    assert answer.status == 200, answer.text
    return Owner.from_login(answer)


def rotation(store: Table, secret_id: str | None = None) -> KeyRotation:
    return KeyRotation(store, aws.client("secretsmanager"), secret_id or config.signing_secret_id())


def test_the_first_rotation_makes_and_publishes_a_key_and_the_next(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.delete(keys.verification_keys())
    empty = aws.client("secretsmanager").create_secret(Name=new_id(), SecretString="{}")["Name"]
    monkeypatch.setenv("SIGNING_SECRET_ID", empty)

    rotate()

    assert secret().keys() == {"current", "next", "earlier"}
    assert published(store) == of_the_secret()


def test_without_keys_nobody_can_sign_in_yet(
    owner: OwnerFactory, store: Table, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    empty = aws.client("secretsmanager").create_secret(Name=new_id(), SecretString="{}")["Name"]
    monkeypatch.setenv("SIGNING_SECRET_ID", empty)

    answer = anonymous.post("/auth/refresh", {"refresh_token": ann.refresh_token})

    assert (answer.status, answer.code) == (503, "unavailable")


def test_a_second_start_changes_no_key(store: Table) -> None:
    before = store.get(keys.verification_keys())

    rotation(store).ensure()

    assert store.get(keys.verification_keys()) == before


def test_a_table_without_keys_gets_those_of_the_secret(store: Table) -> None:
    store.delete(keys.verification_keys())

    rotation(store).ensure()

    assert published(store) == of_the_secret()


def test_a_rotation_makes_the_published_next_key_the_current_one_and_publishes_another(store: Table) -> None:
    before = secret()

    rotate()

    after = secret()
    assert after["current"] == before["next"]
    assert after["previous"]["kid"] == before["current"]["kid"]
    assert after["next"]["kid"] not in (before["current"]["kid"], before["next"]["kid"])
    assert published(store) == of_the_secret()


def test_a_key_that_no_longer_signs_is_kept_only_as_far_as_it_verifies(store: Table) -> None:
    rotate()
    previous = secret()["previous"]
    let_keys_settle()

    rotate()

    assert previous.keys() == {"kid", "public", "refresh"}
    assert [key.keys() for key in secret()["earlier"]] == [{"kid", "refresh", "until"}]
    assert previous["kid"] == secret()["earlier"][0]["kid"]
    assert previous["kid"] not in published(store)


def test_the_cursors_key_outlives_rotations(store: Table) -> None:
    before = store.get(keys.verification_keys())

    rotate()

    after = store.get(keys.verification_keys())
    assert before
    assert after
    assert before["cursor_key"] == after["cursor_key"]


def test_the_next_key_signs_within_five_minutes_of_a_rotation(owner: OwnerFactory) -> None:
    ann = owner("ann")
    coming = secret()["next"]["kid"]

    rotate()
    clock.advance(timedelta(seconds=auth.KEYS_CACHED_SECONDS))
    answer = Client().post("/auth/refresh", {"refresh_token": ann.refresh_token})

    assert jwt.get_unverified_header(answer.json["access_token"])["kid"] == coming
    assert answer.json["refresh_token"].split(".")[3] == coming


def test_keys_that_have_just_rotated_are_not_rotated_again(store: Table) -> None:
    rotate()
    before = secret()

    clock.advance(timedelta(seconds=SETTLED_SECONDS - 1))
    with pytest.raises(RotationRefused):
        rotate()
    refused = secret()
    clock.advance(timedelta(seconds=1))
    rotate()

    assert refused == before
    assert secret()["current"] == before["next"]


def test_keys_settle_anew_when_they_begin_to_sign_long_after_they_were_published(store: Table) -> None:
    late = new_secret()
    for step in STEPS[:3]:
        do(step, late)
    let_keys_settle()

    do("finishSecret", late)

    with pytest.raises(RotationRefused):
        rotate()


def test_a_refresh_key_is_forgotten_when_no_token_of_it_can_live(store: Table) -> None:
    rotate()
    let_keys_settle()
    rotate()
    [first] = secret()["earlier"]

    clock.advance(timedelta(days=29, hours=23))
    rotate()
    before = [key["kid"] for key in secret()["earlier"]]
    clock.advance(timedelta(hours=2))
    rotate()
    after = [key["kid"] for key in secret()["earlier"]]

    assert first["kid"] in before
    assert first["kid"] not in after


@pytest.mark.parametrize("swapped", ["{unknown}", "", "{next}"])
def test_a_refresh_token_is_verified_by_the_key_that_it_names_and_no_other(
    owner: OwnerFactory, anonymous: Client, swapped: str
) -> None:
    ann = owner("ann")
    *payload, _kid, signature = ann.refresh_token.split(".")
    kid = swapped.format(unknown=new_id(), next=secret()["next"]["kid"])

    answer = anonymous.post("/auth/refresh", {"refresh_token": ".".join([*payload, kid, signature])})

    assert (answer.status, answer.code) == (401, "session_ended")


@pytest.mark.engines("dynoxide")
def test_nobody_notices_that_keys_rotate(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")

    findings = rotate_in_use(store, ann.username, [QUICKLY, QUICKLY, TEN_DAYS, TEN_DAYS, TEN_DAYS])

    assert findings.wrong == []
    assert findings.looked_at > 1000


def sign_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign with a new key, rather than with one that has been published for long."""
    successor = KeyRotation._successor  # noqa: SLF001

    def new_current(self: KeyRotation, kept: dict[str, Any]) -> dict[str, Any]:
        return {**successor(self, kept), "current": key_rotation._new_key()}  # noqa: SLF001

    monkeypatch.setattr(KeyRotation, "_successor", new_current)


def rotate_too_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "SETTLED_SECONDS", 0)
    monkeypatch.setattr("tests.harness.key_rotation.SETTLED_SECONDS", 0)
    monkeypatch.setattr("tests.harness.key_rotation.AFTERWARDS", (0,))


def forget_refresh_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_rotation, "REFRESH_KEYS_KEPT_SECONDS", 0)


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize(
    ("weaken", "pauses"),
    [
        (sign_at_once, [QUICKLY]),
        (rotate_too_soon, [QUICKLY, QUICKLY]),
        (forget_refresh_keys, [QUICKLY, TEN_DAYS, TEN_DAYS, TEN_DAYS]),
    ],
)
def test_a_rotation_that_takes_less_care_is_noticed(
    owner: OwnerFactory,
    store: Table,
    monkeypatch: pytest.MonkeyPatch,
    weaken: Callable[[pytest.MonkeyPatch], None],
    pauses: list[timedelta],
) -> None:
    ann = owner("ann")
    weaken(monkeypatch)

    findings = rotate_in_use(store, ann.username, pauses)

    assert findings.wrong


class Crash(BaseException):
    """The process is gone."""


class Fuse:
    """Lets a number of calls through, and ends the process at the next: before it, or once it is done."""

    def __init__(self, calls: int, *, after: bool) -> None:
        self.left = calls
        self.after = after

    def guard(self, client: Any) -> Any:
        fuse = self

        class Guarded:
            def __getattr__(self, operation: str) -> Any:
                call = getattr(client, operation)
                return lambda **members: fuse.call(call, members)

        return Guarded()

    def call(self, call: Callable[..., Any], members: dict[str, Any]) -> Any:
        self.left -= 1
        if self.left == -1 and not self.after:
            raise Crash
        answer = call(**members)
        if self.left == -1:
            raise Crash
        return answer


@pytest.mark.parametrize("again_with", ["the same token", "another token"])
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_rotation_that_ends_at_any_call_is_taken_up_and_done_once(
    owner: OwnerFactory, store: Table, *, after: bool, again_with: str
) -> None:
    ann, crashes = owner("ann"), 0
    for calls in itertools.count():
        let_keys_settle()
        ann, before, token = refreshed(ann), secret(), new_secret()
        fuse = Fuse(calls, after=after)
        broken = KeyRotation(
            Table(fuse.guard(store.client), store.name),
            fuse.guard(aws.client("secretsmanager")),
            config.signing_secret_id(),
        )

        try:
            broken.run(token)
        except Crash:
            crashes += 1
            try:
                rotate(token if again_with == "the same token" else None)
            except RotationRefused:
                assert secret() != before  # the answer alone was lost

        assert secret()["current"] == before["next"]
        assert published(store) == of_the_secret()
        assert ann.get("/pets").status == 200
        if fuse.left >= 0:
            break
    assert crashes > 12


def orders() -> Iterator[list[tuple[str, str]]]:
    """Give every order of the steps of two rotations, of which the first begins."""
    for others in itertools.combinations(range(1, len(STEPS) * 2), len(STEPS)):
        first, second = iter(STEPS), iter(STEPS)
        yield [("second", next(second)) if place in others else ("first", next(first)) for place in range(8)]


def signing() -> set[str]:
    """The ids of the keys that sign, or will after the next rotation."""
    return {secret()[name]["kid"] for name in ("current", "next")}


def make_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rotation never find what another has left unfinished."""
    read = KeyRotation._read  # noqa: SLF001

    def blind(self: KeyRotation, **which: str) -> Version:
        return Version() if which == {"VersionStage": "AWSPENDING"} else read(self, **which)

    monkeypatch.setattr(KeyRotation, "_read", blind)


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("rotations", ["the same", "different", "different and blind"])
def test_two_rotations_at_once_are_one_in_every_order_of_their_steps(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch, rotations: str
) -> None:
    ann = owner("ann")
    if rotations == "different and blind":
        make_keys_of_their_own(monkeypatch)
    for order in orders():
        let_keys_settle()
        rotation(store).ensure()  # puts in order what two that were blind may have left
        let_keys_settle()
        ann, before, token = refreshed(ann), secret(), new_secret()
        tokens = {"first": token, "second": token if rotations == "the same" else new_secret()}

        for which, step in order:
            with suppress(*LOST):
                do(step, tokens[which])
            assert secret()["current"]["kid"] in published(store), order
            assert rotations == "different and blind" or signing() <= {*published(store)}, order

        # Where they do not see each other, they may have to put in order what they left before one of them goes on.
        possible = ["current", "next"] if rotations == "different and blind" else ["next"]
        assert secret()["current"] in [before[name] for name in possible], order
        assert ann.get("/pets").status == 200


def test_a_rotation_that_was_overtaken_changes_nothing(store: Table) -> None:
    late = new_secret()
    do("createSecret", late)
    rotate()
    let_keys_settle()
    rotate()
    before = (secret(), store.get(keys.verification_keys()))

    for step in STEPS[1:]:
        with pytest.raises(RotationRefused):
            do(step, late)

    assert (secret(), store.get(keys.verification_keys())) == before


def test_keys_that_are_not_published_as_they_should_be_are_published_before_they_rotate(store: Table) -> None:
    rotate()
    let_keys_settle()
    store.delete(keys.verification_keys())
    before = secret()

    with pytest.raises(RotationRefused):
        rotate()

    assert published(store) == of_the_secret()
    assert secret() == before
