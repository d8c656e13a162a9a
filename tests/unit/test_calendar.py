"""Quarter hours, and what appointments take of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.calendar import QUARTER, claimed, end_of, is_quarter_hour, overlap, quarter_from, quarters

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STARTS = st.integers(0, 40).map(lambda number: NINE + QUARTER * number)
MINUTES = st.integers(1, 16).map(lambda number: 15 * number)
MOMENTS = st.timedeltas(timedelta(), timedelta(days=9999)).map(lambda later: NINE + later)


def test_an_appointment_takes_its_quarter_hours_and_not_the_one_at_its_end() -> None:
    taken = quarters(NINE, 45)

    assert taken == [NINE, NINE + timedelta(minutes=15), NINE + timedelta(minutes=30)]
    assert end_of(NINE, 45) == NINE + timedelta(minutes=45)


def test_a_playdate_takes_the_quarter_hour_after_it_as_well() -> None:
    assert claimed(NINE, 30) == [NINE, NINE + QUARTER, NINE + 2 * QUARTER]


@pytest.mark.parametrize(
    "moment",
    [NINE + timedelta(minutes=7), NINE + timedelta(seconds=1), NINE + timedelta(microseconds=1)],
)
def test_nothing_between_two_quarter_hours_is_one(moment: datetime) -> None:
    assert is_quarter_hour(NINE)
    assert not is_quarter_hour(moment)


@given(moment=MOMENTS)
def test_the_quarter_hour_from_a_moment_on_is_the_first_that_is_not_earlier(moment: datetime) -> None:
    following = quarter_from(moment)

    assert is_quarter_hour(following)
    assert moment <= following < moment + QUARTER


@given(one=st.tuples(STARTS, MINUTES), other=st.tuples(STARTS, MINUTES))
def test_two_appointments_overlap_exactly_when_they_share_a_quarter_hour(
    one: tuple[datetime, int], other: tuple[datetime, int]
) -> None:
    shared = set(quarters(*one)) & set(quarters(*other))

    assert overlap(one, other) == overlap(other, one) == bool(shared)
