"""/matching/criteria: whom the signed-in owner looks for."""

from common.api import Api
from common.auth import CurrentUser
from matching.models import Criteria
from matching.profiles import Profiles

api = Api(switch="matching")


@api.get("/matching/criteria")
def read_criteria(owner: CurrentUser, profiles: Profiles) -> Criteria:
    return profiles.criteria(owner.user_id)


@api.put("/matching/criteria")
def set_criteria(criteria: Criteria, owner: CurrentUser, profiles: Profiles) -> Criteria:
    return profiles.look_for(owner.user_id, criteria)


handler = api.handler
