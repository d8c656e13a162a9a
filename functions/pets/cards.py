"""The packed entry by which a pet is found: all that matching reads of it, in under 120 bytes.

Layout (big-endian): version; size, activity and good-with-children in one byte; birth day; last day of
vaccination (days since 1800, 0 for unknown); owner's id. After these 26 bytes comes the owner's part, which
matching packs and which pets only carry along.
"""

import base64
import struct
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args

from pets.models import ActivityLevel, GoodWithChildren, PetRecord, Size

VERSION = 1
EPOCH = date(1800, 1, 1)
HEAD = struct.Struct(">BBII16s")
SIZES: tuple[Size, ...] = get_args(Size.__value__)
LEVELS: tuple[ActivityLevel, ...] = get_args(ActivityLevel.__value__)
ANSWERS: tuple[GoodWithChildren, ...] = get_args(GoodWithChildren.__value__)


@dataclass(frozen=True, slots=True)
class Card:
    """An entry unpacked. `owner_part` is matching's own."""

    owner_id: str
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
    return HEAD.pack(VERSION, traits, _days(pet.birth_date), vaccinated, _id_bytes(pet.owner_id)) + owner_part


def unpack(entry: bytes) -> Card:
    """Return the card in `entry`; raise ValueError for a layout that this code does not know."""
    version, traits, born, vaccinated, owner = HEAD.unpack_from(entry)
    if version != VERSION:
        raise ValueError(f"Card version {version} is not known")
    return Card(
        owner_id=base64.b32encode(owner).decode().rstrip("=").lower(),
        birth_date=EPOCH + timedelta(days=born),
        size=SIZES[traits & 3],
        activity_level=LEVELS[traits >> 2 & 3],
        good_with_children=ANSWERS[traits >> 4 & 3],
        vaccinated_until=EPOCH + timedelta(days=vaccinated) if vaccinated else None,
        owner_part=entry[HEAD.size :],
    )


def _days(day: date) -> int:
    return (day - EPOCH).days


def _id_bytes(identifier: str) -> bytes:
    return base64.b32decode(identifier.upper() + "======")
