"""Who suits whom, how well, and whether the reasons are true."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import scoring
from matching.availability import Week
from matching.models import DEFAULT_CRITERIA, Criteria
from matching.scoring import LEVELS, SIZES, Comparison, Party, accepts, farthest_for, suit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SATURDAY_MORNING = Week("UTC", 0b11111111 << 5 * 48 + 18)
SUNDAY_EVENING = Week("UTC", 0b1111 << 6 * 48 + 38)
REX = Party(
    type="dog",
    birth_date=date(2022, 1, 1),
    size="medium",
    activity_level="medium",
    good_with_children="unknown",
    vaccinated_until=date(2027, 1, 1),
    criteria=DEFAULT_CRITERIA,
    week=SATURDAY_MORNING,
)


def wanting(**wishes: Any) -> Criteria:
    return DEFAULT_CRITERIA.model_copy(update=wishes)


def compare(mine: Party = REX, theirs: Party = REX, km: float = 0.5) -> Comparison:
    return Comparison(mine, theirs, km, NOW)


@st.composite
def parties(draw: st.DrawFn) -> Party:
    start = draw(st.none() | st.integers(0, 8))
    return Party(
        type=draw(st.sampled_from(["dog", "cat"])),
        birth_date=TODAY - timedelta(days=draw(st.integers(0, 4000))),
        size=draw(st.sampled_from(SIZES)),
        activity_level=draw(st.sampled_from(LEVELS)),
        good_with_children=draw(st.sampled_from(["yes", "no", "unknown"])),
        vaccinated_until=draw(st.none() | st.dates(date(2025, 1, 1), date(2027, 12, 31))),
        criteria=wanting(
            preferred_type=draw(st.sampled_from(["dog", "cat", "any"])),
            age_range_start=start,
            age_range_end=draw(st.none() | st.integers((start or 0) + 1, 10)),
            size_preference=draw(st.sampled_from([*SIZES, "any"])),
            activity_level=draw(st.sampled_from([*LEVELS, "any"])),
            radius_km=draw(st.integers(1, 25)),
            with_children=draw(st.booleans()),
            vaccinated=draw(st.booleans()),
        ),
        week=draw(
            st.none()
            | st.builds(Week, st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata"]), st.integers(0, 2**336 - 1))
        ),
    )


@pytest.mark.parametrize(
    ("wishes", "welcome"),
    [
        ({}, True),
        ({"preferred_type": "dog"}, True),
        ({"preferred_type": "cat"}, False),
        ({"size_preference": "medium"}, True),
        ({"size_preference": "small"}, False),
        ({"activity_level": "medium"}, True),
        ({"activity_level": "high"}, False),
        ({"age_range_start": 4}, True),
        ({"age_range_start": 5}, False),
        ({"age_range_end": 4}, True),
        ({"age_range_end": 3}, False),
    ],
)
def test_criteria_hold_for_what_they_name_bounds_included(wishes: dict[str, Any], welcome: bool) -> None:
    assert accepts(wanting(**wishes), REX, TODAY) is welcome


@pytest.mark.parametrize("wishes", [{"preferred_type": "cat"}, {"size_preference": "large"}, {"radius_km": 1}])
def test_each_side_must_be_what_the_other_looks_for(wishes: dict[str, Any]) -> None:
    picky = REX._replace(criteria=wanting(**wishes))

    assert suit(REX, REX, 2, TODAY)
    assert not suit(REX, picky, 2, TODAY)
    assert not suit(picky, REX, 2, TODAY)


@given(parties(), parties(), st.floats(0, 26))
def test_if_one_may_see_the_other_the_other_may_see_the_one(mine: Party, theirs: Party, km: float) -> None:
    assert suit(mine, theirs, km, TODAY) == suit(theirs, mine, km, TODAY)


def test_a_lapsed_or_unknown_vaccination_hides_nobody_and_is_said() -> None:
    lapsed, unknown = REX._replace(vaccinated_until=date(2026, 3, 1)), REX._replace(vaccinated_until=None)

    assert suit(REX, lapsed, 1, TODAY)
    assert suit(REX, unknown, 1, TODAY)
    assert "vaccination lapsed" in compare(theirs=lapsed).reasons
    assert "vaccination unknown" in compare(theirs=unknown).reasons
    assert "vaccinated" in compare(theirs=REX._replace(vaccinated_until=TODAY)).reasons


def test_the_best_there_is_scores_a_hundred_and_says_why() -> None:
    twin = REX._replace(week=Week("UTC", SATURDAY_MORNING.free | SUNDAY_EVENING.free))

    best = compare(twin, twin, km=0)

    assert best.score == 100
    assert best.reasons == [
        "both free Saturday mornings and Sunday evenings",
        "under 1 km away",
        "same energy",
        "same size",
        "about the same age",
        "vaccinated",
    ]


def test_nothing_in_common_at_the_edge_of_the_radius_scores_nothing() -> None:
    calm = REX._replace(size="small", activity_level="low", birth_date=date(2010, 1, 1), week=SUNDAY_EVENING)
    wild = REX._replace(size="large", activity_level="high")

    worst = compare(calm, wild, km=5)

    assert worst.score == 0
    assert worst.reasons == ["no free time in common", "5-10 km away", "vaccinated"]


def test_time_in_common_outweighs_being_next_door() -> None:
    far_but_free = compare(km=4.9)
    near_but_busy = compare(theirs=REX._replace(week=SUNDAY_EVENING), km=0)

    assert far_but_free.score > near_but_busy.score


def test_unknown_free_time_lies_between_some_and_none_and_is_said() -> None:
    unknown = REX._replace(week=None)

    assert compare(theirs=REX._replace(week=SUNDAY_EVENING)).score < compare(theirs=unknown).score < compare().score
    assert "their free times are unknown" in compare(theirs=unknown).reasons
    assert "your free times are unknown" in compare(mine=unknown).reasons


@given(parties(), parties(), st.floats(0, 5), st.floats(0, 5))
def test_nearer_is_never_worse(mine: Party, theirs: Party, one: float, other: float) -> None:
    near, far = sorted((one, other))

    assert compare(mine, theirs, near).score >= compare(mine, theirs, far).score


@given(parties(), parties(), st.floats(0, 25))
def test_a_score_is_a_whole_number_of_a_hundred(mine: Party, theirs: Party, km: float) -> None:
    score = compare(mine, theirs, km).score

    assert isinstance(score, int)
    assert 0 <= score <= 100


@given(parties(), parties(), st.floats(0, 5))
def test_every_reason_is_true(mine: Party, theirs: Party, km: float) -> None:
    reasons = compare(mine, theirs, km).reasons

    assert ("same energy" in reasons) == (mine.activity_level == theirs.activity_level)
    assert ("same size" in reasons) == (mine.size == theirs.size)
    assert any("unknown" in reason and "free" in reason for reason in reasons) == (None in (mine.week, theirs.week))
    assert ("vaccinated" in reasons) == (theirs.vaccinated_until is not None and theirs.vaccinated_until >= TODAY)
    assert len(reasons) == len(set(reasons))


def test_the_weights_share_out_one_whole() -> None:
    whole = scoring.FREE_TIME + scoring.DISTANCE + scoring.KINSHIP

    assert whole == pytest.approx(1)
    assert scoring.FREE_TIME > scoring.DISTANCE > scoring.KINSHIP


def test_where_children_will_be_the_unknown_is_said_and_only_the_bad_with_them_are_out() -> None:
    family = REX._replace(criteria=wanting(with_children=True))
    good, bad = REX._replace(good_with_children="yes"), REX._replace(good_with_children="no")

    assert [suit(family, each, 1, TODAY) for each in (good, REX, bad)] == [True, True, False]
    assert "good with children" in compare(family, good).reasons
    assert "not known whether good with children" in compare(family, REX).reasons
    assert not any("children" in reason for reason in compare(REX, good).reasons)


def test_who_asks_for_vaccination_is_shown_the_vaccinated_and_the_unknown() -> None:
    careful = REX._replace(criteria=wanting(vaccinated=True))
    lapsed, unknown = REX._replace(vaccinated_until=date(2026, 3, 1)), REX._replace(vaccinated_until=None)

    assert [suit(careful, each, 1, TODAY) for each in (REX, unknown, lapsed)] == [True, True, False]


@given(parties(), parties(), st.floats(0, 25))
def test_nobody_reaches_a_score_from_farther_than_the_farthest_for_it(mine: Party, theirs: Party, km: float) -> None:
    score = compare(mine, theirs, km).score

    assert min(km, mine.criteria.radius_km) <= farthest_for(mine, score) + 1e-9
    assert farthest_for(mine, score) >= farthest_for(mine, score + 1)
