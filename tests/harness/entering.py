"""Ways into accounts, tried many times: refreshing, ending sessions, guessing, and what answers give away.

Each trial says in sentences what went wrong; `make test` runs them in small, `make prove` in full.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest

from auth import passwords
from auth.accounts import AccountRepository
from auth.operators import OperatorRepository
from auth.sessions import MOST_SESSIONS
from common.auth import Role
from common.clock import clock
from common.ids import new_id
from common.table import Table, Update
from tests.harness.client import Answer, Client, Owner
from tests.harness.playdates import PASSWORD
from tests.harness.samples import SAMPLES, samples
from tests.harness.trials import Tally, at_once, declared
from tests.harness.world import World, sign_in, sign_up

NEW_PASSWORD = "a kennel full of violins"
WRONG = "not anybody's password"


def refresh(token: str) -> Answer:
    """Exchange a refresh token, as a client that is no browser."""
    return Client().post("/auth/refresh", {"refresh_token": token})


def log_in(typed: str, password: str = WRONG, device_token: str | None = None) -> Answer:
    """Sign in, or try to."""
    device = {"device_token": device_token} if device_token else {}
    return Client().post("/auth/login", {"username": typed, "password": password, "delivery": "body"} | device)


def counter_of(token: str) -> int:
    """Return how often a session has been refreshed, by its token."""
    return int(token.split(".")[2])


def refresh_at_once(owner: Owner, rounds: int, times: int) -> Tally:
    """A1: one token, presented by many at once, takes one step and gives all the same successor."""
    tally, token = Tally(), owner.refresh_token
    for number in range(rounds):
        answers = at_once([partial(refresh, token)] * times)
        tally.tried += times
        successors = {answer.json.get("refresh_token") for answer in answers if answer.status == 200}
        statuses = Counter(answer.status for answer in answers)
        if statuses != {200: times} or len(successors) != 1:
            tally.wrong.append(f"round {number}: {dict(statuses)}, {len(successors)} successors")
            return tally
        [successor] = successors
        if counter_of(successor) != counter_of(token) + 1:
            tally.wrong.append(f"round {number}: the counter moved from {counter_of(token)} to {counter_of(successor)}")
        token = successor
    if Client(token=refresh(token).json.get("access_token")).get("/me").status != 200:
        tally.wrong.append("the session does not live")
    return tally


def _altered(token: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    place = chance.randrange(len(token))
    other = chance.choice([each for each in "abcdef0123456789." if each != token[place]])
    yield "altered", token[:place] + other + token[place + 1 :]
    yield "truncated", token[: chance.randrange(1, len(token))]
    yield "longer", token + chance.choice("0a. ")
    user_id, session_id, counter, *rest = token.split(".")
    moved = str(int(counter) + chance.choice((-1, 1, 2, 10**30)))
    yield "another counter", ".".join([user_id, session_id, moved, *rest])
    yield "another session", ".".join([user_id, new_id(), counter, *rest])
    yield "another user", ".".join([new_id(), session_id, counter, *rest])
    yield "unsigned", ".".join([user_id, session_id, counter, *["" for _ in rest]])
    yield "nothing", chance.choice(["", ".", "...", "null", "\u0000", "\u2603" * 5])


def refuse_refreshes(store: Table, owner: Owner, rounds: int, seed: int = 1) -> Tally:
    """A2: replayed, older, forged, truncated and foreign tokens are refused, and a genuine reuse ends the session."""
    tally, chance = Tally(), random.Random(seed)

    def expect(what: str, answer: Answer, *codes: str) -> None:
        tally.tried += 1
        if answer.status < 400 or answer.status >= 500 or (codes and answer.code not in codes):
            tally.wrong.append(f"{what}: {answer.status} {answer.text[:80]}")

    for _ in range(rounds):
        fresh = sign_in(owner.username)
        for what, token in _altered(fresh.refresh_token, chance):
            expect(what, refresh(token))
        expect("an access token", refresh(str(fresh.token)))
        expect("a token of nobody's session", refresh(fresh.refresh_token.replace(fresh.user_id, new_id())))
        second = refresh(fresh.refresh_token).json["refresh_token"]
        third = refresh(second)
        if third.status != 200:
            tally.wrong.append(f"forgeries ended a session: {third.text[:80]}")
        expect("an older token within the grace time", refresh(fresh.refresh_token), "session_ended")
        expect("the session after a reuse", refresh(third.json["refresh_token"]), "session_ended")
        expect("its access token after a reuse", Client(token=third.json["access_token"]).get("/me"))
        late = sign_in(owner.username)
        successor = refresh(late.refresh_token).json["refresh_token"]
        clock.advance(timedelta(seconds=31))
        expect("a replay after the grace time", refresh(late.refresh_token), "session_ended")
        expect("its successor then", refresh(successor), "session_ended")
    return tally


def lose_answers(store: Table, owner: Owner, times: int, seed: int = 1) -> Tally:
    """A3: an answer to a refresh is lost, and the client asks again within half a minute; or two tabs ask at once."""
    tally, chance, token = Tally(), random.Random(seed), owner.refresh_token
    for number in range(times):
        if number % 4 == 0:
            one, again = at_once([partial(refresh, token)] * 2)
        else:
            one = refresh(token)
            clock.advance(timedelta(seconds=chance.randrange(31)))
            again = refresh(token)
        tally.tried += 1
        if (one.status, again.status) != (200, 200) or one.json["refresh_token"] != again.json["refresh_token"]:
            tally.wrong.append(f"time {number}: {one.status}, then {again.status} {again.text[:80]}")
            token = sign_in(owner.username).refresh_token
        else:
            token = again.json["refresh_token"]
        clock.advance(timedelta(seconds=31))
    return tally


type Ending = Callable[[World, Owner], Answer | None]
"""Ends a session of Ann's on some device; a request is answered."""


def _revoked(world: World, device: Owner) -> Answer:
    return world.ann.delete(f"/auth/sessions/{device.refresh_token.split('.')[1]}")


def _password_changed(world: World, _device: Owner) -> Answer:
    return sign_in(world.ann.username).put(
        "/auth/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    )


def _password_reset(world: World, _device: Owner) -> Answer:
    accounts = AccountRepository(world.store)
    token = accounts.issue_reset_token(accounts.present(world.ann.user_id))
    return Client().post("/auth/password/reset", {"token": token, "new_password": NEW_PASSWORD})


def _role_changed(world: World, _device: Owner) -> None:
    account = AccountRepository(world.store).present(world.ann.user_id)
    other: Role = "pet_owner" if account.role == "admin" else "admin"
    OperatorRepository(world.store).grant(world.ann.username, other)


def _signed_out_by_operators(world: World, _device: Owner) -> None:
    OperatorRepository(world.store).sign_out(world.ann.username)


def _reused(_world: World, device: Owner) -> None:
    refresh(refresh(device.refresh_token).json["refresh_token"])
    reused = refresh(device.refresh_token)
    assert reused.code == "session_ended", reused.text


def _one_too_many(world: World, _device: Owner) -> None:
    for _ in range(MOST_SESSIONS):
        clock.advance(timedelta(seconds=1))
        sign_in(world.ann.username)


ENDINGS: dict[str, Ending] = {
    "logout": lambda _world, device: device.post("/auth/logout"),
    "revoked": _revoked,
    "all others revoked": lambda world, _device: world.ann.delete("/auth/sessions"),
    "password changed": _password_changed,
    "password reset": _password_reset,
    "role changed": _role_changed,
    "signed out by operators": _signed_out_by_operators,
    "refresh token reused": _reused,
    "one session too many": _one_too_many,
    "account deleted": lambda world, _device: sign_in(world.ann.username).delete("/me", {"password": PASSWORD}),
}
"""Each way in which a session ends, but for its running out."""


def ended_for_good(world: World, names: Sequence[str] = tuple(SAMPLES)) -> Tally:
    """A4: once the call that ends a session has returned, its tokens are accepted by no operation."""
    tally = Tally()
    operations = declared()
    for why, end in ENDINGS.items():
        device = sign_in(world.ann.username)
        requests = {name: sample for name, sample in samples(world) if name in names}
        answer = end(world, device)
        assert answer is None or answer.status in (200, 202, 204), answer.text
        for name, sample in requests.items():
            if not operations[sample.operation].public:
                tally.tried += 1
                refused = sample.send(device)
                if refused.status != 401:
                    tally.wrong.append(f"{why}: {name} answered {refused.status}")
        if refresh(device.refresh_token).status != 401:
            tally.wrong.append(f"{why}: the session could be refreshed")
        _as_before(world)
    return tally


def _as_before(world: World) -> None:
    """Let Ann in with the password that everybody here knows, in her own role."""
    former = {"password_hash": passwords.hash_password(PASSWORD), "role": "pet_owner"}
    world.store.update(Update({"PK": f"USER#{world.whole().ann.user_id}", "SK": "PROFILE"}, put=former))
    world.couple.ann = sign_in(world.ann.username)


@contextmanager
def counted_checks() -> Iterator[Counter[bool]]:
    """Count how often a password is held against an account's hash (True), and against nobody's (False)."""
    counts: Counter[bool] = Counter()
    matches = passwords.matches

    def counting(stored: str | None, typed: str) -> bool:
        counts[stored is not None] += 1
        return matches(stored, typed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "matches", counting)
        yield counts


def guess_at_once(store: Table, rounds: int, times: int, parallel_logins: int) -> Tally:
    """A9: of many guesses at once ten are looked at; right ones at once all succeed; a known device gets in."""
    tally = Tally()
    for _ in range(rounds):
        victim = sign_up(store, f"victim-{new_id()[:10]}")
        device = log_in(victim.username, PASSWORD).json["device_token"]
        well = Counter(each.status for each in at_once([partial(log_in, victim.username, PASSWORD)] * parallel_logins))
        if well != {200: parallel_logins}:
            tally.wrong.append(f"right logins at once: {dict(well)}")
        typed = [victim.username, victim.email]
        with counted_checks() as checked:
            statuses = Counter(
                each.status for each in at_once([partial(log_in, typed[number % 2]) for number in range(times)])
            )
        if checked[True] > 10 or not statuses.keys() <= {401, 429}:
            tally.wrong.append(f"{checked[True]} guesses looked at: {dict(statuses)}")
        if log_in(victim.username, PASSWORD, device).status != 200:
            tally.wrong.append("a known device did not get in")
        tally.tried += times + parallel_logins + 1
    return tally


type Asking = Callable[[str, str], Answer]
"""A request about a username and an e-mail address."""

ASKED: dict[str, Asking] = {
    "login by name": lambda name, _email: log_in(name),
    "login by address": lambda _name, email: log_in(email),
    "register": lambda _name, email: Client().post(
        "/auth/register", {"username": f"n-{new_id()[:12]}", "email": email, "password": PASSWORD}
    ),
    "forgot": lambda _name, email: Client().post("/auth/password/forgot", {"email": email}),
    "resend": lambda _name, email: Client().post("/auth/resend-verification", {"email": email}),
}
OWN = frozenset({"x-request-id", "date"})
MOST_MAILS, MOST_GUESSES = 5, 10


def _address(name: str) -> str:
    return f"{name}@example.com"


def _visible(answer: Answer) -> tuple[int, dict[str, str], str]:
    """Return what a caller sees of an answer, but for what differs between any two."""
    headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in OWN}
    members = {name: value for name, value in answer.json.items() if name != "request_id"}
    return answer.status, headers, str(sorted(members.items()))


def give_nothing_away(store: Table, times: int) -> tuple[Tally, dict[str, float]]:
    """A8: known and unknown names and addresses answer alike, throttled as well; and how long they take (ratios).

    The ratio is that of the median times of known to unknown, asked in turns. Each pair of names is asked about twice
    as often as is let through, and timed while it is.
    """
    tally, ratios = Tally(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("auth.sessions.PATIENCE_SECONDS", 0)
        for what, ask in ASKED.items():
            ratios[what] = _ask_in_turns(store, what, ask, times, tally)
    return tally, ratios


def _ask_in_turns(store: Table, what: str, ask: Asking, times: int, tally: Tally) -> float:
    most = MOST_GUESSES if "login" in what else MOST_MAILS
    took: dict[bool, list[float]] = {True: [], False: []}
    while len(took[True]) < times:
        person, stranger = f"known-{new_id()[:10]}", f"known-{new_id()[:10]}"
        if what == "resend":
            Client().post("/auth/register", {"username": person, "email": _address(person), "password": PASSWORD})
        else:
            sign_up(store, person)
        for number in range(2 * most):
            answers = {}
            for known in sorted((True, False), key=lambda _: random.random()):
                name = person if known else stranger
                started = time.perf_counter()
                answers[known] = _visible(ask(name, _address(name)))
                if number < most:
                    took[known].append(time.perf_counter() - started)
            tally.tried += 1
            if answers[True] != answers[False]:
                tally.wrong.append(f"{what}, time {number}: {answers[True]} and {answers[False]}")
    return statistics.median(took[True]) / statistics.median(took[False])
