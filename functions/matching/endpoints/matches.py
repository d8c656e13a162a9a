"""/matches: the signed-in owner's matches."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from common.api import Api
from common.auth import CurrentUser
from common.models import Page
from common.paging import Cursor, Limit
from matching.models import Match, MatchStatus
from matching.repository import Matches

Status = Annotated[MatchStatus | None, Query(description="Only those; all where it is left out")]

api = Api(switch="matching")


@api.get("/matches")
def list_matches(
    owner: CurrentUser, matches: Matches, status: Status = None, cursor: Cursor = None, limit: Limit = 20
) -> Page[Match]:
    return matches.list_of(owner.user_id, status, cursor, limit)


handler = api.handler
