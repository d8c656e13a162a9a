"""Pictures in the tests: forms that are offered, what is uploaded, and the functions that the bucket wakes."""

import json
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

from PIL import Image

from auth.pictures import Upload
from common import media
from operations.consumers import drawn_picture, picture
from tests.harness.client import Owner
from tests.harness.permissions import as_function

RED, BLUE = (254, 0, 0), (0, 0, 254)


def photo(colour: tuple[int, int, int] = RED, kind: str = "JPEG", **saved: Any) -> bytes:
    """A picture of one colour."""
    written = BytesIO()
    Image.new("RGB", (64, 32), colour).save(written, kind, **saved)
    return written.getvalue()


def offered(owner: Owner) -> Upload:
    """What an owner is offered a form for."""
    answer = owner.post("/me/picture", {"content_type": "image/jpeg"})
    assert answer.status == 200, answer.text
    return Upload.at(answer.json["upload"]["fields"]["key"])


def arrive(upload: Upload, content: bytes) -> None:
    """Let what S3 would take by the form be in the bucket."""
    media.bucket().write(upload.key, content, "image/jpeg")


def notice(*arrived: str) -> dict[str, Any]:
    """What the bucket tells of new files, as a function receives it: one message for each."""
    bodies = [{"Records": [{"s3": {"object": {"key": quote_plus(key, safe="/")}}}]} for key in arrived]
    return {
        "Records": [
            {"messageId": str(number), "body": json.dumps(body), "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def draw(*uploads: Upload) -> list[str]:
    """Wake the function that draws; return the messages that it reports as failed."""
    with as_function("PictureFunction"):
        report = picture.handler(notice(*(upload.key for upload in uploads)), None)
    return [str(failure["itemIdentifier"]) for failure in report["batchItemFailures"]]


def publish(*uploads: Upload) -> list[str]:
    """Wake the function that publishes what has been drawn; return the messages that it reports as failed."""
    with as_function("DrawnPictureFunction"):
        report = drawn_picture.handler(notice(*(upload.drawn for upload in uploads)), None)
    return [str(failure["itemIdentifier"]) for failure in report["batchItemFailures"]]


def deliver(*uploads: Upload) -> list[str]:
    """Wake one function after the other, as the bucket does; return the messages that are reported as failed."""
    return draw(*uploads) + publish(*uploads)


def show_picture(owner: Owner, content: bytes = b"") -> Upload:
    """Give an owner a picture."""
    upload = offered(owner)
    arrive(upload, content or photo())
    assert deliver(upload) == []
    return upload


def files() -> dict[str, bytes]:
    """Everything in the bucket, by key."""
    bucket = media.bucket()
    return {key: bucket.read(key, 10**8) or b"" for key in bucket.list("")}
