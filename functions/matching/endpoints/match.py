"""/matches/{match_id}: one match of the signed-in owner."""

from common.api import Api
from common.auth import CurrentUser
from matching.models import Match
from matching.repository import Matches

api = Api(switch="matching")


@api.get("/matches/{match_id}")
def read_match(match_id: str, owner: CurrentUser, matches: Matches) -> Match:
    return matches.read(owner.user_id, match_id)


@api.delete("/matches/{match_id}")
def end_match(match_id: str, owner: CurrentUser, matches: Matches) -> Match:
    return matches.end(owner.user_id, match_id)


handler = api.handler
