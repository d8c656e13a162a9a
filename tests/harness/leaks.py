"""Pawtimes that are weak on purpose: they know exact points and let something of them be seen.

None of this is a switch in the product. A point is kept as a geohash of a few centimetres, of which all else follows.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

import pytest

from common import geo
from common.geo import Stretch
from matching import profiles
from matching.candidates import CandidateSearch, Discoverable
from matching.scoring import Comparison

EXACT = {"neighbourhood": 12, "area": 11}
SNAPPED = {12: geo.NEIGHBOURHOOD, 11: geo.AREA}
SPARE_KM = 5
"""So much farther is read, since an exact point may be within a radius although the middle of its cell is not."""

distance_km, cover, compare = geo.distance_km, geo.cover, Discoverable.compare


@contextmanager
def points_instead_of_cells() -> Iterator[pytest.MonkeyPatch]:
    """Keep exact points: bands and scores follow from the distance between two of them."""

    def read_farther(cell: str, radius_km: float, _beyond_km: float = 0, bridge: Any = None) -> list[Stretch]:
        farther = cover(cell, radius_km + SPARE_KM, 0, bridge)
        return [stretch._replace(high=stretch.high + geo.AFTER_EVERY_CELL) for stretch in farther]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiles, "CELL_LENGTHS", EXACT)
        patch.setattr(profiles, "PRECISIONS", {length: precision for precision, length in EXACT.items()})
        patch.setattr(geo, "cover", read_farther)
        yield patch


@contextmanager
def exact_distances() -> Iterator[None]:
    """Say the exact distance in the place of a band."""
    with points_instead_of_cells() as patch:
        patch.setattr(geo, "distance_band", lambda km: f"{km:.3f} km")
        yield


@contextmanager
def bands_between_points() -> Iterator[None]:
    """Say bands and scores only, but of the distance between two exact points."""
    with points_instead_of_cells():
        yield


@contextmanager
def order_by_distance() -> Iterator[None]:
    """Say bands and scores of two cells, as Pawtime does; but of equal scores the nearer point comes first."""
    exact: dict[str, float] = {}

    def between_cells(one: str, other: str) -> float:
        return distance_km(*(each[: SNAPPED.get(len(each))] for each in (one, other)))

    def noted(mine: Discoverable, other: Discoverable, *more: Any, **named: Any) -> Comparison | None:
        exact[other.pet_id] = distance_km(mine.cell, other.cell)
        return compare(mine, other, *more, **named)

    def by_distance(_: CandidateSearch, _day: date, pet_id: str) -> bytes:
        return struct.pack(">d", exact[pet_id])

    with points_instead_of_cells() as patch:
        patch.setattr(geo, "distance_km", between_cells)
        patch.setattr(Discoverable, "compare", noted)
        patch.setattr(CandidateSearch, "_lot", by_distance)
        yield


WEAK: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "exact distance": exact_distances,
    "bands between exact points": bands_between_points,
    "order by exact distance": order_by_distance,
}
CELLS_ARE_SHOWN = frozenset({"order by exact distance"})
"""Where bands and scores are those of two cells, as in Pawtime."""
