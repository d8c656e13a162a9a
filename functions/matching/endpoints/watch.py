"""/matching/watch: tell me when somebody appears who suits one of my pets."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from common.models import Page
from matching.models import NewWatch, Watch
from matching.watches import Watches

PetId = Annotated[str, Query(max_length=64, description="One of my pets")]

api = Api(switch="matching")


@api.get("/matching/watch")
def list_watches(owner: CurrentUser, watches: Watches) -> Page[Watch]:
    return watches.list_of(owner.user_id)


@api.post("/matching/watch", status_code=HTTPStatus.CREATED, problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def set_watch(new_watch: NewWatch, owner: CurrentUser, watches: Watches, once: Idempotency) -> Watch:
    return watches.begin(owner.user_id, new_watch, once)


@api.delete("/matching/watch", status_code=HTTPStatus.NO_CONTENT, problems=(HTTPStatus.NOT_FOUND,))
def end_watch(pet_id: PetId, owner: CurrentUser, watches: Watches) -> None:
    watches.end(owner.user_id, pet_id)


handler = api.handler
