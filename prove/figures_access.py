"""The figures of input and access: what tests/contract holds in small, run in full."""

import logging
from collections import Counter
from collections.abc import Callable

import boto3
import pytest

from common import config
from prove.figure import Figure
from prove.figures_races import stores
from tests.contract.stack import operations
from tests.contract.test_roles import ROWS, ajar, beyond_the_list, check
from tests.harness.barrage import barrage
from tests.harness.canaries import FAULTS, Aviary, heard, overheard
from tests.harness.cursors import forge, read_while_growing
from tests.harness.exploring import explore
from tests.harness.findings import Findings
from tests.harness.mail import empty_mailboxes
from tests.harness.samples import SAMPLES
from tests.harness.stored import offer, stored_names
from tests.harness.world import World

ROLES = {
    "pet_owner": (),
    "child": (),
    "admin": tuple(str(each) for each in operations() if each.operation.admin),
}
"""Who asks, and for which samples, if not for all: admins are owners, but for what is theirs alone."""


def as_described(cases: int = 20_000, worlds: int = 20) -> Figure:
    """I1: schemathesis, with all of its checks, as an owner and as a child; each derived case once by each."""
    all_found, succeeded, number = Findings(), Counter[str](), 0
    made_up = max(4, cases // (worlds * len(ROLES) * len(operations())))
    with stores() as fresh:
        while number < worlds or all_found.looked_at < cases:
            world, number = World.build(fresh()), number + 1
            for role, names in ROLES.items():
                findings, well = explore(world, role, made_up, number, worlds, names)
                all_found.add(findings)
                succeeded += well
    all_found.wrong += [f"{each} never succeeded" for each in operations() if not succeeded[str(each)]]
    wanted = "0 5xx, 0 answers that are not described, 0 invalid accepted; every operation succeeds"
    return Figure.of("I1", wanted, "cases", all_found.looked_at, all_found.wrong)


def nasty() -> Figure:
    """I2: more than 300 nasty bodies for every operation, and nasty ids, queries and headers."""
    findings = Findings()
    with stores() as fresh:
        for name in SAMPLES:
            findings.add(barrage(World.build(fresh()), names=[name]))
    return Figure.of(
        "I2", "0 5xx, every refusal a problem with its code", "requests", findings.looked_at, findings.wrong
    )


def roles() -> Figure:
    """I3: every operation, for everybody, with what is theirs and what is not."""
    findings = Findings()
    with stores() as fresh:
        for row in ROWS:
            findings.looked_at += len([cell for cell in row.expected.values() if cell != "-"])
            findings.wrong += check(World.build(fresh()), row)
    return Figure.of(
        "I3",
        "0 wrong answers; somebody else's is as good as absent, byte for byte",
        "cells",
        findings.looked_at,
        findings.wrong,
    )


def children() -> Figure:
    """C1: every operation has its row, and a child is refused wherever it is not on the written list."""
    findings = Findings(len(ROWS), beyond_the_list() + ajar())
    named = [row.name for row in ROWS]
    sampled = {name.partition(" : ")[0] for name in SAMPLES}
    findings.wrong += [f"{name} has no row" for name in SAMPLES if named.count(name) != 1]
    findings.wrong += [f"{each} has no sample" for each in operations() if str(each) not in sampled]
    return Figure.of(
        "C1",
        "a row for every operation, every child row deny unless listed",
        "rows",
        findings.looked_at,
        findings.wrong,
    )


def mass_assignment() -> Figure:
    """I4: every stored attribute, offered to every object in every body as text, number, truth and map."""
    with stores() as fresh:
        world = World.build(fresh())
        findings = offer(world, stored_names(world))
    return Figure.of("I4", "0 taken, 0 changes", "offers", findings.looked_at, findings.wrong)


def cursors(altered: int = 10_000, growing: int = 20) -> Figure:
    """I6: altered cursors, and lists that grow while they are read."""
    with stores() as fresh:
        findings = forge(World.build(fresh()), altered)
        for _ in range(growing):
            findings.add(read_while_growing(World.build(fresh())))
    return Figure.of(
        "I6", "0 accepted, 0 5xx; 0 repeated, 0 missed", "cursors and readings", findings.looked_at, findings.wrong
    )


def canaries() -> Figure:
    """I8: secrets and personal data by every route and into every fault at each call, and by mail."""
    with stores() as fresh, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAIL_QUEUE_URL", boto3.client("sqs").create_queue(QueueName="mail")["QueueUrl"])
        empty_mailboxes(config.mail_sender())
        logging.disable(logging.NOTSET)
        with overheard() as written:
            aviary = Aviary(World.build(fresh()))
            aviary.fly(FAULTS)
            aviary.post(FAULTS)
        findings = heard(written.getvalue(), aviary)
    return Figure.of("I8", "0 canaries in logs and events", "requests", findings.looked_at, findings.wrong)


FIGURES: dict[str, Callable[[], Figure]] = {
    "C1": children,
    "I1": as_described,
    "I2": nasty,
    "I3": roles,
    "I4": mass_assignment,
    "I6": cursors,
    "I8": canaries,
}
