"""Drops, on the packed entries themselves, most of those who cannot suit one pet, before anything is made of them.

Few entries of a circle suit. What an owner looks for stands in six bytes and what a pet is like in one, so a search
meets each of these again and again: it asks the rules once for each, and remembers. Whoever is let through is judged
by all the rules (`scoring.suit`) afterwards: a sieve saves time and decides nothing.
"""

from datetime import date

from common import geo
from matching.cards import criteria_bytes, unpack
from matching.scoring import Party, accepts
from pets import cards


class Sieve:
    """Knows one pet, `mine`, at the cell it searches from."""

    def __init__(self, mine: Party, cell: str, today: date) -> None:
        self.mine = mine
        self.cell = cell
        self.today = today
        anyhow = {"age_range_start": None, "age_range_end": None, "vaccinated": False}
        self._wishes = mine.criteria.model_copy(update=anyhow)
        self._reach: dict[bytes, int] = {}
        self._liked: dict[bytes, bool] = {}
        self._distances: dict[str, float] = {}

    def lets_through(self, cell: str, entry: bytes) -> bool:
        """Return whether the pet of an entry may suit: False only where it surely does not."""
        looks_for = criteria_bytes(entry)
        reach = self._reach.get(looks_for)
        if reach is None:
            reach = self._reach[looks_for] = self._reach_of(looks_for)
        if self.distance_km(cell) > reach:
            return False
        traits = entry[cards.TRAITS]
        liked = self._liked.get(traits)
        if liked is None:
            liked = self._liked[traits] = self._is_liked(entry)
        return liked

    def distance_km(self, cell: str) -> float:
        """Return how far a cell is from mine."""
        distance = self._distances.get(cell)
        if distance is None:
            distance = self._distances[cell] = geo.distance_km(self.cell, cell)
        return distance

    def _reach_of(self, looks_for: bytes) -> int:
        """Return within how many km somebody can suit whose owner looks for this; -1 where mine is not it."""
        criteria = unpack(looks_for).criteria
        return min(criteria.radius_km, self.mine.criteria.radius_km) if accepts(criteria, self.mine, self.today) else -1

    def _is_liked(self, entry: bytes) -> bool:
        """Return whether my owner looks for pets like that, whatever their age."""
        card = cards.unpack(entry)
        pet = self.mine._replace(
            type=card.type,
            size=card.size,
            activity_level=card.activity_level,
            good_with_children=card.good_with_children,
        )
        return accepts(self._wishes, pet, self.today)
