"""Makes what has been drawn its owners' pictures, and decodes none of it. At least once, as picture.py."""

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from auth import pictures
from auth.pictures import Upload
from common.logs import failure, logger

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def publish(record: SQSRecord) -> None:
    """Publish what a notification of the bucket tells of. The first that S3 ever sends is a test, and tells nothing."""
    try:
        for created in record.json_body.get("Records", ()):
            pictures.repository().publish(Upload.at(unquote_plus(created["s3"]["object"]["key"])))
    except Exception as error:
        logger.error("picture not published", extra=failure(error))
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=publish, processor=processor, context=context)
