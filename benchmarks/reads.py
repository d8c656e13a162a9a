"""What each way reads of its index for a page of twenty, search by search."""

import random
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.imagined import ImaginedTable
from benchmarks.meter import ReadMeter, Reads
from benchmarks.ours import LongWay, Search
from benchmarks.rivals import RIVALS, Counting
from benchmarks.stage import Stage
from benchmarks.world import CENTRES, METROS, Centre, Pet, World

OURS, ALL, LEAST = "ours, in waves", "ours, all of the circle", "the least possible"
LEAST_SPLIT = "the least, by how far they look"
"""All of a wanted type in the circle; and without those who are known to look less far than they are away."""

RADII = (5, 10, 25)
AS_MANY = 2, 4
IN_METROS = CENTRES[: len(METROS)]

type ReadsByWay = Mapping[str, Sequence[Reads]]


def searchers(world: World, number: int, centres: Sequence[Centre] = IN_METROS) -> list[Pet]:
    """Return so many of those who live around some centres: the metropolitan areas, unless others are named."""
    chance = random.Random("searchers")
    return [world.somebody(chance, centres) for _ in range(number)]


def where_as_many_live(world: World, number: int) -> list[Pet]:
    """Return so many of those around whom two to four live in a square kilometre, however many there are in all."""
    chance = random.Random("as many")
    found: list[Pet] = []
    while len(found) < number:
        pet = world.somebody(chance)
        if AS_MANY[0] <= world.density(pet.cell) <= AS_MANY[1]:
            found.append(pet)
    return found


def on_engine(stage: Stage, pet: Pet, radius_km: int, *, waves: bool = True) -> Reads:
    """Return what a search reads of the index of a table, as its engine counts it."""
    meter = ReadMeter()
    with meter.listening(stage.table.client):
        Search(stage.table, waves=waves).page(pet, radius_km)
    return meter.found


def beside(stage: Stage, pet: Pet, radius_km: int) -> Reads:
    """Return what a page reads besides, to know who is out and to describe who is shown."""
    meter = ReadMeter()
    with meter.listening(stage.table.client):
        Search(stage.table).page(pet, radius_km)
    return meter.beside


def by_way(world: World, pets: Sequence[Pet], radius_km: int, stage: Stage | None = None) -> ReadsByWay:
    """Return the reads of every way. Ours are those of a table where there is one; the others' are counted."""
    table, rivals = ImaginedTable(world), Counting(world)
    if stage:
        ours = [on_engine(stage, pet, radius_km) for pet in pets]
        whole = [on_engine(stage, pet, radius_km, waves=False) for pet in pets]
    else:
        ours = [table.reads(pet, radius_km) for pet in pets]
        whole = [table.whole_circle(pet, radius_km) for pet in pets]
    return {
        OURS: ours,
        ALL: whole,
        **{rival.name: [rivals.reads(rival, pet.cell, radius_km) for pet in pets] for rival in RIVALS},
        LEAST: [table.least(pet, radius_km) for pet in pets],
        LEAST_SPLIT: [table.least(pet, radius_km, looking_as_far=True) for pet in pets],
    }


def median_units(reads: Sequence[Reads]) -> float:
    """Return the median of the read units."""
    return median(each.units for each in reads)


def deviation(stage: Stage, world: World, pets: Sequence[Pet], radius_km: int) -> float:
    """Return by which part at the most the imagined table's read units differ from those of the engine."""
    table = ImaginedTable(world)
    pairs = [(table.reads(pet, radius_km).units, on_engine(stage, pet, radius_km).units) for pet in pets]
    return max(abs(imagined / counted - 1) for imagined, counted in pairs)


def differences(stage: Stage, world: World, number: int) -> list[str]:
    """Return in sentences how the pages of so many, living anywhere, are not the best of all who suit them."""
    chance = random.Random("differences")
    search, long_way = Search(stage.table), LongWay(world)
    wrong = []
    for _ in range(number):
        pet, radius_km = world.somebody(chance), chance.choice(RADII)
        found = long_way.wrong_with(search.page(pet, radius_km), pet, radius_km)
        wrong += [f"{pet.cell} within {radius_km} km: {fault}" for fault in found[:1]]
    return wrong
