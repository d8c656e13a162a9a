"""The packed entry by which a pet is found: all that matching reads of it, in under 120 bytes.

Layout (big-endian): version and type (a nibble each); size, activity and good-with-children in one byte; birth day;
last day of vaccination (days since 1800, 0 for unknown); owner's id. After these 26 bytes comes the owner's part,
which matching packs and which pets only carry along.
"""

import base64
import struct
from datetime import date
from typing import NamedTuple, get_args

from pets.models import ActivityLevel, GoodWithChildren, PetRecord, PetType, Size

VERSION = 2
DAY_ZERO = date(1800, 1, 1).toordinal()
HEAD = struct.Struct(">BBII16s")
TRAITS = slice(0, 2)
"""Where version, type, size, activity and good-with-children stand: equal where these are."""

SIZES: tuple[Size, ...] = get_args(Size.__value__)
LEVELS: tuple[ActivityLevel, ...] = get_args(ActivityLevel.__value__)
TYPES: tuple[PetType, ...] = get_args(PetType.__value__)
ANSWERS: tuple[GoodWithChildren, ...] = get_args(GoodWithChildren.__value__)


class Card(NamedTuple):
    """An entry unpacked. `owner` is the owner's id in bytes (see `id_bytes`), `owner_part` matching's own."""

    owner: bytes
    type: PetType
    birth_date: date
    size: Size
    activity_level: ActivityLevel
    good_with_children: GoodWithChildren
    vaccinated_until: date | None
    owner_part: bytes


def pack(pet: PetRecord, owner_part: bytes) -> bytes:
    """Return the entry of `pet`, with its owner's part."""
    traits = SIZES.index(pet.size) | LEVELS.index(pet.activity_level) << 2 | ANSWERS.index(pet.good_with_children) << 4
    vaccinated = max(_days(pet.vaccinated_until), 1) if pet.vaccinated_until else 0
    version = VERSION << 4 | TYPES.index(pet.type)
    return HEAD.pack(version, traits, _days(pet.birth_date), vaccinated, id_bytes(pet.owner_id)) + owner_part


def unpack(entry: bytes) -> Card:
    """Return the card in `entry`; raise ValueError for a layout that this code does not know."""
    version, traits, born, vaccinated, owner = HEAD.unpack_from(entry)
    if version >> 4 != VERSION:
        raise ValueError(f"Card version {version >> 4} is not known")
    return Card(
        owner,
        TYPES[version & 15],
        date.fromordinal(DAY_ZERO + born),
        SIZES[traits & 3],
        LEVELS[traits >> 2 & 3],
        ANSWERS[traits >> 4 & 3],
        date.fromordinal(DAY_ZERO + vaccinated) if vaccinated else None,
        entry[HEAD.size :],
    )


def _days(day: date) -> int:
    return day.toordinal() - DAY_ZERO


def id_bytes(identifier: str) -> bytes:
    """Return the 16 bytes that an id spells."""
    return base64.b32decode(identifier.upper() + "======")
