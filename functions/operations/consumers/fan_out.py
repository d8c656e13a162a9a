"""Carries each event from the outbox to the queue of every effect that it has.

The table's stream feeds this one function, since a stream allows few readers; each effect has a queue of its own, so
that one that fails or lags holds up no other.
"""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from common import aws, config
from common.logs import failure, logger
from common.outbox import Kind

EFFECTS: dict[Kind, tuple[str, ...]] = {
    "verification_requested": ("mail",),
    "password_reset_requested": ("mail",),
    "password_changed": ("mail",),
    "email_change_requested": ("mail",),
    "email_changed": ("mail",),
    "refresh_token_reused": ("mail",),
    "cards_changed": ("density", "watches"),
    "pet_liked": ("watches",),
    "watch_set": ("watches",),
    "watch_met": ("mail",),
    "match_made": (),
    "user_blocked": ("appointments",),
    "playdate_proposed": ("mail",),
    "playdate_accepted": ("mail",),
    "playdate_declined": ("mail",),
    "playdate_countered": ("mail",),
    "playdate_lapsed": ("mail",),
    "playdate_over": ("mail",),
    "move_wanted": ("mail",),
    "move_declined": ("mail",),
    "playdate_moved": ("mail",),
    "playdate_repeated": (),
    "repeat_skipped": ("mail",),
    "repeat_ended": ("mail",),
    "reminder_due": ("mail",),
    "feedback_revealed": ("mail",),
    "appointment_completed": (),
    "appointment_cancelled": ("mail",),
    "care_planned": (),
    "care_moved": (),
    "account_deleted": ("erasure",),
}
"""Which effects each kind of event has. One of another kind cannot be forwarded, and ends among the undelivered."""

DELAYS: dict[str, int] = {"watches": 5}
"""Seconds before an effect is seen to, where it reads an index: that follows the table a moment later."""

processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


def forward(record: DynamoDBRecord) -> None:
    """Put one event into the queues of its effects. Again, if it comes again: consumers know what they have handled."""
    image: dict[str, Any] = record.dynamodb.new_image  # type: ignore[union-attr]
    event = {name: image[name] for name in ("event_id", "kind", "data", "occurred_at")}
    try:
        for effect in EFFECTS[event["kind"]]:
            aws.client("sqs").send_message(
                QueueUrl=config.queue_url(effect),
                MessageBody=json.dumps(event, default=int),
                DelaySeconds=DELAYS.get(effect, 0),
            )
    except Exception as error:
        logger.error("event not forwarded", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Forward a batch of stream records; those that failed are reported and come again."""
    return process_partial_response(event=event, record_handler=forward, processor=processor, context=context)
