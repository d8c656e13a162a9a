"""Erases closed accounts, a stretch at a time: what is left of one is taken up again by another message."""

import time
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common import aws, config
from common.logs import failure, logger
from common.table import table
from operations.erasure import LONGEST_REQUEST, Erasure, Unfinished

SECONDS = 30
"""How long one invocation works, of the 60 that it may; a message whose turn comes later is sent on as it is."""

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def erase(record: SQSRecord, until: float) -> None:
    """Erase the account of one event; once more does no harm.

    What remains sends itself on as a new message: a failed one would end among the dead letters after five times.
    """
    event: dict[str, Any] = record.json_body
    if event["kind"] != "account_deleted":
        return
    try:
        Erasure(table(), event["data"]["user_id"], until).run()
    except Unfinished:
        aws.client("sqs").send_message(
            QueueUrl=config.queue_url("erasure"),
            MessageBody=record.body,
            DelaySeconds=int(LONGEST_REQUEST.total_seconds()),
        )
    except Exception as error:
        logger.error("account not erased", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    handle = partial(erase, until=time.monotonic() + SECONDS)
    return process_partial_response(event=event, record_handler=handle, processor=processor, context=context)
