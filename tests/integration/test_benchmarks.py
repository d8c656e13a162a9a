"""What the benchmarks measure is what they say: every way finds the same, and what is counted is what is read."""

import random
from collections.abc import Iterator

import pytest

from benchmarks import postgis, stage
from benchmarks.imagined import ImaginedTable
from benchmarks.ours import LongWay, Search
from benchmarks.postgis import PostGis
from benchmarks.reads import on_engine
from benchmarks.rivals import RIVALS, Connection, Counting, Rival, page, settle
from benchmarks.stage import Stage
from benchmarks.world import CENTRES, NOW, Pet, World, item
from common import geo
from common.clock import clock
from common.geo import Point
from local.store import EmbeddedStore, binary
from matching.candidates import Discoverable
from tests.harness.village import kilometres

CITY = next(centre for centre in CENTRES if centre.name == "Richmond")
WORLD = World(40_000)
RADII = (3, 10, 25)


def searches() -> Iterator[tuple[Pet, int]]:
    """Some who live so far inside the city that their circles end there."""
    chance = random.Random(1)
    for radius_km in RADII * 4:
        pet = WORLD.somebody(chance, [CITY])
        if kilometres(pet.cell, geo.encode(Point(CITY.latitude, CITY.longitude), 6)) < 25:
            yield pet, radius_km


SEARCHES = list(searches())

pytestmark = [
    pytest.mark.in_process("measures the code itself"),
    pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine"),
]


@pytest.fixture(scope="module")
def city() -> Iterator[Stage]:
    """The table with all who live around one city."""
    with stage.opened(None) as opened:
        stage.fill(opened.table, WORLD, WORLD.partitions([CITY]), writers=0)
        yield opened


@pytest.fixture(autouse=True)
def _then() -> None:
    clock.freeze(NOW)


def living_there() -> list[Pet]:
    return list(WORLD.everybody(WORLD.partitions([CITY])))


def scores(stage: Stage, pet: Pet, radius_km: int) -> list[int]:
    return [each.score for each in Search(stage.table).page(pet, radius_km).items]


@pytest.mark.parametrize("waves", [True, False])
def test_a_page_is_the_best_of_all(city: Stage, waves: bool) -> None:
    search, long_way = Search(city.table, waves=waves), LongWay(WORLD)

    wrong = [long_way.wrong_with(search.page(pet, radius), pet, radius) for pet, radius in SEARCHES]

    assert not any(wrong)


def test_what_is_imagined_reads_what_the_engine_counts(city: Stage) -> None:
    imagined = ImaginedTable(WORLD)

    pairs = [(imagined.reads(pet, radius), on_engine(city, pet, radius)) for pet, radius in SEARCHES]

    assert [one for one, _ in pairs] == [other for _, other in pairs]
    assert all(reads.items for reads, _ in pairs)


def test_what_is_reckoned_of_a_circle_is_nearly_what_is_read(city: Stage) -> None:
    imagined = ImaginedTable(WORLD)

    for pet, radius in SEARCHES:
        read, reckoned = on_engine(city, pet, radius, waves=False), imagined.whole_circle(pet, radius)
        assert (read.calls, read.items) == (reckoned.calls, reckoned.items)
        assert read.units == pytest.approx(reckoned.units, rel=0.1, abs=0.5)  # a query rounds up
        assert imagined.least(pet, radius, looking_as_far=True).items <= read.items


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_finds_the_same_and_reads_what_is_reckoned(city: Stage, rival: Rival) -> None:
    reckoned = Counting(WORLD)
    with EmbeddedStore() as store:
        connection = Connection(store.endpoint, "rival")
        settle(rival, connection, living_there())

        for pet, radius in SEARCHES:
            mine = Discoverable.of(item(pet))
            found = page(rival, connection, mine.looking_for(mine.asking(radius)))
            read = sum(1 for wanted in rival.ranges(pet.cell, radius) for _ in rival.read(connection, wanted))
            assert [score for _, score in found] == scores(city, pet, radius)
            assert 0 < read <= reckoned.reads(rival, pet.cell, radius).items


def test_the_search_alone_finds_what_the_page_shows(city: Stage) -> None:
    search = Search(city.table)

    found = [[score for _, score in search.ranked(pet, radius)] for pet, radius in SEARCHES]

    assert found == [scores(city, pet, radius) for pet, radius in SEARCHES]


@pytest.mark.skipif(postgis.programs() is None, reason=postgis.NOT_INSTALLED)
def test_postgis_finds_the_same_both_ways(city: Stage) -> None:
    with postgis.server() as address:
        there = PostGis(address, living_there())

        for pet, radius in SEARCHES:
            boxed, recommended = there.page(pet, radius), there.page_by_geography(pet, radius)
            assert [int(float(row[1] or 0)) for row in boxed] == scores(city, pet, radius)
            assert recommended == boxed

        there.close()
