"""/pets/{pet_id}: one pet of the signed-in owner."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from pets.models import Pet, PetChanges
from pets.repository import Pets

api = Api(switch="pets")


@api.get("/pets/{pet_id}", child="allow")
def read_pet(pet_id: str, owner: CurrentUser, pets: Pets) -> Pet:
    return pets.owned(owner.user_id, pet_id).as_pet()


@api.patch("/pets/{pet_id}")
def change_pet(pet_id: str, changes: PetChanges, owner: CurrentUser, pets: Pets) -> Pet:
    return pets.change(owner.user_id, pet_id, changes)


@api.delete("/pets/{pet_id}", status_code=HTTPStatus.NO_CONTENT)
def delete_pet(pet_id: str, owner: CurrentUser, pets: Pets) -> None:
    pets.delete(owner.user_id, pet_id)


handler = api.handler
