"""What happened to an account that its owner may want to know: written with the act itself, in one transaction."""

from datetime import timedelta
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Depends

from common import ids, keys
from common.clock import clock
from common.models import Id, Instant, Out, Page, Record
from common.paging import Cursors
from common.table import Item, Put, Table, table

KEPT_FOR = timedelta(days=90)

type Kind = Literal[
    "signed_in",
    "sign_ins_refused",
    "signed_out",
    "signed_out_by_operators",
    "session_revoked",
    "other_sessions_revoked",
    "refresh_token_reused",
    "password_changed",
    "password_reset_requested",
    "password_reset",
    "email_change_requested",
    "email_changed",
    "profile_changed",
    "role_changed",
    "data_exported",
    "calendar_feed_opened",
    "calendar_feed_closed",
]


class Activity(Out):
    """One act. `device_name` is that of the session concerned, where one is."""

    activity_id: Id
    kind: Kind
    occurred_at: Instant
    device_name: str | None


class ActivityRecord(Record):
    activity_id: str
    kind: Kind
    occurred_at: Instant
    device_name: str | None = None


def activity(user_id: str, kind: Kind, device_name: str | None = None) -> Put:
    """Return the write that keeps an act in mind for 90 days."""
    now = clock.now()
    record = ActivityRecord(activity_id=ids.new_id(), kind=kind, occurred_at=now, device_name=device_name)
    return Put(keys.activity(user_id, now, record.activity_id) | record.item() | {"ttl": clock.after(KEPT_FOR)})


def activity_once(user_id: str, kind: Kind) -> Put:
    """Return the write that keeps an act in mind once in a quarter of an hour, however often it happens."""
    now = clock.now()
    quarter = now.replace(minute=now.minute // 15 * 15, second=0)
    record = ActivityRecord(activity_id=ids.derived(user_id, kind, quarter.isoformat()), kind=kind, occurred_at=quarter)
    return Put(keys.activity(user_id, quarter, record.activity_id) | record.item() | {"ttl": clock.after(KEPT_FOR)})


def as_activity(item: Item) -> Activity:
    """Return what the person sees of a stored act."""
    return Activity(**ActivityRecord.model_validate(item).model_dump())


class ActivityRepository:
    """Reads what happened to accounts."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)

    def latest(self, user_id: str, limit: int, cursor: str | None) -> Page[Activity]:
        """Return one page of what happened to an account, the latest first."""
        scope = f"activity {user_id}"
        rows = self.table.query(
            keys.user_partition(user_id),
            prefix=keys.ACTIVITY,
            limit=limit,
            after=self.cursors.open(scope, cursor),
            newest_first=True,
        )
        return Page(
            items=[as_activity(item) for item in rows.items], next_cursor=self.cursors.seal(scope, rows.last_key)
        )


def repository() -> ActivityRepository:
    """Return the repository on this process's table."""
    return ActivityRepository(table())


Activities = Annotated[ActivityRepository, Depends(repository)]
