"""schemathesis at every operation, as an owner and as a child: does the API do what its description says?"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response

from common import keys
from common.table import Update
from tests.harness.by_events import application
from tests.harness.client import Owner
from tests.harness.described import description
from tests.harness.findings import Findings
from tests.harness.samples import SAMPLES, Sample
from tests.harness.world import World, sign_in

# A description cannot say everything: that an end lies after a start, that a cursor is one that we gave out. So a
# request may fit it and still be refused with 400 or 422; one that does not fit it must be refused, and is.
REFUSALS = ["400", "401", "403", "404", "409", "422", "429"]
# Who has the answer already is told no more than that.
ACCEPTANCES = ["2xx", "304"]
CONFIGURATION = {"checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTANCES, *REFUSALS]}}}
# Parameters that a query has beside the described ones are passed over, and a token that was left out we have put in.
INVALID_IN_NAME = {"- query: violates `additionalProperties`", "- header: violates `required` (was Authorization)"}
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Explorer:
    """Somebody who tries one operation after another, and what came of it."""

    world: World
    role: str
    findings: Findings = field(default_factory=Findings)
    succeeded: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.caller = self.enter()

    def enter(self) -> Owner:
        """Begin a session of Ann's in the role, and one for what she does herself: others may be over."""
        caller = sign_in(self.world.enter().username)
        if self.role != "pet_owner":
            [own] = [each["session_id"] for each in caller.get("/auth/sessions").json["items"] if each["current"]]
            self.world.store.update(Update(keys.session(caller.user_id, own), put={"role": self.role}))
        return caller

    def send(self, case: Case[Any]) -> None:
        """Make a request and hold the answer to the description."""
        label, wrong = case.operation.label, []
        response: Response = case.call(headers={"authorization": f"Bearer {self.caller.token}"})
        try:
            case.validate_response(response, headers={"authorization": f"Bearer {self.caller.token}"})
        except FailureGroup as group:
            wrong = [
                f"{type(each).__name__}: {each}" for each in group.exceptions if not _is_invalid_in_name(str(each))
            ]
        self.findings.note(f"{label} as {self.role}, {case.as_curl_command()}"[:600], wrong)
        if response.status_code < 300:
            self.succeeded[label] += 1
        if ("/auth/" in label or label == "DELETE /me") and response.status_code in (202, 204, 401):
            self.caller = self.enter()


def _is_invalid_in_name(failure: str) -> bool:
    """Return whether nothing but such made a request invalid that was accepted."""
    _, listed, components = failure.partition("Invalid component:\n")
    return bool(listed) and {line.strip() for line in components.strip().splitlines()} <= INVALID_IN_NAME


@cache
def load() -> Any:
    """Return the description as schemathesis reads it, with the handlers behind it."""
    schema = schemathesis.openapi.from_dict(description(), config=SchemathesisConfig.from_dict(CONFIGURATION))
    schema.app = application
    return schema


def explore(
    world: World, role: str, each: int, number: int, parts: int, names: Sequence[str] = ()
) -> tuple[Findings, Counter[str]]:
    """Try every operation, or that of the samples named, with `each` made-up requests or so.

    Return what was found and how often each succeeded. Of the cases that are derived one by one as many parts are made,
    and this is the part with the number: as many numbers on end play all of them once.
    """
    explorer = Explorer(world, role)
    for place, name in enumerate(names or SAMPLES):
        make = SAMPLES[name]
        operation, listed = _operations()[name.partition(" : ")[0]]
        sample = make(world)
        explorer.send(_as_case(operation, sample))
        for case in listed[(number + place) % parts :: parts]:
            explorer.send(case)
        for mode in MODES:
            for strategy in (operation.as_strategy(mode), _around(operation, make(world), mode)):
                _generate(strategy, explorer.send, max(1, each // 5), number)
    return explorer.findings, explorer.succeeded


def _as_case(operation: Any, sample: Sample) -> Case[Any]:
    members: dict[str, Any] = {"path_parameters": sample.parameters, "query": sample.query}
    if sample.body is not None:
        members |= {"body": sample.body, "media_type": "application/json"}
    if sample.method == "POST" and "/auth/" not in sample.operation:
        members["headers"] = {"Idempotency-Key": f"sample-{id(sample)}"}
    case: Case[Any] = operation.Case(**members)
    return case


@cache
def _operations() -> dict[str, tuple[Any, list[Case[Any]]]]:
    """Return each operation with the cases derived one by one: bounds, missing and superfluous parts, other methods."""
    operations = [found.ok() for found in load().get_all_operations()]
    return {each.label: (each, list(_listed(each))) for each in operations}


def _listed(operation: Any) -> Iterator[Case[Any]]:
    schema = operation.schema
    cases: Iterator[Case[Any]] = schema.iter_coverage_cases(
        operation, generation_modes=list(MODES), generation_config=schema.config.generation_for(operation=operation)
    )
    return cases


def _around(operation: Any, sample: Sample, mode: GenerationMode) -> Any:
    """Return a strategy of cases about things that exist: with the ids of the sample in place of made-up ones."""
    ids = {name: value for name, value in (sample.body or {}).items() if name.endswith("_id")}

    def about_it(case: Case[Any]) -> Case[Any]:
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
            case.body |= {name: value for name, value in ids.items() if name in case.body}
        return case

    fixed = {"path_parameters": sample.parameters} if sample.parameters else {}
    return operation.as_strategy(mode, **fixed).map(about_it)


def _generate(strategy: Any, use: Callable[[Case[Any]], None], count: int, number: int) -> None:
    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(case: Case[Any]) -> None:
        use(case)

    try:
        run()
    except Unsatisfiable:
        return  # of an operation without any input nothing invalid can be sent
