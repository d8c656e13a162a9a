"""The figures of accounts and sessions: what tests/races/test_entering.py holds in small, run in full."""

import random
from collections.abc import Callable, Iterator

from argon2 import PasswordHasher, Type, extract_parameters

from auth.accounts import AccountRepository
from common import keys
from common.table import Table, Update
from prove.figure import Figure
from prove.figures_races import stores
from tests.harness.client import Client
from tests.harness.entering import (
    ended_for_good,
    give_nothing_away,
    guess_at_once,
    log_in,
    lose_answers,
    refresh_at_once,
    refuse_refreshes,
)
from tests.harness.playdates import PASSWORD
from tests.harness.trials import Tally
from tests.harness.world import World, sign_up

ALIKE = (0.9, 1.1)
MEMORY_KIB, PASSES, LANES, SALT_BYTES = 19 * 1024, 2, 1, 16
LETTERS = "abcXYZ019 _-\u00fc\u00df\u4e2d\u0416\u05d0\u0e01\U0001f436"
REFUSED = ("password", "PASSWORD1!", "iloveyou123", "qwertyuiop", "Pawtime2026", "pawtimepawtime", "1234567890")


def refreshing_at_once(rounds: int = 200, times: int = 50) -> Figure:
    """A1: one token, presented by many at once, round after round."""
    with stores() as fresh:
        tally = refresh_at_once(sign_up(fresh(), "ann"), rounds, times)
    return Figure.of(
        "A1",
        f"{times} at once x {rounds} rounds: one step, one successor for all",
        "refreshes",
        tally.tried,
        tally.wrong,
    )


def tokens_not_in_force(rounds: int = 100) -> Figure:
    """A2: replayed, older, forged, truncated and foreign refresh tokens."""
    with stores() as fresh:
        store = fresh()
        tally = refuse_refreshes(store, sign_up(store, "ann"), rounds)
    return Figure.of("A2", "every one refused, a reuse ends the session", "refreshes", tally.tried, tally.wrong)


def lost_answers(times: int = 1_000) -> Figure:
    """A3: refreshes whose answer is lost, and two tabs at once."""
    with stores() as fresh:
        store = fresh()
        tally = lose_answers(store, sign_up(store, "ann"), times)
    return Figure.of(
        "A3", f"{times:,} of {times:,} succeed within 30 s, nobody is logged out", "retries", tally.tried, tally.wrong
    )


def ended(worlds: int = 3) -> Figure:
    """A4: every way in which a session ends, and every operation after it."""
    tally = Tally()
    with stores() as fresh:
        for _ in range(worlds):
            found = ended_for_good(World.build(fresh()))
            tally.tried += found.tried
            tally.wrong += found.wrong
    return Figure.of("A4", "0 requests accepted once the call has returned", "requests", tally.tried, tally.wrong)


def _parameters(store: Table, username: str) -> str:
    user = AccountRepository(store).find(username)
    if user is None:
        return f"{username} is not there"
    found = extract_parameters(user.password_hash)
    strong = found.memory_cost >= MEMORY_KIB and found.time_cost >= PASSES and found.parallelism == LANES
    right = found.type is Type.ID and strong and found.salt_len == SALT_BYTES
    return "" if right else f"{username} is kept by {found}"


def hashing(accounts: int = 20) -> Figure:
    """A6: how passwords are kept, and that those kept otherwise are hashed anew at the login."""
    tally, weak = Tally(), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with stores(quick=False) as fresh:
        store = fresh()
        for number in range(accounts):
            person = sign_up(store, f"ann{number}")
            before = _parameters(store, person.username)
            store.update(Update(keys.user(person.user_id), put={"password_hash": weak.hash(PASSWORD)}))
            status = log_in(person.username, PASSWORD).status
            faults = [before, _parameters(store, person.username), "" if status == 200 else f"answered {status}"]
            tally.tried += 1
            tally.wrong += filter(None, faults)
    wanted = (
        f"argon2id, m >= {MEMORY_KIB} KiB, t >= {PASSES}, p = {LANES}, {SALT_BYTES}-byte salt; hashed anew at login"
    )
    return Figure.of("A6", wanted, "accounts", tally.tried, tally.wrong)


def _passwords(chance: random.Random, count: int) -> Iterator[str]:
    """Give passwords of 8 to 1,024 bytes, the bounds first."""
    yield from ("k9 walks", "x7" * 512, "\u00fc" * 4 + "k", "\u00fck" * 341 + "!", "\U0001f436\U0001f431")
    for _ in range(count):
        text = "".join(chance.choice(LETTERS) for _ in range(chance.randrange(12, 500)))
        yield text.encode()[: chance.randrange(24, 1025)].decode(errors="ignore")


def choosing(count: int = 200) -> Figure:
    """A7: what may be a password, that all of it counts, and what may not."""
    tally, chance = Tally(), random.Random(7)  # noqa: S311 (any passwords will do)
    with stores() as fresh:
        store = fresh()
        for number, password in enumerate(_passwords(chance, count)):
            person = sign_up(store, f"ann{number}", password=password)
            whole, cut = log_in(person.username, password), log_in(person.username, password[:-1])
            tally.tried += 1
            if (whole.status, cut.status) != (200, 401):
                tally.wrong.append(f"{len(password.encode())} bytes: {whole.status}, without the last: {cut.status}")
        for number, password in enumerate((*REFUSED, "short", "x7" * 512 + "x", "aaaaaaaa")):
            account = {"username": f"no{number}", "email": f"no{number}@example.com", "password": password}
            answer = Client().post("/auth/register", account)
            tally.tried += 1
            if answer.status != 422 or answer.pointers() != ["/password"]:
                tally.wrong.append(f"{password[:20]!r} was answered {answer.status}")
    wanted = "8 to 1,024 bytes of any characters taken whole; common words and ours refused"
    return Figure.of("A7", wanted, "passwords", tally.tried, tally.wrong)


def giving_nothing_away(times: int = 500) -> Figure:
    """A8: known, unknown and throttled names, and how long answers take."""
    with stores(quick=False) as fresh:
        tally, ratios = give_nothing_away(fresh(), times)
    tally.wrong += [f"{what} takes {ratio:.2f} as long" for what, ratio in ratios.items() if not _alike(ratio)]
    shown = ", ".join(f"{what} {ratio:.2f}" for what, ratio in ratios.items())
    wanted = f"the same answers; median times of known to unknown {ALIKE[0]} to {ALIKE[1]}, n = {times} each"
    return Figure.of("A8", wanted, "pairs", tally.tried, tally.wrong, f"; {shown}")


def _alike(ratio: float) -> bool:
    return ALIKE[0] <= ratio <= ALIKE[1]


def guessing(rounds: int = 10) -> Figure:
    """A9: wrong guesses at once, right logins at once, and a known device."""
    with stores() as fresh:
        tally = guess_at_once(fresh(), rounds, times=64, parallel_logins=20)
    return Figure.of(
        "A9",
        "at most 10 of 64 looked at; 20 of 20 right ones and the known device get in",
        "logins",
        tally.tried,
        tally.wrong,
    )


FIGURES: dict[str, Callable[[], Figure]] = {
    "A1": refreshing_at_once,
    "A2": tokens_not_in_force,
    "A3": lost_answers,
    "A4": ended,
    "A6": hashing,
    "A7": choosing,
    "A8": giving_nothing_away,
    "A9": guessing,
}
