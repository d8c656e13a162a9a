"""The bucket of the local stack: what a presigned form allows and no more, and objects that last."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import boto3
import httpx
import pytest
from botocore.config import Config
from starlette.applications import Starlette
from starlette.routing import Route

from common.clock import clock
from common.media import Bucket, SignedForm
from local.media import Media
from local.runtime import Runtime
from local.services import Services, StandIns
from tests.local import stacks
from tests.local.client import Client

BUCKET = "/_local/s3/MediaBucket"
KEY = "uploads/ann/1-secret"

type Send = Callable[..., httpx.Response]


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    return stacks.stand_ins(tmp_path)


@pytest.fixture
def client(stand_ins: StandIns) -> Client:
    """A client of the bucket, and of what is served from it."""
    routes = Services({}, Runtime([]), stand_ins).routes()
    return Client(Starlette(routes=[*routes, Route("/media/{name:path}", Media(stand_ins.s3.buckets).serve)]))


@pytest.fixture(autouse=True)
def _clock_that_goes() -> None:
    clock.reset()


def signed(secret_key: str = stacks.SECRET_KEY, most: int = 100) -> SignedForm:
    """A form as our functions sign it."""
    s3 = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:3000/_local/s3",
        aws_access_key_id="local",
        aws_secret_access_key=secret_key,
        config=Config(signature_version="s3v4"),
    )
    return Bucket(s3, "MediaBucket").form(KEY, "image/png", most, clock.now() + timedelta(minutes=10))


def send(
    client: Client, form: SignedForm, content: bytes = b"content", path: str = BUCKET, **fields: str
) -> httpx.Response:
    """Send a form with some of its fields changed."""
    return client.post(path, data={**form.fields, **fields}, files={"file": ("a.png", content, "text/html")})


def held(stand_ins: StandIns) -> list[str]:
    return stand_ins.s3.buckets.list("MediaBucket", "")


def test_what_a_form_allows_is_kept_with_the_type_that_was_signed(client: Client, stand_ins: StandIns) -> None:
    answer = send(client, signed())

    stored = stand_ins.s3.buckets.get("MediaBucket", KEY)
    assert (answer.status_code, answer.headers["etag"]) == (204, stored.etag)
    assert (stored.body, stored.content_type) == (b"content", "image/png")


def test_the_queue_is_told_of_an_upload_and_of_nothing_else(client: Client, stand_ins: StandIns) -> None:
    send(client, signed())
    client.call("PUT", f"{BUCKET}/media/ann/1.jpg", content=b"drawn", headers={"content-type": "image/jpeg"})

    [body] = stand_ins.queues.bodies("PictureQueue")
    [record] = json.loads(body)["Records"]
    assert record["eventName"] == "ObjectCreated:Post"
    assert record["s3"]["object"] == {"key": KEY, "size": 7, "eTag": ANY}


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "somebody else's key": ({"key": "uploads/ben/1-secret"}, "AccessDenied"),
    "a key outside": ({"key": "media/ann/1.jpg"}, "AccessDenied"),
    "another type": ({"Content-Type": "text/html"}, "AccessDenied"),
    "a field that was not signed": ({"x-amz-meta-note": "hello"}, "AccessDenied"),
    "another policy": ({"policy": "e30="}, "SignatureDoesNotMatch"),
    "another signature": ({"x-amz-signature": "0" * 64}, "SignatureDoesNotMatch"),
    "another day's signature": (
        {"x-amz-credential": "local/20200101/eu-west-1/s3/aws4_request"},
        "SignatureDoesNotMatch",
    ),
    "nothing": ({"content": b""}, "EntityTooSmall"),
    "too much": ({"content": b"x" * 101}, "EntityTooLarge"),
    "another bucket": ({"path": "/_local/s3/Elsewhere"}, "AccessDenied"),
}


@pytest.mark.parametrize(("changes", "code"), REFUSED.values(), ids=REFUSED)
def test_what_a_form_does_not_allow_is_refused(
    changes: dict[str, Any], code: str, client: Client, stand_ins: StandIns
) -> None:
    answer = send(client, signed(), **changes)

    assert f"<Code>{code}</Code>" in answer.text
    assert answer.status_code == (400 if code.startswith("Entity") else 403)
    assert held(stand_ins) == []


def test_a_form_that_somebody_else_signed_is_refused(client: Client, stand_ins: StandIns) -> None:
    answer = send(client, signed(secret_key="guessed"))

    assert (answer.status_code, held(stand_ins)) == (403, [])


def test_a_form_expires_by_the_clock_of_the_stack(client: Client, stand_ins: StandIns) -> None:
    form = signed()
    clock.advance(timedelta(minutes=10, seconds=2))

    late, fresh = send(client, form), send(client, signed())

    assert (late.status_code, fresh.status_code) == (403, 204)
    assert "Policy expired" in late.text


@pytest.mark.parametrize("missing", ["policy", "x-amz-signature", "x-amz-credential", "x-amz-algorithm"])
def test_a_form_that_is_not_signed_is_malformed(client: Client, stand_ins: StandIns, missing: str) -> None:
    form = signed()
    del form.fields[missing]

    answer = send(client, form)

    assert (answer.status_code, held(stand_ins)) == (400, [])


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", "multipart/form-data; boundary=x"), (b"--x--", "multipart/form-data"), (b"{}", "application/json")],
)
def test_what_is_no_form_is_malformed(client: Client, body: bytes, content_type: str) -> None:
    answer = client.post(BUCKET, content=body, headers={"content-type": content_type})

    assert answer.status_code == 400


def test_our_page_may_send_a_form_and_read_the_answer_and_other_pages_may_not(client: Client) -> None:
    ours, others = {"origin": stacks.PAGE, "sec-fetch-site": "cross-site"}, {"origin": "https://attacker.example"}
    here = {"host": "127.0.0.1:3000"}

    answers = [client.post(BUCKET, headers=here | origin) for origin in (ours, others)]

    assert [answer.status_code for answer in answers] == [400, 403]
    assert answers[0].headers["access-control-allow-origin"] == stacks.PAGE
    assert "access-control-allow-origin" not in answers[1].headers


def test_objects_last_over_a_restart(client: Client, tmp_path: Path) -> None:
    client.call("PUT", f"{BUCKET}/media/ann/1.jpg", content=b"drawn", headers={"content-type": "image/jpeg"})

    stored = stacks.stand_ins(tmp_path).s3.buckets.get("MediaBucket", "media/ann/1.jpg")

    assert (stored.body, stored.content_type) == (b"drawn", "image/jpeg")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{BUCKET}/media/absent", "NoSuchKey"),
        ("GET", "/_local/s3/Elsewhere/media/absent", "NoSuchBucket"),
        ("PUT", "/_local/s3/Elsewhere/media/absent", "NoSuchBucket"),
        ("DELETE", "/_local/s3/Elsewhere/media/absent", "NoSuchBucket"),
        ("GET", f"{BUCKET}?versions", "NotImplemented"),
    ],
)
def test_what_cannot_be_answered_is_refused_as_s3_would(method: str, path: str, code: str, client: Client) -> None:
    answer = client.call(method, path)

    assert f"<Code>{code}</Code>" in answer.text


def test_what_would_not_be_kept_as_it_is_is_refused(client: Client, stand_ins: StandIns) -> None:
    chunked = {"content-encoding": "aws-chunked"}

    answer = client.call("PUT", f"{BUCKET}/media/a", content=b"5\r\nhello", headers=chunked)

    assert (answer.status_code, held(stand_ins)) == (501, [])


def test_a_picture_is_served_as_what_it_is_and_never_run(client: Client, stand_ins: StandIns) -> None:
    client.call("PUT", f"{BUCKET}/media/ann/1.jpg", content=b"drawn", headers={"content-type": "image/jpeg"})

    answer = client.get("/media/ann/1.jpg")

    assert (answer.status_code, answer.content) == (200, b"drawn")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "path",
    [
        "/media/absent.jpg",
        "/media/",
        f"/media/{KEY}",
        f"/media/../{KEY}",
        f"/media/%2e%2e/{KEY}",
        f"/media/..%2f{KEY}",
        "/media/%2e%2e/%2e%2e/buckets.db",
        "/media/ann/1.jpg%00",
    ],
)
def test_nothing_else_of_the_bucket_is_served(path: str, client: Client) -> None:
    send(client, signed())

    answer = client.get(path)

    assert answer.status_code == 404
    assert b"content" not in answer.content
