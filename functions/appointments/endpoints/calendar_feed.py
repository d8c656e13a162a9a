"""/calendar-feed: the private address of the signed-in owner's calendar."""

from http import HTTPStatus

from appointments.feeds import CalendarFeed, Feeds
from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency

api = Api(switch="calendar")


@api.post("/calendar-feed", status_code=HTTPStatus.CREATED, secret=True)
def open_calendar_feed(owner: CurrentUser, feeds: Feeds, once: Idempotency) -> CalendarFeed:
    return feeds.open(owner, once)


@api.delete("/calendar-feed", status_code=HTTPStatus.NO_CONTENT)
def close_calendar_feed(owner: CurrentUser, feeds: Feeds) -> None:
    feeds.close(owner.user_id)


handler = api.handler
