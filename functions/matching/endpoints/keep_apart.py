"""/pets/{pet_id}/keep-apart/{other_pet_id}: a pet of mine and one that it must not meet."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from matching.apart import Aparts
from matching.models import KeptApart

api = Api(switch="matching")


@api.get("/pets/{pet_id}/keep-apart/{other_pet_id}")
def read_keep_apart(pet_id: str, other_pet_id: str, owner: CurrentUser, aparts: Aparts) -> KeptApart:
    return aparts.find(owner.user_id, pet_id, other_pet_id)


@api.put("/pets/{pet_id}/keep-apart/{other_pet_id}")
def keep_apart(pet_id: str, other_pet_id: str, owner: CurrentUser, aparts: Aparts) -> KeptApart:
    return aparts.keep(owner.user_id, pet_id, other_pet_id)


@api.delete("/pets/{pet_id}/keep-apart/{other_pet_id}", status_code=HTTPStatus.NO_CONTENT)
def let_meet(pet_id: str, other_pet_id: str, owner: CurrentUser, aparts: Aparts) -> None:
    aparts.lift(owner.user_id, pet_id, other_pet_id)


handler = api.handler
