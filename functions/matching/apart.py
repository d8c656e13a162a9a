"""Pets that are kept apart, in the table: under both of them, so that a search finds it from either."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from common import keys
from common.clock import clock
from common.errors import NotFound, invalid_field
from common.table import PRESENT, Delete, Put, Table, settle, table
from matching.models import ApartRecord, KeptApart
from matching.repository import ABSENT
from pets.models import PetRecord
from pets.repository import PetNotFound, PetRepository


class OtherPetNotFound(PetNotFound):
    title = "There is no such pet"


class NotKeptApart(NotFound):
    code = "not_kept_apart"
    title = "You do not keep these two apart"


class ApartRepository:
    """Reads and writes which pets are kept apart. What an owner asked for, only that owner sees and lifts."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.pets = PetRepository(table)

    def find(self, user_id: str, pet_id: str, other_pet_id: str) -> KeptApart:
        """Return since when the user's pet is kept apart from another; raise PetNotFound, NotKeptApart."""
        self.pets.owned(user_id, pet_id)
        item = self.table.get(keys.apart(pet_id, other_pet_id, pet_id))
        if item is None:
            raise NotKeptApart
        return _seen(pet_id, ApartRecord.model_validate(item))

    def keep(self, user_id: str, pet_id: str, other_pet_id: str) -> KeptApart:
        """Keep the user's pet apart from another, whosever that is; once more changes nothing.

        Both pets are held meanwhile, as by a booking: one that is deleted at the same moment takes this along, or is
        found to be gone. Raise PetNotFound, OtherPetNotFound, and Invalid for the pet itself.
        """

        def attempt() -> KeptApart:
            self.pets.owned(user_id, pet_id)
            if other_pet_id == pet_id:
                raise invalid_field("/path/other_pet_id", "must be another pet")
            mine = keys.apart(pet_id, other_pet_id, pet_id)
            if found := self.table.get(mine):
                return _seen(pet_id, ApartRecord.model_validate(found))
            if self.pets.find(other_pet_id) is None:
                raise OtherPetNotFound
            now = clock.now()
            asked, mirrored = (
                ApartRecord(other_pet_id=each, asking_pet_id=pet_id, since=now) for each in (other_pet_id, pet_id)
            )
            self.table.write(
                self.pets.hold(pet_id, otherwise=PetNotFound),
                self.pets.hold(other_pet_id, otherwise=OtherPetNotFound),
                Put(mine | asked.item(), condition=ABSENT),
                Put(keys.apart(other_pet_id, pet_id, pet_id) | mirrored.item()),
            )
            return _seen(pet_id, asked)

        return settle(attempt)

    def lift(self, user_id: str, pet_id: str, other_pet_id: str) -> None:
        """Let the two meet again, as far as this user is concerned; raise PetNotFound, NotKeptApart."""
        self.pets.owned(user_id, pet_id)
        if other_pet_id == pet_id:
            raise NotKeptApart
        self.table.write(
            Delete(keys.apart(pet_id, other_pet_id, pet_id), condition=PRESENT, otherwise=NotKeptApart),
            Delete(keys.apart(other_pet_id, pet_id, pet_id)),
        )

    def asked_for(self, pets: list[PetRecord]) -> list[KeptApart]:
        """Return from whom these pets are kept apart by their own owner's wish."""
        return [
            _seen(pet.pet_id, record)
            for pet in pets
            for item in self.table.query(keys.pet_partition(pet.pet_id), prefix=keys.APART).items
            if (record := ApartRecord.model_validate(item)).asking_pet_id == pet.pet_id
        ]


def _seen(pet_id: str, record: ApartRecord) -> KeptApart:
    return KeptApart(pet_id=pet_id, other_pet_id=record.other_pet_id, since=record.since)


def repository() -> ApartRepository:
    """Return the repository on this process's table."""
    return ApartRepository(table())


Aparts = Annotated[ApartRepository, Depends(repository)]
