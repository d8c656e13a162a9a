"""Calendars as others read them: by ical.js, which is Thunderbird's and shares no line with what writes them.

And what RFC 5545, and those who are known to take less than it, ask of a file, by rules of our own.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

READER = Path(__file__).with_name("read_calendars.mjs")
LIBRARY = READER.parent.parent.parent / "local/node_modules/ical.js"
LONGEST_LINE = 75
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "SEQUENCE", "LAST-MODIFIED", "TRANSP"}
AT_MOST_ONCE = {"LOCATION", "DESCRIPTION", "URL"}


@dataclass(frozen=True)
class Event:
    """An event as a reader understands it; `time_zone` is None where it is told in UTC."""

    uid: str
    summary: str
    location: str | None
    description: str
    sequence: int
    status: str
    transp: str
    url: str
    changed: datetime
    start: datetime
    end: datetime
    time_zone: str | None
    on_clocks: str


@dataclass(frozen=True)
class Calendar:
    """A calendar as a reader understands it: what it says of itself, and its events."""

    said: dict[str, str]
    events: list[Event]

    def event(self, appointment_id: str) -> Event:
        [event] = [each for each in self.events if each.uid.startswith(appointment_id)]
        return event


def missing() -> str | None:
    """Return what this machine lacks to read calendars, if anything."""
    if shutil.which("node") is None:
        return "Node.js is not installed"
    return None if LIBRARY.is_dir() else "ical.js is not installed: npm --prefix local ci"


def read_all(texts: Sequence[str]) -> list[Calendar]:
    """Return what ical.js understands of calendars; one that it cannot read fails."""
    if lacking := missing():
        pytest.skip(lacking)
    done = subprocess.run(["node", str(READER)], input=json.dumps(texts), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [Calendar(each["said"], [_event(**event) for event in each["events"]]) for each in json.loads(done.stdout)]


def read(text: str) -> Calendar:
    """Return what ical.js understands of a calendar, which also has to be sound."""
    assert list(faults(text)) == []
    [calendar] = read_all([text])
    return calendar


def _event(*, changed: int, start: int, end: int, **rest: Any) -> Event:
    changed_at, starts, ends = (datetime.fromtimestamp(seconds, UTC) for seconds in (changed, start, end))
    return Event(**rest, changed=changed_at, start=starts, end=ends)


def unfolded(text: str) -> list[str]:
    """Return the lines of a calendar, each whole again (RFC 5545, 3.1)."""
    return text.replace("\r\n ", "").replace("\r\n\t", "").removesuffix("\r\n").split("\r\n")


def faults(text: str) -> Iterator[str]:
    """Say what is wrong with a file, by RFC 5545 and by what calendars are known to stumble over."""
    if not text.endswith("END:VCALENDAR\r\n") or re.search(r"(?<!\r)\n|\r(?!\n)", text):
        yield "lines do not end with CR and LF"
    for line in text.encode().split(b"\r\n"):
        if len(line) > LONGEST_LINE:
            yield f"a line of {len(line)} octets: {line!r}"
        try:
            line.decode()
        except UnicodeDecodeError:
            yield f"a character is torn apart: {line!r}"
    if text.startswith("\ufeff"):
        yield "it begins with a mark that Outlook takes for text"
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        yield "it holds a control character"
    lines = unfolded(text)
    yield from _faults_of_the_whole(lines)
    for event in _components(lines, "VEVENT"):
        yield from _faults_of_an_event(event)
    described = [_value(zone, "TZID") for zone in _components(lines, "VTIMEZONE")]
    if len(set(described)) != len(described):
        yield f"a zone is described twice: {described}"
    used = set(re.findall(r"^[A-Z-]+;TZID=([^:;]+)", "\n".join(lines), re.MULTILINE))
    yield from (f"a zone is used and not described: {zone}" for zone in used - set(described))
    for zone in _components(lines, "VTIMEZONE"):
        yield from _faults_of_a_zone(zone)


def _faults_of_the_whole(lines: list[str]) -> Iterator[str]:
    if lines[0] != "BEGIN:VCALENDAR":
        yield f"it begins with {lines[0]}"
    before = lines[: next((place for place, line in enumerate(lines) if place and line.startswith("BEGIN:")), 0)]
    for name in ("VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"):
        if before.count(name) != 1:
            yield f"{name} stands there {before.count(name)} times"
    if sum(line.startswith("PRODID:") for line in before) != 1:
        yield "it does not say what wrote it"
    ids = [_value(event, "UID") for event in _components(lines, "VEVENT")]
    yield from (f"{uid} is {count} events" for uid, count in Counter(ids).items() if count > 1)
    if not _components(lines, "VTIMEZONE") and not ids:
        yield "it holds no component"


def _faults_of_an_event(event: list[str]) -> Iterator[str]:
    counts = Counter(_name(line) for line in event)
    yield from (f"{name} stands in an event {counts[name]} times" for name in ONCE if counts[name] != 1)
    yield from (f"{name} stands in an event {counts[name]} times" for name in AT_MOST_ONCE if counts[name] > 1)
    yield from (f"an event has {name}" for name in counts.keys() - ONCE - AT_MOST_ONCE)
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not re.fullmatch(r"\d{8}T\d{6}Z", _value(event, name)):
            yield f"{name} is not in UTC: {_value(event, name)}"
    forms = [re.sub(r"\d", "9", line.partition("DT")[2].removeprefix("START").removeprefix("END")) for line in event]
    if len({form for form, line in zip(forms, event, strict=True) if line.startswith(("DTSTART", "DTEND"))}) != 1:
        yield "its start and its end are told in two ways"
    if _value(event, "STATUS") not in ("TENTATIVE", "CONFIRMED", "CANCELLED"):
        yield f"its status is {_value(event, 'STATUS')}"


def _faults_of_a_zone(zone: list[str]) -> Iterator[str]:
    told = [_components(zone, "STANDARD"), _components(zone, "DAYLIGHT")]
    if not any(told):
        yield "a zone says nothing"
    for observance in [each for kind in told for each in kind]:
        names = {_name(line) for line in observance}
        if not {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} <= names:
            yield f"an observance lacks something: {sorted(names)}"
        if "RDATE" in names:
            yield "Outlook passes over RDATE"
        rule = [line for line in observance if line.startswith("RRULE:")]
        # [MS-OXCICAL] 2.1.3.1.1.19.2.2: every year, and a single occurrence of a single weekday
        if rule and not re.fullmatch(r"RRULE:FREQ=YEARLY;BYDAY=(-1|[1-4])[A-Z]{2};BYMONTH=\d{1,2}", rule[0]):
            yield f"a rule that Outlook does not take: {rule[0]}"


def _components(lines: list[str], name: str) -> list[list[str]]:
    """Return what stands between BEGIN and END of each component of a name."""
    begins = [place for place, line in enumerate(lines) if line == f"BEGIN:{name}"]
    return [lines[place + 1 : lines.index(f"END:{name}", place)] for place in begins]


def _name(line: str) -> str:
    return re.split("[;:]", line, maxsplit=1)[0]


def _value(lines: list[str], name: str) -> str:
    return next((line.partition(":")[2] for line in lines if _name(line) == name), "")
