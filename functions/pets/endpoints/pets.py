"""/pets: the signed-in owner's pets."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from common.models import Page
from common.paging import Cursor, Limit
from pets.models import NewPet, Pet
from pets.repository import Pets

api = Api(switch="pets")


@api.post("/pets", status_code=HTTPStatus.CREATED)
def create_pet(new_pet: NewPet, owner: CurrentUser, pets: Pets, once: Idempotency) -> Pet:
    return pets.create(owner.user_id, new_pet, once)


@api.get("/pets", child="allow")
def list_pets(owner: CurrentUser, pets: Pets, cursor: Cursor = None, limit: Limit = 20) -> Page[Pet]:
    return pets.list_owned(owner.user_id, cursor, limit)


handler = api.handler
