"""The figures of searches: what they read and cost, and how that grows. The benchmarks print the whole tables."""

from collections.abc import Callable, Sequence
from statistics import fmean, median

from benchmarks import postgis, reads, times
from benchmarks.imagined import ImaginedTable
from benchmarks.meter import Noise, quantile
from benchmarks.ours import Search
from benchmarks.postgis import PostGis
from benchmarks.reads import ALL, LEAST, LEAST_SPLIT, OURS, RADII, ReadsByWay
from benchmarks.rivals import DynamodbGeo
from benchmarks.stage import staged
from benchmarks.times import Way
from benchmarks.world import World
from prove.figure import Figure

MOST_OF_LEAST = {5: 1.45, 10: 1.15, 25: 1.15}
WAVES_OF_LEAST, WAVES_OF_LEAST_IMAGINED = 0.5, 0.25
FEWER_THAN_GEO = {5: 30, 25: 50}
FLAT = 1.5
ALONE, GIS, GEOGRAPHY = "the search alone", "PostGIS tuned by hand", "PostGIS by geography"
CPU_OF_POSTGIS = {5: 3.0, 25: 1.3}


def _ratio(by_way: ReadsByWay, one: str, other: str) -> float:
    return reads.median_units(by_way[one]) / reads.median_units(by_way[other])


def _verdict(
    name: str, wanted: str, tried: int, found: Sequence[tuple[str, float, str, float]], besides: Sequence[str] = ()
) -> Figure:
    """Return a figure of several ratios: what is compared, what it is, and "<=" or ">=" what it should be.

    `besides` is said of what no bound was set for.
    """
    held = [value <= bound if relation == "<=" else value >= bound for _, value, relation, bound in found]
    shown = [
        f"{what} {value:.2f} ({'' if ok else 'not '}{relation} {bound:g})"
        for ok, (what, value, relation, bound) in zip(held, found, strict=True)
    ] + [f"besides: {each}" for each in besides]
    return Figure(name, wanted, "; ".join(shown), tried, ok=all(held) and tried > 0)


def read_units(pets: int = 1_000_000, imagined: int = 10_000_000, searches: int = 20, checked: int = 500) -> Figure:
    """M2: what a page reads of the index, and that it is the right page.

    The least is what all entries of a wanted type in the circle take. Beside it stands what is left of that without
    those whose partitions say that they look less far: the harder measure, of how well a circle is covered.
    """
    world, larger = World(pets), World(imagined)
    found: list[tuple[str, float, str, float]] = []
    besides: list[str] = []
    with staged(world) as stage:
        wrong = reads.differences(stage, world, checked)
        people = reads.searchers(world, searches)
        for radius_km in RADII:
            by_way = reads.by_way(world, people, radius_km, stage)
            bound = MOST_OF_LEAST[radius_km]
            found.append((f"all of {radius_km} km to the least", _ratio(by_way, ALL, LEAST), "<=", bound))
            besides += [
                f"{what} of {radius_km} km {_ratio(by_way, way, LEAST_SPLIT):.2f} to the least by how far they look"
                for what, way in (("all", ALL), ("waves", OURS))
            ]
            if radius_km in FEWER_THAN_GEO:
                fewer = _ratio(by_way, DynamodbGeo.name, OURS)
                found.append((f"dynamodb-geo's way to ours, {radius_km} km", fewer, ">=", FEWER_THAN_GEO[radius_km]))
    found.append((f"waves to the least, {radius_km} km", _ratio(by_way, OURS, LEAST), "<=", WAVES_OF_LEAST))
    by_way = reads.by_way(larger, reads.searchers(larger, searches), radius_km)
    what = f"the same at {imagined:,} pets"
    found.append((what, _ratio(by_way, OURS, LEAST), "<=", WAVES_OF_LEAST_IMAGINED))
    found.append((f"wrong pages of {checked}", len(wrong), "<=", 0))
    return _verdict(
        "M2", f"read units of a page of 20 among {pets:,} pets", checked + searches * len(RADII), found, besides
    )


def flat(sizes: Sequence[int] = (10_000, 100_000, 1_000_000), imagined: int = 10_000_000, searches: int = 40) -> Figure:
    """M3: searches where as many live around, in ever larger worlds. The largest is only counted."""
    units, cpu = [], []
    for size in sizes:
        world = World(size)
        people = reads.where_as_many_live(world, searches)
        with staged(world) as stage:
            units.append(fmean(reads.on_engine(stage, pet, RADII[0]).units for pet in people))
            costs = times.in_turn({OURS: Way(Search(stage.table).page, None)}, people, RADII[0], Noise())
            cpu.append(median(each.cpu for each in costs[OURS]))
    larger = World(imagined)
    table = ImaginedTable(larger)
    units.append(fmean(table.reads(pet, RADII[0]).units for pet in reads.where_as_many_live(larger, searches)))
    found = [
        ("mean read units, the most to the least", max(units) / min(units), "<=", FLAT),
        (f"median CPU, up to {sizes[-1]:,} pets", max(cpu) / min(cpu), "<=", FLAT),
    ]
    return _verdict("M3", f"cost of a page from {sizes[0]:,} to {imagined:,} pets", searches * (len(sizes) + 1), found)


def beside_postgis(pets: int = 1_000_000, searches: int = 60) -> Figure:
    """M5: CPU of this process to PostgreSQL's and its client's together; and the slowest answers.

    Held against the bounds is the hardest comparison: a whole page of ours, and PostGIS in whichever of its two ways
    takes less. Beside it stands each for itself, and the search alone, which like PostGIS ends with twenty scored.
    """
    wanted = f"the same job beside PostgreSQL with PostGIS, {pets:,} pets"
    if postgis.programs() is None:
        return Figure("M5", wanted, postgis.NOT_INSTALLED, 0, ok=False)
    world, noise = World(pets), Noise()
    found: list[tuple[str, float, str, float]] = []
    besides: list[str] = []
    with postgis.server() as address, staged(world) as stage:
        there = PostGis(address, world.everybody(world.partitions()))
        ways = {
            OURS: Way(Search(stage.table).page, None),
            ALONE: Way(Search(stage.table).ranked, None),
            GIS: Way(there.page, there.connection.server_process),
            GEOGRAPHY: Way(there.page_by_geography, there.connection.server_process),
        }
        for radius_km, bound in CPU_OF_POSTGIS.items():
            costs = times.in_turn(ways, reads.searchers(world, searches), radius_km, noise)
            cpu = {name: median(each.cpu + each.server_cpu for each in some) for name, some in costs.items()}
            best = min(GIS, GEOGRAPHY, key=lambda way: cpu[way])
            found.append((f"CPU of a page to {best}'s at {radius_km} km", cpu[OURS] / cpu[best], "<=", bound))
            besides += [
                f"at {radius_km} km {one} {cpu[one] / cpu[other]:.2f} of {other}"
                for other in (GIS, GEOGRAPHY)
                for one in (OURS, ALONE)
            ]
        slowest = {name: quantile([each.elapsed for each in some], 0.99) for name, some in costs.items()}
        found.append((f"p99 to {best}'s at {radius_km} km", slowest[OURS] / slowest[best], "<=", 1))
        there.close()
    return _verdict("M5", wanted, searches * len(CPU_OF_POSTGIS), found, besides)


FIGURES: dict[str, Callable[[], Figure]] = {
    "M2": read_units,
    "M3": flat,
    "M5": beside_postgis,
}
