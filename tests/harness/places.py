"""Places on the globe: where people live, what a cell covers, and where one arrives."""

import random
from math import asin, atan2, cos, degrees, pi, radians, sin

from common.geo import EARTH_RADIUS_KM, Point, Rectangle
from matching.models import Precision

GRID: dict[Precision, tuple[int, int]] = {"neighbourhood": (1 << 15, 1 << 15), "area": (1 << 13, 1 << 12)}
"""Into how many columns and rows the world is divided: geohashes of six and of five characters, in other words."""
PRECISIONS: tuple[Precision, ...] = tuple(GRID)

NANODEGREE = 1e-9
"""A tenth of a millimetre."""

SPECIAL = (
    Point(90, 0),
    Point(-90, 12.5),
    Point(89.999, -180),
    Point(-17.8, 180),
    Point(64.7, -180),
    Point(0, 0),
    Point(51.4778, 0),
    Point(84.375, 22.5),
)
"""The poles, the antimeridian from both sides, the equator, Greenwich, and where partitions of the index change."""

TOWNS = (
    Point(40.7359, -73.9911),
    Point(19.43, -99.13),
    Point(-23.55, -46.63),
    Point(-54.8, -68.3),
    Point(64.15, -21.94),
    Point(51.51, -0.13),
    Point(52.52, 13.4),
    Point(69.65, 18.96),
    Point(6.52, 3.38),
    Point(-33.92, 18.42),
    Point(30.04, 31.24),
    Point(28.61, 77.21),
    Point(1.35, 103.82),
    Point(35.68, 139.69),
    Point(-33.87, 151.21),
    Point(-17.8, 179.99),
)


def anywhere(chance: random.Random) -> Point:
    """Return a place such that every part of the globe is as likely as any other of its size."""
    return Point(degrees(asin(chance.uniform(-1, 1))), chance.uniform(-180, 180))


def beyond(start: Point, km: float, bearing: float) -> Point:
    """Return where one arrives from `start` after so many kilometres on a great circle; `bearing` in radians."""
    angle, latitude = km / EARTH_RADIUS_KM, radians(start.latitude)
    arrived = asin(max(-1, min(1, sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing))))
    east = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(arrived))
    return Point(degrees(arrived), (start.longitude + degrees(east) + 180) % 360 - 180)


def around(chance: random.Random, middle: Point, most_km: float) -> Point:
    """Return a place in the circle, every part of it as likely as any other of its size."""
    return beyond(middle, most_km * chance.random() ** 0.5, chance.uniform(0, 2 * pi))


def rectangle(point: Point, precision: Precision) -> Rectangle:
    """Return what the cell of a point covers, computed otherwise than by halving."""
    columns, rows = GRID[precision]
    width, height = 360 / columns, 180 / rows
    column = min(int((point.longitude + 180) / width), columns - 1)
    row = min(int((point.latitude + 90) / height), rows - 1)
    west, south = column * width - 180, row * height - 90
    return Rectangle(south, west, south + height, west + width)


def inside(chance: random.Random, cell: Rectangle) -> Point:
    """Return a point of a cell: anywhere in it, on an edge that is its own, or a nanodegree from one."""
    return Point(_between(chance, cell.south, cell.north, 90), _between(chance, cell.west, cell.east, 180))


def _between(chance: random.Random, low: float, high: float, end_of_world: float) -> float:
    last = high if high == end_of_world else high - NANODEGREE
    by_chance = chance.uniform(low + NANODEGREE, high - NANODEGREE)
    return chance.choice((by_chance, by_chance, by_chance, low, low + NANODEGREE, high - NANODEGREE, last))
