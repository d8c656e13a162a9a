"""Words that must not be heard again: secrets and personal data sent by every route, well and badly, and into faults.

What is listened to is all that a function writes, and what its events say.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import count, product
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import ReadTimeoutError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from common import aws, keys
from common.api import JSON
from common.ids import new_id
from common.logs import logger
from common.table import Table
from operations.consumers import fan_out
from tests.harness.client import Answer, Client
from tests.harness.described import body_of, is_text, members_in, queries_of, shapes
from tests.harness.feeds import TOKEN_IN_ADDRESS
from tests.harness.findings import Findings
from tests.harness.mail import deliver_mail, stream_records
from tests.harness.nasty import Attempt
from tests.harness.playdates import PASSWORD, UNION_SQUARE
from tests.harness.samples import SAMPLES, Sample
from tests.harness.snapshot import Snapshot
from tests.harness.stored import contents
from tests.harness.world import World

CANARY = "Kanarienvogel"
PEOPLE = {"ann@example.com", "ben@example.com", "cleo@example.com", "Biscuit", "Olive", "Pomelo", PASSWORD}
PLACES = {str(UNION_SQUARE[name]).removeprefix("-") for name in ("latitude", "longitude")}
TOKENS = ("token", "access_token", "refresh_token", "device_token")
SECRET_MEMBERS = (*TOKENS, "password", "current_password", "new_password", "email")
LINK_TOKEN = re.compile(r"token=([\w-]+)")
WRITES_THAT_SEND = ("POST /auth/register", "POST /auth/password/forgot", "POST /auth/password/reset", "PUT /me/email")


@contextmanager
def overheard() -> Iterator[StringIO]:
    """Give all that is written meanwhile, as in Lambda: our lines, the libraries' from INFO on, and what is printed."""
    written = StringIO()
    ours, others = logging.StreamHandler(written), logging.StreamHandler(written)
    ours.setFormatter(logger.registered_formatter)
    others.setFormatter(LambdaPowertoolsFormatter())  # with all that a line carries
    others.addFilter(lambda record: record.name != logger.name)
    own, root = logging.getLogger(logger.name), logging.getLogger()
    own.handlers, usual = [ours], own.handlers
    level = root.level
    root.addHandler(others)
    root.setLevel(logging.INFO)
    try:
        with redirect_stdout(written), redirect_stderr(written):
            yield written
    finally:
        own.handlers = usual
        root.removeHandler(others)
        root.setLevel(level)


@dataclass
class Aviary:
    """Sends canaries, and remembers each secret and each event that came along with them."""

    world: World
    secrets: set[str] = field(default_factory=lambda: {CANARY, *PEOPLE, *PLACES})
    events: set[str] = field(default_factory=set)
    requests: int = 0
    struck: Counter[str] = field(default_factory=Counter)

    def fly(self, faults: Sequence["Fault"], day: int | None = None) -> None:
        """Send canaries by every operation, well and badly, and into every fault at each call that it makes.

        On a day: into one fault at each transaction, at the last call, and at one more.
        """
        for make in SAMPLES.values():
            caller, plain = self._caller(), make(self.world)
            start = Snapshot(self.world.store)
            status, calls = self._undisturbed(plain, caller, start)
            marked = mark(plain)
            marked_status, marked_calls = self._undisturbed(marked, caller, start)
            # A canary in a password or the like is turned away: what such a sample holds is secret as it is.
            sample, calls = (marked, marked_calls) if marked_status == status else (plain, calls)
            self._badly(sample, caller)
            self._go_back(start)
            for number, fault in _blows(calls, faults, day):
                with fault.strike(self.world.store.client, number):
                    self._send(sample, caller)
                self.struck[calls[number]] += 1
                self._go_back(start)

    def post(self, faults: Sequence["Fault"]) -> None:
        """Let every mail be written and sent, in vain as long as faults last."""
        store = self.world.store
        start = Snapshot(store)
        for name in WRITES_THAT_SEND:
            self._send(SAMPLES[name](self.world), self.world.ann)
        for fault in faults:
            with fault.strike(aws.client("sqs"), 0):
                fan_out.handler({"Records": stream_records(store)}, None)
            for client, number in ((aws.client("sesv2", read_timeout=10), 0), (store.client, 2)):
                with fault.strike(client, number):
                    deliver_mail(store)
        assert deliver_mail(store) == {"batchItemFailures": []}
        sent = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"].sent_messages
        self.secrets |= {token for each in sent for token in LINK_TOKEN.findall(each.body)}
        self._go_back(start)

    def _caller(self) -> Client:
        owner = self.world.enter()
        self.secrets |= {str(owner.token), owner.refresh_token}
        return owner

    def _undisturbed(self, sample: Sample, caller: Client, start: Snapshot) -> tuple[int, list[str]]:
        """Return what a sample is answered, and the calls to the store that it makes."""
        with listening(self.world.store) as calls:
            answer = self._send(sample, caller)
        self._go_back(start)
        return answer.status, calls

    def _send(self, sample: Sample, caller: Client) -> Answer:
        sent = [*(sample.body or {}).items(), *sample.parameters.items()]
        self.secrets |= {str(value) for name, value in sent if name in SECRET_MEMBERS}
        answer = sample.send(caller)
        self._listen(answer)
        return answer

    def _listen(self, answer: Answer | None) -> None:
        self.requests += 1
        if answer and answer.headers.get("Content-Type") == JSON and answer.status < 300:
            document = answer.json
            self.secrets |= set(TOKEN_IN_ADDRESS.findall(answer.text))
            self.secrets |= {str(document[name]) for name in SECRET_MEMBERS if document.get(name)}

    def _go_back(self, start: Snapshot) -> None:
        """Keep the events, and undo all else: guesses are counted, and whoever is shut out sends nothing anywhere."""
        items = contents(self.world.store).items()
        self.events |= {json.dumps(item) for key, item in items if key[0].startswith(keys.OUTBOX)}
        start.restore()

    def _badly(self, sample: Sample, caller: Client) -> None:
        """Send canaries where they do not belong."""
        good = json.dumps(sample.body or {})
        path, template = quote(sample.path), sample.operation.partition(" ")[2]
        json_type = {"content-type": "application/json"}
        bodies = [
            f'{{"{CANARY}":1}}',
            f'{{"a":"{CANARY}"',
            f'["{CANARY}"]',
            f'"{CANARY}"',
            f'{{"{CANARY}":1,"{CANARY}":2}}',
        ]
        bodies += [json.dumps({**(sample.body or {}), name: [CANARY]}) for name in sample.body or {}]
        bodies += [json.dumps({**(sample.body or {}), name: CANARY * 300}) for name in sample.body or {}]
        attempts = [Attempt(sample.method, path, "", body.encode(), json_type) for body in bodies]
        attempts += [
            Attempt(sample.method, path, f"{name}={CANARY}") for name in [*queries_of(sample.operation), CANARY]
        ]
        attempts += [
            Attempt(
                sample.method, template.format_map(sample.parameters | {name: CANARY}), "", good.encode(), json_type
            )
            for name in sample.parameters
        ]
        headers = {
            "authorization": f"Bearer {CANARY}",
            "idempotency-key": f"{CANARY} {CANARY}",
            "cookie": f"__Host-refresh={CANARY}; {CANARY}={CANARY}",
            "content-type": f"text/{CANARY}",
            "origin": f"https://{CANARY}.example",
            "user-agent": CANARY,
            "x-forwarded-for": CANARY,
        }
        attempts += [
            Attempt(sample.method, path, "", good.encode(), json_type | {name: value})
            for name, value in headers.items()
        ]
        for attempt in attempts:
            self._listen(attempt.send(caller))


def _blows(calls: list[str], faults: Sequence["Fault"], day: int | None) -> Iterator[tuple[int, "Fault"]]:
    """Give the numbers of calls with the faults that strike there."""
    if day is None:
        yield from product(range(len(calls)), faults)
    elif calls:
        decisive = {number for number, call in enumerate(calls) if call == "TransactWriteItems"} | {len(calls) - 1}
        yield from ((number, faults[(day + number) % len(faults)]) for number in {*decisive, day % len(calls)})


def mark(sample: Sample) -> Sample:
    """Return the sample with a canary in all its free text: whatever its schema neither lists nor gives a form."""
    if sample.body is None:
        return sample
    free = set(_free_text(sample.operation))
    marked = {name: _marked(name, value) if name in free else value for name, value in sample.body.items()}
    return replace(sample, body=marked)


def _marked(name: str, value: Any) -> str:
    return f"{CANARY}.{value}" if name == "email" else f"{value} {CANARY}"


def _free_text(operation: str) -> Iterator[str]:
    for name, several in members_in(body_of(operation)).items():
        kinds = [kind for each in several for kind in shapes(each)]
        formed = any(kind.keys() & {"enum", "const", "pattern", "format"} for kind in kinds)
        if any(map(is_text, several)) and not formed and not name.endswith("_id") and name not in TOKENS:
            yield name


@contextmanager
def listening(store: Table) -> Iterator[list[str]]:
    """Give the names of the calls to the store that are made meanwhile."""
    calls: list[str] = []
    with _before_calls(store.client, lambda model, **_: calls.append(model.name)):
        yield calls


@contextmanager
def _before_calls(client: Any, act: Callable[..., Any]) -> Iterator[None]:
    tag = new_id()
    client.meta.events.register("before-call", act, unique_id=tag)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call", unique_id=tag)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong at a service, with a message that quotes what was sent."""

    name: str
    strike_with: Callable[[str], Any]

    @contextmanager
    def strike(self, client: Any, number: int) -> Iterator[None]:
        """Let the call with this number fail, and all that follow."""
        made = count()

        def fail(params: dict[str, Any], **_more: Any) -> Any:
            return self.strike_with(_text(params["body"])) if next(made) >= number else None

        with _before_calls(client, fail):
            yield


def _text(body: Any) -> str:
    return body.decode() if isinstance(body, bytes) else str(body)


def _refusal(code: str) -> Callable[[str], Any]:
    def strike_with(body: str) -> Any:
        return SimpleNamespace(status_code=400, headers={}), {
            "Error": {"Code": code, "Message": f"{CANARY} {body}"},
            "ResponseMetadata": {},
        }

    return strike_with


def _defect(body: str) -> Any:
    raise ValueError(f"{CANARY} {body}")


def _timeout(body: str) -> Any:
    raise ReadTimeoutError(endpoint_url=f"https://{CANARY}.example/{body}")


FAULTS = [
    Fault("throttled", _refusal("ThrottlingException")),
    Fault("refused", _refusal("ValidationException")),
    Fault("cancelled", _refusal("TransactionCanceledException")),
    Fault("defect", _defect),
    Fault("time-out", _timeout),
]


def heard(written: str, aviary: Aviary) -> Findings:
    """Return which secrets were heard, in the log or in what events say."""
    findings = Findings(looked_at=aviary.requests)
    for where, spoken in (("the log", written.splitlines()), ("an event", sorted(aviary.events))):
        whole = "\n".join(spoken)
        for secret in sorted(aviary.secrets):
            if secret in whole:
                line = next(each for each in spoken if secret in each)
                findings.wrong.append(f"{secret[:40]} in {where}: {line[:400]}")
    return findings
