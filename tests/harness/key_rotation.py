"""Keys that rotate while people sign in, call and refresh, on processes that remember keys of different ages.

All requests go through the real handlers. A `Process` has caches of its own, so that one may still sign with the key of
before while another verifies with what it read a moment ago; at every moment one of them is new.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

import pytest

from auth import signing_keys
from auth.key_rotation import SETTLED_SECONDS, STEPS
from common import auth, config, keys
from common.clock import clock
from common.ids import new_secret
from common.table import Table
from operations.consumers import key_rotation
from tests.harness.client import Answer, Client
from tests.harness.findings import Findings
from tests.harness.permissions import as_function
from tests.harness.world import sign_in

PERIOD = auth.KEYS_CACHED_SECONDS
# Around every moment at which something is forgotten, or may be no longer used.
AFTERWARDS = (0, 1, 150, PERIOD - 1, PERIOD, PERIOD + 1, 2 * PERIOD - 1, 2 * PERIOD, 2 * PERIOD + 1)
LONGEST_IDLE = timedelta(days=30)
A_DAY = 24 * 3600


def do(step: str, token: str) -> None:
    """Do a step of a rotation as Secrets Manager has it done."""
    with as_function("KeyRotationFunction"):
        key_rotation.handler({"SecretId": config.signing_secret_id(), "ClientRequestToken": token, "Step": step})


def rotate(token: str | None = None) -> None:
    """Rotate the keys."""
    named = token or new_secret()
    for step in STEPS:
        do(step, named)


class Process:
    """One process of the functions as far as keys go: it remembers what it read for as long as the code lets it."""

    def __init__(self) -> None:
        self._verifying = lru_cache(maxsize=4)(auth._load_keys.__wrapped__)  # noqa: SLF001
        self._signing = lru_cache(maxsize=2)(signing_keys._load.__wrapped__)  # noqa: SLF001

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Let this process answer what is asked meanwhile."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(auth, "_load_keys", self._verifying)
            patch.setattr(signing_keys, "_load", self._signing)
            yield


@dataclass
class Customer:
    """Somebody who is signed in on one device, and the access tokens that still live."""

    refresh_token: str
    since: int = field(default_factory=clock.timestamp)
    access: list[tuple[str, int]] = field(default_factory=list)

    def took(self, answer: Answer) -> None:
        """Keep what a refresh gave."""
        self.refresh_token, self.since = answer.json["refresh_token"], clock.timestamp()
        self.access.append((answer.json["access_token"], clock.timestamp() + answer.json["expires_in"]))


class Traffic:
    """Customers of one owner's account who use Pawtime all the time; nothing of it may fail."""

    def __init__(self, username: str, processes: int = 3) -> None:
        self.username = username
        self.processes = [Process() for _ in range(processes)]
        self.restarting = itertools.cycle(range(processes))
        # One more to choose from than there are customers: each comes to another process every time.
        self.refreshing = itertools.cycle([*range(processes), 0])
        self.customers = [Customer(sign_in(username).refresh_token) for _ in range(processes)]
        self.asleep: list[Customer] = []
        self.findings = Findings()

    def flow(self, moment: str) -> None:
        """Let one process start anew, everybody refresh and call every process, and who has slept for long wake up."""
        self.processes[next(self.restarting)] = Process()
        for customer, number in zip(self.customers, self.refreshing, strict=False):
            with self.processes[number].answering():
                self._refresh(customer, f"{moment}: a refresh on process {number}")
            for other, process in enumerate(self.processes):
                with process.answering():
                    self._call(customer, f"{moment}: a call to process {other}")
        self._wake(moment)

    def fall_asleep(self) -> None:
        """Sign somebody in who will not come back for weeks."""
        with self.processes[next(self.restarting)].answering():
            self.asleep.append(Customer(sign_in(self.username).refresh_token))
            self.findings.looked_at += 1

    def _refresh(self, customer: Customer, where: str) -> None:
        answer = Client().post("/auth/refresh", {"refresh_token": customer.refresh_token})
        self.findings.note(where, [] if answer.status == 200 else [f"{answer.status} {answer.code}"])
        if answer.status == 200:
            customer.took(answer)

    def _call(self, customer: Customer, where: str) -> None:
        customer.access = [(token, until) for token, until in customer.access if until > clock.timestamp()]
        for token in {customer.access[0][0], customer.access[-1][0]} if customer.access else ():
            answer = Client(token=token).get("/pets")
            self.findings.note(where, [] if answer.status == 200 else [f"{answer.status} {answer.code}"])

    def _wake(self, moment: str) -> None:
        """Whoever would be forgotten within a day wakes up; who has been is gone."""
        forgotten = clock.timestamp() - int(LONGEST_IDLE.total_seconds())
        self.asleep = [each for each in self.asleep if each.since > forgotten]
        for customer in [each for each in self.asleep if each.since <= forgotten + A_DAY]:
            self.asleep.remove(customer)
            with self.processes[0].answering():
                self._refresh(customer, f"{moment}: a refresh after weeks")
                for token, _ in customer.access:
                    Client(token=token).post("/auth/logout")  # an account has only so many sessions


def rotate_in_use(store: Table, username: str, pauses: Sequence[timedelta]) -> Findings:
    """Rotate the keys again and again, with a pause before each time, while they are used; tell what failed."""
    traffic = Traffic(username)
    for number, pause in enumerate(pauses):
        traffic.fall_asleep()
        _wait(store, pause, number)
        token = new_secret()
        for step in STEPS:
            traffic.flow(f"rotation {number}, before {step}")
            do(step, token)
        finished = clock.timestamp()
        for seconds in AFTERWARDS:
            clock.advance(timedelta(seconds=finished + seconds - clock.timestamp()))
            traffic.flow(f"rotation {number}, {seconds} s after it")
    return traffic.findings


def _wait(store: Table, pause: timedelta, number: int) -> None:
    """Wait, at the least until the keys may rotate again, and then for another moment of a period each time."""
    item = store.get(keys.verification_keys())
    assert item
    earliest = item["changed_at"] + SETTLED_SECONDS
    clock.advance(max(pause, timedelta(seconds=earliest - clock.timestamp())))
    moment = (0, 1, PERIOD // 2, PERIOD - 1)[number % 4]
    clock.advance(timedelta(seconds=(moment - clock.timestamp()) % PERIOD))
