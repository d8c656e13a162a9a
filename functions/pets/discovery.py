"""What makes an owner's pets discoverable, and the lock under which their cards follow it.

A card is a function of its pet and of its owner's discovery profile (place, criteria, availability). Everything
that writes a card, or what it is made from, advances the profile's version in the same transaction on condition
that it is still the version read: so no two such changes interleave, and no card is ever stale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from common import keys, outbox
from common.errors import Conflict
from common.table import Condition, Item, Put, Table, Update
from pets import cards
from pets.models import PetRecord

MAX_PETS = 20


class TooManyPets(Conflict):
    code = "too_many_pets"
    title = f"An owner can describe at most {MAX_PETS} pets"


@dataclass(frozen=True)
class Discovery:
    """An owner's discovery profile as read; `attributes` holds what matching keeps there.

    Of these pets read the owner's `cell`, the `owner_part` of their cards, and by `reach_km` how far the owner looks.
    """

    owner_id: str
    version: int = 0
    pet_count: int = 0
    attributes: Item = field(default_factory=dict)

    @classmethod
    def read(cls, table: Table, owner_id: str) -> Self:
        """Return the profile of an owner; an empty one where there is none yet."""
        item = table.get(keys.discovery(owner_id)) or {}
        return cls(owner_id, item.get("version", 0), item.get("pet_count", 0), item)

    def advance(self, *, pets: int = 0, remove: Sequence[str] = (), **put: Any) -> Update:
        """Return the write that takes this profile one version on, with `pets` more and the attributes in `put`."""
        if self.pet_count + pets > MAX_PETS:
            raise TooManyPets
        unchanged = Condition("#version = :seen", {"seen": self.version})
        return Update(
            keys.discovery(self.owner_id),
            put=put,
            add={"version": 1, "pet_count": pets},
            remove=remove,
            condition=unchanged if self.version else Condition("attribute_not_exists(PK)"),
        )

    def place(self, pet: PetRecord) -> str:
        """Return the partition of the index that a pet of this owner is in, "" where it cannot be discovered."""
        return _nearby(pet, self.attributes).get(keys.NEARBY.partition, "")

    def put_card(self, pet: PetRecord) -> Put:
        """Return the write that stores `pet` with its card, if it can be discovered; the pet must exist."""
        return Put(
            stored(pet, self.attributes), condition=Condition("#bookings = :bookings", {"bookings": pet.bookings})
        )


def cards_changed(changes: Iterable[tuple[str, str, str]]) -> Put | None:
    """Return the event that pets' cards were written, or taken away; None where none was.

    `changes` are a pet's id and the partitions of the index before and after (see `Discovery.place`): often the same.
    """
    cards = [{"pet_id": pet_id, "left": left, "came": came} for pet_id, left, came in changes if left or came]
    return outbox.event("cards_changed", cards=cards) if cards else None


def stored(pet: PetRecord, profile: Item) -> Item:
    """Return the item of `pet`; it is in the index only while its owner has said where they live."""
    item = keys.pet(pet.pet_id) | pet.item() | _nearby(pet, profile)
    if "cell" in profile:
        item["card"] = cards.pack(pet, profile["owner_part"])
    return item


def _nearby(pet: PetRecord, profile: Item) -> dict[str, str]:
    """Return what puts a pet into the index: nothing, where its owner has not said where they live."""
    return keys.nearby(profile["cell"], keys.kind_of(pet.type, profile["reach_km"])) if "cell" in profile else {}
