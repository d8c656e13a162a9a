"""Squares on a cube around the globe, as dynamodb-geo covers a circle with them.

The projection and the sizes are those of Google's S2 library, from its published formulas; squares are numbered here in
z-order in place of along Hilbert's curve, which changes their names and not what lies in them. A circle is taken for
the rectangle around it, and that for eight squares at the most, of different sizes: the library's settings as it comes.
"""

from collections.abc import Iterator
from math import asin, atan2, cos, degrees, hypot, log2, radians, sin, sqrt
from typing import NamedTuple

from common.geo import EARTH_RADIUS_KM, Point, Rectangle

LEVELS = 30
MOST = 8
LEAST_WIDTH = 2 * sqrt(2) / 3
"""How wide, in radians, the narrowest square of level 0 is; each level halves it."""

type Corner = tuple[float, float]


class Square(NamedTuple):
    """One of the `4 ** level` squares of a face of the cube."""

    face: int
    level: int
    column: int
    row: int

    def children(self) -> Iterator["Square"]:
        """Give the four squares that make this one."""
        for right in (0, 1):
            for up in (0, 1):
                yield Square(self.face, self.level + 1, 2 * self.column + right, 2 * self.row + up)

    def numbers(self) -> tuple[int, int]:
        """Return the first and the last number of the points in this square, of 64 bits."""
        shift = LEVELS - self.level
        first = _number(self.face, self.column << shift, self.row << shift)
        return first, first + (1 << 2 * shift + 1) - 1

    def meets(self, area: Rectangle) -> bool:
        """Return whether this square, whose edges are nearly straight where it is small, has a part in an area."""
        size = 2.0**-self.level
        sides = (self.column * size, (self.column + 1) * size), (self.row * size, (self.row + 1) * size)
        mine = [_place(self.face, sides[0][i], sides[1][j]) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
        theirs = [(x, y) for x in (area.west, area.east) for y in (area.south, area.north)]
        edges = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(mine, [*mine[1:], mine[0]], strict=True)]
        return not any(_apart(mine, theirs, axis) for axis in ((1, 0), (0, 1), *((-y, x) for x, y in edges)))


def _apart(one: list[Corner], other: list[Corner], axis: Corner) -> bool:
    a, b = ([x * axis[0] + y * axis[1] for x, y in corners] for corners in (one, other))
    return max(a) < min(b) or max(b) < min(a)


def _place(face: int, s: float, t: float) -> Corner:
    """Return the longitude and latitude, in degrees, of a point on a face."""
    u, v = ((4 * each * each - 1) / 3 if each >= 0.5 else (1 - 4 * (1 - each) ** 2) / 3 for each in (s, t))
    directions = ((1, u, v), (-u, 1, v), (-u, -v, 1), (-1, -v, -u), (v, -1, -u), (v, u, -1))
    x, y, z = directions[face]
    return degrees(atan2(y, x)), degrees(atan2(z, hypot(x, y)))


def _on_cube(point: Point) -> tuple[int, float, float]:
    """Return the face that a point is on, and where, from 0 to 1 each way."""
    latitude, longitude = radians(point.latitude), radians(point.longitude)
    x, y, z = cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)
    axis = max(range(3), key=lambda each: abs((x, y, z)[each]))
    face = axis if (x, y, z)[axis] >= 0 else axis + 3
    flat = ((y, z, x), (-x, z, y), (-x, -y, z), (z, y, x), (z, -x, y), (-y, -x, z))
    u, v, depth = flat[face]
    s, t = (0.5 * sqrt(1 + 3 * w) if w >= 0 else 1 - 0.5 * sqrt(1 - 3 * w) for w in (u / depth, v / depth))
    return face, s, t


def square_at(point: Point, level: int) -> Square:
    """Return the square of a level that holds a point."""
    face, s, t = _on_cube(point)
    parts = 1 << level
    return Square(face, level, min(int(s * parts), parts - 1), min(int(t * parts), parts - 1))


def number_of(point: Point) -> int:
    """Return the number, of 64 bits, by which a point is kept."""
    return square_at(point, LEVELS).numbers()[0]


def _number(face: int, column: int, row: int) -> int:
    woven = 0
    for bit in range(LEVELS):
        woven |= (column >> bit & 1) << 2 * bit + 1 | (row >> bit & 1) << 2 * bit
    return face << 2 * LEVELS + 1 | woven << 1


def around(middle: Point, radius_km: float) -> Rectangle:
    """Return the rectangle around a circle."""
    north = degrees(radius_km / EARTH_RADIUS_KM)
    east = degrees(asin(sin(radians(north)) / cos(radians(middle.latitude))))
    return Rectangle(middle.latitude - north, middle.longitude - east, middle.latitude + north, middle.longitude + east)


def cover(middle: Point, radius_km: float) -> list[Square]:
    """Return the squares that are read for a circle: the largest are split as long as there are not too many."""
    area = around(middle, radius_km)
    level = max(int(log2(LEAST_WIDTH / (2 * sqrt(2) * radius_km / EARTH_RADIUS_KM))), 0)
    corners = [Point(latitude, longitude) for latitude in area[::2] for longitude in area[1::2]]
    waiting = list({square_at(corner, level) for corner in corners})
    done: list[Square] = []
    while waiting:
        parts = {each: [child for child in each.children() if child.meets(area)] for each in waiting}
        next_one = min(waiting, key=lambda each: (each.level, len(parts[each])))
        waiting.remove(next_one)
        if next_one.level < LEVELS and len(done) + len(waiting) + len(parts[next_one]) <= MOST:
            waiting += parts[next_one]
        else:
            done.append(next_one)
    return done
