"""Cells on the globe: where a cell is, how far apart two are, and which stretches of an index a circle touches.

A cell is a geohash (Gustavo Niemeyer, 2008): longitude and latitude are halved in turn, and each five of these
decisions make one character. Cells in the order of their text follow a z-order curve, so the cells of a region are
a few contiguous ranges of it. Distances are great-circle distances by the haversine formula (R. W. Sinnott, "Virtues
of the Haversine", 1984) on a sphere of the Earth's mean radius, always between the centres of two cells. The box
around a circle is Jan Philip Matuschek's ("Finding Points Within a Distance of a Latitude/Longitude").
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from math import asin, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
EARTH_RADIUS_KM = 6371.0088
AREA = 5
NEIGHBOURHOOD = 6
MARGIN_KM = 1e-6
BANDS = ((1, "under 1 km"), (2, "1-2 km"), (5, "2-5 km"), (10, "5-10 km"), (25, "10-25 km"))
AFTER_EVERY_CELL = "~"


class Point(NamedTuple):
    """A place in degrees; here always the middle of a cell, or on the way to becoming one."""

    latitude: float
    longitude: float


class Rectangle(NamedTuple):
    """What a cell covers, in degrees."""

    south: float
    west: float
    north: float
    east: float

    @property
    def middle(self) -> Point:
        """Return the point in the middle."""
        return Point((self.south + self.north) / 2, (self.west + self.east) / 2)


class Stretch(NamedTuple):
    """A range of cells in one partition: from `low` to `high`, both included."""

    partition: str
    low: str
    high: str


class Run(NamedTuple):
    """Cells that follow each other in the order of an index: the places of the first and the last."""

    first: int
    last: int


WORLD = Rectangle(-90, -180, 90, 180)


def _layout(odd: int) -> list[tuple[int, int]]:
    """Return the column and row, from the south-west, of each of the 32 parts of a cell of even or odd length."""
    parts = []
    for value in range(32):
        axes = [0, 0]
        for place in range(5):
            axes[(place + odd) % 2] = axes[(place + odd) % 2] << 1 | value >> 4 - place & 1
        parts.append((axes[0], axes[1]))
    return parts


_LAYOUTS = (_layout(0), _layout(1))
_SHAPES = ((8, 4), (4, 8))


def encode(point: Point, length: int) -> str:
    """Return the cell of `length` characters that holds a point; the far edges of the world are its last cells'."""
    low, high = [WORLD.west, WORLD.south], [WORLD.east, WORLD.north]
    position = (point.longitude, point.latitude)
    cell, value = "", 0
    for place in range(5 * length):
        axis = place % 2
        middle = (low[axis] + high[axis]) / 2
        upper = position[axis] >= middle
        (low if upper else high)[axis] = middle
        value = value << 1 | upper
        if place % 5 == 4:
            cell, value = cell + ALPHABET[value], 0
    return cell


def _parts(cell: str, area: Rectangle) -> Iterator[tuple[str, Rectangle]]:
    """Give the 32 parts of a cell in their order, each with what it covers."""
    odd = len(cell) % 2
    columns, rows = _SHAPES[odd]
    width, height = (area.east - area.west) / columns, (area.north - area.south) / rows
    for character, (column, row) in zip(ALPHABET, _LAYOUTS[odd], strict=True):
        west, south = area.west + column * width, area.south + row * height
        yield cell + character, Rectangle(south, west, south + height, west + width)


@lru_cache(maxsize=16_384)
def bounds(cell: str) -> Rectangle:
    """Return what a cell covers; raise KeyError for text that is not a cell."""
    return _divided(cell[:-1])[cell] if cell else WORLD


@lru_cache(maxsize=2048)
def _divided(cell: str) -> dict[str, Rectangle]:
    """Return what each part of a cell covers: who asks for one will ask for those beside it."""
    return dict(_parts(cell, bounds(cell)))


def haversine_km(a: Point, b: Point) -> float:
    """Return the great-circle distance between two points."""
    lat_a, lat_b = radians(a.latitude), radians(b.latitude)
    across = sin(radians(b.longitude - a.longitude) / 2) ** 2
    half_chord = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * across
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(half_chord, 1)))


def distance_km(a: str, b: str) -> float:
    """Return the distance between the centres of two cells."""
    return haversine_km(bounds(a).middle, bounds(b).middle)


def distance_band(distance: float) -> str:
    """Return a distance in kilometres as people are told it."""
    return BANDS[bisect_right(BANDS[:-1], distance, key=lambda band: band[0])][1]


def partition(cell: str) -> str:
    """Return the prefix by which an index keeps `cell` and its neighbours together: its first four characters.

    Around the poles such cells are slivers, of which a circle touches a thousand: there it is the first two.
    """
    return cell[:2] if _polar(cell) else cell[:4]


def _polar(cell: str) -> bool:
    return 90 in (bounds(cell[:2]).north, -bounds(cell[:2]).south)


class Circle:
    """All cells whose centre is within `radius_km` of the centre of `cell`."""

    def __init__(self, cell: str, radius_km: float) -> None:
        self.middle = bounds(cell).middle
        self.radius_km = radius_km
        angle = (radius_km + MARGIN_KM) / EARTH_RADIUS_KM
        self.south = self.middle.latitude - degrees(angle)
        self.north = self.middle.latitude + degrees(angle)
        holds_pole = self.south <= -90 or self.north >= 90
        self.half_width = 180 if holds_pole else degrees(asin(min(sin(angle) / cos(radians(self.middle.latitude)), 1)))

    def holds(self, area: Rectangle) -> bool:
        """Return whether the centre of `area` is within the radius."""
        return haversine_km(self.middle, area.middle) <= self.radius_km

    def runs(self) -> Iterator[Run]:
        """Give, in order, the runs that hold this circle's cells of five and six characters, and little else."""
        return _joined(self._spans("", WORLD), bridge=lambda _: 0)

    def partitions(self) -> Iterator[str]:
        """Give the partitions that this circle touches, and perhaps one that it nearly does."""
        return self._partitions("", WORLD)

    def _partitions(self, cell: str, area: Rectangle) -> Iterator[str]:
        for part, part_area in _parts(cell, area):
            if self._meets_box(part_area):
                if len(part) > 1 and len(part) == len(partition(part.ljust(4, ALPHABET[0]))):
                    yield part
                else:
                    yield from self._partitions(part, part_area)

    def _spans(self, cell: str, area: Rectangle) -> Iterator[Run]:
        """Give, in order, the first and last place of each run of cells within `cell` that the circle holds.

        A partition around a pole is taken whole: hardly anybody lives there.
        """
        for part, part_area in _parts(cell, area):
            if not self._meets_box(part_area):
                continue
            if len(part) == NEIGHBOURHOOD:
                if self.holds(part_area):
                    yield Run(_place(part), _place(part))
                continue
            distance, reach = haversine_km(self.middle, part_area.middle), _reach_km(part_area)
            whole = len(part) == 2 if _polar(part) else len(part) >= 4 and distance + reach <= self.radius_km
            if whole:
                yield Run(_place(part), _place(part.ljust(NEIGHBOURHOOD, ALPHABET[-1])))
            elif distance - reach <= self.radius_km + MARGIN_KM:
                if len(part) == AREA and distance <= self.radius_km:
                    yield Run(_place(part), _place(part))
                yield from self._spans(part, part_area)

    def _meets_box(self, area: Rectangle) -> bool:
        """Return whether `area` meets the box around this circle; a quick look before the exact one."""
        if area.north < self.south or area.south > self.north:
            return False
        apart = abs(self.middle.longitude - (area.west + area.east) / 2)
        return min(apart, 360 - apart) <= self.half_width + (area.east - area.west) / 2


def _reach_km(area: Rectangle) -> float:
    """Return how far a point of `area` can be from its middle: as far as its farthest corner."""
    return max(haversine_km(area.middle, Point(latitude, area.west)) for latitude in (area.south, area.north))


def _place(cell: str) -> int:
    """Return the place of a cell in the order of an index, in which a cell of five stands before its parts of six."""
    place = 0
    for character in cell[:AREA].ljust(AREA, ALPHABET[0]):
        place = place * 32 + ALPHABET.index(character)
    return place * 33 + (1 + ALPHABET.index(cell[AREA]) if len(cell) > AREA else 0)


def _cell(place: int) -> str:
    """Return the cell at a place."""
    number, part = divmod(place, 33)
    cell = "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (AREA - 1), -1, -5))
    return cell + ALPHABET[part - 1] if part else cell


def _partition_at(place: int) -> str:
    return _partition_of(place // (33 * 32))


@lru_cache(maxsize=4096)
def _partition_of(number: int) -> str:
    """Return the partition that holds the cell of four characters with this number."""
    return partition(_cell(number * 33 * 32))


def _joined(runs: Iterable[Run], bridge: Callable[[str], int]) -> Iterator[Run]:
    """Join runs of one partition between which no more cells lie than `bridge` allows in it."""
    ordered = iter(runs)
    first, last = next(ordered, (0, -1))
    for low, high in ordered:
        home = _partition_at(last)
        if low - last - 1 > bridge(home) or _partition_at(low) != home:
            yield Run(first, last)
            first = low
        last = high
    if first <= last:
        yield Run(first, last)


def _without(runs: Iterable[Run], others: Iterable[Run]) -> Iterator[Run]:
    """Give what of `runs` is in none of `others`; both are in order."""
    taken = iter(others)
    other = next(taken, None)
    for first, last in runs:
        low = first
        while other and other.last < low:
            other = next(taken, None)
        while other and other.first <= last:
            if low < other.first:
                yield Run(low, other.first - 1)
            low = other.last + 1
            if other.last > last:
                break
            other = next(taken, None)
        if low <= last:
            yield Run(low, last)


@lru_cache(maxsize=1024)
def _runs_within(cell: str, radius_km: float) -> tuple[Run, ...]:
    return tuple(Circle(cell, radius_km).runs())


@lru_cache(maxsize=1024)
def partitions_within(cell: str, radius_km: float) -> tuple[str, ...]:
    """Return the partitions of the index that can hold cells within the radius of `cell`."""
    return tuple(Circle(cell, radius_km).partitions())


def whole(prefix: str) -> Stretch:
    """Return the stretch that is all of a partition."""
    return Stretch(prefix, prefix, prefix + AFTER_EVERY_CELL)


@lru_cache(maxsize=4096)
def area_km2(cell: str) -> float:
    """Return roughly how large a cell is: exact on a sphere but for its edges' curve."""
    area = bounds(cell)
    height = radians(area.north - area.south) * EARTH_RADIUS_KM
    return height * radians(area.east - area.west) * EARTH_RADIUS_KM * cos(radians(area.middle.latitude))


def cells_in(prefix: str) -> int:
    """Return how many places a partition of the index has: its cells of six characters, and those of five."""
    return 33 << 5 * (AREA - len(prefix))


def cover(
    cell: str, radius_km: float, beyond_km: float = 0, bridge: Callable[[str], int] = lambda _: 2 * 32
) -> list[Stretch]:
    """Return stretches of the index that hold every cell within the radius (1 to 25 km) of `cell`, and a few others.

    Exact distance has to drop those others. What a cover to `beyond_km` holds already is left out. `bridge` says of a
    partition how many cells it takes between two stretches before a second query costs less than to read over them.
    """
    wanted: Iterable[Run] = _runs_within(cell, radius_km)
    if beyond_km:
        wanted = _without(wanted, _runs_within(cell, beyond_km))
    return [Stretch(_partition_at(first), _cell(first), _cell(last)) for first, last in _joined(wanted, bridge)]
