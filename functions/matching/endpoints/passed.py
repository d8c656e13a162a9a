"""/matching/passes/{target_pet_id}: one pet that the signed-in owner has passed on."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from matching.repository import Matches

api = Api(switch="matching")


@api.delete("/matching/passes/{target_pet_id}", status_code=HTTPStatus.NO_CONTENT)
def undo_pass(target_pet_id: str, owner: CurrentUser, matches: Matches) -> None:
    matches.undo_pass(owner.user_id, target_pet_id)


handler = api.handler
