"""A private address under which a calendar finds all of somebody's appointments: one for each account.

Whoever knows the address reads what it shows, so it is a secret: 256 random bits behind the account's id, of which the
account keeps the digest alone. A new address takes the place of the one before. It ends with the password that stood
when it was made, since whoever made it may be whom a new password is to keep out; with the account; and when operators
end the account's sessions. Signing out somewhere, or everywhere else, leaves it: a calendar is not a device.
"""

import hmac
import re
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth.accounts import OPEN, AccountClosed, AccountRepository
from auth.activity import activity
from common import config, ids, keys
from common.auth import SignedIn
from common.clock import clock
from common.errors import NotFound, Unauthenticated
from common.idempotency import Once
from common.models import Instant, Out, Record
from common.table import PRESENT, Check, Delete, Put, Table, settle, table

TOKEN = re.compile(rf"{ids.FORM.pattern}[A-Za-z0-9_-]{{43}}")


class FeedNotFound(NotFound):
    """The same whether the address was never given, is no longer good, or is none."""

    code = "calendar_feed_not_found"
    title = "There is no calendar at this address, or no longer"


class CalendarFeed(Out):
    """The private address of a calendar with all of one's appointments, shown this once.

    `webcal_url` is the same address in the form that opens a calendar program.
    """

    url: str
    webcal_url: str
    created_at: Instant


class FeedRecord(Record):
    """What is kept of an address: the digest of its token, and which of the account's passwords stood."""

    digest: str
    password_version: int
    created_at: Instant


class FeedRepository:
    """Opens and closes feeds, and knows whose a token is."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.accounts = AccountRepository(table)

    def open(self, caller: SignedIn, once: Once) -> CalendarFeed:
        """Give the caller's calendar a new address, and end the one before; raise AccountClosed, Unauthenticated."""
        account, token = self.accounts.present(caller.user_id), caller.user_id + ids.new_secret()
        kept = FeedRecord(digest=ids.digest(token), password_version=account.password_version, created_at=clock.now())
        url = f"{config.public_url()}/api/calendar/{token}/pawtime.ics"
        result = CalendarFeed(url=url, webcal_url="webcal:" + url.partition(":")[2], created_at=kept.created_at)
        self.table.write(
            once.record(result),
            Put(keys.calendar_feed(caller.user_id) | kept.item()),
            Check(keys.user(caller.user_id), OPEN, otherwise=AccountClosed),
            # Whoever ends a session ends what it is about to do.
            Check(keys.session(caller.user_id, caller.session_id), PRESENT, otherwise=Unauthenticated),
            activity(caller.user_id, "calendar_feed_opened"),
        )
        return result

    def close(self, user_id: str) -> None:
        """End the address of somebody's calendar, if there is one."""

        def attempt() -> None:
            if self.table.get(keys.calendar_feed(user_id)):
                self.table.write(
                    Delete(keys.calendar_feed(user_id), condition=PRESENT),
                    activity(user_id, "calendar_feed_closed"),
                )

        settle(attempt)

    def holder(self, token: str) -> str:
        """Return the id of the user whose calendar a token opens; raise FeedNotFound."""
        if not TOKEN.fullmatch(token):
            raise FeedNotFound
        user_id = token[: ids.LENGTH]
        feed, account = self.current(user_id), self.accounts.get(user_id)
        if (
            feed is None
            or account is None
            or not hmac.compare_digest(feed.digest, ids.digest(token))
            or feed.password_version != account.password_version
        ):
            raise FeedNotFound
        return user_id

    def current(self, user_id: str) -> FeedRecord | None:
        """Return what is kept of the address of somebody's calendar."""
        item = self.table.get(keys.calendar_feed(user_id))
        return FeedRecord.model_validate(item) if item else None


def repository() -> FeedRepository:
    """Return the repository on this process's table."""
    return FeedRepository(table())


Feeds = Annotated[FeedRepository, Depends(repository)]
