"""Pawtime's own search, and the long way to the same answer."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from unittest.mock import patch

from benchmarks.world import NOW, TYPES, Pet, World, cells_of, item, neighbour
from common.table import Table
from matching.candidates import CandidateSearch, Discoverable
from matching.exclusions import Exclusions
from matching.models import CandidatePage
from tests.harness.village import Neighbour, best_first, kilometres, wrong_with

PAGE = 20
ALL_AT_ONCE = 10**12
NOBODY = Exclusions(frozenset(), frozenset(), frozenset())
HALF_A_PARTITION_KM = 30


class Search:
    """A page as the endpoint gives it. Without `waves` all of the circle is read at once."""

    def __init__(self, table: Table, *, waves: bool = True) -> None:
        self.search = CandidateSearch(table)
        self.waves = waves

    def page(self, pet: Pet, radius_km: int) -> CandidatePage:
        """Return the first page for a pet."""
        if self.waves:
            return self.search.page(pet.owner_id, pet.pet_id, radius_km, None, PAGE, widen=False)
        with patch("matching.candidates.FIRST_WAVE", ALL_AT_ONCE):
            return self.search.page(pet.owner_id, pet.pet_id, radius_km, None, PAGE, widen=False)

    def ranked(self, pet: Pet, radius_km: int) -> list[tuple[str, int]]:
        """Return the ids and scores of the best twenty: the search alone, of a known pet, with nobody out."""
        mine = _known(pet)
        ranking = self.search.ranked(mine, mine.asking(radius_km), NOBODY, PAGE, widen=False)
        return list(ranking.scores.items())[:PAGE]


@lru_cache(maxsize=1024)
def _known(pet: Pet) -> Discoverable:
    return Discoverable.of(item(pet))


class LongWay:
    """Looks at everybody in the circle, without any index."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.partitions = world.partitions()

    def wrong_with(self, page: CandidatePage, pet: Pet, radius_km: int) -> list[str]:
        """Return in sentences how a page is not the best of all who suit."""
        mine = neighbour(pet)
        mine = replace(mine, criteria=mine.criteria.model_copy(update={"radius_km": radius_km}))
        best = best_first(mine, self._within(pet.cell, radius_km), NOW)
        missing = min(PAGE, sum(len(ids) for _, ids in best)) - len(page.items)
        found = wrong_with(page.model_dump()["items"], best)
        return [*found, f"{missing} are missing"] if missing else found

    def _within(self, middle: str, radius_km: int) -> Iterator[Neighbour]:
        for partition in self.partitions:
            if kilometres(middle, partition) > radius_km + HALF_A_PARTITION_KM:
                continue
            for cell in cells_of(partition):
                if kilometres(middle, cell) <= radius_km:
                    for pet_type in TYPES:
                        yield from map(neighbour, self.world.living_in(cell, pet_type))
