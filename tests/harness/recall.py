"""Recall: what searches find in places all over the world, beside looking at every pet that there is."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from common.clock import clock
from common.geo import Point, bounds
from common.table import Table
from matching.models import DEFAULT_CRITERIA, Criteria
from tests.harness.client import Owner
from tests.harness.findings import Findings
from tests.harness.places import around
from tests.harness.village import (
    Neighbour,
    best_first,
    kilometres,
    move_in,
    neighbours,
    settle,
    some_criteria,
    wrong_with,
)
from tests.harness.world import sign_up

RANKED = 200  # the API shows no more of a search than this
RADII = (1, 2, 5, 10, 25)
ANYBODY = DEFAULT_CRITERIA.model_copy(update={"preferred_type": "any"})


@dataclass(frozen=True)
class Spot:
    """A place, and how its pets live there: most of them within `spread_km`; `share` is its part of all of them."""

    middle: Point
    spread_km: float
    share: int


SPOTS: Mapping[str, Spot] = {
    "New York": Spot(Point(40.7359, -73.9911), 15, 20),
    "one block of Manhattan": Spot(Point(40.1, -75.1), 0.3, 8),
    "Tokyo": Spot(Point(35.68, 139.69), 25, 12),
    "Lagos, where partitions meet": Spot(Point(5.625, 2.8125), 10, 6),
    "the equator in Quito": Spot(Point(0.0, -78.45), 10, 5),
    "Greenwich": Spot(Point(51.4778, 0.0), 10, 5),
    "zero and zero": Spot(Point(0.0, 0.0), 10, 5),
    "Taveuni, on the antimeridian": Spot(Point(-16.8, 180.0), 12, 6),
    "Chukotka, west of it": Spot(Point(66.0, -179.99), 12, 4),
    "Wrangel, east of it": Spot(Point(71.2, 179.98), 30, 4),
    "Longyearbyen": Spot(Point(78.2232, 15.6267), 12, 4),
    "Alert": Spot(Point(82.5, -62.35), 12, 3),
    "where polar partitions begin": Spot(Point(84.375, 25.0), 20, 4),
    "the north pole": Spot(Point(90.0, 0.0), 20, 4),
    "beside the north pole": Spot(Point(89.93, -170.0), 20, 3),
    "the south pole": Spot(Point(-90.0, 0.0), 20, 4),
    "Ushuaia": Spot(Point(-54.8, -68.3), 8, 2),
    "a village in Mongolia": Spot(Point(46.9, 103.8), 25, 1),
    "an empty sea": Spot(Point(-30.0, -120.0), 25, 0),
    "nobody near": Spot(Point(30.0, -40.0), 400, 1),
}


def settle_everywhere(store: Table, chance: random.Random, number: int) -> list[Neighbour]:
    """Put so many pets into the table, each spot with its share."""
    shares = sum(spot.share for spot in SPOTS.values())
    everybody = [
        each
        for spot in SPOTS.values()
        for each in neighbours(chance, round(number * spot.share / shares), spot.middle, spot.spread_km)
    ]
    settle(store, everybody)
    return everybody


class Everybody:
    """All pets there are, by cell: so that how far off each is need not be worked out for each again."""

    def __init__(self, people: Sequence[Neighbour]) -> None:
        self.by_cell: dict[str, list[Neighbour]] = {}
        for each in people:
            self.by_cell.setdefault(each.cell, []).append(each)
        self.latitudes = {cell: bounds(cell).middle.latitude for cell in self.by_cell}

    def within(self, cell: str, km: float) -> list[Neighbour]:
        """Return all who are so near; one degree of latitude is more than 111 km."""
        latitude = bounds(cell).middle.latitude
        return [
            each
            for other, people in self.by_cell.items()
            if abs(self.latitudes[other] - latitude) * 111 <= km and kilometres(cell, other) <= km
            for each in people
        ]


@dataclass
class Compared(Findings):
    """What was found besides: searches whose every fit could be shown, others, and the pets in all of them."""

    whole: int = 0
    cut: int = 0
    pets: int = 0


def wishes(chance: random.Random) -> Iterator[Criteria]:
    """Give what searchers look for in turn: at each radius anybody, and somebody particular."""
    for radius in RADII:
        yield ANYBODY.model_copy(update={"radius_km": radius})
        yield some_criteria(chance, radius)


def all_pages(owner: Owner, pet_id: str) -> list[dict[str, Any]]:
    """Return all that an owner is shown for a pet, by as many pages as it takes."""
    listed: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = owner.get("/matching/candidates", pet_id=pet_id, limit=100, cursor=cursor, widen="false").json
        assert page["widened"] is None
        listed, cursor = listed + page["items"], page["next_cursor"]
        if cursor is None:
            return listed


def search_everywhere(
    store: Table, number: int, searchers: int = 1, wishes_each: int = 2 * len(RADII), seed: int = 1
) -> Compared:
    """Settle so many pets all over the world, and compare searches in each place with looking at all of them."""
    chance, found = random.Random(seed), Compared()
    everybody = Everybody(settle_everywhere(store, chance, number))
    for turn, (name, spot) in product(range(searchers), SPOTS.items()):
        place = around(chance, spot.middle, spot.spread_km) if turn else spot.middle
        owner = sign_up(store, f"searcher{found.looked_at}")
        mine = move_in(owner, chance, place, 25)
        near = everybody.within(mine.cell, 25)
        for criteria in chance.sample(list(wishes(chance)), wishes_each):
            assert owner.put("/matching/criteria", criteria.model_dump(mode="json")).status == 200
            _compare(found, name, owner, replace(mine, criteria=criteria), near)
        assert owner.delete(f"/pets/{mine.pet.pet_id}").status == 204
    return found


def _compare(found: Compared, name: str, owner: Owner, mine: Neighbour, near: Sequence[Neighbour]) -> None:
    """Note how a search differs from the best of all who suit: from all of these, where they can all be shown."""
    best = best_first(mine, near, clock.now())
    suiting = sum(len(ids) for _, ids in best)
    listed = all_pages(owner, mine.pet.pet_id)
    wrong = wrong_with(listed, best)
    if len(listed) != min(suiting, RANKED):
        wrong.append(f"{len(listed)} are shown of {suiting} who suit")
    found.note(f"{name}, within {mine.criteria.radius_km} km", wrong)
    found.pets += len(listed)
    found.whole += suiting <= RANKED
    found.cut += suiting > RANKED
