"""/matching/location: roughly where the signed-in owner is."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from matching.models import Location, NewLocation
from matching.profiles import Profiles

api = Api(switch="matching")


@api.get("/matching/location", problems=(HTTPStatus.NOT_FOUND,))
def read_location(owner: CurrentUser, profiles: Profiles) -> Location:
    return profiles.location(owner.user_id)


@api.put("/matching/location", problems=(HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS))
def set_location(place: NewLocation, owner: CurrentUser, profiles: Profiles) -> Location:
    return profiles.locate(owner.user_id, place)


handler = api.handler
