"""The search: how it reads the index, and that reading little finds as much as reading all."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from common import geo, keys
from common.clock import clock
from common.geo import Point, Stretch
from common.table import Table
from matching import nearby
from matching.density import Move, count
from matching.models import DEFAULT_CRITERIA, Availability, Window
from matching.nearby import Entry, NearbyIndex
from tests.conftest import OwnerFactory
from tests.harness.mail import FED, consume, deliver_mail, fan_out_events, messages_in, stream_records
from tests.harness.neighbours import SATURDAY_MORNING, UNION_SQUARE, be_free, candidates, look_for, move, settle_down
from tests.harness.village import best_first, move_in, neighbours, settle, wrong_with

MANHATTAN = Point(*UNION_SQUARE)
PLACES = {
    "New York": MANHATTAN,
    "Fiji, on the antimeridian": Point(-17.8, 179.999),
    "Longyearbyen": Point(78.2232, 15.6267),
    "beside the north pole": Point(89.97, 10.0),
}


EASY = DEFAULT_CRITERIA.model_copy(update={"radius_km": 25})
FREE = Availability(
    time_zone="America/New_York", windows=[Window(weekday="saturday", start="08:00", end="20:00")], away=[]
)


def read_all(store: Table) -> list[Entry]:
    """Read every dog's entry around Union Square."""
    index = NearbyIndex(store)
    stretches = geo.cover(geo.encode(MANHATTAN, 6), 25)
    return sorted(entry for stretch in stretches for entry in index.read(stretch, "dog"))


@contextmanager
def on_queries(store: Table, event: str, listener: Any) -> Iterator[None]:
    store.client.meta.events.register_first(event, listener)
    try:
        yield
    finally:
        store.client.meta.events.unregister(event, listener)


@pytest.mark.engines("dynoxide")  # moto writes its answers with spaces, which are left to the parser
def test_entries_are_read_past_the_parser(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(store, neighbours(random.Random(1), 30, MANHATTAN, 10))

    def parsed(item: Any) -> Entry:
        raise AssertionError(f"left to the parser: {item}")

    monkeypatch.setattr(nearby, "_parsed", parsed)

    assert len(read_all(store)) > 10


def test_what_looks_otherwise_is_left_to_the_parser(store: Table) -> None:
    settle(store, neighbours(random.Random(2), 30, MANHATTAN, 10))
    entries = read_all(store)

    def with_spaces(response_dict: dict[str, Any], **_: Any) -> None:
        response_dict["body"] = json.dumps(json.loads(response_dict["body"])).encode()

    with on_queries(store, "before-parse.dynamodb.Query", with_spaces):
        parsed = read_all(store)

    assert parsed == entries != []


def test_what_comes_in_several_pages_is_read_to_the_end(store: Table) -> None:
    settle(store, neighbours(random.Random(3), 30, MANHATTAN, 10))
    entries = read_all(store)

    def three_at_a_time(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return params | {"Limit": 3}

    with on_queries(store, "provide-client-params.dynamodb.Query", three_at_a_time):
        in_pages = read_all(store)

    assert in_pages == entries != []


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("radius_km", [3, 25])
def test_the_best_of_all_who_suit_are_found(
    owner: OwnerFactory, store: Table, place: Point, radius_km: int, counted: bool
) -> None:
    chance = random.Random(f"{place} {radius_km}")
    ann = owner("ann")
    mine = move_in(ann, chance, place, radius_km)
    everybody = list(neighbours(chance, 400, place, 1.5 * radius_km))
    settle(store, everybody, counted=counted)

    found = candidates(ann, mine.pet.pet_id, limit=20)

    assert wrong_with(found, best_first(mine, everybody, clock.now())) == []
    assert found


@pytest.mark.engines("dynoxide")
def test_where_many_are_near_the_far_are_not_read_and_every_page_is_exact(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.candidates.FIRST_WAVE", 60)
    monkeypatch.setattr("matching.density.READ_UNIT_ENTRIES", 4)
    chance = random.Random(5)
    ann = owner("ann")
    mine = replace(move_in(ann, chance, MANHATTAN, 25), criteria=EASY, availability=FREE)
    ann.put("/matching/criteria", EASY.model_dump(mode="json"))
    ann.put("/matching/availability", FREE.model_dump(mode="json", by_alias=True))
    everybody = [replace(each, criteria=EASY, availability=FREE) for each in neighbours(chance, 900, MANHATTAN, 25)]
    settle(store, everybody)
    read: list[Entry] = []
    reading = NearbyIndex.read

    def noted(index: NearbyIndex, stretch: Stretch, kind: str) -> list[Entry]:
        entries = reading(index, stretch, kind)
        read.extend(entries)
        return entries

    monkeypatch.setattr(NearbyIndex, "read", noted)

    first = ann.get("/matching/candidates", pet_id=mine.pet.pet_id, limit=5).json
    after_first = len(read)
    listed, cursor = first["items"], first["next_cursor"]
    while cursor:
        page = ann.get("/matching/candidates", pet_id=mine.pet.pet_id, limit=20, cursor=cursor).json
        listed, cursor = listed + page["items"], page["next_cursor"]

    best = best_first(mine, everybody, clock.now())
    assert 0 < after_first < len(everybody) / 2
    assert wrong_with(listed, best) == []
    assert len(listed) == min(200, sum(len(ids) for _, ids in best))


def counted(store: Table) -> dict[str, int]:
    """What the counters say, where it is not nothing."""
    found: dict[str, int] = {}
    for item in (store.get(keys.density(region)) for region in ("dr5", "u33", "dr7")):
        found |= {name: number for name, number in (item or {}).items() if name not in ("PK", "SK") and number}
    return found


def test_pets_are_counted_where_they_are_however_they_got_there(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben, type="cat")
    ann.pet(name="Sister")
    gone = ann.pet(name="Gone")["pet_id"]

    move(ben, 52.52, 13.4)
    ben.patch(f"/pets/{olive}", {"type": "bird"})
    ann.delete(f"/pets/{gone}")
    deliver_mail(store)

    assert counted(store) == {"r_dog": 2, "d_rest": 1}
    assert biscuit


def test_pets_change_partitions_with_how_far_their_owner_looks(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    settle_down(ann)
    ann.pet(name="Sister", type="cat")
    ann.pet(name="Bird", type="bird")
    counts = []

    for radius_km in (5, 6, 25, 1):
        look_for(ann, radius_km=radius_km)
        deliver_mail(store)
        counts.append(counted(store))

    near, far = {"r_dog": 1, "r_cat": 1, "r_rest": 1}, {"r_dog_far": 1, "r_cat_far": 1, "r_rest": 1}
    assert counts == [near, far, far, near]


def test_an_event_that_comes_twice_is_counted_once(owner: OwnerFactory, store: Table) -> None:
    settle_down(owner("ann"))
    fan_out_events(stream_records(store))
    messages = messages_in("DensityQueue")
    [source] = [source for source in FED if source.queue == "DensityQueue"]

    reported = [consume(source, messages) for _ in range(2)]

    assert reported == [{"batchItemFailures": []}] * 2
    assert counted(store) == {"r_dog": 1}


@pytest.mark.engines("dynoxide")
def test_a_partition_with_few_pets_is_asked_for_once_and_whole(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.candidates.FIRST_WAVE", 10)
    chance = random.Random(6)
    ann = owner("ann")
    mine = move_in(ann, chance, MANHATTAN, 25)
    everybody = list(neighbours(chance, 120, MANHATTAN, 25))
    settle(store, everybody)
    asked: list[tuple[Stretch, str]] = []
    reading = NearbyIndex.read

    def noted(index: NearbyIndex, stretch: Stretch, kind: str) -> list[Entry]:
        asked.append((stretch, kind))
        return reading(index, stretch, kind)

    monkeypatch.setattr(NearbyIndex, "read", noted)

    found = candidates(ann, mine.pet.pet_id, limit=20)

    birds = [stretch for stretch, kind in asked if kind == "rest"]
    assert len(birds) == len(set(birds)) == len({stretch.partition for stretch in birds}) > 1
    assert all(stretch == geo.whole(stretch.partition) for stretch in birds)
    assert wrong_with(found, best_first(mine, everybody, clock.now())) == []


def test_a_count_that_is_wrong_stops_no_search(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben, name="Olive")
    cell = geo.encode(MANHATTAN, 6)
    gone = [Move(f"{each}#{kind}", "") for each in geo.partitions_within(cell, 25) for kind in keys.KINDS]
    for write in count(gone * 5):
        store.update(write)

    assert [each["pet"]["name"] for each in candidates(ann, biscuit)] == ["Olive"]


@pytest.mark.parametrize("what", ["moves", "wishes otherwise", "is free otherwise", "describes the pet otherwise"])
def test_a_search_is_over_when_the_searcher(owner: OwnerFactory, what: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben)
    ben.pet(name="Sister")
    first = ann.get("/matching/candidates", pet_id=biscuit, limit=1, widen="false").json

    match what:
        case "moves":
            move(ann, 40.73, -73.98)
        case "wishes otherwise":
            look_for(ann, radius_km=6)
        case "is free otherwise":
            be_free(ann, SATURDAY_MORNING)
        case _:
            ann.patch(f"/pets/{biscuit}", {"size": "small"})
    rest = ann.get("/matching/candidates", pet_id=biscuit, cursor=first["next_cursor"])

    assert (rest.status, rest.code) == (409, "search_expired")
