"""Appointments as iCalendar (RFC 5545, and 7986 for what a subscription says of itself), for calendars of others.

Every appointment is an event of its own, in words that its reader may see. Clock times are those of the reader's zone,
which the file describes. An event that begins or ends in the hour that comes twice when clocks go back is told in UTC:
RFC 5545 has no words for the second of the two (3.3.5), and some readers take the first for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from appointments.calendar import end_of
from appointments.lifecycle import AppointmentStatus
from appointments.models import Appointment
from appointments.time_zones import Observance, observances
from common import config
from common.clock import clock

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Pawtime//Pawtime//EN"
DOMAIN = "pawtime"
"""What the ids of events end with. It never changes, or every subscriber would have every appointment twice."""
REFRESHED_EVERY = timedelta(hours=1)

STATUSES: dict[AppointmentStatus, str] = {
    "Proposed": "TENTATIVE",
    "Scheduled": "CONFIRMED",
    "Completed": "CONFIRMED",
    "Cancelled": "CANCELLED",
    "Declined": "CANCELLED",
    "Expired": "CANCELLED",
}


@dataclass(frozen=True)
class Entry:
    """An appointment as its reader sees it, its version, and the names of its pets, the reader's first."""

    seen: Appointment
    version: int
    pets: Sequence[str]

    @property
    def is_off(self) -> bool:
        return STATUSES[self.seen.status] == "CANCELLED"

    @property
    def start(self) -> datetime:
        """Return when it is: of a proposal, the earliest start on offer that is to come, or the last if none is."""
        if self.seen.start and self.seen.status != "Proposed":
            return self.seen.start
        return next((start for start in self.seen.starts if start > clock.now()), self.seen.starts[-1])

    @property
    def end(self) -> datetime:
        return end_of(self.start, self.seen.minutes)

    @property
    def summary(self) -> str:
        """Return what it is in one line; what is off says so, as not every calendar shows the status."""
        if self.seen.kind == "care":
            what = " ".join((self.seen.what or "Care").split())
        else:
            title = "Playdate proposed" if self.seen.status == "Proposed" else "Playdate"
            what = f"{title}: {' and '.join(self.pets)}" if self.pets else title
        return f"Cancelled: {what}" if self.is_off else what

    @property
    def description(self) -> str:
        lines = []
        if self.seen.status == "Proposed":
            others = f", one of {len(self.seen.starts)} times to choose from" if len(self.seen.starts) > 1 else ""
            lines.append(f"A proposal{others}: nothing is agreed on yet.")
        if self.seen.kind == "care" and self.pets:
            lines.append(f"For {self.pets[0]}.")
        return "\n".join([*lines, f"More at {page()}"])


def page() -> str:
    """Return the address of the page that shows appointments."""
    return f"{config.public_url()}/agenda"


def single(entry: Entry, time_zone: str) -> str:
    """Return the file of one appointment."""
    return _text(_calendar(), [entry], time_zone)


def feed(entries: Sequence[Entry], time_zone: str) -> str:
    """Return the file of all of somebody's appointments, for calendars that come for it again and again."""
    subscription = _calendar()
    for name in ("name", "x-wr-calname"):
        subscription.add(name, "Pawtime")
    subscription.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    subscription.add("x-published-ttl", "PT1H")
    return _text(subscription, entries, time_zone)


def _calendar() -> Calendar:
    new = Calendar()
    new.add("version", "2.0")
    new.add("prodid", PRODUCT)
    new.add("calscale", "GREGORIAN")
    new.add("method", "PUBLISH")
    return new


def _text(calendar: Calendar, entries: Sequence[Entry], time_zone: str) -> str:
    moments = [moment for entry in entries for moment in (entry.start, entry.end)] or [clock.now()]
    # A calendar without any component is none (RFC 5545, 3.6): so the zone stands there even if nothing else does.
    calendar.add_component(_zone(time_zone, min(moments), max(moments)))
    for entry in entries:
        calendar.add_component(_event(entry, ZoneInfo(time_zone)))
    text: str = calendar.to_ical().decode()
    return text


def _event(entry: Entry, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{entry.seen.appointment_id}@{DOMAIN}")
    event.add("sequence", entry.version - 1)
    event.add("dtstamp", entry.seen.updated_at)
    event.add("last-modified", entry.seen.updated_at)
    for name, moment in zip(("dtstart", "dtend"), _on_clocks(zone, entry.start, entry.end), strict=True):
        event.add(name, moment)
    event.add("status", STATUSES[entry.seen.status])
    event.add("transp", "TRANSPARENT" if entry.is_off else "OPAQUE")
    event.add("summary", entry.summary)
    if entry.seen.place:
        event.add("location", entry.seen.place)
    event.add("description", entry.description)
    event.add("url", page())
    return event


def _on_clocks(zone: ZoneInfo, *moments: datetime) -> Iterator[datetime]:
    """Give moments as clocks show them, or in UTC where that would leave open which of two is meant."""
    local = [moment.astimezone(zone) for moment in moments]
    in_utc = zone.key == "UTC" or any(map(_comes_twice, local))
    return (moment.astimezone(UTC) if in_utc else moment for moment in local)


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _zone(time_zone: str, first: datetime, last: datetime) -> Timezone:
    zone = Timezone()
    zone.add("tzid", time_zone)
    for observance in observances(time_zone, first.year, last.year):
        zone.add_component(_observance(observance))
    return zone


def _observance(observance: Observance) -> TimezoneDaylight | TimezoneStandard:
    """Return what holds from an onset on. The larger offset is DAYLIGHT, whatever a country calls its winter."""
    told = TimezoneDaylight() if observance.goes_forward else TimezoneStandard()
    told.add("dtstart", observance.onset)
    told.add("tzoffsetfrom", observance.before)
    told.add("tzoffsetto", observance.after)
    told.add("tzname", observance.name)
    if observance.every:
        told.add("rrule", vRecur(freq="YEARLY", bymonth=observance.onset.month, byday=observance.every))
    return told
