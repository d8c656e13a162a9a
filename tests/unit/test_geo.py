"""Cells, distances, and the stretches that cover a circle, checked against doing it the long way."""

from itertools import pairwise
from math import cos, radians, sin

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common import geo
from common.geo import (
    ALPHABET,
    Point,
    area_km2,
    bounds,
    cover,
    distance_band,
    distance_km,
    encode,
    haversine_km,
    partition,
    partitions_within,
)

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
POINTS = st.builds(Point, LATITUDES, LONGITUDES)
LENGTHS = st.sampled_from([geo.AREA, geo.NEIGHBOURHOOD])
RADII = st.integers(1, 25)
FEW_HUNDRED_METRES = 0.3
PLACES = {
    "New York": Point(40.7359, -73.9911),
    "the equator": Point(0.001, 0.001),
    "Fiji, on the antimeridian": Point(-17.8, 179.999),
    "the antimeridian's other side": Point(64.7, -179.999),
    "Longyearbyen": Point(78.2232, 15.6267),
    "where partitions change": Point(84.375, 25.0),
    "beside the south pole": Point(-89.95, 130.0),
    "the north pole": Point(90, 0),
}


def found(cell: str, radius_km: float, pet_cell: str, bridge: int = 64) -> bool:
    """Whether the index entry of a pet in `pet_cell` is read, as DynamoDB compares keys."""
    return any(
        stretch.partition == partition(pet_cell) and stretch.low <= pet_cell <= stretch.high
        for stretch in cover(cell, radius_km, bridge=lambda _: bridge)
    )


def travelled(start: Point, km: float, bearing: float) -> Point:
    """Return roughly where one arrives; on the wrong side of a pole it is brought back onto the globe."""
    latitude = start.latitude + km / 111.2 * cos(bearing)
    stretch = max(cos(radians(min(abs(latitude), 89.999))), 1e-6)
    longitude = start.longitude + km / 111.2 * sin(bearing) / stretch
    return Point(max(min(latitude, 90), -90), (longitude + 180) % 360 - 180)


@pytest.mark.parametrize(
    ("latitude", "longitude", "cell"),
    [(57.64911, 10.40744, "u4pruy"), (42.6, -5.6, "ezs42e"), (-25.382708, -49.265506, "6gkzwg")],
)
def test_cells_are_those_that_everybody_else_computes(latitude: float, longitude: float, cell: str) -> None:
    assert encode(Point(latitude, longitude), 6) == cell
    assert encode(Point(latitude, longitude), 5) == cell[:5]


@given(POINTS, LENGTHS)
def test_a_cell_contains_the_point_that_it_was_made_from(point: Point, length: int) -> None:
    area = bounds(encode(point, length))

    assert area.south <= point.latitude <= area.north
    assert area.west <= point.longitude <= area.east


@given(st.text(ALPHABET, min_size=1, max_size=6))
def test_a_cell_is_that_of_its_own_middle(cell: str) -> None:
    assert encode(bounds(cell).middle, len(cell)) == cell


@given(POINTS)
def test_a_shorter_cell_holds_the_longer(point: Point) -> None:
    inner, outer = bounds(encode(point, 6)), bounds(encode(point, 5))

    assert encode(point, 6).startswith(encode(point, 5))
    assert outer.south <= inner.south < inner.north <= outer.north
    assert outer.west <= inner.west < inner.east <= outer.east


def test_what_is_not_a_cell_is_refused() -> None:
    with pytest.raises(KeyError):
        bounds("dr5rai")


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        (Point(0, 0), Point(0, 1), 111.195),
        (Point(40.7128, -74.0060), Point(51.5074, -0.1278), 5570.2),
        (Point(10, 179.5), Point(10, -179.5), 109.506),
        (Point(90, 0), Point(90, 120), 0.0),
        (Point(0, 0), Point(0, 180), 20015.1),
    ],
)
def test_distances_are_great_circles(a: Point, b: Point, km: float) -> None:
    assert haversine_km(a, b) == pytest.approx(km, abs=0.1)


@given(st.text(ALPHABET, min_size=6, max_size=6), st.text(ALPHABET, min_size=5, max_size=5))
def test_distance_is_the_same_both_ways(a: str, b: str) -> None:
    assert distance_km(a, b) == distance_km(b, a)
    assert distance_km(a, a) == 0


@pytest.mark.parametrize(
    ("km", "band"),
    [
        (0, "under 1 km"),
        (0.999, "under 1 km"),
        (1, "1-2 km"),
        (2, "2-5 km"),
        (4.999, "2-5 km"),
        (5, "5-10 km"),
        (10, "10-25 km"),
        (25, "10-25 km"),
    ],
)
def test_distances_are_told_as_bands(km: float, band: str) -> None:
    assert distance_band(km) == band


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(list(PLACES.values())) | POINTS,
    LENGTHS,
    RADII,
    st.sampled_from([0, 8, 64]),
    st.lists(st.tuples(st.floats(0, 1.3), st.floats(0, 6.2832), LENGTHS), min_size=20, max_size=20),
)
def test_every_pet_whose_cell_has_its_middle_in_the_circle_is_read(
    place: Point, length: int, radius: int, bridge: int, pets: list[tuple[float, float, int]]
) -> None:
    cell = encode(place, length)
    cells = {
        encode(travelled(bounds(cell).middle, far * radius, bearing), pet_length) for far, bearing, pet_length in pets
    }

    missed = [each for each in cells if distance_km(cell, each) <= radius and not found(cell, radius, each, bridge)]

    assert missed == []


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("length", [5, 6])
@pytest.mark.parametrize("radius", [1, 4])
def test_recall_is_complete_against_looking_at_every_cell(place: Point, length: int, radius: int) -> None:
    cell = encode(place, length)
    middle = bounds(cell).middle
    around = {cell}
    for north in range(-20, 21):
        for east in range(-20, 21):
            point = travelled(middle, abs(north) * FEW_HUNDRED_METRES, 0 if north > 0 else 3.14159265)
            point = travelled(point, abs(east) * FEW_HUNDRED_METRES, 1.57079633 if east > 0 else -1.57079633)
            around |= {encode(point, 5), encode(point, 6)}

    within = {each for each in around if distance_km(cell, each) <= radius}

    assert len(within) > 1
    assert {each for each in within if not found(cell, radius, each)} == set()


@settings(deadline=None)
@given(POINTS, LENGTHS, RADII)
@example(Point(0, 0), 6, 25)
@example(Point(90, 0), 6, 25)
def test_stretches_are_in_order_and_apart_and_each_in_its_partition(place: Point, length: int, radius: int) -> None:
    stretches = cover(encode(place, length), radius)

    assert all(stretch.low <= stretch.high for stretch in stretches)
    assert all(partition(stretch.low) == stretch.partition for stretch in stretches)
    assert all(partition(stretch.high) == stretch.partition for stretch in stretches)
    assert all(before.high < after.low for before, after in pairwise(stretches))


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_circle_takes_few_queries_everywhere(place: Point) -> None:
    assert len(cover(encode(place, 6), 25)) <= 60


def test_an_area_is_found_by_its_own_middle_though_it_sorts_before_its_parts() -> None:
    area = encode(PLACES["New York"], 5)
    here = encode(bounds(area).middle, 6)
    corner = encode(Point(bounds(area).south, bounds(area).west), 6)

    assert found(here, 1, area, bridge=0)
    assert distance_km(corner, area) > 2
    assert not found(corner, 1, area, bridge=0)


def test_what_is_far_outside_is_not_read() -> None:
    cell = encode(PLACES["New York"], 6)

    assert not found(cell, 5, encode(Point(40.9, -73.9911), 6))
    assert not found(cell, 25, encode(Point(41.7, -73.9911), 6))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(PLACES.values())) | POINTS, LENGTHS, st.integers(1, 24), RADII)
def test_a_ring_and_what_it_surrounds_are_the_whole(place: Point, length: int, inner: int, more: int) -> None:
    cell, radius = encode(place, length), min(inner + more, 25)

    ring = cover(cell, radius, beyond_km=inner, bridge=lambda _: 0)

    parts = sorted([*ring, *cover(cell, inner, bridge=lambda _: 0)], key=lambda each: each.low)
    assert all(before.high < after.low for before, after in pairwise(parts))
    whole = cover(cell, radius, bridge=lambda _: 0)
    for stretch in whole:
        assert any(each.low <= stretch.low <= each.high for each in parts)
        assert any(each.low <= stretch.high <= each.high for each in parts)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_all_that_a_circle_holds_is_in_the_partitions_that_it_is_said_to_touch(place: Point) -> None:
    cell = encode(place, 6)

    assert {stretch.partition for stretch in cover(cell, 25)} <= set(partitions_within(cell, 25))


def test_a_cell_is_as_large_as_everybody_says() -> None:
    neighbourhood, area = encode(Point(0, 0), 6), encode(Point(0, 0), 5)

    assert area_km2(neighbourhood) == pytest.approx(1.22 * 0.61, rel=0.01)
    assert area_km2(area) == pytest.approx(32 * area_km2(neighbourhood), rel=0.01)
