"""The owner's part of a card: what goes in comes out, and the whole entry stays small."""

from datetime import UTC, date, datetime
from typing import get_args
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.availability import SLOTS, WEEKDAYS, Week, week_of
from matching.cards import LEVELS, SIZES, TYPES, OwnerPart, pack, unpack
from matching.models import DEFAULT_CRITERIA, MACHINE_ZONES, Availability, Criteria, Window
from pets import cards
from pets.models import ActivityLevel, PetRecord, PetType, Size

ZONES = sorted(available_timezones() - MACHINE_ZONES)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PET = PetRecord(
    pet_id="a" * 26,
    owner_id="abcdefghijklmnopqrstuvwxya",
    name="Biscuit",
    type="dog",
    birth_date=date(2022, 5, 4),
    size="large",
    activity_level="high",
    good_with_children="yes",
    vaccinated_until=date(2030, 1, 1),
    created_at=NOW,
    updated_at=NOW,
)


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    start = draw(st.none() | st.integers(0, 199))
    return Criteria(
        preferred_type=draw(st.sampled_from(TYPES)),
        age_range_start=start,
        age_range_end=draw(st.none() | st.integers((start or 0) + 1, 200)),
        size_preference=draw(st.sampled_from(SIZES)),
        activity_level=draw(st.sampled_from(LEVELS)),
        radius_km=draw(st.integers(1, 25)),
        with_children=draw(st.booleans()),
        vaccinated=draw(st.booleans()),
    )


@st.composite
def availabilities(draw: st.DrawFn) -> Availability:
    hours = draw(st.sets(st.tuples(st.sampled_from(WEEKDAYS), st.integers(0, 23)), max_size=50))
    stated = [Window(weekday=day, start=f"{hour:02}:00", end=f"{hour + 1:02}:00") for day, hour in hours]
    return Availability(time_zone=draw(st.sampled_from(ZONES)), windows=stated, away=[])


@given(criteria(), availabilities())
def test_what_is_packed_comes_out_again(wanted: Criteria, free: Availability) -> None:
    assert unpack(pack(wanted, free)) == OwnerPart(wanted, week_of(free))


@given(criteria(), availabilities())
def test_a_whole_entry_stays_under_100_bytes(wanted: Criteria, free: Availability) -> None:
    entry = cards.pack(PET, pack(wanted, free))

    assert len(entry) < 100
    assert unpack(cards.unpack(entry).owner_part).criteria == wanted


def test_the_longest_zone_and_the_fullest_week_fit() -> None:
    longest = max(ZONES, key=len)
    always = [Window(weekday=day, start="00:00", end="24:00") for day in WEEKDAYS]
    wanted = Criteria(preferred_type="any", size_preference="any", activity_level="any", radius_km=25)

    part = pack(wanted, Availability(time_zone=longest, windows=always, away=[]))

    assert len(cards.pack(PET, part)) < 100
    assert unpack(part).week == Week(longest, (1 << SLOTS) - 1)


@pytest.mark.parametrize(
    ("start", "end"), [("09:10", "09:20"), ("00:00", "24:00"), ("23:30", "24:00")], ids=["no slot", "a day", "the last"]
)
def test_a_week_with_a_window_on_some_days_comes_out_again(start: str, end: str) -> None:
    for days in (WEEKDAYS[:1], WEEKDAYS[-1:], WEEKDAYS[:6], WEEKDAYS[1:]):
        windows = [Window(weekday=day, start=start, end=end) for day in days]
        free = Availability(time_zone="UTC", windows=windows, away=[])
        assert unpack(pack(DEFAULT_CRITERIA, free)) == OwnerPart(DEFAULT_CRITERIA, week_of(free))


def test_a_layout_of_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="version 9"):
        unpack(bytes([9, 0, 0, 0, 0, 5]))


def test_every_kind_of_pet_can_be_preferred_and_so_can_any() -> None:
    assert [*get_args(PetType.__value__), "any"] == list(TYPES)
    assert [*get_args(Size.__value__), "any"] == list(SIZES)
    assert [*get_args(ActivityLevel.__value__), "any"] == list(LEVELS)
