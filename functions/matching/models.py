"""What matching takes, answers and stores. A point on the map comes in and goes no further than `NewLocation`."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from common.errors import invalid_field
from common.models import Day, Id, In, Instant, Out, Record
from pets.models import MAX_AGE_YEARS, PetCard

type Precision = Literal["neighbourhood", "area"]
type PreferredType = Literal["dog", "cat", "bird", "reptile", "fish", "other", "any"]
type SizePreference = Literal["small", "medium", "large", "any"]
type ActivityPreference = Literal["low", "medium", "high", "any"]
type Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
type MatchStatus = Literal["Active", "Inactive"]

MAX_RADIUS_KM = 25
MAX_WINDOWS = 50
MAX_AWAY = 20
MACHINE_ZONES = frozenset({"localtime", "Factory", "posixrules"})

Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
RadiusKm = Annotated[int, Field(ge=1, le=MAX_RADIUS_KM, description="Kilometres")]
AgeBound = Annotated[int, Field(ge=0, le=MAX_AGE_YEARS, description="Completed years")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east")]
StartOfWindow = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
EndOfWindow = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class NewLocation(In):
    """Where the owner is: a point, or the middle of a place of /places, never both.

    Kept only as the cell that holds it: six characters of geohash, or five for an area.
    """

    latitude: Annotated[Latitude | None, Field(repr=False)] = None
    longitude: Annotated[Longitude | None, Field(repr=False)] = None
    place_id: Reference | None = None
    precision: Precision

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        missing = [name for name in ("latitude", "longitude") if getattr(self, name) is None]
        if (self.place_id is None) == (len(missing) == 2):
            raise invalid_field("/place_id", "give either place_id, or latitude and longitude")
        if len(missing) == 1:
            raise invalid_field(f"/{missing[0]}", "a point needs both latitude and longitude", "missing")
        return self


class Bounds(Out):
    """A rectangle on the map, in degrees."""

    south: float
    west: float
    north: float
    east: float


class Location(Out):
    """What Pawtime knows of where the owner is: all of it. `cell` is for drawing it."""

    precision: Precision
    cell: Bounds
    located_at: Instant


class Criteria(In):
    """Whom the owner looks for; the same shape comes in and goes out.

    Ages are completed years, both bounds included. Distances are between the middles of two cells. What an owner has
    not said of a pet shuts it out of nothing: the reasons of a candidate say that it is unknown.
    """

    preferred_type: PreferredType
    age_range_start: AgeBound | None = None
    age_range_end: Annotated[AgeBound, Field(ge=1)] | None = None
    size_preference: SizePreference
    activity_level: ActivityPreference
    radius_km: RadiusKm
    with_children: Annotated[bool, Field(description="Leave out pets that are not good with children")] = False
    vaccinated: Annotated[bool, Field(description="Leave out pets whose vaccination has lapsed")] = False

    @field_validator("age_range_end")
    @classmethod
    def _end_after_start(cls, end: int | None, info: ValidationInfo) -> int | None:
        if end is not None and end <= (info.data.get("age_range_start") or 0):
            raise ValueError("must be greater than age_range_start")
        return end


DEFAULT_CRITERIA = Criteria(preferred_type="any", size_preference="any", activity_level="any", radius_km=5)
"""What holds for an owner who has not said: any pet within a walk or a short ride, and nobody is shut out."""


class Window(In):
    """A time of every week, in the availability's zone: from `start` up to `end`, which may be 24:00."""

    weekday: Weekday
    start: StartOfWindow
    end: EndOfWindow

    @field_validator("end")
    @classmethod
    def _end_after_start(cls, end: str, info: ValidationInfo) -> str:
        if end <= info.data.get("start", ""):
            raise ValueError("must be later than start; what passes midnight takes two windows")
        return end


class Away(In):
    """Days on which the weekly windows do not hold: from the first to the last, both included."""

    model_config = ConfigDict(serialize_by_alias=True)

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")

    @field_validator("last")
    @classmethod
    def _last_not_before_first(cls, last: date, info: ValidationInfo) -> date:
        if "first" in info.data and last < info.data["first"]:
            raise ValueError("must not be before from")
        return last


@cache
def _zones() -> frozenset[str]:
    """Return the names in the IANA database; looking a name up in it cannot lead astray, as opening a file could."""
    return frozenset(available_timezones() - MACHINE_ZONES)


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("must be a time zone of the IANA database, such as Europe/Lisbon")
    return name


TimeZone = Annotated[str, StringConstraints(max_length=40), AfterValidator(_known_zone)]


class Availability(In):
    """When the owner is free in a usual week; the same shape comes in and goes out, with windows in order.

    No windows means that the owner has not said: it is unknown, not never.
    """

    time_zone: TimeZone
    windows: Annotated[list[Window], Field(max_length=MAX_WINDOWS)]
    away: Annotated[list[Away], Field(max_length=MAX_AWAY, default_factory=list)]

    def is_away(self, day: date) -> bool:
        """Return whether the owner is away on a day of their own calendar."""
        return any(away.first <= day <= away.last for away in self.away)


NO_AVAILABILITY = Availability(time_zone="UTC", windows=[], away=[])


class Candidate(Out):
    """A pet that suits: how well (0 to 100), and why, in words. `as_asked`: without anything having been widened."""

    pet: PetCard
    distance_band: str
    score: Annotated[int, Field(ge=0, le=100)]
    reasons: list[str]
    as_asked: bool


class Widened(Out):
    """What was searched instead, where fewer than five fitted what was asked; what was given up, in words."""

    criteria: Criteria
    relaxed: list[str]


class CandidatePage(Out):
    """One page of candidates, best first; where the search was widened, first those who fit what was asked.

    `next_cursor` is null at the end.
    """

    items: list[Candidate]
    widened: Widened | None
    next_cursor: str | None


class NewLike(In):
    """My pet `pet_id` would like to meet `target_pet_id`."""

    pet_id: Reference
    target_pet_id: Reference


class Like(Out):
    pet_id: Id
    target_pet_id: Id
    liked_at: Instant


class NewPass(In):
    """For my pet `pet_id`, `target_pet_id` is none to meet."""

    pet_id: Reference
    target_pet_id: Reference


class Pass(Out):
    pet_id: Id
    target_pet_id: Id
    passed_at: Instant


class NewWatch(In):
    """Tell me when somebody appears who suits my pet `pet_id`."""

    pet_id: Reference


class Watch(Out):
    """A mail goes out, and the watch ends, when somebody appears; otherwise it ends at `until`."""

    pet_id: Id
    since: Instant
    until: Instant


class NewBlock(In):
    """Whom to block: a user, or whoever owns a pet that one is shown. One of the two is needed."""

    user_id: Reference | None = None
    pet_id: Reference | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.user_id is None) == (self.pet_id is None):
            raise ValueError("give either user_id or pet_id")
        return self


class Block(Out):
    """Somebody whom I block: neither of us is shown to the other."""

    user_id: Id
    blocked_at: Instant


class KeptApart(Out):
    """Two pets that never meet; `pet_id` is mine."""

    pet_id: Id
    other_pet_id: Id
    since: Instant


class Reliability(Out):
    """Playdates to which somebody came, that they missed though the other side was there, and cancelled late."""

    kept: int = 0
    missed: int = 0
    cancelled_late: int = 0

    @classmethod
    def of(cls, user: Mapping[str, Any]) -> Self:
        """Return what the item of a user says."""
        return cls(**{name: user.get(f"playdates_{name}", 0) for name in cls.model_fields})


class Match(Out):
    """Two owners whose pets like each other, as one of the two sees it; a pet deleted since is null.

    `my_pet` is the one that the other side liked, `other_pet` the one that I liked. `again` is whether both wanted to
    meet again when both had last said so, and null until then.
    """

    match_id: Id
    status: MatchStatus
    matched_at: Instant
    ended_at: Instant | None
    other_user_id: Id
    my_pet: PetCard | None
    other_pet: PetCard | None
    again: bool | None
    other_reliability: Reliability


class LikeAnswer(Out):
    """The like and, where the other side already likes a pet of mine, the match of us two."""

    like: Like
    match: Match | None


class LikeRecord(Record):
    """A like as stored, under its actor."""

    pet_id: str
    target_pet_id: str
    liked_at: Instant

    def as_like(self) -> Like:
        """Return what the actor sees."""
        return Like(**self.model_dump())


class PassRecord(Record):
    """A pass as stored, where a like would be."""

    pet_id: str
    target_pet_id: str
    target_owner_id: str
    passed_at: Instant

    def as_pass(self) -> Pass:
        """Return what the actor sees."""
        return Pass(**self.model_dump(exclude={"target_owner_id"}))


class WatchRecord(Record):
    """A watch as stored; `known` are digests of the pets that fitted already when it was set."""

    watch_id: str
    pet_id: str
    since: Instant
    until: Instant
    known: list[str]

    def as_watch(self) -> Watch:
        """Return what the owner sees."""
        return Watch(**self.model_dump(exclude={"watch_id", "known"}))


class BlockRecord(Record):
    """A block as stored on either side: `other_user_id` is whom the partition's user has it with."""

    other_user_id: str
    blocked_at: Instant

    def as_block(self) -> Block:
        """Return what the blocker sees."""
        return Block(user_id=self.other_user_id, blocked_at=self.blocked_at)


class ApartRecord(Record):
    """A keep-apart as stored under either pet: `other_pet_id` is the other one."""

    other_pet_id: str
    asking_pet_id: str
    since: Instant


class MatchRecord(Record):
    """The one match of two users, as stored. `liked_pets` holds, by owner, the pet that the other side liked."""

    match_id: str
    liked_pets: dict[str, str]
    status: MatchStatus = "Active"
    matched_at: Instant
    ended_at: Instant | None = None
    again: bool | None = None

    @property
    def user_ids(self) -> list[str]:
        """Return the two users, in a fixed order."""
        return sorted(self.liked_pets)

    def other(self, user_id: str) -> str:
        """Return the other user of the two."""
        return next(each for each in self.user_ids if each != user_id)

    def ended(self, when: datetime) -> Self:
        """Return this match, ended."""
        return self.model_copy(update={"status": "Inactive", "ended_at": when})

    def seen_by(self, user_id: str, cards: Mapping[str, PetCard], users: Mapping[str, Reliability]) -> Match:
        """Return what one of the two sees; `cards` holds the pets, by id, that still exist, `users` both users."""
        other_id = self.other(user_id)
        return Match(
            **self.model_dump(exclude={"liked_pets"}),
            other_user_id=other_id,
            my_pet=cards.get(self.liked_pets[user_id]),
            other_pet=cards.get(self.liked_pets[other_id]),
            other_reliability=users.get(other_id, Reliability()),
        )
