"""An attacker who wants to know where a pet's owner lives, and knows how Pawtime works.

It moves freely, since it writes its own place straight into the table, and looks at the victim's pet from wherever it
tells most. What it sees there (whether the pet is shown at all, the band, and the score, in which nearness counts by
a thirtieth of the radius) bounds the distance. It keeps the region from which all that was seen is possible, and looks
next from where the answers differ most within it, until nothing differs any more. That is trilateration with bounded
errors; K. Polakis and others, "Where's Wally?" (CCS 2015) attacked real services so. Then it places pets of its own
around the victim's, and tries whether the order in which they are listed is that of their distance.

The victims are the easiest there are: they accept everybody within 25 km, and nothing but the place is unknown.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, fsum, hypot, inf, pi, radians
from statistics import fmean
from typing import Any, NamedTuple

from common import geo, keys
from common.geo import Point, Rectangle, haversine_km
from common.ids import new_id
from common.table import Put, Table
from matching import cards, profiles
from matching.models import DEFAULT_CRITERIA, NO_AVAILABILITY, Precision
from matching.scoring import DISTANCE, FREE_TIME, KINSHIP, UNKNOWN_FREE_TIME
from pets.discovery import stored
from pets.models import PetRecord
from tests.harness.client import Owner
from tests.harness.neighbours import candidates, look_for, move
from tests.harness.places import PRECISIONS, TOWNS, around, beyond, rectangle
from tests.harness.world import sign_up

MOST_QUERIES = 1_000
RADII = (1, 2, 3, 5, 10, 25)
KNOWN_KM = 20  # roughly which town it is, the attacker knows
PLANS, LOOKED_AT, BOXES = 24, 60, 120
IN_VAIN = 8  # plans of which none tells anything, before there is nothing more to be told
CLOSE_KM = 0.008
FOUND_KM = 0.05
CHANCE = 3  # standard deviations
BEACONS = 8
BEACONS_FROM_KM = 10
EVERYBODY = DEFAULT_CRITERIA.model_copy(update={"radius_km": 25})
OF_A_TWIN = FREE_TIME * UNKNOWN_FREE_TIME + KINSHIP
"""What a pet scores beside its twin of which no free time is known, but for the distance."""


class Box(NamedTuple):
    """A small part of the map, by its middle and half its sides, in degrees."""

    middle: Point
    north: float
    east: float

    @property
    def reach_km(self) -> float:
        """How far its corners are from its middle."""
        towards_equator = max(abs(self.middle.latitude) - self.north, 0)
        return 111.32 * hypot(self.north, self.east * cos(radians(towards_equator)))

    def quarters(self) -> Iterator["Box"]:
        for up in (-0.5, 0.5):
            for right in (-0.5, 0.5):
                middle = Point(self.middle.latitude + up * self.north, self.middle.longitude + right * self.east)
                yield Box(middle, self.north / 2, self.east / 2)


class Region:
    """Where somebody can be, as far as is known: boxes that shrink as more is."""

    def __init__(self, area: Rectangle) -> None:
        self.boxes = [Box(area.middle, (area.north - area.south) / 2, (area.east - area.west) / 2)]
        self._divide()

    def _divide(self) -> None:
        while len(self.boxes) < BOXES / 4 and self.boxes[0].reach_km > CLOSE_KM / 4:
            self.boxes = [part for box in self.boxes for part in box.quarters()]

    def cut(self, seen_from: Point, low_km: float, high_km: float) -> bool:
        """Leave what is so far from there; return whether anything is. What contradicts all before is not believed."""
        boxes = self.boxes
        left: list[Box] = []
        while True:
            for box in boxes:
                away, reach = haversine_km(seen_from, box.middle), box.reach_km + 1e-6
                if low_km - reach <= away <= high_km + reach:
                    left.append(box)
            if not left:
                return False
            self.boxes = left
            if len(left) >= BOXES / 4 or left[0].reach_km <= CLOSE_KM / 4:
                return True
            boxes, left = [part for box in left for part in box.quarters()], []

    @property
    def middle(self) -> Point:
        return Point(
            fmean(box.middle.latitude for box in self.boxes), fmean(box.middle.longitude for box in self.boxes)
        )

    @property
    def reach_km(self) -> float:
        """How far the farthest of it is from its middle."""
        middle = self.middle
        return max(haversine_km(middle, box.middle) for box in self.boxes)


def square(middle: Point, half_km: float) -> Rectangle:
    """Return the square around a place."""
    north = half_km / 111.2
    east = north / cos(radians(middle.latitude))
    return Rectangle(middle.latitude - north, middle.longitude - east, middle.latitude + north, middle.longitude + east)


class Sight(NamedTuple):
    """What was seen of the victim's pet, if it was, and in which order with others of the same score."""

    item: dict[str, Any] | None
    order: list[str]


class Stalker:
    """One account of the attacker's, with a pet that is the victim's twin, and more pets of further accounts."""

    def __init__(self, store: Table, owner: Owner) -> None:
        self.store, self.owner = store, owner
        pet_id = str(owner.pet()["pet_id"])
        move(owner, 0, 0)
        look_for(owner, radius_km=25)
        item = store.get(keys.pet(pet_id))
        assert item
        self.pet = PetRecord.model_validate(item)
        self.beacons = [self.pet.model_copy(update={"pet_id": new_id(), "owner_id": new_id()}) for _ in range(BEACONS)]
        self.queries = 0

    def stand(self, pet: PetRecord, point: Point, precision: Precision) -> Put:
        """Return the write by which one of the attacker's pets is at a place; nobody counts how often it moves."""
        cell = geo.encode(point, profiles.CELL_LENGTHS[precision])
        return Put(stored(pet, {"cell": cell} | cards.follows(EVERYBODY, NO_AVAILABILITY)))

    def look(self, pet_id: str, point: Point, precision: Precision, radius_km: int) -> Sight:
        """Go there and look for the pet."""
        self.queries += 1
        self.store.write(self.stand(self.pet, point, precision))
        items = candidates(self.owner, self.pet.pet_id, radius_km=radius_km, widen="false")
        item = next((item for item in items if item["pet"]["pet_id"] == pet_id), None)
        return Sight(item, [each["pet"]["pet_id"] for each in items if item and each["score"] == item["score"]])


def told(item: dict[str, Any] | None, radius_km: int) -> tuple[float, float]:
    """Return between which distances the pet is that was seen so, or was not."""
    if item is None:
        return radius_km, inf
    numbers = [float(each) for each in item["distance_band"].removesuffix(" km").replace("under ", "0-").split("-")]
    low, high = (numbers[0], numbers[1]) if len(numbers) == 2 else (numbers[0] - 5e-4, numbers[0] + 5e-4)
    near, far = (1 - ((item["score"] + step) / 100 - OF_A_TWIN) / DISTANCE for step in (0.5, -0.5))
    return max(low, near * radius_km, 0), min(high, far * radius_km, radius_km)


def answer_at(distance_km: float, radius_km: int) -> tuple[str, int]:
    """Return what is answered of a pet so far away, as far as an outsider can foresee it."""
    if distance_km > radius_km:
        return "", 0
    return geo.distance_band(distance_km), round(100 * (OF_A_TWIN + DISTANCE * (1 - distance_km / radius_km)))


@dataclass(frozen=True)
class Victim:
    """Somebody who lives somewhere."""

    pet_id: str
    home: Point
    precision: Precision

    @property
    def cell(self) -> Rectangle:
        return rectangle(self.home, self.precision)


@dataclass(frozen=True)
class Attempt:
    """How near one attack came, beside somebody who is told the cell and guesses its middle. In km."""

    victim: Victim
    guess: Point
    queries: int
    contradictions: int

    @property
    def error(self) -> float:
        """How far off the guess is."""
        return haversine_km(self.victim.home, self.guess)

    @property
    def told(self) -> float:
        """How far off one is who is told the cell."""
        return haversine_km(self.victim.home, self.victim.cell.middle)

    @property
    def found(self) -> bool:
        """Whether the victim is found."""
        return self.error <= FOUND_KM

    @property
    def diagonal(self) -> float:
        """How far it is from corner to corner of the cell."""
        cell = self.victim.cell
        return haversine_km(Point(cell.south, cell.west), Point(cell.north, cell.east))


class Attack:
    """An attack on one victim after the other. `snaps`: whether what is shown is of the distance between two cells."""

    def __init__(self, stalker: Stalker, chance: random.Random, *, snaps: bool) -> None:
        self.stalker, self.chance, self.snaps = stalker, chance, snaps

    def locate(self, victim: Victim) -> Attempt:
        """Find out where the victim lives, as well as that goes with a thousand queries."""
        before = self.stalker.queries
        region, contradictions = Region(square(around(self.chance, victim.home, KNOWN_KM / 2), KNOWN_KM)), 0
        in_vain = 0
        while in_vain < IN_VAIN and region.reach_km > CLOSE_KM and self.stalker.queries - before < MOST_QUERIES:
            plan = self._plan(region)
            if plan is None:
                in_vain += 1
                continue
            in_vain = 0
            point, precision, radius = plan
            item = self.stalker.look(victim.pet_id, point, precision, radius).item
            contradictions += not region.cut(self._counted_from(point, precision), *told(item, radius))
        guess = self._order(victim.pet_id, *self._known_cell(region.middle))
        return Attempt(victim, guess, self.stalker.queries - before, contradictions)

    def _counted_from(self, point: Point, precision: Precision) -> Point:
        return rectangle(point, precision).middle if self.snaps else point

    def _plan(self, region: Region) -> tuple[Point, Precision, int] | None:
        """Return from where and how far to look next, or None where no plan at hand would tell anything."""
        middle = region.middle
        boxes = self.chance.sample(region.boxes, min(LOOKED_AT, len(region.boxes)))
        best, found = len(boxes), None
        for _ in range(PLANS):
            radius, precision = self.chance.choice(RADII), self.chance.choice(PRECISIONS)
            point = beyond(middle, radius * self.chance.random(), self.chance.uniform(0, 2 * pi))
            start = self._counted_from(point, precision)
            answers = Counter(answer_at(haversine_km(start, box.middle), radius) for box in boxes)
            if max(answers.values()) < best:
                best, found = max(answers.values()), (point, precision, radius)
        return found

    def _known_cell(self, middle: Point) -> tuple[Point, Rectangle]:
        """Return the best guess from what was shown, and the cell that it says the victim is in."""
        cells = [rectangle(middle, precision) for precision in PRECISIONS]
        nearest = min(cells, key=lambda cell: haversine_km(cell.middle, middle))
        close = self.snaps and haversine_km(nearest.middle, middle) < 2 * CLOSE_KM
        return (nearest.middle if close else middle), nearest

    def _order(self, pet_id: str, guess: Point, cell: Rectangle) -> Point:
        """Return a better guess where the order in which pets are listed is that of their distances."""
        region, corners = Region(cell), (Point(*each) for each in ((cell.south, cell.west), (cell.north, cell.east)))
        half_km = max(haversine_km(cell.middle, each) for each in corners)
        for bearing in (0, pi / 2):
            place = beyond(cell.middle, BEACONS_FROM_KM, bearing)
            low, high = BEACONS_FROM_KM - half_km, BEACONS_FROM_KM + half_km
            while high - low > CLOSE_KM:
                bounds = self._between_beacons(pet_id, cell, place, low, high)
                if bounds is None:
                    return guess
                if bounds == (low, high):
                    break  # in a corner, where no pet of the attacker's in the cell is farther off
                low, high = bounds
            region.cut(place, low, high)
        return region.middle

    def _between_beacons(
        self, pet_id: str, cell: Rectangle, place: Point, low: float, high: float
    ) -> tuple[float, float] | None:
        """Return between which of the attacker's own pets the victim's is listed, by their distances from a place.

        None where those are not in the order of their distances, so that the order says nothing.
        """
        bearing_back = pi if place.latitude > cell.north else -pi / 2
        steps = [low + (high - low) * (number + 1) / (BEACONS + 1) for number in range(BEACONS)]
        points = [_within(beyond(place, step, bearing_back), cell) for step in steps]
        precision = _precision(cell)
        pets = self.stalker.beacons
        self.stalker.store.write(
            *(self.stalker.stand(pet, point, precision) for pet, point in zip(pets, points, strict=True))
        )
        order = self.stalker.look(pet_id, place, "neighbourhood", 25).order
        distances = {pet.pet_id: haversine_km(place, point) for pet, point in zip(pets, points, strict=True)}
        listed = [distances[each] for each in order if each in distances]
        if pet_id not in order or len(listed) < BEACONS or any(one > other + 1e-3 for one, other in pairwise(listed)):
            return None
        position = order.index(pet_id)
        before = [distances[each] for each in order[:position] if each in distances]
        after = [distances[each] for each in order[position:] if each in distances]
        return max([low, *before]), min([high, *after])


def _within(point: Point, cell: Rectangle) -> Point:
    """Return the point, or the nearest to it that is safely in the cell."""
    edge = 1e-6
    return Point(
        min(max(point.latitude, cell.south + edge), cell.north - edge),
        min(max(point.longitude, cell.west + edge), cell.east - edge),
    )


def _precision(cell: Rectangle) -> Precision:
    return next(each for each in PRECISIONS if rectangle(cell.middle, each) == cell)


def settle_victims(store: Table, chance: random.Random, number: int) -> list[Victim]:
    """Let so many people say where they live, in towns all over the world: anywhere in a cell, each point as likely."""
    victims = []
    for count in range(number):
        precision = PRECISIONS[count % 2]
        cell = rectangle(around(chance, TOWNS[count // 2 % len(TOWNS)], 15), precision)
        home = Point(chance.uniform(cell.south, cell.north), chance.uniform(cell.west, cell.east))
        owner = sign_up(store, f"victim{count}")
        pet_id = str(owner.pet()["pet_id"])
        move(owner, home.latitude, home.longitude, precision)
        look_for(owner, radius_km=25)
        victims.append(Victim(pet_id, home, precision))
    return victims


def stalk(store: Table, number: int, *, snaps: bool, seed: int = 1) -> list[Attempt]:
    """Attack so many victims, one after the other."""
    chance = random.Random(seed)
    attack = Attack(Stalker(store, sign_up(store, "stalker")), chance, snaps=snaps)
    return [attack.locate(victim) for victim in settle_victims(store, chance, number)]


def better_than_told(attempts: Sequence[Attempt]) -> Iterator[str]:
    """Say where, beyond chance, an attacker did better than one who is told the cell of each victim."""
    gains = [each.told - each.error for each in attempts]
    spread = fsum(gain**2 for gain in gains) ** 0.5
    if fsum(gains) > CHANCE * spread:
        yield f"{fsum(gains) / len(gains):.3f} km nearer on average than who is told the cell"
    found, by_luck = sum(each.found for each in attempts), sum(each.told <= FOUND_KM for each in attempts)
    if found > by_luck + CHANCE * max(by_luck, 1) ** 0.5:
        yield f"{found} found within {FOUND_KM} km, {by_luck} by who is told the cell"
    for each in attempts:
        if each.contradictions or each.queries > MOST_QUERIES:
            yield f"{each} looked {each.queries} times, and {each.contradictions} times saw what cannot be"
