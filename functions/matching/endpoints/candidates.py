"""/matching/candidates: pets near one of mine that suit it, best first, and why."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from common.api import Api
from common.auth import CurrentUser
from common.paging import Cursor, Limit
from matching.candidates import Candidates
from matching.models import MAX_RADIUS_KM, CandidatePage

PetId = Annotated[str, Query(max_length=64, description="One of my pets")]
Radius = Annotated[int | None, Query(ge=1, le=MAX_RADIUS_KM, description="Kilometres, in place of the criteria's")]
Widen = Annotated[bool, Query(description="Look for others as well, where fewer than five fit what I ask for")]

api = Api(switch="matching")


@api.get("/matching/candidates", problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def list_candidates(
    pet_id: PetId,
    owner: CurrentUser,
    candidates: Candidates,
    radius_km: Radius = None,
    cursor: Cursor = None,
    limit: Limit = 20,
    widen: Widen = True,
) -> CandidatePage:
    return candidates.page(owner.user_id, pet_id, radius_km, cursor, limit, widen=widen)


handler = api.handler
