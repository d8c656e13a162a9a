"""The owner's part of a pet's card: whom the owner looks for, and the usual week, in at most 79 bytes.

Layout (big-endian): version; preferred type, with two bits for what else is asked (children, vaccination); size and
activity (a nibble each); lowest and highest age (255: none); radius in km; then, only where the owner has stated free
time, the week's half hours (336 bits) and the zone's name.
With the 26 bytes of the pet's own part an entry stays under 120.
"""

import struct
from functools import lru_cache
from typing import NamedTuple, get_args

from matching.availability import SLOTS, Week, week_of
from matching.models import ActivityPreference, Availability, Criteria, PreferredType, SizePreference
from pets.cards import HEAD as CARD_HEAD

VERSION = 1
HEAD = struct.Struct(">BBBBBB")
CRITERIA = slice(CARD_HEAD.size, CARD_HEAD.size + HEAD.size)
"""Where these stand in an entry."""

WEEK_BYTES = SLOTS // 8
NO_BOUND = 255
WITH_CHILDREN, VACCINATED = 0x80, 0x40
TYPES: tuple[PreferredType, ...] = get_args(PreferredType.__value__)
SIZES: tuple[SizePreference, ...] = get_args(SizePreference.__value__)
LEVELS: tuple[ActivityPreference, ...] = get_args(ActivityPreference.__value__)


class OwnerPart(NamedTuple):
    """What others' searches read of an owner; `week` is None where the owner has not said."""

    criteria: Criteria
    week: Week | None


def pack(criteria: Criteria, availability: Availability) -> bytes:
    """Return the owner's part of a card."""
    head = HEAD.pack(
        VERSION,
        TYPES.index(criteria.preferred_type)
        | (WITH_CHILDREN if criteria.with_children else 0)
        | (VACCINATED if criteria.vaccinated else 0),
        SIZES.index(criteria.size_preference) << 4 | LEVELS.index(criteria.activity_level),
        NO_BOUND if criteria.age_range_start is None else criteria.age_range_start,
        NO_BOUND if criteria.age_range_end is None else criteria.age_range_end,
        criteria.radius_km,
    )
    week = week_of(availability)
    return head + (week.free.to_bytes(WEEK_BYTES) + week.time_zone.encode() if week else b"")


def criteria_bytes(entry: bytes) -> bytes:
    """Return what the owner of an entry's pet looks for, packed: it is equal where that is equal."""
    return entry[CRITERIA]


def unpack(part: bytes) -> OwnerPart:
    """Return what `part` says; raise ValueError for a layout that this code does not know."""
    criteria = _criteria(part[: HEAD.size])
    if len(part) == HEAD.size:
        return OwnerPart(criteria, None)
    week = part[HEAD.size : HEAD.size + WEEK_BYTES]
    return OwnerPart(criteria, Week(_zone(part[HEAD.size + WEEK_BYTES :]), int.from_bytes(week)))


# Many owners look for the same, and few zones are near each other: a search meets each of these over and over.
@lru_cache(maxsize=16_384)
def _criteria(head: bytes) -> Criteria:
    version, preferred, traits, start, end, radius = HEAD.unpack(head)
    if version != VERSION:
        raise ValueError(f"Owner's part version {version} is not known")
    return Criteria.model_construct(
        preferred_type=TYPES[preferred & 15],
        age_range_start=None if start == NO_BOUND else start,
        age_range_end=None if end == NO_BOUND else end,
        size_preference=SIZES[traits >> 4],
        activity_level=LEVELS[traits & 15],
        radius_km=radius,
        with_children=bool(preferred & WITH_CHILDREN),
        vaccinated=bool(preferred & VACCINATED),
    )


@lru_cache(maxsize=1024)
def _zone(name: bytes) -> str:
    return name.decode()
