"""Widening: what a search gives up when too few fit, in which order, and how it says so."""

import pytest

from matching.models import DEFAULT_CRITERIA, Criteria
from matching.widening import in_words, steps

PICKY = Criteria(
    preferred_type="dog",
    age_range_start=1,
    age_range_end=4,
    size_preference="small",
    activity_level="low",
    radius_km=5,
    with_children=True,
    vaccinated=True,
)


def test_each_step_gives_up_one_thing_more_the_least_important_first() -> None:
    said = [in_words(before, after) for before, after in zip([PICKY, *steps(PICKY)], steps(PICKY), strict=False)]

    assert said == [
        ["any energy, not only low"],
        ["up to 6 years old, not only 1 to 4 years old"],
        ["up to 10 km away, not only 5 km"],
        ["any size, not only small"],
        ["up to 25 km away, not only 10 km"],
    ]


def test_the_last_step_says_all_that_was_given_up() -> None:
    *_, last = steps(PICKY)

    assert in_words(PICKY, last) == [
        "any energy, not only low",
        "up to 6 years old, not only 1 to 4 years old",
        "any size, not only small",
        "up to 25 km away, not only 5 km",
    ]


def test_the_kind_of_pet_and_what_keeps_safe_are_never_given_up() -> None:
    kept = {(each.preferred_type, each.with_children, each.vaccinated) for each in steps(PICKY)}

    assert kept == {("dog", True, True)}


def test_who_asks_for_everybody_within_the_farthest_radius_has_nothing_to_give_up() -> None:
    asked = DEFAULT_CRITERIA.model_copy(update={"radius_km": 25})

    assert list(steps(asked)) == []


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ({"age_range_end": 3}, "up to 5 years old, not only up to 3 years old"),
        ({"age_range_start": 3}, "from 1 year on, not only from 3 years on"),
        ({"age_range_start": 1}, "any age, not only from 1 year on"),
        ({"age_range_end": 200}, None),
        ({"age_range_start": 0}, None),
        ({"age_range_start": 0, "age_range_end": 3}, "up to 5 years old, not only up to 3 years old"),
    ],
)
def test_a_range_of_ages_grows_by_two_years_where_it_has_an_end(asked: dict[str, int], searched: str | None) -> None:
    criteria = DEFAULT_CRITERIA.model_copy(update={"radius_km": 25, **asked})

    said = [in_words(criteria, each) for each in steps(criteria)]

    assert said == ([[searched]] if searched else [])
