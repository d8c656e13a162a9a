"""What calendars are told of a time zone is what its clocks do, by yearly rules where there are any."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appointments.time_zones import Observance, observances
from tests.harness.calendar_changes import ZONES

HOUR = timedelta(hours=1)


def test_new_york_is_told_in_two_rules_from_the_year_before() -> None:
    assert observances("America/New_York", 2026, 2026) == [
        Observance(datetime(2025, 3, 9, 2), -5 * HOUR, -4 * HOUR, "EDT", every="2SU"),
        Observance(datetime(2025, 11, 2, 2), -4 * HOUR, -5 * HOUR, "EST", every="1SU"),
    ]


def test_the_last_sunday_is_not_taken_for_the_fourth() -> None:
    rules = observances("Europe/Berlin", 2026, 2026)

    assert [(each.onset, each.every) for each in rules] == [
        (datetime(2025, 3, 30, 2), "-1SU"),
        (datetime(2025, 10, 26, 3), "-1SU"),
    ]


def test_the_friday_before_the_last_sunday_is_not_taken_for_the_fourth_although_it_is_for_five_years() -> None:
    spring = [each for each in observances("Asia/Jerusalem", 2026, 2026) if each.goes_forward]

    assert [(each.onset.date().isoformat(), each.every) for each in spring] == [
        ("2025-03-28", None),
        ("2026-03-27", None),
        ("2027-03-26", None),
    ]


def test_clocks_that_change_by_half_an_hour_or_at_a_quarter_to_are_told_so() -> None:
    lord_howe = observances("Australia/Lord_Howe", 2026, 2026)
    chatham = observances("Pacific/Chatham", 2026, 2026)

    assert {abs(each.after - each.before) for each in lord_howe} == {timedelta(minutes=30)}
    assert {each.onset.time().isoformat("minutes") for each in chatham} == {"02:45", "03:45"}


def test_a_zone_whose_clocks_never_change_is_told_in_one_line() -> None:
    assert observances("Asia/Kolkata", 2026, 2027) == [
        Observance(datetime(2025, 1, 1, 5, 30), 5.5 * HOUR, 5.5 * HOUR, "IST")
    ]


def test_a_change_that_follows_the_moon_is_told_by_its_date() -> None:
    casablanca = observances("Africa/Casablanca", 2026, 2026)

    assert all(each.every is None for each in casablanca)
    assert [each.onset.date().isoformat() for each in casablanca if each.onset.year == 2026] == [
        "2026-02-15",
        "2026-03-22",
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_by_what_is_told_clocks_show_what_they_show(zone: str) -> None:
    """Every six hours of each year, by an expansion of the rules that shares no line with any library."""
    wrong = []

    for year in range(2024, 2031):
        onsets = [
            ((onset - each.before).replace(tzinfo=UTC), each.after)
            for each in observances(zone, year, year)
            for onset in _onsets(each, year)
        ]
        for number in range(365 * 4):
            moment = datetime(year, 1, 1, tzinfo=UTC) + number * 6 * HOUR
            _, offset = max(each for each in onsets if each[0] <= moment)
            if moment.astimezone(ZoneInfo(zone)).utcoffset() != offset:
                wrong.append(f"{moment} is told with {offset}")

    assert wrong == []


def _onsets(observance: Observance, last_year: int) -> list[datetime]:
    if observance.every is None:
        return [observance.onset]
    return [_of_year(observance, year) for year in range(observance.onset.year, last_year + 1)]


def _of_year(observance: Observance, year: int) -> datetime:
    days = [observance.onset.replace(year=year, day=1) + timedelta(days=number) for number in range(31)]
    same = [day for day in days if (day.month, day.weekday()) == (observance.onset.month, observance.onset.weekday())]
    assert observance.every
    number = int(observance.every[:-2])
    return same[number - 1 if number > 0 else number]
