"""The packed entry by which a pet is found: all that matching reads of it, in under 100 bytes.

Layout (big-endian): version and type (a nibble each); size, activity and good-with-children in one byte; birth day and
last day of vaccination (days since 1800, 0 for unknown, three bytes each); owner's id. After these 24 bytes comes the
owner's part, which matching packs and which pets only carry along.
"""

import base64
import struct
from datetime import date
from functools import lru_cache
from typing import NamedTuple, get_args

from pets.models import ActivityLevel, GoodWithChildren, PetRecord, PetType, Size

VERSION = 3
DAY_ZERO = date(1800, 1, 1).toordinal()
HEAD = struct.Struct(">Q16s")
DAY_BITS = 24
DAY = (1 << DAY_BITS) - 1
TRAITS = slice(0, 2)
"""Where version, type, size, activity and good-with-children stand: equal where these are."""

SIZES: tuple[Size, ...] = get_args(Size.__value__)
LEVELS: tuple[ActivityLevel, ...] = get_args(ActivityLevel.__value__)
TYPES: tuple[PetType, ...] = get_args(PetType.__value__)
ANSWERS: tuple[GoodWithChildren, ...] = get_args(GoodWithChildren.__value__)


class Traits(NamedTuple):
    """What a pet is like."""

    type: PetType
    size: Size
    activity_level: ActivityLevel
    good_with_children: GoodWithChildren


class Card(NamedTuple):
    """An entry unpacked. `owner` is the owner's id in bytes (see `id_bytes`), `owner_part` matching's own."""

    owner: bytes
    traits: Traits
    birth_date: date
    vaccinated_until: date | None
    owner_part: bytes


def pack(pet: PetRecord, owner_part: bytes) -> bytes:
    """Return the entry of `pet`, with its owner's part."""
    traits = SIZES.index(pet.size) | LEVELS.index(pet.activity_level) << 2 | ANSWERS.index(pet.good_with_children) << 4
    vaccinated = max(_days(pet.vaccinated_until), 1) if pet.vaccinated_until else 0
    what = VERSION << 12 | TYPES.index(pet.type) << 8 | traits
    head = what << 2 * DAY_BITS | _days(pet.birth_date) << DAY_BITS | vaccinated
    return HEAD.pack(head, id_bytes(pet.owner_id)) + owner_part


def unpack(entry: bytes) -> Card:
    """Return the card in `entry`; raise ValueError for a layout that this code does not know."""
    head, owner = HEAD.unpack_from(entry)
    born, vaccinated = head >> DAY_BITS & DAY, head & DAY
    return Card(
        owner,
        unpack_traits(entry[TRAITS]),
        date.fromordinal(DAY_ZERO + born),
        date.fromordinal(DAY_ZERO + vaccinated) if vaccinated else None,
        entry[HEAD.size :],
    )


@lru_cache(maxsize=4096)
def unpack_traits(packed: bytes) -> Traits:
    """Return what the first bytes of an entry say; raise ValueError for a layout that this code does not know."""
    what, traits = packed
    if what >> 4 != VERSION:
        raise ValueError(f"Card version {what >> 4} is not known")
    return Traits(TYPES[what & 15], SIZES[traits & 3], LEVELS[traits >> 2 & 3], ANSWERS[traits >> 4 & 3])


def _days(day: date) -> int:
    return day.toordinal() - DAY_ZERO


def id_bytes(identifier: str) -> bytes:
    """Return the 16 bytes that an id spells."""
    return base64.b32decode(identifier.upper() + "======")
