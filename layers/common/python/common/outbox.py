"""Events: what others must hear of is written in the transaction in which it happened, and told from the stream."""

from typing import Any, Literal

from common import ids, keys
from common.clock import clock
from common.table import Put

KEPT_SECONDS = 14 * 24 * 3600

type Kind = Literal[
    "verification_requested",
    "password_reset_requested",
    "password_changed",
    "email_change_requested",
    "email_changed",
    "refresh_token_reused",
    "cards_changed",
    "pet_liked",
    "watch_set",
    "watch_met",
    "match_made",
    "user_blocked",
    "playdate_proposed",
    "playdate_accepted",
    "playdate_declined",
    "playdate_countered",
    "playdate_lapsed",
    "playdate_over",
    "move_wanted",
    "move_declined",
    "playdate_moved",
    "playdate_repeated",
    "repeat_skipped",
    "repeat_ended",
    "reminder_due",
    "feedback_revealed",
    "appointment_completed",
    "appointment_cancelled",
    "care_planned",
    "care_moved",
    "account_deleted",
]


def event(kind: Kind, **data: Any) -> Put:
    """Return the write of an event. `data` names things by id; it carries no secret and no personal data."""
    event_id = ids.new_id()
    return Put(
        keys.outbox(event_id)
        | {
            "event_id": event_id,
            "kind": kind,
            "data": data,
            "occurred_at": clock.now().isoformat(),
            "ttl": clock.timestamp() + KEPT_SECONDS,
        }
    )
