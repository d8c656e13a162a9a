"""Many pets of many owners, put straight into the table, and the long way to say who suits one of them."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched, groupby
from math import asin, cos, radians, sin, sqrt
from typing import Any, get_args

from common import geo
from common.clock import clock
from common.geo import Point
from common.ids import new_id
from common.table import Put, Table
from matching import cards
from matching.availability import WEEKDAYS, week_of
from matching.density import Move, count
from matching.models import Availability, Criteria, Window
from matching.scoring import Comparison, Party
from pets.discovery import stored
from pets.models import ActivityLevel, GoodWithChildren, PetRecord, Size
from tests.harness.client import Owner

SIZES = get_args(Size.__value__)
LEVELS = get_args(ActivityLevel.__value__)
ANSWERS = get_args(GoodWithChildren.__value__)
ZONES = ("America/New_York", "Europe/Lisbon", "Asia/Kolkata")


@dataclass(frozen=True)
class Neighbour:
    """A pet with all that a search looks at."""

    pet: PetRecord
    cell: str
    criteria: Criteria
    availability: Availability

    def party(self) -> Party:
        pet = self.pet
        return Party(
            pet.type,
            pet.birth_date,
            pet.size,
            pet.activity_level,
            pet.good_with_children,
            pet.vaccinated_until,
            self.criteria,
            week_of(self.availability),
        )


def some_criteria(chance: random.Random, radius_km: int | None = None) -> Criteria:
    """Return what somebody looks for: mostly anything, now and then something particular."""
    start = chance.choice((None, None, None, 1, 5))
    return Criteria(
        preferred_type=chance.choice(("any", "any", "dog")),
        age_range_start=start,
        age_range_end=chance.choice((None, None, (start or 0) + chance.randint(1, 9))),
        size_preference=chance.choice(("any", "any", "any", *SIZES)),
        activity_level=chance.choice(("any", "any", "any", *LEVELS)),
        radius_km=radius_km or chance.choice((1, 3, 5, 10, 25)),
        with_children=chance.random() < 0.2,
        vaccinated=chance.random() < 0.2,
    )


def some_availability(chance: random.Random) -> Availability:
    """Return when somebody is free: unknown for one in five, a few hours of the week for the others."""
    starts = [chance.randint(6, 20) for _ in range(chance.choice((0, 1, 2, 3, 4)))]
    windows = [
        Window(weekday=chance.choice(WEEKDAYS), start=f"{start:02}:00", end=f"{start + chance.randint(1, 4):02}:00")
        for start in starts
    ]
    return Availability(time_zone=chance.choice(ZONES), windows=windows, away=[])


def some_pet(chance: random.Random) -> dict[str, Any]:
    """Return how somebody describes a pet."""
    today = clock.now().date()
    return {
        "name": "Rex",
        "type": chance.choice(("dog", "dog", "dog", "cat")),
        "birth_date": today - timedelta(days=chance.randint(30, 5000)),
        "size": chance.choice(SIZES),
        "activity_level": chance.choice(LEVELS),
        "good_with_children": chance.choice(ANSWERS),
        "vaccinated_until": chance.choice((None, today + timedelta(days=chance.randint(-300, 300)))),
    }


def neighbours(chance: random.Random, number: int, middle: Point, spread_km: float) -> Iterator[Neighbour]:
    """Make up so many, most of them near the middle."""
    for _ in range(number):
        away = spread_km * chance.random() ** 1.5
        bearing = chance.uniform(0, 6.2832)
        latitude = max(min(middle.latitude + away / 111.2 * cos(bearing), 90), -90)
        wide = max(cos(radians(min(abs(latitude), 89.99))), 1e-4)
        longitude = (middle.longitude + away / 111.2 * sin(bearing) / wide + 180) % 360 - 180
        now = clock.now()
        pet = PetRecord(pet_id=new_id(), owner_id=new_id(), created_at=now, updated_at=now, **some_pet(chance))
        cell = geo.encode(Point(latitude, longitude), chance.choice((5, 6, 6, 6)))
        yield Neighbour(pet, cell, some_criteria(chance), some_availability(chance))


def settle(store: Table, people: Iterable[Neighbour], *, counted: bool = True) -> None:
    """Put them into the table, as their owners' requests would, and count them unless the counters lag."""
    for some in batched(people, 100, strict=False):
        items = [
            stored(each.pet, {"cell": each.cell} | cards.follows(each.criteria, each.availability)) for each in some
        ]
        store.write(*map(Put, items))
        if counted:
            for write in count(Move("", item["area"]) for item in items):
                store.update(write)


def move_in(owner: Owner, chance: random.Random, place: Point, radius_km: int) -> Neighbour:
    """Let a signed-up owner live there as one of them."""
    wishes = {"preferred_type": "any", "size_preference": "any"}
    criteria = some_criteria(chance, radius_km).model_copy(update=wishes)
    availability = some_availability(chance)
    described = {
        name: str(value) if name.endswith(("date", "until")) and value else value
        for name, value in some_pet(chance).items()
    }
    pet_id = str(owner.pet(**described)["pet_id"])
    at = {"latitude": place.latitude, "longitude": place.longitude, "precision": "neighbourhood"}
    assert owner.put("/matching/location", at).status == 200
    assert owner.put("/matching/criteria", criteria.model_dump(mode="json")).status == 200
    assert owner.put("/matching/availability", availability.model_dump(mode="json", by_alias=True)).status == 200
    now = clock.now()
    fields = {**described, "pet_id": pet_id, "owner_id": owner.user_id, "created_at": now, "updated_at": now}
    return Neighbour(PetRecord.model_validate(fields), geo.encode(place, 6), criteria, availability)


def kilometres(one: str, other: str) -> float:
    """Return how far apart the middles of two cells are, by the haversine formula."""
    a, b = geo.bounds(one).middle, geo.bounds(other).middle
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    across = sin(radians(b.longitude - a.longitude) / 2) ** 2
    chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * across
    return 2 * geo.EARTH_RADIUS_KM * asin(sqrt(min(chord, 1)))


def is_wanted(criteria: Criteria, pet: PetRecord | Party, today: date) -> bool:
    """Return whether a pet is what somebody looks for, said once more in other words than those of the search."""
    lapsed = pet.vaccinated_until is not None and pet.vaccinated_until < today
    age = today.year - pet.birth_date.year - ((today.month, today.day) < (pet.birth_date.month, pet.birth_date.day))
    refusals = (
        criteria.preferred_type not in ("any", pet.type),
        criteria.size_preference not in ("any", pet.size),
        criteria.activity_level not in ("any", pet.activity_level),
        criteria.age_range_start is not None and age < criteria.age_range_start,
        criteria.age_range_end is not None and age > criteria.age_range_end,
        criteria.with_children and pet.good_with_children == "no",
        criteria.vaccinated and lapsed,
    )
    return not any(refusals)


def suits(mine: Neighbour, theirs: Neighbour) -> bool:
    """Return whether two may see each other."""
    away, today = kilometres(mine.cell, theirs.cell), clock.now().date()
    return (
        mine.pet.owner_id != theirs.pet.owner_id
        and away <= mine.criteria.radius_km
        and away <= theirs.criteria.radius_km
        and is_wanted(mine.criteria, theirs.pet, today)
        and is_wanted(theirs.criteria, mine.pet, today)
    )


def best_first(mine: Neighbour, everybody: Iterable[Neighbour], now: datetime) -> list[tuple[int, set[str]]]:
    """Return the ids of all who suit, by score, the highest first: the long way."""
    scored = [
        (Comparison(mine.party(), each.party(), kilometres(mine.cell, each.cell), now).score, each.pet.pet_id)
        for each in everybody
        if suits(mine, each)
    ]
    ordered = sorted(scored, reverse=True)
    return [(score, {pet_id for _, pet_id in some}) for score, some in groupby(ordered, key=lambda each: each[0])]


def wrong_with(found: list[dict[str, Any]], best: list[tuple[int, set[str]]]) -> list[str]:
    """Return in sentences how a list of candidates is not the beginning of what it should be."""
    wrong, shown = [], [(item["score"], item["pet"]["pet_id"]) for item in found]
    wanted = [score for score, ids in best for _ in ids][: len(shown)]
    if [score for score, _ in shown] != wanted:
        wrong.append(f"the scores are {[score for score, _ in shown]} in place of {wanted}")
    by_score = dict(best)
    wrong += [f"{pet_id} does not belong there" for score, pet_id in shown if pet_id not in by_score.get(score, set())]
    if len({pet_id for _, pet_id in shown}) < len(shown):
        wrong.append("somebody is shown twice")
    return wrong
