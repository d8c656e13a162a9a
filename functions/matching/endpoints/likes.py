"""/matching/likes: one of my pets would like to meet another."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from matching.models import LikeAnswer, NewLike
from matching.repository import Matches

api = Api(switch="matching")


@api.post("/matching/likes", status_code=HTTPStatus.CREATED, idempotency="required")
def like_pet(new_like: NewLike, owner: CurrentUser, matches: Matches, once: Idempotency) -> LikeAnswer:
    return matches.like(owner.user_id, new_like, once)


handler = api.handler
