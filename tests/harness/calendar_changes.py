"""Appointments around every change of clocks, written as calendars and read by somebody else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from appointments import calendar_files
from appointments.calendar_files import Entry
from appointments.models import AppointmentRecord, Party
from common import ids
from tests.harness.calendars import faults, read_all
from tests.harness.findings import Findings

ZONES = (
    *("UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago"),
    *("America/Nuuk", "Africa/Cairo", "Africa/Casablanca", "Asia/Jerusalem", "Asia/Gaza", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Chatham", "America/Asuncion", "Asia/Almaty"),
)
"""Clocks that change by weekdays, by the moon, at a quarter to, by half an hour, never, or no more."""
YEARS = range(2024, 2031)
AROUND = (
    *(timedelta(minutes=15 * quarters) for quarters in range(-8, 9)),
    *(timedelta(days=days) for days in (-30, -1, 1, 90, 150)),
)
"""When appointments begin, beside the change: every quarter of an hour near it, and as far off as a feed reaches."""
AT_ONCE = 300


def changes(zone: str, years: Sequence[int] = YEARS) -> Iterator[datetime]:
    """Give the hours in which a zone's clocks change, by looking at each."""
    known = ZoneInfo(zone)
    hour, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    while hour < end:
        following = hour + timedelta(hours=1)
        if hour.astimezone(known).utcoffset() != following.astimezone(known).utcoffset():
            yield following
        hour = following


def care(start: datetime, minutes: int = 60) -> Entry:
    """An hour of care at a time."""
    owner = Party(user_id=ids.new_id(), pet_id=ids.new_id(), role="owner")
    nails = AppointmentRecord(
        appointment_id=ids.new_id(),
        kind="care",
        status="Scheduled",
        parties=[owner],
        starts=[start],
        start=start,
        minutes=minutes,
        what="Nails",
        created_at=start,
        updated_at=start,
    )
    return Entry(nails.seen_by(owner), nails.version, ["Rex"])


def compare(zones: Sequence[str], years: Sequence[int] = YEARS) -> Findings:
    """Write a calendar around every change, or the beginning of each year where there is none, and read it again."""
    cases = [
        (zone, change, [care(change + beside) for beside in AROUND])
        for zone in zones
        for change in (list(changes(zone, years)) or [datetime(year, 1, 1, tzinfo=UTC) for year in years])
    ]
    findings = Findings()
    for start in range(0, len(cases), AT_ONCE):
        some = cases[start : start + AT_ONCE]
        texts = [calendar_files.feed(entries, zone) for zone, _, entries in some]
        for (zone, change, entries), text, calendar in zip(some, texts, read_all(texts), strict=True):
            wrong = list(faults(text))
            read = {event.uid: (event.start, event.end) for event in calendar.events}
            for entry in entries:
                found = read.get(f"{entry.seen.appointment_id}@pawtime")
                if found != (entry.start, entry.end):
                    wrong.append(f"{entry.start} is read as {found}")
            findings.note(f"{zone} around {change}", wrong)
    return findings
