"""How far a first wave reads, by how many pets there are around."""

from math import pi

import pytest

from common import geo
from matching.density import Density

CELL = "dr5rsh"
HOME = geo.partition(CELL)


def around(**a_square_km: float) -> Density:
    """As many of each kind, to a square kilometre of the one partition that there is."""
    area = geo.area_km2(HOME)
    return Density(CELL, {f"{HOME}#{kind}": round(number * area) for kind, number in a_square_km.items()})


def test_who_looks_near_counts_only_as_far_as_they_look() -> None:
    both = around(dog=60, dog_far=40)

    within_reach, beyond = both.radius_for(round(100 * pi * 4**2)), both.radius_for(round(pi * (60 * 5**2 + 40 * 9**2)))

    assert within_reach == pytest.approx(4, rel=0.01)
    assert beyond == pytest.approx(9, rel=0.01)


def test_where_nobody_looks_far_a_wave_may_reach_to_the_end() -> None:
    assert around(dog=1).radius_for(1000) == float("inf")
    assert around(dog=0).radius_for(1000) == float("inf")


def test_beyond_their_reach_who_looks_near_is_not_read() -> None:
    kinds = ("dog", "dog_far")

    near, ring = (
        {kind for _, kind in around(dog=100, dog_far=100).queries(kinds, beyond, reach, set())}
        for beyond, reach in ((0, 25), (5, 25))
    )

    assert near == {"dog", "dog_far"}
    assert ring == {"dog_far"}
