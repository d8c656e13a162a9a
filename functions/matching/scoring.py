"""Who suits whom: the hard rules, which hold both ways, and the score, with reasons that say what it is made of.

Of a place it knows only the distance between two cells.
"""

from datetime import date, datetime
from itertools import islice
from typing import NamedTuple, get_args

from common.geo import distance_band
from matching.availability import Week, at_a_stretch, parts_of_week, shared
from matching.models import Criteria
from pets.models import ActivityLevel, GoodWithChildren, PetType, Size, age_in_years

SIZES: tuple[Size, ...] = get_args(Size.__value__)
LEVELS: tuple[ActivityLevel, ...] = get_args(ActivityLevel.__value__)
RANK = {name: place for scale in (SIZES, LEVELS) for place, name in enumerate(scale)}

# A playdate fails first for want of a time, then for the way there; that two pets differ is what they can best
# live with. Together they make 1, so that `DISTANCE (1 - d/r) + (1 - DISTANCE) fit` bounds what a farther pet can get.
FREE_TIME = 0.5
DISTANCE = 0.3
KINSHIP = 0.2

NOT_AGAIN = 0.3
"""What is taken off where two have met, and did not both want to meet again: as much as the whole way there is worth.
Nothing is added where both did, or `farthest_for` would be no bound: they are matched, and need no search."""

ENOUGH_SLOTS = 12
"""Six hours a week in common are as good as more: one playdate takes one or two."""

UNKNOWN_FREE_TIME = 0.25
"""Not to have said when one is free is worth less than hours in common, and more than to have none."""

SAME_AGE_YEARS = 1
DIFFERENT_AGE_YEARS = 10
NAMED_PARTS = 2


class Party(NamedTuple):
    """One side: a pet, with what its owner looks for and when they are free (None: unknown)."""

    type: PetType
    birth_date: date
    size: Size
    activity_level: ActivityLevel
    good_with_children: GoodWithChildren
    vaccinated_until: date | None
    criteria: Criteria
    week: Week | None


def accepts(criteria: Criteria, pet: Party, today: date) -> bool:
    """Return whether a pet is what these criteria ask for, wherever it is, as far as its owner has said."""
    return (
        criteria.preferred_type in ("any", pet.type)
        and criteria.size_preference in ("any", pet.size)
        and criteria.activity_level in ("any", pet.activity_level)
        and not (criteria.with_children and pet.good_with_children == "no")
        and not (criteria.vaccinated and pet.vaccinated_until is not None and pet.vaccinated_until < today)
        and _within(criteria, pet.birth_date, today)
    )


def _within(criteria: Criteria, birth_date: date, today: date) -> bool:
    first, last = criteria.age_range_start, criteria.age_range_end
    if first is None and last is None:
        return True
    age = age_in_years(birth_date, today)
    return (first is None or first <= age) and (last is None or age <= last)


def suit(mine: Party, theirs: Party, distance_km: float, today: date, *, liked: bool = False) -> bool:
    """Return whether each side is what the other looks for, as far as each is willing to go.

    The same whichever side asks: if one may see the other, the other may see the one. Where theirs has `liked` mine,
    after a wider search perhaps, that is their answer, whatever they look for otherwise.
    """
    return (
        distance_km <= mine.criteria.radius_km
        and accepts(mine.criteria, theirs, today)
        and (liked or (distance_km <= theirs.criteria.radius_km and accepts(theirs.criteria, mine, today)))
    )


def farthest_for(mine: Party, score: int) -> float:
    """Return the greatest distance, in km, at which anybody can still reach `score` with this side; below 0: nowhere.

    However well somebody fits, `score <= round(100 * (DISTANCE * (1 - d / r) + FREE_TIME * most + KINSHIP))`. Who has
    an hour a week has no more in common with anybody.
    """
    most = UNKNOWN_FREE_TIME
    if mine.week is not None:
        most = max(most, min(at_a_stretch(mine.week.free).bit_count() / ENOUGH_SLOTS, 1))
    needed = (score - 0.5) / 100 - FREE_TIME * most - KINSHIP
    return mine.criteria.radius_km * (1 - needed / DISTANCE)


class Comparison(NamedTuple):
    """Two sides beside each other: everything that the score and its reasons are made of, once.

    `mine` searches within `mine.criteria.radius_km`; the weekdays are those of my clocks. `not_again`: the owners have
    met with pets of theirs, and did not both want to meet again.
    """

    mine: Party
    theirs: Party
    distance_km: float
    now: datetime
    not_again: bool = False

    @property
    def score(self) -> int:
        """Return how well the two suit each other, 0 to 100."""
        nearness = max(1 - self.distance_km / self.mine.criteria.radius_km, 0)
        known = FREE_TIME * self._free_time() + DISTANCE * nearness + KINSHIP * self._kinship()
        return round(100 * max(known - NOT_AGAIN, 0) if self.not_again else 100 * known)

    @property
    def reasons(self) -> list[str]:
        """Return why, in words for people: what is shared, what is not, and what is unknown."""
        return [
            self._free_time_in_words(),
            f"{distance_band(self.distance_km)} away",
            *(["same energy"] if self.mine.activity_level == self.theirs.activity_level else []),
            *(["same size"] if self.mine.size == self.theirs.size else []),
            *(["about the same age"] if self._years_apart() <= SAME_AGE_YEARS else []),
            *self._children_in_words(),
            self._vaccination_in_words(),
            *(["after you two met, not both wanted to again"] if self.not_again else []),
        ]

    def _shared(self) -> int | None:
        """Return the half hours in which both are free, or None where either has not said."""
        if self.mine.week is None or self.theirs.week is None:
            return None
        return shared(self.mine.week, self.theirs.week, self.now)

    def _free_time(self) -> float:
        common = self._shared()
        return UNKNOWN_FREE_TIME if common is None else min(common.bit_count() / ENOUGH_SLOTS, 1)

    def _free_time_in_words(self) -> str:
        common = self._shared()
        if common is None:
            return "your free times are unknown" if self.mine.week is None else "their free times are unknown"
        if not common:
            return "no free time in common"
        return "both free " + " and ".join(islice(parts_of_week(common), NAMED_PARTS))

    def _kinship(self) -> float:
        energy = 1 - abs(RANK[self.mine.activity_level] - RANK[self.theirs.activity_level]) / 2
        size = 1 - abs(RANK[self.mine.size] - RANK[self.theirs.size]) / 2
        age = 1 - min(self._years_apart(), DIFFERENT_AGE_YEARS) / DIFFERENT_AGE_YEARS
        return (2 * energy + size + age) / 4

    def _years_apart(self) -> int:
        today = self.now.date()
        return abs(age_in_years(self.mine.birth_date, today) - age_in_years(self.theirs.birth_date, today))

    def _children_in_words(self) -> list[str]:
        """Return what is known of the other pet where children will be there."""
        if not self.mine.criteria.with_children:
            return []
        known = self.theirs.good_with_children == "yes"
        return ["good with children" if known else "not known whether good with children"]

    def _vaccination_in_words(self) -> str:
        until = self.theirs.vaccinated_until
        if until is None:
            return "vaccination unknown"
        return "vaccinated" if until >= self.now.date() else "vaccination lapsed"
