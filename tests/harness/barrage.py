"""Everything nasty, at every operation."""

import json
import random
from functools import cache
from typing import Any

from local import openapi
from tests.harness.findings import Findings
from tests.harness.nasty import Attempt, bodies, surroundings
from tests.harness.samples import SAMPLES, Sample
from tests.harness.soundness import faults
from tests.harness.world import World, sign_in


@cache
def description() -> dict[str, Any]:
    """Return the committed description of the API."""
    document: dict[str, Any] = json.loads(openapi.TARGET.read_text(encoding="utf-8"))
    return document


def described(operation: str) -> dict[str, Any]:
    """Return what the description says of an operation."""
    method, _, path = operation.partition(" ")
    details: dict[str, Any] = description()["paths"][path][method.lower()]
    return details


def members_of(operation: str) -> list[str]:
    """Return the members that the body of an operation may have, in any of its shapes."""
    body = described(operation).get("requestBody")
    if body is None:
        return []
    names = {
        name
        for reference in openapi.SCHEMA_REFERENCE.findall(json.dumps(body))
        for name in description()["components"]["schemas"][reference].get("properties", {})
    }
    return sorted(names)


def queries_of(operation: str) -> list[str]:
    """Return the query parameters of an operation."""
    parameters = described(operation).get("parameters", [])
    return [each["name"] for each in parameters if each.get("in") == "query"]


def attempts(sample: Sample) -> list[Attempt]:
    """Return everything nasty that is tried at the operation of a sample."""
    of_body = bodies(sample, members_of(sample.operation))
    return of_body + surroundings(sample, queries_of(sample.operation))


def barrage(world: World, share: float = 1.0, seed: int = 0) -> Findings:
    """Try it all, or a share of it; what was found is sound unless it says otherwise."""
    findings = Findings()
    chance = random.Random(seed)
    for name, make in SAMPLES.items():
        sample, caller = make(world), sign_in(world.ann.username)
        tried = attempts(sample)
        count = len(tried) if share == 1.0 else max(1, round(len(tried) * share))
        now = sample
        for number in sorted(chance.sample(range(len(tried)), count)):
            answer = tried[number].aimed(sample, now).send(caller)
            if answer is None:
                continue
            findings.note(f"{name}, attempt {number}", faults(answer))
            if answer.status < 300 and sample.thing and sample.method in ("POST", "DELETE"):
                now = make(world)  # what it was about may be gone, or no longer what it was
            if answer.status == 401 or (answer.status < 300 and "/auth/" in sample.operation):
                caller = world.couple.ann = sign_in(world.ann.username)  # the session may be over
    return findings
