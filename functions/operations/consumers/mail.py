"""Sends the mails that events ask for. At least once: a mail may come twice, never not at all."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from auth.accounts import AccountRepository
from common import keys
from common.clock import clock
from common.logs import failure, logger
from common.outbox import KEPT_SECONDS
from common.table import Put, table
from operations import mail

CONSUMER = "mail"

# An exception would carry what SES said, addresses included, into the log of the runtime.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord) -> None:
    """Send the mail of one event, unless that has been done."""
    event: dict[str, Any] = record.json_body
    store = table()
    done = keys.handled(CONSUMER, event["event_id"])
    write = mail.WRITERS.get(event["kind"])
    if write is None or store.get(done):
        return
    accounts = AccountRepository(store)
    user = accounts.get(event["data"]["user_id"])
    if user is None:
        return
    try:
        for each in write(user, accounts):
            mail.send(each)
    except Exception as error:
        logger.error("mail not sent", extra=failure(error) | {"event_id": event["event_id"]})
        raise
    store.write(Put(done | {"ttl": clock.timestamp() + KEPT_SECONDS}))


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=deliver, processor=processor, context=context)
