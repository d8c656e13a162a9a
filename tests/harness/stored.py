"""Mass assignment: the name of everything that is stored, offered in every object of every body."""

from typing import Any

from common.table import Table
from tests.harness.described import Place, body_of, objects_in, takes_body
from tests.harness.findings import Findings
from tests.harness.nasty import put
from tests.harness.samples import SAMPLES, Sample, samples
from tests.harness.world import World

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
        world.enter()
    return sorted(attribute_names(world.store))


def writes() -> list[str]:
    """Name the samples whose operation takes a body."""
    return [name for name in SAMPLES if takes_body(name.partition(" : ")[0])]


def settable(names: list[str]) -> dict[str, str]:
    """Return, of what is stored, the names that bodies know: what they may set is theirs to set."""
    known = {
        operation: set(names) & set().union(*objects_in(body_of(operation)).values())
        for operation in (write.partition(" : ")[0] for write in writes())
    }
    return {operation: " ".join(sorted(each)) for operation, each in known.items() if each}


def offer(world: World, names: list[str], offers: list[Any] = OFFERS) -> Findings:
    """Offer to each object in each body every name that it does not know; all else in the body is good."""
    findings = Findings()
    for write in writes():
        sample = SAMPLES[write](world)
        before = contents(world.store)
        # Of a body that has several shapes, the names that none of them has.
        for place, known in objects_in(body_of(sample.operation)).items():
            if not _reaches(sample.body, place):
                continue  # an object of another of the body's shapes
            for name in sorted(set(names) - known):
                for value in offers:
                    wrong = _taken(world, sample, place, name, value)
                    findings.note(f"{write} with {name}={value!r} in {place}", wrong)
        if contents(world.store) != before:
            findings.wrong.append(f"{write} changed what is stored")
    return findings


def _reaches(document: Any, place: Place) -> bool:
    """Return whether a document has an object there."""
    for part in place:
        inside = document[:1] if part == "*" else [document[part]] if part in document else []
        if not inside:
            return False
        document = inside[0]
    return True


def _taken(world: World, sample: Sample, place: Place, name: str, value: Any) -> list[str]:
    inside = [0 if part == "*" else part for part in (*place, name)]
    answer = sample.send(world.ann, put(sample.body, inside, value))
    if answer.status != 422:
        return [f"answered {answer.status}"]
    pointer = "".join(f"/{part}" for part in inside)
    return [] if pointer in answer.pointers() else [f"refused for another reason: {answer.pointers()}"]
