"""/blocks/{user_id}: one user whom the signed-in one blocks."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from matching.blocks import Blocks

api = Api(switch="matching")


@api.delete("/blocks/{user_id}", status_code=HTTPStatus.NO_CONTENT)
def lift_block(user_id: str, caller: CurrentUser, blocks: Blocks) -> None:
    blocks.lift(caller.user_id, user_id)


handler = api.handler
