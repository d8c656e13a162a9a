"""A table that is not there: it answers a search with what a world of any size would hold, and counts what it reads.

So the search's own code runs on ten million pets, of whom none is stored. What is read is counted by DynamoDB's rule,
on which the embedded engine agrees (tests/unit/test_benchmarks.py).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import islice
from math import ceil
from types import SimpleNamespace
from typing import Any

from benchmarks.meter import Reads, size_of, units
from benchmarks.ours import Search
from benchmarks.stage import SIGNING
from benchmarks.world import TYPES, Pet, World, cells_of, item, kind_of, profiles
from common import geo, keys
from common.geo import Stretch
from common.table import Item, Key, Rows, Table, Update, to_wire
from matching.density import Density

ANSWER_BYTES = 2**20
"""DynamoDB ends an answer after so much."""

INDEXED = ("PK", "SK", *keys.NEARBY[1:], "card")


class ImaginedTable(Table):
    """A world's table. It holds no answers, blocks or matches, and forgets what is written."""

    def __init__(self, world: World) -> None:
        super().__init__(SimpleNamespace(meta=SimpleNamespace(events=SimpleNamespace(register=_nobody_listens))), "")
        self.world = world
        self._read: list[Reads] = []
        self._met: dict[str, Pet] = {}
        some = islice(world.everybody(world.partitions()), 2000)
        sizes = [entry_size(item(pet)) for pet in some]
        self.mean_entry = sum(sizes) / len(sizes)

    def reads(self, pet: Pet, radius_km: int) -> Reads:
        """Return what the search for a pet's first page reads of the index."""
        self._read, self._met = [], {pet.pet_id: pet}
        Search(self).page(pet, radius_km)
        return Reads.sum(self._read)

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Answer a query of the index."""
        values = members["ExpressionAttributeValues"]
        place, low, high = (values[name]["S"] for name in (":partition", ":low", ":high"))
        partition, _, kind = place.partition("#")
        pets = [pet for pet in self._between(partition, low, high) if kind_of(pet) == kind]
        self._met |= {pet.pet_id: pet for pet in pets}
        entries = [{name: value for name, value in item(pet).items() if name in INDEXED} for pet in pets]
        size = sum(map(size_of, entries))
        self._read.append(Reads(max(ceil(size / ANSWER_BYTES), 1), len(pets), units(size)))
        return {"Items": [to_wire(entry) for entry in entries]}

    def _between(self, partition: str, low: str, high: str) -> Iterable[Pet]:
        for cell in _from_to(partition, low, high):
            for pet_type in TYPES:
                yield from self.world.living_in(cell, pet_type)

    def get(self, key: Key) -> Item | None:
        """Return a pet that was met, the counts of a region, or the key of lots."""
        kind, _, name = key["PK"].partition("#")
        if kind == "PET":
            return item(self._met[name])
        if kind == "DENSITY":
            return _Counts(self.world, name)
        return keys.verification_keys() | SIGNING

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Return pets that were met."""
        return [item(self._met[key["PK"].partition("#")[2]]) for key in keys]

    def query(self, partition: str, **_: Any) -> Rows:
        """Return that nobody is out."""
        return Rows([], None)

    def update(self, write: Update) -> Item:
        """Forget what is kept for later pages."""
        return {}

    def whole_circle(self, pet: Pet, radius_km: int) -> Reads:
        """Return what it takes to read all entries in a circle as a search covers it, by the mean size of entries."""
        wanted = wanted_kinds(pet)
        density = Density.around(self, pet.cell, radius_km, wanted)
        reads = []
        for stretch, each in density.queries(wanted, 0, radius_km, set()):
            number = sum(self.world.kinds(cell)[each] for cell in _cells(stretch))
            size = number * self.mean_entry
            reads.append(Reads(max(ceil(size / ANSWER_BYTES), 1), number, units(round(size))))
        return Reads.sum(reads)

    def least(self, pet: Pet, radius_km: int, *, looking_as_far: bool = False) -> Reads:
        """Return what the entries of the wanted types within a circle take, and nothing else, as if they lay together.

        Or only those which partitions keep apart as `looking_as_far`: of whose owners it is not known that they look
        less far.
        """
        cells = {cell for stretch in geo.cover(pet.cell, radius_km) for cell in _cells(stretch)}
        away = {cell: geo.distance_km(pet.cell, cell) for cell in cells}
        number = sum(
            self.world.kinds(cell)[each]
            for cell, distance_km in away.items()
            for each in wanted_kinds(pet)
            if distance_km <= (min(radius_km, keys.reach_of(each)) if looking_as_far else radius_km)
        )
        return Reads(1, number, units(round(number * self.mean_entry)))


class _Counts(dict[str, Any]):
    """The counts of a region, each worked out when it is asked for."""

    def __init__(self, world: World, region: str) -> None:
        self.world = world
        self.region = region

    def __bool__(self) -> bool:
        return True  # there are counts, though none is worked out

    def get(self, name: str, default: Any = None) -> Any:
        """Return how many of a kind live in a partition, by the name of its count."""
        last, _, kind = name.partition("_")
        return self.world.total(self.region + last)[kind]


def _nobody_listens(*_: Any, **__: Any) -> None: ...


def _cells(stretch: Stretch) -> tuple[str, ...]:
    return _from_to(stretch.partition, stretch.low, stretch.high)


def _from_to(partition: str, low: str, high: str) -> tuple[str, ...]:
    cells = cells_of(partition)
    return cells[bisect_left(cells, low) : bisect_right(cells, high)]


def wanted_kinds(pet: Pet) -> tuple[str, ...]:
    """Return the kinds of partitions that a pet's search reads."""
    return keys.kinds_of(profiles()[pet.profile].criteria.preferred_type)


def entry_size(stored: Item) -> int:
    """Return the size, in bytes, of a pet's entry in the index."""
    return size_of({name: stored[name] for name in INDEXED})
