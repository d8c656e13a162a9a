"""A made-up world: pets in metropolitan areas and small towns, the same each time, and none of them stored.

Who lives in a cell follows from the world's seed and the cell alone, so a world of ten million can be looked at where
a search looks, and one of a million can be put into a table. Around each centre the density falls off exponentially
with the distance (Colin Clark, "Urban Population Densities", 1951), and neighbouring cells differ: some are full, some
hold a park. Whom owners look for is the mix of tests/harness/village.py; most are free on some evenings and at
weekends, and one in five has not said when. All live by one clock, as people near each other do.
"""

import base64
import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from math import cos, exp, hypot, log, pi, radians, sin
from typing import NamedTuple

from common import geo, keys
from common.geo import ALPHABET, Point
from common.table import Item
from matching import cards
from matching.availability import WEEKDAYS, Week, week_of
from matching.models import Availability, Criteria, Window
from pets.discovery import stored
from pets.models import ActivityLevel, GoodWithChildren, PetRecord, PetType, Size
from tests.harness.village import ANSWERS, LEVELS, SIZES, Neighbour, some_criteria

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When all of this happens: a world does not change from one day to the next."""

TIME_ZONE = "America/New_York"
TYPES: dict[PetType, float] = {"dog": 0.75, "cat": 0.25}
LENGTHS = {5: 0.25, 6: 0.75}
"""How many say roughly where they live, and how many a little less roughly."""

PROFILES = 4096
UNSTATED = 0.2
METRO_SHARE = 0.9
TOWNS = 250
REACH = 6
"""Of the pets around a centre 98 in a hundred live within so many times its falloff; the rest live nowhere."""

KM_A_DEGREE = 111.195


class Centre(NamedTuple):
    """A metropolitan area or a town. `weight` says how many live there, as a part of all; the falloff is in km."""

    name: str
    latitude: float
    longitude: float
    weight: float
    falloff_km: float

    def density(self, latitude: float, longitude: float) -> float:
        """Return which part of all live in a square kilometre there."""
        north = latitude - self.latitude
        east = (longitude - self.longitude) * cos(radians(latitude))
        steps = hypot(north, east) * KM_A_DEGREE / self.falloff_km
        return self.weight * exp(-steps) / (2 * pi * self.falloff_km**2) if steps < REACH else 0.0


# People in millions, roughly, and over how many km the density falls to a third, by our own estimate.
METROS = (
    ("New York", 40.73, -73.98, 20.1, 9),
    ("Washington", 38.91, -77.04, 6.4, 10),
    ("Philadelphia", 39.96, -75.16, 6.2, 9),
    ("Miami", 25.84, -80.22, 6.1, 11),
    ("Atlanta", 33.76, -84.39, 6.1, 17),
    ("Boston", 42.36, -71.08, 4.9, 9),
    ("Detroit", 42.36, -83.08, 4.4, 12),
    ("Tampa", 27.96, -82.46, 3.2, 11),
    ("Baltimore", 39.30, -76.61, 2.8, 8),
    ("Charlotte", 35.22, -80.84, 2.7, 13),
    ("Orlando", 28.54, -81.38, 2.7, 11),
    ("Pittsburgh", 40.44, -79.98, 2.4, 10),
    ("Cincinnati", 39.12, -84.51, 2.3, 11),
    ("Columbus", 39.97, -83.00, 2.1, 9),
    ("Cleveland", 41.48, -81.67, 2.1, 9),
    ("Norfolk", 36.86, -76.25, 1.8, 9),
    ("Providence", 41.82, -71.42, 1.7, 8),
    ("Jacksonville", 30.32, -81.66, 1.6, 10),
    ("Raleigh", 35.79, -78.65, 1.4, 10),
    ("Richmond", 37.54, -77.44, 1.3, 9),
)


TEMPERAMENT = (
    "Friendly with everybody, a little shy at first. Loves to chase a ball and to swim, and does not like to share a"
    " stick. Gets on with cats, pulls on the lead when a squirrel is near, and comes when called, most of the time."
)


class Pet(NamedTuple):
    """One pet; `profile` says which of the world's owners' profiles its owner has."""

    pet_id: str
    owner_id: str
    cell: str
    type: PetType
    birth_date: date
    size: Size
    activity_level: ActivityLevel
    good_with_children: GoodWithChildren
    vaccinated_until: date | None
    profile: int


class Profile(NamedTuple):
    """Whom an owner looks for and when they are free."""

    criteria: Criteria
    availability: Availability
    follows: Item
    week: Week | None


def _free_time(chance: random.Random) -> list[Window]:
    """Return when somebody is free: on some evenings, and on some mornings and afternoons of the weekend."""
    if chance.random() < UNSTATED:
        return []
    weekend = WEEKDAYS[-2:]
    often = [(day, 17, 2, 3, 0.4) for day in WEEKDAYS if day not in weekend]
    often += [(day, 8, 2, 4, 0.6) for day in weekend] + [(day, 13, 2, 4, 0.5) for day in weekend]
    found = []
    for day, earliest, least, most, part in often:
        if chance.random() < part:
            start = earliest + chance.randint(0, 2)
            found.append(
                Window(weekday=day, start=f"{start:02}:00", end=f"{start + chance.randint(least, most):02}:00")
            )
    return found


@cache
def profiles() -> tuple[Profile, ...]:
    """Return the owners' profiles: so many that two who share one rarely meet."""
    chance = random.Random("profiles")
    made = []
    for _ in range(PROFILES):
        criteria = some_criteria(chance)
        availability = Availability(time_zone=TIME_ZONE, windows=_free_time(chance), away=[])
        made.append(Profile(criteria, availability, cards.follows(criteria, availability), week_of(availability)))
    return tuple(made)


@cache
def _days() -> tuple[date, ...]:
    """Return the days from 5,000 ago to 300 ahead."""
    return tuple(NOW.date() + timedelta(days=number) for number in range(-5000, 301))


def _centres() -> tuple[Centre, ...]:
    people = sum(metro[3] for metro in METROS)
    metros = [
        Centre(name, latitude, longitude, METRO_SHARE * some / people, falloff)
        for name, latitude, longitude, some, falloff in METROS
    ]
    chance = random.Random("towns")
    towns = [
        Centre(
            f"town {number}",
            chance.uniform(28, 43),
            chance.uniform(-86, -76),
            (1 - METRO_SHARE) / TOWNS,
            chance.uniform(1.5, 4),
        )
        for number in range(TOWNS)
    ]
    return *metros, *towns


CENTRES = _centres()


@lru_cache(maxsize=256)
def cells_of(partition: str) -> tuple[str, ...]:
    """Return all cells of a partition of the index, in their order."""
    fives = [partition + character for character in ALPHABET]
    return tuple(sorted([*fives, *(five + character for five in fives for character in ALPHABET)]))


@lru_cache(maxsize=4096)
def _centres_around(partition: str) -> tuple[Centre, ...]:
    middle = geo.bounds(partition).middle
    reach = 25  # from the middle of a partition to its corners
    return tuple(
        centre
        for centre in CENTRES
        if geo.haversine_km(middle, Point(centre.latitude, centre.longitude)) < REACH * centre.falloff_km + reach
    )


@lru_cache(maxsize=100_000)
def _share(area: str) -> float:
    """Return which part of all, of any type, is to be expected in a cell of five characters and its parts."""
    bounds = geo.bounds(area)
    latitude, longitude = bounds.middle
    height, width = (bounds.north - bounds.south) * KM_A_DEGREE, (bounds.east - bounds.west) * KM_A_DEGREE
    people = sum(centre.density(latitude, longitude) for centre in _centres_around(area[:4]))
    return people * height * width * cos(radians(latitude))


def _id(number: int) -> str:
    return base64.b32encode(number.to_bytes(16)).decode().rstrip("=").lower()


class World:
    """So many pets, roughly."""

    def __init__(self, pets: int, seed: int = 1) -> None:
        self.pets = pets
        self.seed = seed

    def partitions(self, centres: Sequence[Centre] = CENTRES) -> list[str]:
        """Return the partitions of the index, without the type, in which somebody may live around these centres."""
        found: set[str] = set()
        for centre in centres:
            north = REACH * centre.falloff_km / KM_A_DEGREE
            east = north / cos(radians(abs(centre.latitude) + north))
            steps = [number / 10 for number in range(-10, 11)]
            found |= {
                geo.encode(Point(centre.latitude + north * up, centre.longitude + east * right), 4)
                for up in steps
                for right in steps
            }
        return sorted(found)

    def density(self, cell: str) -> float:
        """Return how many are to be expected in a square kilometre around a cell."""
        return self.pets * _share(cell[: geo.AREA]) / geo.area_km2(cell[: geo.AREA])

    def count(self, cell: str, pet_type: PetType) -> int:
        """Return how many of a type live in a cell."""
        return self._lot(cell, pet_type)[0]

    def _lot(self, cell: str, pet_type: PetType) -> tuple[int, int]:
        """Return how many live in a cell, and the seed of who they are."""
        share = _share(cell[: geo.AREA])
        if not share:
            return 0, 0
        lot = int.from_bytes(hashlib.blake2b(f"{self.seed} {cell} {pet_type}".encode(), digest_size=16).digest())
        one, other = (lot & 0xFFFFFFFF) / 2**32, (lot >> 32 & 0xFFFFFFFF) / 2**32
        expected = self.pets * share * TYPES.get(pet_type, 0) * LENGTHS[len(cell)]
        if len(cell) == geo.NEIGHBOURHOOD:
            expected *= -log(1 - one) / len(ALPHABET)
        return int(expected + other), lot

    @lru_cache(maxsize=20_000)  # noqa: B019 (there are few worlds, and they last as long as the process)
    def living_in(self, cell: str, pet_type: PetType) -> tuple[Pet, ...]:
        """Return the pets of a type in a cell."""
        return tuple(self._pets(cell, pet_type))

    def _pets(self, cell: str, pet_type: PetType) -> Iterator[Pet]:
        number, lot = self._lot(cell, pet_type)
        if not number:
            return
        chance = random.Random(lot)
        draw, days, today = chance.random, _days(), 5000
        for _ in range(number):
            pet_id, owner_id = _id(chance.getrandbits(128)), _id(chance.getrandbits(128))
            yield Pet(
                pet_id,
                owner_id,
                cell,
                pet_type,
                days[int(draw() * 4970)],
                SIZES[int(draw() * 3)],
                LEVELS[int(draw() * 3)],
                ANSWERS[int(draw() * 3)],
                days[today - 300 + int(draw() * 600)] if draw() < 0.5 else None,
                int(draw() * PROFILES),
            )

    def everybody(self, partitions: Sequence[str]) -> Iterator[Pet]:
        """Give all who live in some partitions."""
        for partition in partitions:
            for cell in cells_of(partition):
                for pet_type in TYPES:
                    yield from self._pets(cell, pet_type)

    def somebody(self, chance: random.Random, centres: Sequence[Centre] = CENTRES) -> Pet:
        """Return one of those who live around some centres, where many live more often than where few do."""
        while True:
            centre = chance.choices(centres, [each.weight for each in centres])[0]
            away, bearing = chance.gammavariate(2, centre.falloff_km), chance.uniform(0, 2 * pi)
            north, east = away * cos(bearing) / KM_A_DEGREE, away * sin(bearing) / KM_A_DEGREE
            at = Point(centre.latitude + north, centre.longitude + east / cos(radians(centre.latitude)))
            cell = geo.encode(at, chance.choices(list(LENGTHS), list(LENGTHS.values()))[0])
            pets = [pet for each in TYPES for pet in self.living_in(cell, each)]
            expected = self.pets * _share(cell[: geo.AREA]) * LENGTHS[len(cell)] / (1 if len(cell) == geo.AREA else 32)
            # A cell is drawn by how many it should hold: one that holds more is taken more often.
            number = int(chance.random() * (4 * expected + 1))
            if number < len(pets):
                return chance.choice(pets)

    @lru_cache(maxsize=200_000)  # noqa: B019 (as above)
    def kinds(self, cell: str) -> Counter[str]:
        """Return how many of each kind of the index live in a cell."""
        return Counter(kind_of(pet) for pet_type in TYPES for pet in self._pets(cell, pet_type))

    @lru_cache(maxsize=10_000)  # noqa: B019 (as above)
    def total(self, partition: str) -> Counter[str]:
        """Return how many of each kind of the index live in a partition."""
        return sum(map(self.kinds, cells_of(partition)), Counter[str]())


def record(pet: Pet) -> PetRecord:
    """Return a pet as stored by its owner, taken on trust: it was made up in the right shape."""
    return PetRecord.model_construct(
        pet_id=pet.pet_id,
        owner_id=pet.owner_id,
        name="Rex",
        type=pet.type,
        breed="Mixed breed",
        birth_date=pet.birth_date,
        weight_g=12_000,
        size=pet.size,
        activity_level=pet.activity_level,
        temperament=TEMPERAMENT,
        good_with_children=pet.good_with_children,
        vaccinated_until=pet.vaccinated_until,
        created_at=NOW,
        updated_at=NOW,
    )


def kind_of(pet: Pet) -> str:
    """Return the kind of partition of the index that a pet is in."""
    return keys.kind_of(pet.type, profiles()[pet.profile].criteria.radius_km)


def item(pet: Pet) -> Item:
    """Return a pet as it lies in the table."""
    return stored(record(pet), {"cell": pet.cell} | profiles()[pet.profile].follows)


def neighbour(pet: Pet) -> Neighbour:
    """Return a pet as the long way to a ranking takes it."""
    profile = profiles()[pet.profile]
    return Neighbour(record(pet), pet.cell, profile.criteria, profile.availability)
