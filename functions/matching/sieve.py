"""Drops, on the packed entries themselves, most of those who cannot suit one pet, before anything is made of them.

Few entries of a circle suit. What an owner looks for stands in six bytes and what a pet is like in one, so a search
meets each of these again and again: it asks the rules once for each, and remembers. Whoever is let through is judged
by all the rules (`scoring.suit`) afterwards: a sieve saves time and decides nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date

from common import geo
from matching.cards import CRITERIA, RADIUS_KM, unpack
from matching.nearby import Entry
from matching.scoring import Party, accepts
from pets import cards


class _Remembered[Seen, Known](dict[Seen, Known]):
    """What is known of what has been seen; what is seen for the first time is found out."""

    def __init__(self, find_out: Callable[[Seen], Known]) -> None:
        self.find_out = find_out

    def __missing__(self, seen: Seen) -> Known:
        known = self[seen] = self.find_out(seen)
        return known


class Sieve:
    """Knows one pet, `mine`, at the cell it searches from."""

    def __init__(self, mine: Party, cell: str, today: date) -> None:
        self.mine = mine
        self.cell = cell
        self.today = today
        anyhow = {"age_range_start": None, "age_range_end": None, "vaccinated": False}
        self._wishes = mine.criteria.model_copy(update=anyhow)
        self._is_wanted = _Remembered(self._wants)
        self._wants_mine = _Remembered(self._wants_my_pet)
        self.distances_km: dict[str, float] = _Remembered(lambda there: geo.distance_km(cell, there))
        """How far cells are from mine."""

    def let_through(self, entries: Iterable[Entry], likers: Collection[str] = ()) -> Iterator[Entry]:
        """Give the entries of the pets that may suit, and of those that like mine: only others surely do not."""
        is_wanted, wants_mine, distances_km = self._is_wanted, self._wants_mine, self.distances_km
        mine_km, traits = self.mine.criteria.radius_km, cards.TRAITS
        for entry in entries:
            pet_id, cell, card = entry
            # The cheapest questions first: what owners look for is what is seen for the first time most often.
            if (
                card[RADIUS_KM] >= distances_km[cell] <= mine_km
                and is_wanted[card[traits]]
                and wants_mine[card[CRITERIA]]
            ) or pet_id in likers:
                yield entry

    def _wants_my_pet(self, looks_for: bytes) -> bool:
        """Return whether mine is what somebody looks for."""
        return accepts(unpack(looks_for).criteria, self.mine, self.today)

    def _wants(self, traits: bytes) -> bool:
        """Return whether my owner looks for pets like that, whatever their age."""
        what = cards.unpack_traits(traits)
        pet = self.mine._replace(
            type=what.type,
            size=what.size,
            activity_level=what.activity_level,
            good_with_children=what.good_with_children,
        )
        return accepts(self._wishes, pet, self.today)
