"""Pets in the table: one method for each way in which they are read or written."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import batched
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from common import ids, keys
from common.clock import clock
from common.errors import Conflict, NotFound, Problem
from common.idempotency import Once
from common.models import Page
from common.paging import Cursors
from common.table import PRESENT, Condition, Delete, Put, Table, Update, absent, settle, table
from pets.discovery import Discovery, cards_changed, stored
from pets.models import NewPet, Pet, PetChanges, PetRecord, amend, describe

APART_AT_ONCE = 90
"""Of an even number, so that no entry is deleted without its twin; the rest of a transaction deletes the pet."""


class PetNotFound(NotFound):
    code = "pet_not_found"
    title = "There is no such pet of yours"


class PetHasAppointments(Conflict):
    code = "pet_has_appointments"
    title = "This pet still has appointments; cancel them first"


class PetRepository:
    """Reads and writes pets. Writes keep the discovery cards in step, in the same transaction."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)

    def create(self, owner_id: str, new: NewPet, once: Once) -> Pet:
        """Store a new pet; raise TooManyPets beyond the limit."""
        pet = describe(new, ids.new_id(), owner_id)

        def attempt() -> Pet:
            profile = Discovery.read(self.table, owner_id)
            self.table.write(
                once.record(pet.as_pet()),
                profile.advance(pets=1),
                Put(stored(pet, profile.attributes), condition=absent()),
                Put(keys.pet_of_owner(owner_id, pet.pet_id) | {"pet_id": pet.pet_id}),
                cards_changed([(pet.pet_id, "", profile.place(pet))]),
            )
            return pet.as_pet()

        return settle(attempt)

    def find(self, pet_id: str) -> PetRecord | None:
        """Return a pet, whoever owns it."""
        item = self.table.get(keys.pet(pet_id))
        return PetRecord.model_validate(item) if item else None

    def find_many(self, pet_ids: Iterable[str]) -> list[PetRecord]:
        """Return those of the pets that exist, in the order asked for."""
        return [PetRecord.model_validate(item) for item in self.table.get_many(map(keys.pet, pet_ids))]

    def owned(self, owner_id: str, pet_id: str) -> PetRecord:
        """Return the owner's pet; raise PetNotFound where it is absent or somebody else's."""
        pet = self.find(pet_id)
        if pet is None or pet.owner_id != owner_id:
            raise PetNotFound
        return pet

    def list_owned(self, owner_id: str, cursor: str | None, limit: int) -> Page[Pet]:
        """Return a page of the owner's pets."""
        scope = f"pets:{owner_id}"
        rows = self.table.query(
            keys.user_partition(owner_id), prefix=keys.PET, limit=limit, after=self.cursors.open(scope, cursor)
        )
        pets = self.find_many(row["pet_id"] for row in rows.items)
        return Page(items=[pet.as_pet() for pet in pets], next_cursor=self.cursors.seal(scope, rows.last_key))

    def all_owned(self, owner_id: str) -> list[PetRecord]:
        """Return every pet of an owner: 20 at the most."""
        rows = self.table.query(keys.user_partition(owner_id), prefix=keys.PET)
        return self.find_many(row["pet_id"] for row in rows.items)

    def change(self, owner_id: str, pet_id: str, changes: PetChanges) -> Pet:
        """Change the owner's pet and its card."""

        def attempt() -> Pet:
            profile = Discovery.read(self.table, owner_id)
            former = self.owned(owner_id, pet_id)
            pet = amend(former, changes)
            changed = cards_changed([(pet_id, profile.place(former), profile.place(pet))])
            self.table.write(profile.advance(), profile.put_card(pet), changed)
            return pet.as_pet()

        return settle(attempt)

    def delete(self, owner_id: str, pet_id: str) -> None:
        """Delete the owner's pet; raise PetHasAppointments while its calendar holds one that has not ended."""

        def attempt() -> None:
            profile = Discovery.read(self.table, owner_id)
            pet = self.owned(owner_id, pet_id)
            if self._has_appointments(pet_id):
                raise PetHasAppointments
            self._remove(profile, pet)

        settle(attempt)

    def _remove(self, profile: Discovery, pet: PetRecord) -> None:
        """Delete a pet as it was read, with what keeps it apart from others; raise RaceLost if anything was added."""
        *more, last = list(batched(self._apart(pet.pet_id), APART_AT_ONCE, strict=False)) or [()]
        for some in more:
            self.table.write(*some)
        self.table.write(
            profile.advance(pets=-1),
            Delete(keys.pet(pet.pet_id), condition=Condition("#bookings = :bookings", {"bookings": pet.bookings})),
            Delete(keys.pet_of_owner(pet.owner_id, pet.pet_id)),
            Delete(keys.watch(pet.owner_id, pet.pet_id)),
            cards_changed([(pet.pet_id, profile.place(pet), "")]),
            *last,
        )

    def erase(self, owner_id: str, pet_id: str) -> None:
        """Delete a pet of an account that ends, once its calendar is empty; it may be gone already."""

        def attempt() -> None:
            profile = Discovery.read(self.table, owner_id)
            if pet := self.find(pet_id):
                self._remove(profile, pet)

        settle(attempt)

    def _has_appointments(self, pet_id: str) -> bool:
        now = keys.slot(pet_id, clock.now() - timedelta(minutes=15))["SK"]
        rows = self.table.query(keys.pet_partition(pet_id), between=(now, f"{keys.SLOT}~"), limit=1)
        return bool(rows.items)

    def _apart(self, pet_id: str) -> list[Delete]:
        """Return the writes that take away what keeps a pet apart from others: its entries, each with its twin."""
        rows = self.table.query(keys.pet_partition(pet_id), prefix=keys.APART).items
        pairs = ((row["other_pet_id"], row["asking_pet_id"]) for row in rows)
        return [
            Delete(entry)
            for other_id, asking_id in pairs
            for entry in (keys.apart(pet_id, other_id, asking_id), keys.apart(other_id, pet_id, asking_id))
        ]

    @staticmethod
    def hold(pet_id: str, otherwise: type[Problem] = PetNotFound) -> Update:
        """Return the write that is part of whatever hangs on a pet: every booking, and what keeps it apart.

        Without it a pet could be deleted between the look at what hangs on it and the next thing that does.
        """
        return Update(keys.pet(pet_id), add={"bookings": 1}, condition=PRESENT, otherwise=otherwise)


def repository() -> PetRepository:
    """Return the repository on this process's table."""
    return PetRepository(table())


Pets = Annotated[PetRepository, Depends(repository)]
