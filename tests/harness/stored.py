"""Mass assignment: the name of everything that is stored, offered to every operation that takes a body."""

from typing import Any

from common.table import Table
from tests.harness.barrage import members_of
from tests.harness.findings import Findings
from tests.harness.samples import SAMPLES, Sample, samples
from tests.harness.world import World, sign_in

OFFERS: list[Any] = ["admin", 1, True, {"user_id": "x"}]
"""What is offered under each name: among them text, a number and a map, as whatever is stored is one of those."""


def contents(store: Table) -> dict[tuple[str, str], dict[str, Any]]:
    """Return everything in the table as it stands there, by key."""
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    return {(item["PK"]["S"], item["SK"]["S"]): item for page in pages for item in page["Items"]}


def attribute_names(store: Table) -> set[str]:
    """Return the name of every attribute in the table, of maps inside items as well."""
    names: set[str] = set()
    values: list[dict[str, Any]] = [{"M": item} for item in contents(store).values()]
    while values:
        value = values.pop()
        names |= value.get("M", {}).keys()
        values += [*value.get("M", {}).values(), *value.get("L", [])]
    return names


def stored_names(world: World) -> list[str]:
    """Return the attributes that are stored once every sample has been carried out."""
    for _, sample in samples(world):
        sample.send(world.ann)
        world.couple.ann = sign_in(world.ann.username)
    return sorted(attribute_names(world.store))


def writes() -> list[str]:
    """Name the samples whose operation takes a body."""
    return [name for name in SAMPLES if members_of(name.partition(" : ")[0])]


def offer(world: World, names: list[str], offers: list[Any] = OFFERS) -> Findings:
    """Offer every name that an operation does not know to it, with an otherwise good body."""
    findings = Findings()
    for write in writes():
        sample = SAMPLES[write](world)
        # Of a body that has several shapes, the names that none of them has.
        unknown = sorted(set(names) - set(members_of(sample.operation)))
        before = contents(world.store)
        for name in unknown:
            for value in offers:
                findings.note(f"{write} with {name}={value!r}", _accepted(world, sample, name, value))
        if contents(world.store) != before:
            findings.wrong.append(f"{write} changed what is stored")
    return findings


def _accepted(world: World, sample: Sample, name: str, value: Any) -> list[str]:
    answer = sample.send(world.ann, (sample.body or {}) | {name: value})
    if answer.status != 422:
        return [f"answered {answer.status}"]
    return [] if f"/{name}" in answer.pointers() else [f"refused for another reason: {answer.pointers()}"]
