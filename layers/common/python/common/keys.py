"""Every key of the one table: nobody else spells a prefix.

| entity | PK | SK | written by |
|---|---|---|---|
| User | `USER#<user id>` | `PROFILE` | auth |
| Username claim | `USERNAME#<case-folded username>` | `CLAIM` | auth |
| E-mail claim | `EMAIL#<case-folded e-mail>` | `CLAIM` | auth; only once the address is proved |
| Account waiting for its address | `EMAIL#<case-folded e-mail>` | `PENDING#<UTC instant>#<user id>` | auth; ttl |
| Session | `USER#<user id>` | `SESSION#<session id>` | auth; ttl |
| Known device | `USER#<user id>` | `DEVICE#<sha-256 of its token>` | auth; ttl |
| Activity | `USER#<user id>` | `ACTIVITY#<UTC instant>#<activity id>` | auth, within the act's transaction; ttl |
| Closed account | `CLOSED` | `USER#<user id>` | auth, until all of the account is erased |
| Change of the password just made | `USER#<user id>` | `PASSWORD_CHANGE#<session id>` | auth; ttl |
| Change of the e-mail address | `USER#<user id>` | `EMAIL_CHANGE` | auth: the address to come; ttl |
| Place of a throttle | `THROTTLE#<sha-256 of the bucket>` | `PLACE#<number>` | auth; ttl |
| Mail token | `USER#<user id>` | `MAIL_TOKEN#<sha-256 of the token>` | auth; ttl |
| Verification keys | `KEYS` | `VERIFICATION` | the key rotation |
| Pet | `PET#<pet id>` | `PROFILE` | pets; also in the index `Nearby` while it can be discovered |
| Pet of an owner | `USER#<owner's id>` | `PET#<pet id>` | pets |
| Discovery profile | `USER#<owner's id>` | `DISCOVERY` | matching; its version guards the owner's cards |
| Answer (like, pass) | `USER#<actor's id>` | `ANSWER#<target pet id>` | matching; a pass has `passed_at`, and a ttl |
| Answer of another | `USER#<owner's id>` | `ANSWERED_BY#<target pet id>#<like, pass>#<actor's id>` | matching |
| Liking between users | `USER#<actor's id>` | `LIKES#<other user's id>` | matching |
| Ranking | `USER#<searcher's id>` | `RANKING#<ranking id>` | matching: the rest of a search's result; ttl |
| Density | `DENSITY#<three characters of a cell>` | `COUNTS` | event consumers: pets by partition of `Nearby` |
| Watch | `USER#<owner's id>` | `WATCH#<pet id>` | matching; also in the index `Nearby`; ttl |
| Match | `MATCH#<match id>` | `DETAILS` | matching |
| Match of a user | `USER#<user id>` | `MATCH#<match id>` | matching |
| Block | `USER#<blocker's id>` | `BLOCK#<blocked user's id>` | matching |
| Block by another | `USER#<blocked user's id>` | `BLOCKED_BY#<blocker's id>` | matching: mirrors the block |
| Keep-apart | `PET#<pet id>` | `APART#<other pet id>#<id of the pet that asked>` | matching; under both pets |
| Appointment | `APPOINTMENT#<appointment id>` | `DETAILS` | appointments |
| Agenda entry | `USER#<user id>` | `AGENDA#<UTC start>#<appointment id>` | appointments |
| Series | `SERIES#<series id>` | `DETAILS` | appointments: weekly playdates |
| What falls due | `DUE#<UTC quarter hour>` | `<what>#<appointment or series id>` | appointments |
| How far what fell due is done | `DUE` | `PROGRESS` | the scheduled function |
| Slot claim | `PET#<pet id>` | `SLOT#<UTC quarter hour>` | appointments |
| Calendar feed | `USER#<user id>` | `CALENDAR_FEED` | appointments: the digest of its token |
| Report | `REPORTS` | `<UTC instant>#<report id>` | operations: evidence, sealed; ttl |
| Report by a user | `USER#<reporter's id>` | `REPORT#<UTC instant>#<report id>` | operations: leads to it; ttl |
| Report about a user | `USER#<reported user's id>` | `REPORTED#<UTC instant>#<report id>` | operations: the same |
| Idempotency record | `USER#<user id>` | `IDEMPOTENCY#<key or its sha-256>` | Api, in the effect's transaction; ttl |
| Outbox event | `OUTBOX#<event id>` | `EVENT` | the transaction of what happened; ttl |
| Handled event | `HANDLED#<consumer>` | `EVENT#<event id>` | event consumers: a lease while it is being handled; ttl |

Index `Nearby` (sparse, on pets): `area` = `<first four characters of the cell>#<kind>` (two around the poles, see
`geo.partition`), `cell`, projecting the packed `card`; whose it is says PK, and names are short, since each entry is
charged for them. A kind is `dog` or `cat` where the owner looks no more than 5 km far, `dog_far` or `cat_far` where
they look farther, or, for all rarer types, `rest`: few as they are, one query reads them together. Watches stand
there as the kind `watch`, without a card.
"""

from datetime import UTC, datetime
from math import inf
from typing import Literal

from common import geo
from common.table import Index, Key

SESSION = "SESSION#"
PENDING = "PENDING#"
PET = "PET#"
ANSWER = "ANSWER#"
ANSWERED_BY = "ANSWERED_BY#"
MATCH = "MATCH#"
WATCH = "WATCH#"
NEARBY = Index("Nearby", "area", "cell")
NEAR_KM = 5
"""Who looks this far, or less far, is kept apart from who looks farther: beyond, only these can suit anybody."""
KINDS_OF_COMMON = {"dog": ("dog", "dog_far"), "cat": ("cat", "cat_far")}
"""The kinds of partitions that hold pets of the common types: whose owners look near, and far."""
KINDS = (*(kind for kinds in KINDS_OF_COMMON.values() for kind in kinds), "rest")
"""The kinds of pets that partitions of the index hold."""
WATCHES = "watch"
"""What stands there in the place of a kind."""
BLOCK = "BLOCK#"
BLOCKED_BY = "BLOCKED_BY#"
BLOCKED_EITHER_WAY = "BLOCK"
"""What the keys of both begin with, and no others in a user's partition."""
APART = "APART#"
REPORT = "REPORT#"
REPORTED = "REPORTED#"
AGENDA = "AGENDA#"
CALENDAR_FEED = "CALENDAR_FEED"
SLOT = "SLOT#"
IDEMPOTENCY = "IDEMPOTENCY#"
OUTBOX = "OUTBOX#"
ACTIVITY = "ACTIVITY#"
DEVICE = "DEVICE#"
THROTTLE = "THROTTLE#"
CLOSED = "CLOSED"
DUE = "DUE"


def _key(partition: str, sort: str) -> Key:
    return {"PK": partition, "SK": sort}


def instant(moment: datetime) -> str:
    """Return a UTC instant in the form whose order as text is the order in time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _second(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def user_partition(user_id: str) -> str:
    """Return the partition that holds what belongs to a user."""
    return f"USER#{user_id}"


def pet_partition(pet_id: str) -> str:
    """Return the partition that holds a pet, its slot claims and whom it is kept apart from."""
    return f"PET#{pet_id}"


def user(user_id: str) -> Key:
    return _key(user_partition(user_id), "PROFILE")


def username(name: str) -> Key:
    """Return the claim of a username; case does not tell two apart."""
    return _key(f"USERNAME#{name.casefold()}", "CLAIM")


def email(address: str) -> Key:
    """Return the claim of an e-mail address; case does not tell two apart."""
    return _key(f"EMAIL#{address.casefold()}", "CLAIM")


def pending(address: str, since: datetime, user_id: str) -> Key:
    """Return the entry of an account that waits for this address to be proved."""
    return _key(f"EMAIL#{address.casefold()}", f"{PENDING}{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}#{user_id}")


def session(user_id: str, session_id: str) -> Key:
    return _key(user_partition(user_id), f"{SESSION}{session_id}")


def device(user_id: str, digest: str) -> Key:
    return _key(user_partition(user_id), f"{DEVICE}{digest}")


def activity(user_id: str, moment: datetime, activity_id: str) -> Key:
    return _key(user_partition(user_id), f"{ACTIVITY}{_second(moment)}#{activity_id}")


def closed(user_id: str) -> Key:
    """Return the entry of an account in the list of those that are to be erased."""
    return _key(CLOSED, user_partition(user_id))


def password_change(user_id: str, session_id: str) -> Key:
    """Return where a change of the password is kept in mind for whoever asks for it again."""
    return _key(user_partition(user_id), f"PASSWORD_CHANGE#{session_id}")


def email_change(user_id: str) -> Key:
    return _key(user_partition(user_id), "EMAIL_CHANGE")


def place(digest: str, number: int) -> Key:
    """Return a place in the bucket of a throttle."""
    return _key(f"{THROTTLE}{digest}", f"PLACE#{number}")


def mail_token(user_id: str, digest: str) -> Key:
    return _key(user_partition(user_id), f"MAIL_TOKEN#{digest}")


def verification_keys() -> Key:
    return _key("KEYS", "VERIFICATION")


def pet(pet_id: str) -> Key:
    return _key(pet_partition(pet_id), "PROFILE")


def pet_of_owner(owner_id: str, pet_id: str) -> Key:
    return _key(user_partition(owner_id), f"{PET}{pet_id}")


def discovery(owner_id: str) -> Key:
    return _key(user_partition(owner_id), "DISCOVERY")


def answer(actor_id: str, target_pet_id: str) -> Key:
    return _key(user_partition(actor_id), f"{ANSWER}{target_pet_id}")


def answered_by(owner_id: str, target_pet_id: str, kind: Literal["like", "pass"], actor_id: str) -> Key:
    """Return the entry by which an owner's partition leads to what others have answered to the owner's pets."""
    return _key(user_partition(owner_id), f"{ANSWERED_BY}{target_pet_id}#{kind}#{actor_id}")


def likes_of(target_pet_id: str) -> str:
    """Return what the sort keys of the likes of a pet begin with, under its owner."""
    return f"{ANSWERED_BY}{target_pet_id}#like#"


def density(region: str) -> Key:
    """Return the counts of the pets in a region: the partitions of `Nearby` that share three characters."""
    return _key(f"DENSITY#{region}", "COUNTS")


def likes_user(actor_id: str, other_id: str) -> Key:
    return _key(user_partition(actor_id), f"LIKES#{other_id}")


def ranking(searcher_id: str, ranking_id: str) -> Key:
    return _key(user_partition(searcher_id), f"RANKING#{ranking_id}")


def watch(owner_id: str, pet_id: str) -> Key:
    return _key(user_partition(owner_id), f"{WATCH}{pet_id}")


def match(match_id: str) -> Key:
    return _key(f"MATCH#{match_id}", "DETAILS")


def match_of_user(user_id: str, match_id: str) -> Key:
    return _key(user_partition(user_id), f"{MATCH}{match_id}")


def block(blocker_id: str, blocked_id: str) -> Key:
    return _key(user_partition(blocker_id), f"{BLOCK}{blocked_id}")


def blocked_by(blocked_id: str, blocker_id: str) -> Key:
    """Return the mirror of a block, under the user who is blocked."""
    return _key(user_partition(blocked_id), f"{BLOCKED_BY}{blocker_id}")


def apart(pet_id: str, other_pet_id: str, asking_pet_id: str) -> Key:
    """Return the entry under one of two pets that are kept apart; `asking_pet_id` is the one whose owner asked."""
    return _key(pet_partition(pet_id), f"{APART}{other_pet_id}#{asking_pet_id}")


def reports_partition() -> str:
    """Return the partition that holds all reports."""
    return "REPORTS"


def report(moment: datetime, report_id: str) -> Key:
    return _key(reports_partition(), f"{_second(moment)}#{report_id}")


def report_by(reporter_id: str, moment: datetime, report_id: str) -> Key:
    return _key(user_partition(reporter_id), f"{REPORT}{_second(moment)}#{report_id}")


def report_about(reported_id: str, moment: datetime, report_id: str) -> Key:
    return _key(user_partition(reported_id), f"{REPORTED}{_second(moment)}#{report_id}")


def appointment(appointment_id: str) -> Key:
    return _key(f"APPOINTMENT#{appointment_id}", "DETAILS")


def agenda_entry(user_id: str, start: datetime, appointment_id: str) -> Key:
    return _key(user_partition(user_id), f"{AGENDA}{instant(start)}#{appointment_id}")


def series(series_id: str) -> Key:
    return _key(f"SERIES#{series_id}", "DETAILS")


def due_partition(quarter: datetime) -> str:
    """Return the partition that holds what falls due at a quarter hour."""
    return f"{DUE}#{instant(quarter)}"


def due(quarter: datetime, what: str, about: str) -> Key:
    """Return what falls due at a quarter hour; `about` is the id of an appointment or a series."""
    return _key(due_partition(quarter), f"{what}#{about}")


def due_progress() -> Key:
    return _key(DUE, "PROGRESS")


def calendar_feed(user_id: str) -> Key:
    return _key(user_partition(user_id), CALENDAR_FEED)


def slot(pet_id: str, quarter: datetime) -> Key:
    return _key(pet_partition(pet_id), f"{SLOT}{instant(quarter)}")


def quarter_of(claim: Key) -> datetime:
    """Return the quarter hour that a slot claim takes, by its key."""
    return datetime.fromisoformat(claim["SK"].removeprefix(SLOT))


def idempotency(user_id: str, key: str) -> Key:
    return _key(user_partition(user_id), f"{IDEMPOTENCY}{key}")


def outbox(event_id: str) -> Key:
    return _key(f"{OUTBOX}{event_id}", "EVENT")


def handled(consumer: str, event_id: str) -> Key:
    return _key(f"HANDLED#{consumer}", f"EVENT#{event_id}")


def kinds_of(pet_type: str) -> tuple[str, ...]:
    """Return the kinds of partitions of the index `Nearby` that hold pets of a type; of "any" type, all."""
    return KINDS if pet_type == "any" else KINDS_OF_COMMON.get(pet_type, ("rest",))


def kind_of(pet_type: str, reach_km: int) -> str:
    """Return the kind that holds a pet of a type whose owner looks so far."""
    kinds = kinds_of(pet_type)
    return kinds[-1] if reach_km > NEAR_KM else kinds[0]


def reach_of(kind: str) -> float:
    """Return how far, in km, from those whom they can suit the pets of a kind are at the most."""
    return NEAR_KM if kind in KINDS_OF_COMMON else inf


def nearby(cell: str, kind: str) -> dict[str, str]:
    """Return the attributes that put an item into the index `Nearby`."""
    return {NEARBY.partition: nearby_partition(cell, kind), NEARBY.sort: cell}


def nearby_partition(cell: str, kind: str) -> str:
    """Return the partition of `Nearby` that holds the pets of a kind around a cell."""
    return f"{geo.partition(cell)}#{kind}"


def watching(cell: str) -> dict[str, str]:
    """Return the attributes that put a watch into the index `Nearby`."""
    return nearby(cell, WATCHES)
