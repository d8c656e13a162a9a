"""The owner's part of a pet's card: whom the owner looks for, and the usual week, in at most 74 bytes.

Layout (big-endian): version; preferred type, with two bits for what else is asked (children, vaccination); size and
activity (a nibble each); lowest and highest age (255: none); radius in km; then, only where the owner has stated free
time, the week and the zone's name. Most weeks are a few stretches of free time: how many half hours are busy, free,
busy and so on in turn, a byte each after the number of these bytes; a fuller week is 336 bits after a 255. A byte
stands for the continent of a zone.
With the 24 bytes of the pet's own part a card stays under 100.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from itertools import cycle
from typing import NamedTuple, get_args

from common.table import Item
from matching.availability import SLOTS, Week, week_of
from matching.models import ActivityPreference, Availability, Criteria, PreferredType, SizePreference
from pets.cards import HEAD as CARD_HEAD

VERSION = 2
HEAD = struct.Struct(">BBBBBB")
CRITERIA = slice(CARD_HEAD.size, CARD_HEAD.size + HEAD.size)
"""Where what an owner looks for stands in an entry: it is equal where that is equal."""

RADIUS_KM = CRITERIA.stop - 1
"""Where the radius stands."""

WEEK_BYTES = SLOTS // 8
BITS = 255
"""Stands before a week that is written as bits."""

CONTINENTS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)
"""What zones' names begin with, by the byte that stands for it; others are written in full. Add to the end alone."""

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
    return head + (_packed_week(week.free) + _packed_zone(week.time_zone) if week else b"")


def follows(criteria: Criteria, availability: Availability) -> Item:
    """Return the attributes of a discovery profile that follow from these: what pets read there."""
    return {"owner_part": pack(criteria, availability), "reach_km": criteria.radius_km}


def _packed_week(free: int) -> bytes:
    turns = bytes(_turns(free))
    return bytes([len(turns)]) + turns if len(turns) < WEEK_BYTES else bytes([BITS]) + free.to_bytes(WEEK_BYTES)


def _turns(free: int) -> Iterator[int]:
    """Give how many half hours are busy, free, busy and so on, up to the last that is free; 255 at the most at once."""
    while free:
        zeros = (free & -free).bit_length() - 1
        free >>= zeros
        ones = (~free & free + 1).bit_length() - 1
        free >>= ones
        for length in (zeros, ones):
            yield from (255, 0) if length > 255 else ()
            yield length - 255 if length > 255 else length


def _week(packed: bytes) -> tuple[int, bytes]:
    """Return the free half hours of a packed week, and what comes after it."""
    size, rest = packed[0], packed[1:]
    if size == BITS:
        return int.from_bytes(rest[:WEEK_BYTES]), rest[WEEK_BYTES:]
    free, slot = 0, 0
    for length, is_free in zip(rest[:size], cycle((False, True)), strict=False):
        if is_free:
            free |= (1 << length) - 1 << slot
        slot += length
    return free, rest[size:]


def _packed_zone(name: str) -> bytes:
    for number, continent in enumerate(CONTINENTS):
        if name.startswith(continent):
            return bytes([number]) + name.removeprefix(continent).encode()
    return name.encode()


def unpack(part: bytes) -> OwnerPart:
    """Return what `part` says; raise ValueError for a layout that this code does not know."""
    criteria = _criteria(part[: HEAD.size])
    if len(part) == HEAD.size:
        return OwnerPart(criteria, None)
    free, zone = _week(part[HEAD.size :])
    return OwnerPart(criteria, Week(_zone(zone), free))


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
def _zone(packed: bytes) -> str:
    number = packed[0]
    return CONTINENTS[number] + packed[1:].decode() if number < len(CONTINENTS) else packed.decode()
