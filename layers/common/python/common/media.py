"""The bucket of pictures: forms by which a browser uploads one, and the files that `/media/` shows.

What arrives lies under `uploads/` until it has been drawn anew, and what has been drawn under `drawn/` until it is
published or deleted. Nothing but what lies under `media/` is ever shown.
"""

import math
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common import aws, config
from common.errors import Unavailable

UPLOADS = "uploads/"
DRAWN = "drawn/"
MEDIA = "media/"
SETTINGS = Config(
    signature_version="s3v4",  # a form would be signed in the way of 2006 otherwise,
    s3={"addressing_style": "virtual"},  # and sent to another region, which redirects
)


@dataclass(frozen=True)
class SignedForm:
    """What S3 takes as a presigned POST: all `fields`, and then the file, in one multipart form sent to `url`."""

    url: str
    fields: dict[str, str]


class Bucket:
    """The bucket, by the operations that Pawtime uses."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def form(self, key: str, content_type: str, most_bytes: int, expires_at: datetime) -> SignedForm:
        """Let whoever has the form put one file of one type and at most so many bytes at `key`, until it expires."""
        # botocore reckons from the system's clock, and ours may have been moved.
        seconds = math.ceil((expires_at - datetime.now(UTC)).total_seconds())
        form = self.client.generate_presigned_post(
            self.name,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, most_bytes]],
            ExpiresIn=seconds,
        )
        return SignedForm(**form)

    def read(self, key: str, at_most: int) -> bytes | None:
        """Return the beginning of a file, or None where there is none."""
        try:
            answer = self.call("get_object", Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None
        with closing(answer["Body"]) as body:
            content: bytes = body.read(at_most)
            return content

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """Put a file in the place of what is there."""
        self.call("put_object", Key=key, Body=content, ContentType=content_type)

    def delete(self, *keys: str) -> None:
        """Delete files, whether or not they are there."""
        for key in keys:
            self.call("delete_object", Key=key)

    def list(self, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, a thousand at the most."""
        return [each["Key"] for each in self.call("list_objects_v2", Prefix=prefix).get("Contents", [])]

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.name, **members)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Unavailable from error
            raise
        except BotoCoreError as error:
            raise Unavailable from error
        return answer


def bucket() -> Bucket:
    """Return the bucket of this process."""
    return Bucket(aws.client("s3", read_timeout=5, more=SETTINGS), config.media_bucket())
