"""Widening: what a search gives up, a step at a time, where too few fit what was asked.

Only the searcher's own wishes give way; whom others look for always holds, and so does what is asked for safety's
sake. What matters least goes first: that two pets differ in energy or age is what they can best live with, then comes
a longer way, and last a friend of another size, or far away.
"""

from collections.abc import Iterator
from typing import Any

from matching.models import MAX_RADIUS_KM, Criteria
from pets.models import MAX_AGE_YEARS

FEWEST = 5
"""Of fewer who fit, a busy owner finds none with a time in common."""

YEARS = 2


def steps(asked: Criteria) -> Iterator[Criteria]:
    """Give wider criteria in turn, each with what the ones before have given up; those that ask for all give none."""
    criteria = asked
    for changes in (
        {"activity_level": "any"},
        _older_and_younger(asked),
        {"radius_km": min(2 * asked.radius_km, MAX_RADIUS_KM)},
        {"size_preference": "any"},
        {"radius_km": MAX_RADIUS_KM},
    ):
        wider = criteria.model_copy(update=changes)
        if wider != criteria:
            criteria = wider
            yield criteria


def _older_and_younger(asked: Criteria) -> dict[str, Any]:
    first, last = asked.age_range_start, asked.age_range_end
    return {
        "age_range_start": _younger(first),
        "age_range_end": None if last is None else min(last + YEARS, MAX_AGE_YEARS),
    }


def _younger(first: int | None) -> int | None:
    """Return a lower bound that is so many years lower; from 0 on is no bound, and stays as it is."""
    if not first:
        return first
    return first - YEARS if first > YEARS else None


def in_words(asked: Criteria, searched: Criteria) -> list[str]:
    """Return what was given up, and by how much, in words for people."""
    said = [
        (f"any energy, not only {asked.activity_level}", asked.activity_level != searched.activity_level),
        (f"{_ages(searched)}, not only {_ages(asked)}", _ages(asked) != _ages(searched)),
        (f"any size, not only {asked.size_preference}", asked.size_preference != searched.size_preference),
        (f"up to {searched.radius_km} km away, not only {asked.radius_km} km", asked.radius_km != searched.radius_km),
    ]
    return [words for words, changed in said if changed]


def _ages(criteria: Criteria) -> str:
    first, last = criteria.age_range_start, criteria.age_range_end
    if not first:
        return "any age" if last is None else f"up to {_years(last)} old"
    return f"from {_years(first)} on" if last is None else f"{first} to {_years(last)} old"


def _years(number: int) -> str:
    return "1 year" if number == 1 else f"{number} years"
