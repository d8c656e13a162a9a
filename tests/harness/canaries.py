"""Words that must not be heard again: secrets and personal data sent by every route, well and badly, and into faults.

What is listened to is all that a function writes, and what its events say.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ReadTimeoutError

from common import keys
from common.ids import new_id
from common.logs import logger
from common.table import Table
from tests.harness.barrage import described, description, queries_of
from tests.harness.client import Answer, Client
from tests.harness.findings import Findings
from tests.harness.nasty import Attempt
from tests.harness.playdates import PASSWORD, UNION_SQUARE
from tests.harness.samples import SAMPLES, Sample
from tests.harness.stored import contents
from tests.harness.world import World, sign_in

CANARY = "Kanarienvogel"
PEOPLE = {"ann@example.com", "ben@example.com", "cleo@example.com", "Biscuit", "Olive", "Pomelo", PASSWORD}
PLACES = {str(UNION_SQUARE[name]).removeprefix("-") for name in ("latitude", "longitude")}
SECRET_MEMBERS = ("token", "access_token", "refresh_token", "password", "email")


@contextmanager
def overheard() -> Iterator[StringIO]:
    """Give all that is logged meanwhile, by us and, from warnings on, by every library; it goes nowhere else."""
    written = StringIO()
    ours, others = logging.StreamHandler(written), logging.StreamHandler(written)
    ours.setFormatter(logger.registered_formatter)
    others.setLevel(logging.WARNING)
    own = logging.getLogger(logger.name)
    own.handlers, usual = [ours], own.handlers
    logging.getLogger().addHandler(others)
    try:
        yield written
    finally:
        own.handlers = usual
        logging.getLogger().removeHandler(others)


@dataclass
class Aviary:
    """Sends canaries, and remembers each secret that came along with them."""

    world: World
    secrets: set[str] = field(default_factory=lambda: {CANARY, *PEOPLE, *PLACES})
    requests: int = 0

    def fly(self, faults: list["Fault"], calls: int) -> None:
        """Send canaries by every operation, well and badly, and into faults at each of its first calls."""
        for make in SAMPLES.values():
            self._listen(make(self.world).send(self._caller()))
            marked = mark(make(self.world))
            self._listen(marked.send(self._caller()))
            self._badly(marked)
            for fault in faults:
                for number in range(calls):
                    sample = mark(make(self.world))
                    caller = self._caller()
                    with fault.strike(self.world.store, number):
                        self._listen(sample.send(caller))

    def _caller(self) -> Client:
        owner = self.world.couple.ann = sign_in(self.world.ann.username)
        self.secrets |= {str(owner.token), owner.refresh_token}
        return owner

    def _listen(self, answer: Answer | None) -> None:
        self.requests += 1
        if answer and answer.status < 300 and answer.text:
            document = answer.json
            self.secrets |= {str(document[name]) for name in SECRET_MEMBERS if document.get(name)}

    def _badly(self, sample: Sample) -> None:
        """Send canaries where they do not belong."""
        caller = self._caller()
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


def mark(sample: Sample) -> Sample:
    """Return the sample with a canary in all its free text: whatever its schema neither lists nor gives a form."""
    if sample.body is None:
        return sample
    free = set(_free_text(sample.operation))
    marked = {name: f"{value} {CANARY}" if name in free else value for name, value in sample.body.items()}
    return Sample(**{**vars(sample), "body": marked})


def _free_text(operation: str) -> Iterator[str]:
    references = json.dumps(described(operation).get("requestBody", {}))
    for name, schema in description()["components"]["schemas"].items():
        if f'"#/components/schemas/{name}"' not in references:
            continue
        for member, details in schema.get("properties", {}).items():
            kinds = [details, *details.get("anyOf", [])]
            formed = any(kind.keys() & {"enum", "const", "pattern", "format"} for kind in kinds)
            text = any(kind.get("type") == "string" for kind in kinds)
            if text and not formed and not member.endswith("_id") and member not in ("token", "refresh_token"):
                yield member


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong in the store, with a message that quotes what was to be stored."""

    name: str
    strike_with: Callable[[str], Any]

    @contextmanager
    def strike(self, store: Table, number: int) -> Iterator[None]:
        """Let the call with this number fail, and all that follow."""
        made = 0

        def fail(params: dict[str, Any], **_more: Any) -> Any:
            nonlocal made
            made += 1
            return self.strike_with(str(params["body"])) if made > number else None

        tag = new_id()
        store.client.meta.events.register("before-call.dynamodb", fail, unique_id=tag)
        try:
            yield
        finally:
            store.client.meta.events.unregister("before-call.dynamodb", unique_id=tag)


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
    lines = written.splitlines()
    events = [json.dumps(item) for key, item in contents(aviary.world.store).items() if key[0].startswith(keys.OUTBOX)]
    for where, spoken in (("the log", lines), ("an event", events)):
        whole = "\n".join(spoken)
        for secret in sorted(aviary.secrets):
            if secret in whole:
                line = next(each for each in spoken if secret in each)
                findings.wrong.append(f"{secret[:40]} in {where}: {line[:400]}")
    return findings
