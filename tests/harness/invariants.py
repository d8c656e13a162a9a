"""What holds of the whole table at rest, whatever was done to it, by whom, and in which order.

Each rule looks at all items and says in a sentence what is wrong. A new rule is one more function in `RULES`.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from appointments.calendar import quarters
from appointments.due import entries_of
from appointments.models import AppointmentRecord
from appointments.series import SeriesRecord
from common import keys
from common.clock import clock
from common.table import Item, Table, _from_wire
from matching import cards as owner_parts
from matching.profiles import availability_of, criteria_of
from matching.repository import match_id_of
from operations.reports import WORDS, is_intact
from pets import cards
from pets.discovery import MAX_PETS
from pets.models import PetRecord
from tests.harness.snapshot import scan

type Items = Mapping[tuple[str, str], Item]
type Rule = Callable[[Items], Iterator[str]]


def starting(items: Items, partition: str, sort: str) -> list[Item]:
    """Return the items whose keys start like this."""
    return [item for (pk, sk), item in items.items() if pk.startswith(partition) and sk.startswith(sort)]


def _differences(what: str, wanted: Counter[Any], found: Counter[Any]) -> Iterator[str]:
    yield from (f"{what} is missing: {each}" for each in wanted - found)
    yield from (f"{what} is one too many: {each}" for each in found - wanted)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def calendars(items: Items) -> Iterator[str]:
    """What is claimed is what is agreed, and no pet is in two places at once."""
    agreed: Counter[tuple[str, str, str]] = Counter()
    for each in starting(items, "APPOINTMENT#", "DETAILS"):
        if each["status"] == "Scheduled":
            for quarter in quarters(_instant(each["start"]), each["minutes"] + each["break_minutes"]):
                sort = keys.SLOT + keys.instant(quarter)
                agreed.update((f"PET#{party['pet_id']}", sort, each["appointment_id"]) for party in each["parties"])
    found = Counter((each["PK"], each["SK"], each["appointment_id"]) for each in starting(items, "PET#", keys.SLOT))
    places = Counter((pet, quarter) for pet, quarter, _ in agreed)
    yield from (f"a pet is in two places at once: {place}" for place, count in places.items() if count > 1)
    yield from _differences("a claim", agreed, found)


def agendas(items: Items) -> Iterator[str]:
    """Every party's agenda shows an appointment once, as it stands."""
    wanted = Counter(
        (
            f"USER#{party['user_id']}",
            f"{keys.AGENDA}{keys.instant(_instant(each.get('start', each['starts'][0])))}#{each['appointment_id']}",
            party["pet_id"],
            each["status"],
        )
        for each in starting(items, "APPOINTMENT#", "DETAILS")
        for party in each["parties"]
    )
    entries = starting(items, "USER#", keys.AGENDA)
    yield from _differences(
        "an agenda's entry",
        wanted,
        Counter((each["PK"], each["SK"], each["pet_id"], each["status"]) for each in entries),
    )


ENDINGS = {
    "Declined": "playdate_declined",
    "Cancelled": "appointment_cancelled",
    "Expired": "playdate_lapsed",
    "Completed": "appointment_completed",
}
BEGINNINGS = ("care_planned", "playdate_proposed", "playdate_accepted", "playdate_repeated")
BECAME = {kind: kind for kind in (*BEGINNINGS, *ENDINGS.values())} | {"repeat_skipped": "appointment_cancelled"}
"""By kind of event, what became of an appointment: one of a series that is left out is cancelled, if it was there."""


def due_entries(items: Items) -> Iterator[str]:
    """What will fall due follows from the appointments and the series as they stand; what has may be gone."""
    now = clock.now()
    appointments = (AppointmentRecord.model_validate(each) for each in starting(items, "APPOINTMENT#", "DETAILS"))
    wanted = Counter((entry["PK"], entry["SK"]) for each in appointments for entry in entries_of(each))
    for each in starting(items, "SERIES#", "DETAILS"):
        if "due_at" in each:
            key = keys.due(_instant(each["due_at"]), "repeat", each["series_id"])
            wanted[key["PK"], key["SK"]] += 1
    found = Counter((each["PK"], each["SK"]) for each in starting(items, f"{keys.DUE}#", ""))
    yield from (f"falls due, and should not: {each}" for each in found - wanted)
    missing = ((partition, sort) for partition, sort in wanted - found if partition > keys.due_partition(now))
    yield from (f"will not fall due: {each}" for each in missing)


def told(items: Items) -> Iterator[str]:
    """One event for everything that became of an appointment, and one at least for every match."""
    wanted: Counter[tuple[str, str]] = Counter()
    for each in starting(items, "APPOINTMENT#", "DETAILS"):
        proposed = ["playdate_proposed", *(["playdate_accepted"] if "start" in each else [])]
        happened = ["care_planned"] if each["kind"] == "care" else ["playdate_repeated"] if each["number"] else proposed
        ending = ENDINGS.get(each["status"])
        wanted.update((kind, each["appointment_id"]) for kind in [*happened, *([ending] if ending else [])])
    events = starting(items, keys.OUTBOX, "EVENT")
    ended = {each["data"]["user_id"] for each in events if each["kind"] == "account_deleted"}
    kept = {each["appointment_id"] for each in starting(items, "APPOINTMENT#", "DETAILS")}
    found = Counter(
        (BECAME[each["kind"]], each["data"]["appointment_id"])
        for each in events
        # With an account goes what was planned for it alone, and nothing says any more whose it was.
        if each["kind"] in BECAME
        and (each["kind"] != "repeat_skipped" or each["data"]["appointment_id"] in kept)
        and (not ended or each["data"]["appointment_id"] in kept)
    )
    yield from _differences("an event", wanted, found)
    reminders = Counter(
        tuple(each["data"][name] for name in ("appointment_id", "ahead", "start"))
        for each in events
        if each["kind"] == "reminder_due"
    )
    yield from (f"somebody is reminded {count} times: {what}" for what, count in reminders.items() if count > 1)
    made = {
        each["data"]["match_id"]
        for each in events
        if each["kind"] == "match_made" and not ended & set(each["data"]["user_ids"])
    }
    matches = {each["match_id"] for each in starting(items, "MATCH#", "DETAILS")}
    gone = {match_id_of(*each["data"]["user_ids"]) for each in events if each["kind"] == "match_made"} - made
    yield from (f"nobody, or nothing, is told of: {match_id}" for match_id in made ^ (matches - gone))


def discovery_cards(items: Items) -> Iterator[str]:
    """A card is a function of its pet and its owner's profile, and the index holds who can be found, where they are."""
    for item in starting(items, "PET#", "PROFILE"):
        pet = PetRecord.model_validate(item)
        profile = items.get((f"USER#{pet.owner_id}", "DISCOVERY"), {})
        wanted: Item = {}
        if "cell" in profile:
            criteria = criteria_of(profile)
            part = owner_parts.pack(criteria, availability_of(profile))
            kind = keys.kind_of(pet.type, criteria.radius_km)
            wanted = {"card": cards.pack(pet, part)} | keys.nearby(profile["cell"], kind)
        found = {name: item[name] for name in ("card", "area", "cell") if name in item}
        if found != wanted:
            yield f"the card of {pet.pet_id} is not what follows from its sources"


def pet_lists(items: Items) -> Iterator[str]:
    """An owner's list and count of pets are those of the pets there are, and these are not too many."""
    wanted = Counter((f"USER#{pet['owner_id']}", pet["pet_id"]) for pet in starting(items, "PET#", "PROFILE"))
    listed = Counter((entry["PK"], entry["pet_id"]) for entry in starting(items, "USER#", keys.PET))
    yield from _differences("a pet's entry in its owner's list", wanted, listed)
    counts = Counter(owner for owner, _ in wanted)
    profiles = {each["PK"]: each.get("pet_count", 0) for each in starting(items, "USER#", "DISCOVERY")}
    yield from (f"{owner} has {count} pets" for owner, count in counts.items() if count > MAX_PETS)
    for owner in counts.keys() | profiles.keys():
        if profiles.get(owner, 0) != counts[owner]:
            yield f"{owner} is said to have {profiles.get(owner, 0)} pets and has {counts[owner]}"


def matches(items: Items) -> Iterator[str]:
    """Two users have one match at the most; both lists agree with it, and it is Active while both like each other."""
    entries = Counter(
        (each["PK"], each["match_id"], each["other_user_id"], each["status"])
        for each in starting(items, "USER#", keys.MATCH)
    )
    wanted: Counter[Any] = Counter()
    pairs: Counter[frozenset[str]] = Counter()
    edges = {(each["PK"].removeprefix("USER#"), each["SK"].removeprefix("LIKES#")) for each in _edges(items)}
    for match in starting(items, "MATCH#", "DETAILS"):
        one, other = match["liked_pets"]
        pairs[frozenset((one, other))] += 1
        for me, them in ((one, other), (other, one)):
            wanted[f"USER#{me}", match["match_id"], them, match["status"]] += 1
        if ((one, other) in edges and (other, one) in edges) != (match["status"] == "Active"):
            yield f"{match['match_id']} is {match['status']} against what its two users feel"
    yield from _differences("a match in a user's list", wanted, entries)
    yield from (f"two users have {count} matches" for count in pairs.values() if count > 1)
    unmatched = [pair for pair in edges if pair[::-1] in edges and frozenset(pair) not in pairs]
    yield from (f"{one} and {other} like each other and have no match" for one, other in unmatched)
    for edge in _edges(items):
        answer = items.get((edge["PK"], keys.ANSWER + edge["target_pet_id"]), {})
        if "liked_at" not in answer:
            yield f"{edge['PK']} likes somebody for a pet that was never liked"


def answers(items: Items) -> Iterator[str]:
    """Who is answered can be led to the answer, and is led nowhere else."""
    given = Counter(
        (each["target_owner_id"], each["PK"].removeprefix("USER#"), each["target_pet_id"])
        for each in starting(items, "USER#", keys.ANSWER)
    )
    received = Counter(
        (each["PK"].removeprefix("USER#"), each["actor_id"], each["target_pet_id"])
        for each in starting(items, "USER#", keys.ANSWERED_BY)
    )
    yield from _differences("the way to an answer", given, received)


def watches(items: Items) -> Iterator[str]:
    """Who watches has the pet that it is for, and the watch is where the owner lives."""
    for each in starting(items, "USER#", keys.WATCH):
        pet = items.get((f"PET#{each['pet_id']}", "PROFILE"), {})
        if f"USER#{pet.get('owner_id')}" != each["PK"]:
            yield f"{each['PK']} watches for a pet that is not there"
        cell = items.get((each["PK"], "DISCOVERY"), {}).get("cell")
        found = {name: each.get(name) for name in ("area", "cell")}
        if cell is None or found != keys.watching(cell):
            yield f"{each['PK']} watches at {found} and lives in {cell}"


def _edges(items: Items) -> list[Item]:
    return starting(items, "USER#", "LIKES#")


def blocks(items: Items) -> Iterator[str]:
    """Who is blocked has the block's mirror, and between the two there is neither an Active match nor a like."""
    made = Counter(_pair(each, "BLOCK#") for each in starting(items, "USER#", keys.BLOCK))
    mirrored = Counter(_pair(each, keys.BLOCKED_BY)[::-1] for each in starting(items, "USER#", keys.BLOCKED_BY))
    yield from _differences("the mirror of a block", made, mirrored)
    apart = {frozenset(pair) for pair in made}
    for match in starting(items, "MATCH#", "DETAILS"):
        if match["status"] == "Active" and frozenset(match["liked_pets"]) in apart:
            yield f"{match['match_id']} is Active across a block"
    likes = (_pair(each, "LIKES#") for each in _edges(items))
    yield from (f"{one} likes {other} across a block" for one, other in likes if frozenset((one, other)) in apart)


def _pair(item: Item, prefix: str) -> tuple[str, str]:
    """Return the two users of an entry: whose partition it is in, and whom its key names."""
    return item["PK"].removeprefix("USER#"), item["SK"].removeprefix(prefix)


def kept_apart(items: Items) -> Iterator[str]:
    """What keeps two pets apart stands under both of them, and both are there."""
    for entry in starting(items, "PET#", keys.APART):
        pet_id, other_id, asking = entry["PK"].removeprefix("PET#"), entry["other_pet_id"], entry["asking_pet_id"]
        if tuple(keys.apart(pet_id, other_id, asking).values()) != (entry["PK"], entry["SK"]):
            yield f"{entry['PK']} {entry['SK']} says something else than its key"
        if asking not in (pet_id, other_id):
            yield f"{pet_id} and {other_id} are kept apart by neither"
        if tuple(keys.apart(other_id, pet_id, asking).values()) not in items:
            yield f"{pet_id} is kept apart from {other_id}, and not the other way round"
        if (entry["PK"], "PROFILE") not in items:
            yield f"{pet_id} is kept apart, and is no more"


def reports(items: Items) -> Iterator[str]:
    """A report is what was sealed, and whoever is in it and is still here is led to it."""
    for report in starting(items, keys.reports_partition(), ""):
        if not is_intact(report):
            yield f"{report['SK']} is not what was sealed"
        facts = json.loads(report["facts"])
        moment = _instant(facts["reported_at"]), facts["report_id"]
        leads = keys.report_by(facts["reporter_id"], *moment), keys.report_about(facts["reported_id"], *moment)
        for lead, words in zip(leads, WORDS.values(), strict=True):
            if (words in report) != ((lead["PK"], lead["SK"]) in items):
                yield f"{report['SK']} holds words of somebody whom nothing leads there, or the other way round"


def accounts(items: Items) -> Iterator[str]:
    """A name is its account's, an address that of the one account that proved it, and sessions are somebody's."""
    users = starting(items, "USER#", "PROFILE")
    named = Counter((keys.username(user["username"])["PK"], user["user_id"]) for user in users)
    names = Counter((each["PK"], each["user_id"]) for each in starting(items, "USERNAME#", "CLAIM"))
    yield from _differences("the claim of a name", named, names)
    proved = [user for user in users if "email_verified" in user]
    wanted = Counter((keys.email(user["email"])["PK"], user["user_id"]) for user in proved)
    claims = Counter((each["PK"], each["user_id"]) for each in starting(items, "EMAIL#", "CLAIM"))
    yield from _differences("the claim of an address", wanted, claims)
    unproved = [user for user in users if user not in proved]
    waiting = Counter(
        tuple(keys.pending(user["email"], _instant(user["created_at"]), user["user_id"]).values()) for user in unproved
    )
    pending = Counter((each["PK"], each["SK"]) for each in starting(items, "EMAIL#", keys.PENDING))
    yield from _differences("an account that waits for its address", waiting, pending)
    yield from (f"{user['username']} will be forgotten" for user in proved if "ttl" in user)
    known = {user["user_id"] for user in users}
    signed_in = {session["user_id"] for session in starting(items, "USER#", keys.SESSION)}
    for session in starting(items, "USER#", keys.SESSION):
        if session["user_id"] not in known or session["PK"] != keys.user_partition(session["user_id"]):
            yield f"{session['SK']} is nobody's session"
    closed = {user["user_id"] for user in users if "closed_at" in user}
    yield from (f"{user_id} is closed and signed in" for user_id in closed & signed_in)
    listed = {each["user_id"] for each in starting(items, keys.CLOSED, "USER#")}
    yield from (f"{user_id} is closed and on no list" for user_id in closed - listed)
    yield from (f"{user_id} is open and listed as closed" for user_id in listed & (known - closed))


def calendar_feeds(items: Items) -> Iterator[str]:
    """A feed is somebody's, and the table holds of its address no more than a digest, in answers kept neither."""
    for feed in starting(items, "USER#", keys.CALENDAR_FEED):
        if (feed["PK"], "PROFILE") not in items:
            yield f"{feed['PK']} has a feed and is no more"
        if feed.keys() != {"PK", "SK", "digest", "password_version", "created_at"} or len(feed["digest"]) != 64:
            yield f"{feed['PK']} keeps of its feed {sorted(feed)}"
    yield from (f"{place} shows a feed's address" for place, item in items.items() if "/calendar/" in str(item))


def _playdates(items: Items) -> list[AppointmentRecord]:
    """Return the playdates that nobody has left by ending an account."""
    stored = (AppointmentRecord.model_validate(each) for each in starting(items, "APPOINTMENT#", "DETAILS"))
    return [each for each in stored if len(each.parties) == 2]


def meeting_again(items: Items) -> Iterator[str]:
    """A match says of meeting again what both sides last said of a playdate, and nothing before they did."""
    said: dict[str, list[tuple[datetime, bool]]] = {}
    for each in _playdates(items):
        feedback = [party.again for party in each.parties if party.again is not None]
        if len(feedback) == 2:
            said.setdefault(each.match_id or "", []).append((each.updated_at, all(feedback)))
    for match in starting(items, "MATCH#", "DETAILS"):
        match_id = match["match_id"]
        told = said.get(match_id, [])
        last: set[bool | None] = {again for when, again in told if when == max(told)[0]} or {None}
        entries = [each for each in starting(items, "USER#", keys.MATCH) if each["match_id"] == match_id]
        found = {each.get("again") for each in (match, *entries)}
        if len(found) > 1 or not found <= last:
            yield f"{match_id} says {found} of meeting again, and its two users said {last}"


def reliability(items: Items) -> Iterator[str]:
    """How reliable somebody is follows from their playdates: each that is over counts once it has been seen to."""
    wanted: Counter[tuple[str, str]] = Counter()
    for each in _playdates(items):
        over = next((entry for entry in entries_of(each) if entry["what"] == "over"), None)
        if each.cancelled_late:
            wanted[each.cancelled_by or "", "playdates_cancelled_late"] += 1
        if each.current_status == "Completed" and (over is None or (over["PK"], over["SK"]) not in items):
            came = [party.user_id for party in each.parties if party.checked_in]
            for party in each.parties if came else ():
                wanted[party.user_id, "playdates_kept" if party.checked_in else "playdates_missed"] += 1
    left_alone = {
        each["parties"][0]["user_id"]
        for each in starting(items, "APPOINTMENT#", "DETAILS")
        if each["kind"] == "playdate" and len(each["parties"]) == 1
    }
    names = ("playdates_kept", "playdates_missed", "playdates_cancelled_late")
    for user in starting(items, "USER#", "PROFILE"):
        if user["user_id"] in left_alone or "closed_at" in user:
            continue  # with an account goes what would tell whether its owner came
        for name in names:
            found, right = user.get(name, 0), wanted[user["user_id"], name]
            if found != right:
                yield f"{user['user_id']} has {found} {name}, and should have {right}"


def repeats(items: Items) -> Iterator[str]:
    """A series knows what it has made and what is next, and nothing past its end is on the calendars for good."""
    of: dict[str, dict[int, AppointmentRecord]] = {}
    for each in starting(items, "APPOINTMENT#", "DETAILS"):
        if "series_id" in each:
            playdate = AppointmentRecord.model_validate(each)
            if playdate.number in of.setdefault(each["series_id"], {}):
                yield f"{each['series_id']} has two playdates with the number {playdate.number}"
            of[each["series_id"]][playdate.number] = playdate
    for item in starting(items, "SERIES#", "DETAILS"):
        series = SeriesRecord.model_validate(item)
        made = of.get(series.series_id, {})
        if series.made not in made or max(made) > series.made:
            yield f"{series.series_id} has made {sorted(made)}, and says {series.made}"
        if (series.due_at is None) != (series.next_number > max(series.made, series.weeks - 1)):
            yield f"{series.series_id} is to be seen to at {series.due_at}, and {series.next_number} is next"
        for number, playdate in made.items():
            if playdate.appointment_id != series.appointment_id_of(number):
                yield f"{playdate.appointment_id} is not the number {number} of its series"
            if series.weeks <= number < series.next_number and playdate.lies_ahead():
                yield f"{playdate.appointment_id} takes place after the end of its series"


def recorded_answers(items: Items) -> Iterator[str]:
    """What is kept for a repeated request is a success, and speaks of what there is."""
    for record in starting(items, "USER#", "IDEMPOTENCY#"):
        if not 200 <= record["status"] < 300:
            yield f"a failure is kept as an answer: {record['status']}"
        body = json.loads(record["body"])
        if "appointment_id" in body and (f"APPOINTMENT#{body['appointment_id']}", "DETAILS") not in items:
            yield f"an answer is kept for an appointment that does not exist: {body['appointment_id']}"


RULES: tuple[Rule, ...] = (
    calendars,
    agendas,
    told,
    due_entries,
    discovery_cards,
    pet_lists,
    matches,
    answers,
    watches,
    blocks,
    kept_apart,
    reports,
    accounts,
    calendar_feeds,
    meeting_again,
    reliability,
    repeats,
    recorded_answers,
)


def violations(found: Mapping[tuple[str, str], dict[str, Any]]) -> list[str]:
    """Return in sentences what is wrong with a table, of which `snapshot.scan` has told everything."""
    items = {place: _from_wire(wire) for place, wire in found.items()}
    return [fault for rule in RULES for fault in rule(items)]


def faults_of(store: Table) -> list[str]:
    """Return in sentences what is wrong with the table as it is now."""
    return violations(scan(store))
