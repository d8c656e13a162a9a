"""Measures searches beside other ways and prints what each costs: `make bench-matching PETS=1000000 SEARCHES=60`.

What is read is counted for every search; time and CPU are measured search by search, the ways in turn. The rivals on
DynamoDB are timed around one city, whose pets are put into tables of theirs: elsewhere they would take hours.
"""

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks import postgis, reads, times
from benchmarks.meter import Cost, Noise, quantile
from benchmarks.ours import Search
from benchmarks.postgis import PostGis
from benchmarks.reads import ALL, LEAST, OURS, RADII, ReadsByWay
from benchmarks.rivals import RIVALS, Connection, Rival, page, settle
from benchmarks.stage import Stage, staged
from benchmarks.times import Way
from benchmarks.world import CENTRES, Pet, World, item
from local.store import EmbeddedStore
from matching.candidates import Discoverable

ALONE = "ours, the search alone"
POSTGIS, GEOGRAPHY = "PostGIS, tuned by hand", "PostGIS, by geography"
CITY = next(centre for centre in CENTRES if centre.name == "Charlotte")
"""Where the rivals are timed: of middling size, and far from others."""

RIVAL_SEARCHES = 3
IMAGINED = 10_000_000
CHECKED = 5


def print_reads(title: str, by_way: ReadsByWay) -> None:
    """Print the median calls, items and read units of each way."""
    least = reads.median_units(by_way[LEAST])
    print(f"\n{title}")
    print(f"  {'':<26}{'calls':>9}{'items':>11}{'read units':>12}{'to the least':>14}")
    for name, some in by_way.items():
        calls, items, used = (median(each[place] for each in some) for place in range(3))
        print(f"  {name:<26}{calls:>9,.0f}{items:>11,.0f}{used:>12,.1f}{used / least:>14.2f}")


def print_times(title: str, by_way: Mapping[str, Sequence[Cost]]) -> None:
    """Print the CPU and the time that a page takes, in milliseconds."""
    print(f"\n{title}")
    print(f"  {'ms':<26}{'CPU':>9}{'mean CPU':>11}{'the server':>12}{'p50':>9}{'p95':>9}{'p99':>9}")
    for name, costs in by_way.items():
        cpu, mean = median(each.cpu for each in costs), sum(each.cpu for each in costs) / len(costs)
        served, elapsed = median(each.server_cpu for each in costs), [each.elapsed for each in costs]
        shown = [cpu, mean, served, *(quantile(elapsed, part) for part in (0.5, 0.95, 0.99))]
        widths = (9, 11, 12, 9, 9, 9)
        print(
            f"  {name:<26}" + "".join(f"{1000 * each:>{width},.1f}" for each, width in zip(shown, widths, strict=True))
        )


def compare_times(world: World, stage: Stage, pets: Sequence[Pet]) -> None:
    """Time ours and PostgreSQL's on the whole world."""
    engine = stage.engine.process.pid if stage.engine.process else None
    ways = {
        OURS: Way(Search(stage.table).page, engine),
        ALONE: Way(Search(stage.table).ranked, engine),
        ALL: Way(Search(stage.table, waves=False).page, engine),
    }
    noise = Noise()
    with ExitStack() as stack:
        if postgis.programs():
            found = PostGis(stack.enter_context(postgis.server()), world.everybody(world.partitions()))
            stack.callback(found.close)
            ways[POSTGIS] = Way(found.page, found.connection.server_process)
            ways[GEOGRAPHY] = Way(found.page_by_geography, found.connection.server_process)
        for radius_km in RADII:
            print_times(
                f"{radius_km} km, {world.pets:,} pets, {len(pets)} searches",
                times.in_turn(ways, pets, radius_km, noise),
            )
    if POSTGIS not in ways:
        print(f"  {postgis.NOT_INSTALLED}")
    print(f"\nNoise: {noise}")


def compare_rivals(world: World, stage: Stage) -> None:
    """Time ours and the rivals on DynamoDB around one city."""
    pets = reads.searchers(world, RIVAL_SEARCHES, [CITY])
    noise = Noise()
    with EmbeddedStore() as store:
        server = store.process.pid if store.process else None
        ways = {OURS: Way(Search(stage.table).page, stage.engine.process.pid if stage.engine.process else None)}
        for rival in RIVALS:
            connection = Connection(store.endpoint, rival.name.replace(" ", "-").replace("'", ""))
            settle(rival, connection, world.everybody(world.partitions([CITY])))

            def found(pet: Pet, radius_km: int, rival: Rival = rival, connection: Connection = connection) -> object:
                mine = Discoverable.of(item(pet))
                return page(rival, connection, mine.looking_for(mine.asking(radius_km)))

            ways[rival.name] = Way(found, server)
        for radius_km in RADII[::2]:
            title = f"{radius_km} km around {CITY.name} alone, {world.pets:,} pets in all, {len(pets)} searches"
            print_times(title, times.in_turn(ways, pets, radius_km, noise, warm_up=1))
    print(f"\nNoise: {noise}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pets", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=60, help="of each radius")
    parser.add_argument("--imagined", type=int, default=IMAGINED, help="pets of the world that is only counted")
    asked = parser.parse_args()
    world, imagined = World(asked.pets), World(asked.imagined)
    with staged(world) as stage:
        pets = reads.searchers(world, asked.searches)
        for radius_km in RADII:
            title = f"{radius_km} km, {world.pets:,} pets, the index alone, medians of {len(pets)} searches"
            print_reads(title, reads.by_way(world, pets, radius_km, stage))
        besides = [reads.beside(stage, pet, RADII[0]) for pet in pets]
        calls = median(each.calls for each in besides)
        print(
            "  beside the index a page of ours reads, for who is out and to show twenty: "
            f"{reads.median_units(besides):.1f} units in {calls:.0f} calls"
        )
        off = max(reads.deviation(stage, world, pets[:CHECKED], radius_km) for radius_km in RADII)
        print(f"  imagined reads differ from the engine's by {off:.1%} at the most ({CHECKED} searches a radius)")
        far = reads.searchers(imagined, asked.searches)
        for radius_km in RADII[::2]:
            title = f"{radius_km} km, {imagined.pets:,} pets, imagined, medians of {len(far)} searches"
            print_reads(title, reads.by_way(imagined, far, radius_km))
        compare_times(world, stage, pets)
        compare_rivals(world, stage)


if __name__ == "__main__":
    main()
