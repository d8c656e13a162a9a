"""A sieve drops many who do not suit, and nobody who does."""

import random

from common import geo
from common.clock import clock
from common.geo import Point
from common.table import Item
from matching import cards
from matching.candidates import Discoverable
from matching.nearby import entry_of
from matching.scoring import suit
from matching.sieve import Sieve
from pets.discovery import stored
from tests.harness.village import Neighbour, neighbours

PLACE = Point(40.7, -74.0)


def entry(of: Neighbour) -> Item:
    return stored(of.pet, {"cell": of.cell} | cards.follows(of.criteria, of.availability))


def test_whoever_suits_is_let_through_and_most_others_are_not() -> None:
    people = list(map(entry, neighbours(random.Random(1), 400, PLACE, 8)))
    today = clock.now().date()
    let_through, suiting = 0, 0

    for mine in map(Discoverable.of, people[:40]):
        sieve = Sieve(mine.party, mine.cell, today)
        passed = set(sieve.let_through(map(entry_of, people)))
        for item in people:
            other = Discoverable.of(item)
            passes = entry_of(item) in passed
            suits = suit(mine.party, other.party, geo.distance_km(mine.cell, item["cell"]), today)
            assert passes or not suits
            let_through, suiting = let_through + passes, suiting + suits

    assert 0 < suiting < let_through < 40 * 400 / 5
