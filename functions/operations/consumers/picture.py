"""Draws anew what owners have uploaded: the one function that decodes what strangers send, and all it has is files.

At least once: doing so again changes nothing.
"""

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from auth.pictures import Upload, draw_uploaded
from common import media
from common.logs import failure, logger
from operations.images import draw_anew

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def draw(record: SQSRecord) -> None:
    """Draw what a notification of the bucket tells of. The first that S3 ever sends is a test, and tells nothing."""
    try:
        for created in record.json_body.get("Records", ()):
            draw_uploaded(media.bucket(), Upload.at(unquote_plus(created["s3"]["object"]["key"])), draw_anew)
    except Exception as error:
        logger.error("picture not drawn", extra=failure(error))
        raise


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Handle a batch of messages; those that failed are reported and come again, or end among the dead letters."""
    return process_partial_response(event=event, record_handler=draw, processor=processor, context=context)
