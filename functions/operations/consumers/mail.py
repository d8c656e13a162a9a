"""Sends the mails that events ask for, each of them once.

A consumer claims an event before it sends, and notes after each mail that it went out; so a message that comes twice,
or to two consumers at once, is sent by one of them, and one that was broken off goes on where it stopped. SES knows no
token by which it would recognise a mail: one that it took, while that could not be noted any more (the process died
between SES's answer and the note, or one of these two was lost on the way), is sent a second time. Never not at all.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from auth.accounts import NOBODY, AccountRepository
from common import keys
from common.clock import clock
from common.ids import new_id
from common.logs import failure, logger
from common.outbox import KEPT_SECONDS, Kind
from common.table import Condition, Item, Key, RaceLost, Table, Update, table
from operations import account_mails, mail, playdate_mails
from operations.mail import Writer

CONSUMER = "mail"
WRITERS: Mapping[Kind, Writer] = account_mails.WRITERS | playdate_mails.WRITERS
LEASE_SECONDS = 75  # longer than the function may run, and shorter than the queue hides a message that failed

# An exception would carry what SES said, addresses included, into the log of the runtime.
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord) -> None:
    """Send the mails of one event, but for those that have been sent."""
    event: dict[str, Any] = record.json_body
    try:
        _send(event)
    except Exception as error:
        logger.error("mail not sent", extra=failure(error) | {"event_id": event["event_id"]})
        raise


def _send(event: dict[str, Any]) -> None:
    write = WRITERS[event["kind"]]
    store = table()
    accounts = AccountRepository(store)
    data = event["data"]
    wanted = map(accounts.get, data.get("user_ids") or [data.get("user_id", NOBODY)])
    told = [(place, user) for place, user in enumerate(wanted) if user]
    marker = keys.handled(CONSUMER, event["event_id"])
    claimed = _claim(store, marker) if told else None
    if claimed is None:
        return
    sent = claimed.get("sent", [])
    try:
        for place, user in told:
            for number, each in enumerate(write(user, accounts, data)):
                if (name := f"{place} {number}") not in sent:
                    mail.send(each)
                    sent.append(name)
                    store.update(Update(marker, put={"sent": sent}))
    except Exception:
        store.update(Update(marker, put={"leased_until": 0}))  # whoever receives it next need not wait
        raise
    store.update(Update(marker, remove=["leased_until"]))


def _claim(store: Table, marker: Key) -> Item | None:
    """Return the marker of an event that is now ours, None where all is done; raise RaceLost while another has it."""
    now = clock.timestamp()
    lease = {"lease": new_id(), "leased_until": now + LEASE_SECONDS, "ttl": now + KEPT_SECONDS}
    unclaimed = Condition("attribute_not_exists(PK) OR #leased_until <= :now", {"now": now})
    try:
        return store.update(Update(marker, put=lease, condition=unclaimed))
    except RaceLost as lost:
        found = lost.found or {}
        if found and "leased_until" not in found:
            return None
        if found.get("lease") == lease["lease"]:
            return found  # the answer to our claim was lost, and the SDK made it again
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=deliver, processor=processor, context=context)
