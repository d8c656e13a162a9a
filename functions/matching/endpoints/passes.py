"""/matching/passes: a pet that is none for one of mine."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from matching.models import NewPass, Pass
from matching.repository import Matches

api = Api(switch="matching")


@api.post("/matching/passes", status_code=HTTPStatus.CREATED, problems=(HTTPStatus.NOT_FOUND,))
def pass_on_pet(new_pass: NewPass, owner: CurrentUser, matches: Matches, once: Idempotency) -> Pass:
    return matches.pass_by(owner.user_id, new_pass, once)


handler = api.handler
