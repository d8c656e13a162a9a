"""/appointments/suggestions: times for a playdate that suit both owners and both pets, and why."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from appointments.calendar import MAX_MINUTES, MIN_MINUTES
from appointments.suggestions import MOST, Suggestions, Times, Wish
from common.api import Api
from common.auth import CurrentUser
from common.models import Instant
from matching.models import TimeZone

PetId = Annotated[str, Query(max_length=64, description="One of my pets")]
OtherPetId = Annotated[str, Query(max_length=64, description="A pet of one of my matches")]
Minutes = Annotated[int, Query(ge=MIN_MINUTES, le=MAX_MINUTES, multiple_of=15, description="How long")]
From = Annotated[Instant | None, Query(alias="from", description="Starting then or later; left out, from now on")]
To = Annotated[
    Instant | None,
    Query(alias="to", description="Starting before; at most 31 days after `from`, and left out 14 days after it"),
]
Zone = Annotated[
    TimeZone | None, Query(description="Where my clocks are, in case I have not said when I am free: a name of IANA's")
]
Few = Annotated[int, Query(ge=1, le=MOST, description="How many at the most")]

api = Api(switch="appointments")


@api.get("/appointments/suggestions", problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def suggest_times(
    pet_id: PetId,
    other_pet_id: OtherPetId,
    owner: CurrentUser,
    times: Times,
    *,
    minutes: Minutes = 60,
    earliest: From = None,
    latest: To = None,
    time_zone: Zone = None,
    limit: Few = 5,
) -> Suggestions:
    return times.best(owner.user_id, Wish(pet_id, other_pet_id, minutes, earliest, latest, time_zone), limit)


handler = api.handler
