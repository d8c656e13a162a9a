"""Non-interference: nothing that anybody else sees, and nothing that is kept, tells where in the cell somebody is.

Two worlds are the same in everything, ids, tokens and the time included, but that an owner has named one point of a
cell in the first and another point of it in the second. What others are answered, all that is stored, events among
it, and the log are then compared byte for byte. What others may ask is every GET operation, by its sample: so a new
one is covered.
"""

import json
import logging
import random
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, zip_longest
from math import pi
from typing import Any, NamedTuple, Self
from uuid import uuid4

import pytest

from common import keys
from common.geo import Point
from common.table import Table, Update
from matching.models import Precision
from tests.harness.canaries import overheard
from tests.harness.client import Answer, Owner
from tests.harness.findings import Findings
from tests.harness.neighbours import look_for
from tests.harness.places import PRECISIONS, SPECIAL, anywhere, beyond, inside, rectangle
from tests.harness.playdates import like
from tests.harness.samples import SAMPLES, Sample
from tests.harness.snapshot import Place, Snapshot, Wire, scan
from tests.harness.world import World, make_admin

OTHERS = ("ben", "cleo", "dora")
RADII = (1, 2, 3, 5, 10, 25)
BY_THE_REAL_CLOCK = ("timestamp", "duration_ms", "cold_start")
GETS_A_WORLD = 2
FRACTION = re.compile(r"\.(\d{9})")


class Request(NamedTuple):
    """What somebody else asks, or does."""

    who: str
    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Seen:
    """Everything in a world that could tell something: answers, the table, and the log without its times."""

    answers: list[tuple[Request, Answer]]
    table: dict[Place, Wire]
    log: list[dict[str, Any]]

    def differences(self, other: Self) -> Iterator[str]:
        """Say how another world differs."""
        for one, another in zip_longest(self.answers, other.answers):
            if one != another:
                yield f"answered: {one} and {another}"
        for place in self.table.keys() | other.table.keys():
            if self.table.get(place) != other.table.get(place):
                yield f"stored at {place}: {self.table.get(place)} and {other.table.get(place)}"
        if self.log != other.log:
            yield f"logged: {self.log} and {other.log}"

    def betrays(self, point: Point) -> Iterator[str]:
        """Say where the digits of a point appear (in answers they may: those of the edge of somebody's own cell)."""
        kept, said = json.dumps(list(self.table.values()), default=repr), json.dumps(self.log)
        for digits in _digits(point):
            yield from (f"{digits} {where}" for where, text in (("stored", kept), ("logged", said)) if digits in text)


def _digits(point: Point) -> Iterator[str]:
    """Give each coordinate as it might be written, where its digits are not those of any round number."""
    for coordinate in point:
        text = f"{abs(coordinate):.12f}"
        [digits] = FRACTION.findall(text)
        if len(set(digits)) > 4:
            yield digits
            yield text[: text.index(".") + 6]


@contextmanager
def same_chances(store: Table, seed: int) -> Iterator[None]:
    """Let all that is drawn by lot come out as for the same seed before: ids, tokens, keys of requests.

    But for what tells the store two transactions from one that was sent twice.
    """
    chance, event = random.Random(seed), "provide-client-params.dynamodb.TransactWriteItems"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_bytes", chance.randbytes)
        patch.setattr(secrets, "token_urlsafe", lambda n=32: urlsafe_b64encode(chance.randbytes(n)).decode())
        store.client.meta.events.register_first(event, _as_another)
        try:
            yield
        finally:
            store.client.meta.events.unregister(event, _as_another)


def _as_another(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return params | {"ClientRequestToken": uuid4().hex}


class Neighbourhood:
    """Ann, who moves inside her cell, and others who look at what comes of it."""

    def __init__(self, store: Table) -> None:
        self.store = store
        self.world = world = World.build(store)
        own = {"ben": world.couple.olive, "cleo": world.pomelo}
        self.asks = [
            Request(who, "GET", sent.path, sent.query)
            for name, make in SAMPLES.items()
            if name.startswith("GET ")
            for sample in [make(world)]
            for who in OTHERS
            for sent in (sample, *_about_own(sample, own.get(who)))
        ]
        # Dora is an admin, as Ann is by now: for the sake of what only admins are answered.
        store.update(Update(keys.user(world.dora.user_id), put={"role": "admin"}))
        make_admin(store, world.dora)
        self.others = {"ben": world.ben, "cleo": world.cleo, "dora": world.dora}
        for person in (world.ann, *self.others.values()):
            look_for(person, radius_km=25, preferred_type="dog")
        pets = [str(pet["pet_id"]) for pet in world.ann.get("/pets", limit=100).json["items"]]
        like(world.ann, world.couple.biscuit, world.pomelo)
        self.does = [
            Request("cleo", "POST", "/matching/likes", {}, {"pet_id": world.pomelo, "target_pet_id": pets[0]}),
            Request("cleo", "POST", "/matching/passes", {}, {"pet_id": world.pomelo, "target_pet_id": pets[0]}),
            Request("dora", "POST", "/reports", {}, {"pet_id": pets[0], "reason": "other"}),
            Request(
                "ben",
                "POST",
                "/appointments",
                {},
                {
                    "kind": "playdate",
                    "pet_id": world.couple.olive,
                    "other_pet_id": world.couple.biscuit,
                    "start": world.next_start(),
                    "minutes": 15,
                },
            ),
        ]
        self.beginning = Snapshot(store)
        self.turns = count()

    def compare(self, chance: random.Random, middle: Point, precision: Precision, points: int) -> Findings:
        """Let Ann name one point of the cell at `middle`, and each of so many others in a world of its own."""
        findings = Findings()
        cell, turn = rectangle(middle, precision), next(self.turns)
        radius = chance.choice(RADII)
        self.beginning.restore()
        for other in ("ben", "cleo"):
            away = chance.choice((0, chance.uniform(0, 2), radius * chance.uniform(0.9, 1.1), chance.uniform(0, 25)))
            where = beyond(cell.middle, away, chance.uniform(0, 2 * pi))
            _move(self.others[other], where, chance.choice(PRECISIONS))
        start, asked = Snapshot(self.store), self._requests(turn, radius)
        first = inside(chance, cell)
        seen = self._live(turn, first, precision, asked)
        findings.wrong += seen.betrays(first)
        start.restore(seen.table)
        for point in (inside(chance, cell) for _ in range(points)):
            found = self._live(turn, point, precision, asked)
            findings.note(f"{first} and {point}, {precision}", [*seen.differences(found), *found.betrays(point)])
            start.restore(found.table)
        return findings

    def _requests(self, turn: int, radius: int) -> list[Request]:
        """Return what the others ask in these worlds: for candidates always, for everything else in turn."""
        search = {"limit": 3, "radius_km": radius}
        return [
            Request("cleo", "GET", "/matching/candidates", search | {"pet_id": self.world.pomelo}),
            self.does[turn % len(self.does)],
            Request("ben", "GET", "/matching/candidates", search | {"pet_id": self.world.couple.olive, "limit": 20}),
            *(self.asks[(turn * GETS_A_WORLD + number) % len(self.asks)] for number in range(GETS_A_WORLD)),
        ]

    def _live(self, seed: int, point: Point, precision: Precision, asked: Sequence[Request]) -> Seen:
        """Return what there is to see where Ann names a point."""
        answers: list[tuple[Request, Answer]] = []
        with same_chances(self.store, seed), overheard() as written, _logging():
            _move(self.world.ann, point, precision)
            for request in asked:
                answers += self._answers(request)
            table = scan(self.store)
        return Seen(answers, table, [_timeless(line) for line in written.getvalue().splitlines()])

    def _answers(self, request: Request) -> Iterator[tuple[Request, Answer]]:
        """Give the answer and, of a list, those on the pages that follow."""
        client = self.others[request.who]
        if request.body is not None:
            yield request, client.post(request.path, request.body)
            return
        answer = client.get(request.path, **request.query)
        yield request, answer
        following = answer.json.get("next_cursor") if answer.status == 200 else None
        if following:
            yield from self._answers(request._replace(query=request.query | {"cursor": following}))


@contextmanager
def _logging() -> Iterator[None]:
    """Let the log be written, even where nobody else wants to read it."""
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        logging.disable(disabled)


def _about_own(sample: Sample, pet_id: str | None) -> Iterator[Sample]:
    """Give the same request about somebody's own pet, where it is about one."""
    if sample.thing and sample.thing.kind == "pet" and pet_id:
        yield sample.naming(sample.thing.thing_id, pet_id)


def _move(owner: Owner, point: Point, precision: Precision) -> None:
    answer = owner.put("/matching/location", {**point._asdict(), "precision": precision})
    assert answer.status == 200, answer.text


def _timeless(line: str) -> dict[str, Any]:
    """Return a line of the log without what the real clock says in it."""
    try:
        said: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"printed": line}
    return {name: value for name, value in said.items() if name not in BY_THE_REAL_CLOCK}


def places(chance: random.Random) -> Iterator[tuple[Point, Precision]]:
    """Give places without end: those where the globe has a seam, and in between some anywhere on it."""
    for number in count():
        special = number % 4 == 0
        yield SPECIAL[number // 4 % len(SPECIAL)] if special else anywhere(chance), chance.choice(PRECISIONS)


def move_within_cells(store: Table, number: int, points: int, seed: int = 1) -> Findings:
    """Compare worlds in so many cells, each with one beside so many others."""
    chance, findings = random.Random(seed), Findings()
    neighbourhood = Neighbourhood(store)
    for _, (middle, precision) in zip(range(number), places(chance), strict=False):
        findings.add(neighbourhood.compare(chance, middle, precision, points))
    return findings
