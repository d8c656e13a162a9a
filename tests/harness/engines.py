"""The engines that the behavioural tests run on, each with the template's table."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from argon2 import PasswordHasher
from moto.dynamodb.responses import DynamoHandler

from auth import passwords
from auth.key_rotation import KeyRotation
from common import aws, config, media
from common.table import Table, table
from local.template import load

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PUBLIC_URL": "http://localhost:3000",
    "MAIL_SENDER": "pawtime@example.com",
    "ADDRESS_LIMITS": "off",  # here everybody comes from one address
}
"""The environment of functions that run in this process."""
STACK = load()
NUMBERS = itertools.count(1)
MOTO_LOCK = threading.RLock()


def serialise_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto answer one call at a time: its transactions are not atomic among threads."""
    unlocked = DynamoHandler.call_action

    def call_action(self: Any) -> Any:
        with MOTO_LOCK:
            return unlocked(self)

    monkeypatch.setattr(DynamoHandler, "call_action", call_action)


@contextmanager
def fresh_table(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> Iterator[Table]:
    """Give a table of the template's own shape, with signing keys, and an empty bucket to the functions.

    The table is dropped afterwards. `endpoint` is empty for moto, which answers in this process.
    """
    number = next(NUMBERS)
    name, secret = f"pawtime-{number}", f"signing-{number}"
    monkeypatch.setenv("TABLE_NAME", name)
    monkeypatch.setenv("SIGNING_SECRET_ID", secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
    config.table_name.cache_clear()
    table.cache_clear()
    aws.client.cache_clear()
    store = table()
    request = STACK.table.create_request(name)
    # Who plays the stream looks into the outbox itself, and an engine that keeps a stream writes five times slower.
    del request["StreamSpecification"]
    store.client.create_table(**request)
    secrets_manager = boto3.client("secretsmanager")
    secrets_manager.create_secret(Name=secret, SecretString="{}")
    KeyRotation(store, secrets_manager, secret).ensure()
    monkeypatch.setenv("MEDIA_BUCKET", f"media-{number}")
    media.bucket().client.create_bucket(
        Bucket=f"media-{number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    yield store
    store.client.delete_table(TableName=name)
    store.client.close()


def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least argon2 allows: these tests are not about how hard a password is to guess."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", weak)
    passwords._nobody.cache_clear()  # noqa: SLF001
