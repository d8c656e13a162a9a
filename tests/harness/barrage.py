"""Everything nasty, at every operation."""

import random
from collections.abc import Iterable

from tests.harness.described import body_of, is_text, members_in, queries_of
from tests.harness.findings import Findings
from tests.harness.nasty import Attempt, bodies, surroundings
from tests.harness.samples import SAMPLES, Sample
from tests.harness.snapshot import Snapshot
from tests.harness.soundness import faults
from tests.harness.world import World


def attempts(sample: Sample) -> tuple[list[Attempt], list[Attempt]]:
    """Return the nasty things that must be tried at the operation of a sample, and those that may be."""
    members = members_in(body_of(sample.operation))
    texts = [name for name, several in members.items() if any(map(is_text, several))]
    first, others = bodies(sample, list(members), texts)
    return first, others + surroundings(sample, queries_of(sample.operation))


def barrage(world: World, share: float = 1.0, seed: int = 0, names: Iterable[str] = SAMPLES) -> Findings:
    """Try it all, or what must be tried and a share of the rest; what was found is sound unless it says otherwise."""
    findings = Findings()
    chance = random.Random(seed)
    for name in names:
        sample = SAMPLES[name](world)
        start = Snapshot(world.store)
        first, others = attempts(sample)
        chosen = others if share == 1.0 else chance.sample(others, max(1, round(len(others) * share)))
        for number, attempt in enumerate(first + chosen):
            answer = attempt.send(world.ann)
            if answer is None:
                continue
            where = f"{name}, attempt {number} of seed {seed}, {attempt.method} {attempt.body[:200]!r}"
            findings.note(where, faults(answer))
            if attempt.method != "GET" and (answer.status < 300 or _counts_guesses(sample)):
                start.restore()  # so that each finds what it is about, the same password and no door shut
    return findings


def _counts_guesses(sample: Sample) -> bool:
    """Tell whether even what is refused leaves something behind."""
    return "/auth/" in sample.path or "password" in (sample.body or {})
