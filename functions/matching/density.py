"""How many pets there are around: one count for each partition of the index `Nearby`, kept by event.

A search plans by these counts how far to read first, and over which gaps. A count that is behind, or wrong, makes it
read more than it need, and never find less.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from math import inf, pi
from typing import NamedTuple, Self

from common import geo, keys
from common.clock import clock
from common.geo import Stretch
from common.table import Item, Table, Update

COUNTS_CACHED_SECONDS = 300
READ_UNIT_ENTRIES = 72
"""So many entries, of some 113 bytes with their keys and names, make one eventually consistent read unit of 8 KB."""


class Move(NamedTuple):
    """A pet that came to a partition, left one, or both; "" where there is none."""

    left: str
    came: str


class Density(NamedTuple):
    """The counts around a place, by partition of the index: the first characters of the cell, `#`, and the kind."""

    cell: str
    counts: Mapping[str, int]

    @classmethod
    def around(cls, table: Table, cell: str, radius_km: float, kinds: Iterable[str]) -> Self:
        """Return the counts of the pets of these kinds for all that a circle touches, at most five minutes old."""
        partitions = geo.partitions_within(cell, radius_km)
        period = clock.timestamp() // COUNTS_CACHED_SECONDS
        kept = {region: _counts(table, region, period) for region in {each[:3] for each in partitions}}
        counts = {
            # Who left may be counted before who came.
            f"{partition}#{each}": max(kept[partition[:3]].get(_name(partition, each), 0), 0)
            for partition in partitions
            for each in kinds
        }
        return cls(cell, counts)

    def radius_for(self, entries: int) -> float:
        """Return within how many km so many entries are to be read, going by the densest view there is."""
        near = self._densest(kind for kind in keys.KINDS if keys.reach_of(kind) < inf)
        far = self._densest(kind for kind in keys.KINDS if keys.reach_of(kind) == inf)
        of_both, beyond = _radius(entries, near + far), entries - near * pi * keys.NEAR_KM**2
        return of_both if of_both <= keys.NEAR_KM else _radius(beyond, far)

    def _densest(self, kinds: Iterable[str]) -> float:
        """Return how many of these kinds there are to a square kilometre, here or around: what is more."""
        wanted, home = set(kinds), geo.partition(self.cell)
        by_partition: Counter[str] = Counter()
        for place, found in self.counts.items():
            partition, _, kind = place.partition("#")
            by_partition[partition] += found if kind in wanted else 0
        here = by_partition[home] / geo.area_km2(home)
        around = by_partition.total() / sum(map(geo.area_km2, by_partition))
        return max(here, around)

    def queries(
        self, kinds: Iterable[str], beyond_km: float, reach_km: float, read_whole: set[str]
    ) -> Iterator[tuple[Stretch, str]]:
        """Give what has to be read, of which kind, for the ring between two distances from the place.

        Who looks near is asked for only as near as that: farther off they can suit nobody. A partition that seems to
        hold no more than one read unit is read whole as soon as a ring touches it. It is noted in `read_whole`, so that
        no later ring asks for it again.
        """
        for each in kinds:
            reach = min(reach_km, keys.reach_of(each))
            if reach <= beyond_km:
                continue
            for stretch in geo.cover(self.cell, reach, beyond_km, partial(self.bridge, each)):
                place = f"{stretch.partition}#{each}"
                if self.counts.get(place, 0) > READ_UNIT_ENTRIES:
                    yield stretch, each
                elif place not in read_whole:
                    read_whole.add(place)
                    yield geo.whole(stretch.partition), each

    def bridge(self, kind: str, partition: str) -> int:
        """Return how many cells of a partition it takes until reading over them costs more than another query."""
        cells, found = geo.cells_in(partition), self.counts.get(f"{partition}#{kind}", 0)
        return cells * READ_UNIT_ENTRIES // found if found else cells


def _radius(number: float, density: float) -> float:
    """Return the radius, in km, of a circle that holds so many."""
    return (number / density / pi) ** 0.5 if density else inf


@lru_cache(maxsize=1024)
def _counts(table: Table, region: str, _period: int) -> Item:
    return table.get(keys.density(region)) or {}


def _name(partition: str, kind: str) -> str:
    return f"{partition[3:]}_{kind}"


def count(moves: Iterable[Move]) -> list[Update]:
    """Return the writes that bring the counts up to date after some pets have moved."""
    regions: dict[str, Counter[str]] = defaultdict(Counter)
    for move in moves:
        for place, step in ((move.left, -1), (move.came, 1)):
            if place:
                partition, _, kind = place.partition("#")
                regions[partition[:3]][_name(partition, kind)] += step
    return [
        Update(keys.density(region), add=changed, condition=None)
        for region, counts in sorted(regions.items())
        if (changed := {name: step for name, step in counts.items() if step})
    ]
