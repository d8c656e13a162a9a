"""Tells owners who watch for company of a pet that came or changed. A message that comes twice tells nobody twice."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common.logs import failure, logger
from common.table import table
from matching.watches import WatchRepository

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def tell(record: SQSRecord) -> None:
    """Tell those whom one event is news to."""
    event: dict[str, Any] = record.json_body
    watches = WatchRepository(table())
    try:
        match event["kind"]:
            case "cards_changed":
                watches.tell_of(card["pet_id"] for card in event["data"]["cards"] if card["came"])
            case "pet_liked":
                watches.tell_of([event["data"]["pet_id"]])
            case "watch_set":
                watches.tell_of_missed(event["data"]["user_id"], event["data"]["pet_id"])
    except Exception as error:
        logger.error("watchers not told", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=tell, processor=processor, context=context)
