"""Calls off what two users had planned together, once one of them blocks the other. Once more does no harm."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from appointments.repository import AppointmentRepository
from common.logs import failure, logger
from common.table import table

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def call_off(record: SQSRecord) -> None:
    """Call off the playdates that lie ahead of the two users in one event; those made since are of another time."""
    event: dict[str, Any] = record.json_body
    if event["kind"] != "user_blocked":
        return
    data = event["data"]
    try:
        happened = datetime.fromisoformat(event["occurred_at"])
        AppointmentRepository(table()).part(data["user_id"], data["other_user_id"], happened)
    except Exception as error:
        logger.error("playdates not called off", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=call_off, processor=processor, context=context)
