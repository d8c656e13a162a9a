"""Files for calendars: what others make of them, line by line and as a whole."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar as WrittenCalendar

from appointments import calendar_files, time_zones
from appointments.calendar_files import Entry
from appointments.published import MOST
from tests.harness.calendar_changes import ZONES, care, compare
from tests.harness.calendars import Event, faults, read, unfolded

LAMBDA_ANSWERS_AT_MOST = 6 * 1024 * 1024
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARROT = "\U0001f99c"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.fixture(autouse=True)
def _address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://pawtime.example")


def shown(entry: Entry, **changes: Any) -> Entry:
    return replace(entry, seen=entry.seen.model_copy(update=changes))


def playdate(**changes: Any) -> Entry:
    entry = replace(care(NOON), pets=["Rex", "Luna"])
    return shown(entry, kind="playdate", what=None, my_role="proposer", **changes)


def understood(entry: Entry, time_zone: str = "Europe/Berlin") -> Event:
    [event] = read(calendar_files.single(entry, time_zone)).events
    return event


def test_a_playdate_is_read_as_it_was_meant() -> None:
    event = understood(playdate(place="By the pond"))

    assert (event.start, event.end) == (NOON, NOON + timedelta(hours=1))
    assert (event.time_zone, event.on_clocks) == ("Europe/Berlin", "2026-06-01T14:00:00")
    assert (event.summary, event.location, event.url) == (
        "Playdate: Rex and Luna",
        "By the pond",
        "https://pawtime.example/agenda",
    )
    assert (event.status, event.transp, event.sequence) == ("CONFIRMED", "OPAQUE", 0)


@pytest.mark.parametrize(
    "text",
    [
        PARROT * 100,
        FAMILY * 40,
        "a" + "é" * 200,
        'Rex, Luna; and \\ the others: "all"',
        "BEGIN:VEVENT",
        "with\nEND:VEVENT\nBEGIN:VEVENT\nin it",
        "x" * 500,
        "\\n \\, \\; \\\\",
        " leading and trailing ",
        "ends with a backslash\\",
    ],
)
def test_whatever_people_write_comes_back_and_breaks_no_line(text: str) -> None:
    event = understood(playdate(place=text))

    assert event.location == text


def test_names_are_read_whatever_they_are_made_of() -> None:
    event = understood(replace(playdate(), pets=[PARROT * 80, FAMILY]))

    assert event.summary == f"Playdate: {PARROT * 80} and {FAMILY}"


def test_care_is_called_what_it_is_in_one_line() -> None:
    event = understood(shown(care(NOON), what="Claws,\n and\tfur"))

    assert event.summary == "Claws, and fur"
    assert event.description.startswith("For Rex.\n")


@pytest.mark.parametrize(
    ("pets", "summary"),
    [(["Rex", "Luna"], "Playdate: Rex and Luna"), (["Rex"], "Playdate: Rex"), ([], "Playdate")],
)
def test_a_pet_that_is_no_more_is_left_out(pets: list[str], summary: str) -> None:
    assert understood(replace(playdate(), pets=pets)).summary == summary


@pytest.mark.parametrize("status", ["Cancelled", "Declined"])
def test_what_is_off_says_so_in_every_way_that_a_calendar_may_look_at(status: str) -> None:
    event = understood(playdate(status=status))

    assert (event.status, event.transp) == ("CANCELLED", "TRANSPARENT")
    assert event.summary == "Cancelled: Playdate: Rex and Luna"


def test_the_hour_that_comes_twice_is_told_in_utc_and_read_as_it_was_meant() -> None:
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

    events = [understood(care(second_half_past_two - timedelta(hours=hours))) for hours in (0, 1, 3)]

    assert [event.start for event in events] == [second_half_past_two - timedelta(hours=hours) for hours in (0, 1, 3)]
    assert [event.time_zone for event in events] == [None, None, "Europe/Berlin"]


def test_around_every_change_of_clocks_others_read_the_instants_that_were_meant() -> None:
    """Of two years; `make prove` goes through all until 2030."""
    findings = compare(ZONES, range(2026, 2028))

    assert findings.wrong == []
    assert findings.looked_at > 50


def test_a_reader_that_is_told_of_no_changes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    told = time_zones.observances
    monkeypatch.setattr(calendar_files, "observances", lambda *asked: told(*asked)[:1])

    findings = compare(["Europe/Berlin"], range(2026, 2027))

    assert len(findings.wrong) > 5


def test_an_empty_feed_is_a_calendar_all_the_same() -> None:
    for time_zone in ("UTC", "Europe/Berlin"):
        calendar = read(calendar_files.feed([], time_zone))

        assert calendar.events == []
        assert (calendar.said["name"], calendar.said["x-wr-calname"]) == ("Pawtime", "Pawtime")


def test_a_feed_says_how_often_to_come_by() -> None:
    lines = unfolded(calendar_files.feed([playdate()], "UTC"))

    assert {"REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H", "METHOD:PUBLISH"} <= set(lines)


def test_one_appointment_neither_has_a_name_nor_is_refreshed() -> None:
    said = read(calendar_files.single(playdate(), "UTC")).said

    assert said.keys() == {"version", "prodid", "calscale", "method"}


@pytest.mark.parametrize("character", [PARROT, "\\", ","])
def test_the_largest_feed_is_one_that_lambda_can_answer(character: str) -> None:
    """Texts of characters that take most bytes: in UTF-8, or when they are escaped twice."""
    longest = replace(playdate(place=character * 500, status="Cancelled"), pets=[character * 80] * 2)

    text = calendar_files.feed([longest] * MOST, "Europe/Berlin")

    as_answered = len(json.dumps(text, ensure_ascii=False).encode())
    assert 500_000 < as_answered < 0.9 * LAMBDA_ANSWERS_AT_MOST


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ("\r\n", "\n"),
        ("DTSTAMP:", "X-DTSTAMP:"),
        ("UID:", "X-UID:"),
        ("TZID:Europe/Berlin", "TZID:Elsewhere"),
        ("METHOD:PUBLISH\r\n", ""),
        ("STATUS:CONFIRMED", "STATUS:Scheduled"),
        ("SEQUENCE:0\r\n", ""),
        ("SUMMARY:", "SUMMARY:" + "a" * 80),
        ("BYDAY=-1SU", "BYDAY=SU"),
        ("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "RDATE:20270328T020000"),
        ("DTEND;TZID=Europe/Berlin:20260601T150000", "DTEND:20260601T130000Z"),
        ("END:VEVENT", "ATTENDEE:mailto:ann@example.com\r\nEND:VEVENT"),
    ],
)
def test_a_file_that_calendars_stumble_over_is_noticed(whole: str, broken: str) -> None:
    text = calendar_files.single(playdate(), "Europe/Berlin")
    assert list(faults(text)) == []
    assert whole in text

    assert list(faults(text.replace(whole, broken))) != []


def test_the_library_that_writes_reads_the_same() -> None:
    text = calendar_files.feed([playdate(place="Here, there"), care(NOON)], "America/New_York")

    [event, _] = WrittenCalendar.from_ical(text).events

    assert event.start == NOON
    assert event["location"] == "Here, there"
