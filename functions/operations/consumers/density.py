"""Counts how many pets there are in each partition of the index `Nearby`, by the events of cards that change."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common import keys
from common.clock import clock
from common.errors import Conflict
from common.logs import failure, logger
from common.outbox import KEPT_SECONDS
from common.table import Put, absent, table
from matching.density import Move, count

CONSUMER = "density"

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class Counted(Conflict):
    code = "counted"
    title = "This event has been counted"


def count_once(record: SQSRecord) -> None:
    """Count the moves of one event, in one transaction with the note that they are counted."""
    event: dict[str, Any] = record.json_body
    if event["kind"] != "cards_changed":
        return
    moves = [Move(card["left"], card["came"]) for card in event["data"]["cards"] if card["left"] != card["came"]]
    if not moves:
        return
    marker = keys.handled(CONSUMER, event["event_id"]) | {"ttl": clock.timestamp() + KEPT_SECONDS}
    try:
        table().write(Put(marker, condition=absent(), otherwise=Counted), *count(moves))
    except Counted:
        return
    except Exception as error:
        logger.error("pets not counted", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=count_once, processor=processor, context=context)
