"""/matching/availability: when the signed-in owner is free."""

from common.api import Api
from common.auth import CurrentUser
from matching.models import Availability
from matching.profiles import Profiles

api = Api(switch="matching")


@api.get("/matching/availability")
def read_availability(owner: CurrentUser, profiles: Profiles) -> Availability:
    return profiles.availability(owner.user_id)


@api.put("/matching/availability")
def set_availability(availability: Availability, owner: CurrentUser, profiles: Profiles) -> Availability:
    return profiles.be_free(owner.user_id, availability)


handler = api.handler
