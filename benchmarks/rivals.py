"""Two usual ways to find who is near in DynamoDB; rules and score are ours, and so the answers are the same.

Both keep whole items: all of a pet, and what its owner looks for and when they are free, as plain attributes.

*Neighbour cells*: the searcher's cell, of so many characters that the circle cannot reach beyond its eight neighbours,
and these; one query each through boto3's resource. *dynamodb-geo*: squares on a cube that cover the rectangle around
the circle, one query for each first digits of their numbers, through the client, on an index that holds all of an
item. Of the package `dynamodbgeo` 0.0.3 only the way of reading is taken over: its own code goes wrong as soon as a
range has a second page, because it starts the next range where that one ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice
from math import ceil
from typing import Any, ClassVar, NamedTuple, Protocol

import boto3
from boto3.dynamodb.types import TypeDeserializer

from benchmarks import squares
from benchmarks.imagined import ANSWER_BYTES
from benchmarks.meter import Reads, size_of, units
from benchmarks.ours import PAGE
from benchmarks.world import NOW, PROFILES, TIME_ZONE, TYPES, Pet, World, cells_of, profiles, record
from common import geo
from common.geo import Point
from common.table import Item, to_wire
from matching.availability import Week, week_of
from matching.candidates import Discoverable
from matching.models import Availability, Criteria, Weekday, Window
from matching.scoring import Party
from pets.cards import id_bytes

COARSEST = 3
HASH_DIGITS = 2
SAMPLE = 500

deserialize = TypeDeserializer().deserialize


class Range(NamedTuple):
    """What one query asks for."""

    partition: Any
    low: Any
    high: Any


class Rival(Protocol):
    """A way to lay out whole items, and to read those around a place."""

    name: ClassVar[str]
    schema: ClassVar[dict[str, Any]]

    def keys(self, cell: str, pet_id: str) -> Item:
        """Return the attributes that a pet's item needs."""

    def place(self, cell: str) -> tuple[Any, Any]:
        """Return the partition that pets of a cell are in, and by what they are sorted there."""

    def may_touch(self, partition: str, cell: str, radius_km: int) -> bool:
        """Return whether a circle's ranges may hold pets of a partition of our index."""

    def ranges(self, cell: str, radius_km: int) -> list[Range]:
        """Return what is queried for a circle."""

    def read(self, connection: "Connection", wanted: Range) -> Iterator[tuple[str, Item]]:
        """Give the cell and the item of all pets in a range."""

    def plain(self, found: Item) -> Item:
        """Return an item that was read, without DynamoDB's types."""


class Connection:
    """A table of a rival's on an engine, by the client and by the resource."""

    def __init__(self, endpoint: str, name: str) -> None:
        self.name = name
        self.client = boto3.client("dynamodb", endpoint_url=endpoint)
        self.resource = boto3.resource("dynamodb", endpoint_url=endpoint).Table(name)


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}


class NeighbourCells:
    """Partitions by the first three characters of the cell, sorted by the cell: finer cells are a prefix."""

    name: ClassVar[str] = "neighbour cells"
    schema: ClassVar[dict[str, Any]] = {
        "AttributeDefinitions": [
            {"AttributeName": "area", "AttributeType": "S"},
            {"AttributeName": "place", "AttributeType": "S"},
        ],
        "KeySchema": [_key("area", "HASH"), _key("place", "RANGE")],
    }

    def keys(self, cell: str, pet_id: str) -> Item:
        """Return the attributes that a pet's item needs."""
        return {"area": cell[:COARSEST], "place": f"{cell}#{pet_id}"}

    def place(self, cell: str) -> tuple[Any, Any]:
        """Return the partition that pets of a cell are in, and by what they are sorted there."""
        return cell[:COARSEST], cell

    def may_touch(self, partition: str, cell: str, radius_km: int) -> bool:
        """Return whether a circle's ranges may hold pets of a partition of our index."""
        return any(partition.startswith(each.low[: len(partition)]) for each in self.ranges(cell, radius_km))

    def ranges(self, cell: str, radius_km: int) -> list[Range]:
        """Return the cell and its eight neighbours."""
        middle = geo.bounds(cell).middle
        circle = squares.around(middle, radius_km)
        for length in (5, 4, COARSEST):
            home = geo.bounds(geo.encode(middle, length))
            height, width = home.north - home.south, home.east - home.west
            if height >= circle.north - middle.latitude and width >= circle.east - middle.longitude:
                break
        around = {
            geo.encode(Point(home.middle.latitude + up * height, home.middle.longitude + right * width), length)
            for up in (-1, 0, 1)
            for right in (-1, 0, 1)
        }
        return [Range(each[:COARSEST], each, f"{each}~") for each in sorted(around)]

    def read(self, connection: Connection, wanted: Range) -> Iterator[tuple[str, Item]]:
        """Give all items in a range, through the resource."""
        members: dict[str, Any] = {
            "KeyConditionExpression": "#area = :area AND place BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#area": "area"},
            "ExpressionAttributeValues": {":area": wanted.partition, ":low": wanted.low, ":high": wanted.high},
        }
        while True:
            answer = connection.resource.query(**members)
            for each in answer["Items"]:
                yield each["place"].partition("#")[0], each
            if "LastEvaluatedKey" not in answer:
                return
            members["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def plain(self, found: Item) -> Item:
        """Return an item that was read, without DynamoDB's types: the resource has done that already."""
        return found


class DynamodbGeo:
    """Partitions by the first digits of a point's number, with a local index by the number."""

    name: ClassVar[str] = "dynamodb-geo's way"
    schema: ClassVar[dict[str, Any]] = {
        "AttributeDefinitions": [
            {"AttributeName": "hashKey", "AttributeType": "N"},
            {"AttributeName": "rangeKey", "AttributeType": "S"},
            {"AttributeName": "geohash", "AttributeType": "N"},
        ],
        "KeySchema": [_key("hashKey", "HASH"), _key("rangeKey", "RANGE")],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "geohash-index",
                "KeySchema": [_key("hashKey", "HASH"), _key("geohash", "RANGE")],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }

    def keys(self, cell: str, pet_id: str) -> Item:
        """Return the attributes that a pet's item needs."""
        middle = geo.bounds(cell).middle
        number = _number(cell)
        place = f"{middle.latitude},{middle.longitude}"
        return {"hashKey": _first_digits(number), "rangeKey": f"{cell}#{pet_id}", "geohash": number, "geoJson": place}

    def place(self, cell: str) -> tuple[Any, Any]:
        """Return the partition that pets of a cell are in, and by what they are sorted there."""
        number = _number(cell)
        return _first_digits(number), number

    def may_touch(self, partition: str, cell: str, radius_km: int) -> bool:
        """Return whether a circle's ranges may hold pets of a partition of our index."""
        return geo.distance_km(partition, cell) < 4 * radius_km + 40

    def ranges(self, cell: str, radius_km: int) -> list[Range]:
        """Return the ranges of numbers, divided where their first digits change."""
        found = []
        for square in squares.cover(geo.bounds(cell).middle, radius_km):
            low, high = square.numbers()
            digits = 10 ** (len(str(low)) - HASH_DIGITS)
            found += [
                Range(each, max(low, each * digits), min(high, (each + 1) * digits - 1))
                for each in range(low // digits, high // digits + 1)
            ]
        return found

    def read(self, connection: Connection, wanted: Range) -> Iterator[tuple[str, Item]]:
        """Give all items in a range, through the client."""
        names = zip((":hash", ":low", ":high"), wanted, strict=True)
        members: dict[str, Any] = {
            "TableName": connection.name,
            "IndexName": "geohash-index",
            "KeyConditionExpression": "hashKey = :hash AND geohash BETWEEN :low AND :high",
            "ExpressionAttributeValues": {name: {"N": str(value)} for name, value in names},
        }
        while True:
            answer = connection.client.query(**members)
            for each in answer["Items"]:
                yield each["rangeKey"]["S"].partition("#")[0], each
            if "LastEvaluatedKey" not in answer:
                return
            members["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def plain(self, found: Item) -> Item:
        """Return an item that was read, without DynamoDB's types."""
        return {name: deserialize(value) for name, value in found.items()}


RIVALS: tuple[Rival, ...] = (NeighbourCells(), DynamodbGeo())


@lru_cache(maxsize=500_000)
def _number(cell: str) -> int:
    return squares.number_of(geo.bounds(cell).middle)


def _first_digits(number: int) -> int:
    return int(str(number)[:HASH_DIGITS])


def _stored(rival: Rival, pet: Pet) -> Item:
    """Return a pet's item as a rival keeps it."""
    profile = profiles()[pet.profile]
    owner = {
        "criteria": profile.criteria.model_dump(exclude_none=True),
        "availability": profile.availability.model_dump(),
    }
    return record(pet).item() | owner | rival.keys(pet.cell, pet.pet_id)


def _discoverable(cell: str, found: Item) -> Discoverable:
    """Return what a rival's item says."""
    until = found.get("vaccinated_until")
    criteria = {"age_range_start": None, "age_range_end": None} | found["criteria"]
    party = Party(
        found["type"],
        date.fromisoformat(found["birth_date"]),
        found["size"],
        found["activity_level"],
        found["good_with_children"],
        date.fromisoformat(until) if until else None,
        Criteria.model_construct(**criteria),
        _week(tuple((each["weekday"], each["start"], each["end"]) for each in found["availability"]["windows"])),
    )
    return Discoverable(found["pet_id"], id_bytes(found["owner_id"]), cell, party)


@lru_cache(maxsize=PROFILES)
def _week(windows: tuple[tuple[Weekday, str, str], ...]) -> Week | None:
    """Return a week; who shares one shares the work, which is kinder to rivals than life is."""
    stated = [Window(weekday=day, start=start, end=end) for day, start, end in windows]
    return week_of(Availability(time_zone=TIME_ZONE, windows=stated, away=[]))


def settle(rival: Rival, connection: Connection, pets: Iterable[Pet]) -> None:
    """Make a rival's table and put pets into it."""
    connection.client.create_table(TableName=connection.name, BillingMode="PAY_PER_REQUEST", **rival.schema)
    batch: list[dict[str, Any]] = []
    for pet in pets:
        batch.append({"Put": {"TableName": connection.name, "Item": to_wire(_stored(rival, pet))}})
        if len(batch) == 100:
            connection.client.transact_write_items(TransactItems=batch)
            batch = []
    if batch:
        connection.client.transact_write_items(TransactItems=batch)


def page(rival: Rival, connection: Connection, mine: Discoverable) -> list[tuple[str, int]]:
    """Return the ids and scores of the best twenty for a pet, after reading all that a rival reads."""
    distances: dict[str, float] = {}
    scored = []
    for wanted in rival.ranges(mine.cell, mine.party.criteria.radius_km):
        for cell, found in rival.read(connection, wanted):
            if cell not in distances:
                distances[cell] = geo.distance_km(mine.cell, cell)
            if distances[cell] > mine.party.criteria.radius_km:
                continue
            other = _discoverable(cell, rival.plain(found))
            if comparison := mine.compare(other, distances[cell], NOW):
                scored.append((comparison.score, other.pet_id))
    return [(pet_id, score) for score, pet_id in sorted(scored, reverse=True)[:PAGE]]


class Counting:
    """Says what rivals read in a world, without any of it stored."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.partitions = world.partitions()
        some = list(islice(world.everybody(self.partitions), SAMPLE))
        self.sizes = {rival.name: sum(size_of(_stored(rival, pet)) for pet in some) / len(some) for rival in RIVALS}
        self._living = lru_cache(maxsize=2_000_000)(self._count)

    def reads(self, rival: Rival, cell: str, radius_km: int) -> Reads:
        """Return what a rival reads around a place, by the mean size of its items."""
        ranges = rival.ranges(cell, radius_km)
        held = Counter[Range]()
        for partition in self.partitions:
            if not rival.may_touch(partition, cell, radius_km):
                continue
            for each in cells_of(partition):
                if number := self._living(each):
                    where, at = rival.place(each)
                    held.update({one: number for one in ranges if one.partition == where and one.low <= at <= one.high})
        sizes = [round(held[each] * self.sizes[rival.name]) for each in ranges]
        calls = sum(max(ceil(size / ANSWER_BYTES), 1) for size in sizes)
        return Reads(calls, held.total(), sum(map(units, sizes)))

    def _count(self, cell: str) -> int:
        return sum(self.world.count(cell, pet_type) for pet_type in TYPES)
