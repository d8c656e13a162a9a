"""Stands in for S3's buckets: their objects in one file, so that a restart loses nothing and no key is a path."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus

from local.files import transaction
from local.intrinsics import REGION
from local.queues import Queues
from local.refusal import Refusal
from local.stack import BucketDefinition


@dataclass(frozen=True)
class StoredObject:
    """What a bucket holds at a key."""

    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{_digest(self.body)}"'


class Buckets:
    """The template's buckets. Queues are told of new objects where the template says so."""

    def __init__(self, file: Path, definitions: Mapping[str, BucketDefinition], queues: Queues) -> None:
        self._file = file
        self._definitions = definitions
        self._queues = queues
        with transaction(self._file) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS object (bucket TEXT, key TEXT, content_type TEXT, body BLOB,"
                " PRIMARY KEY (bucket, key))"
            )

    def put(self, bucket: str, key: str, stored: StoredObject, how: str = "Put") -> None:
        """Keep an object in place of what was there. Whoever is told of it finds it."""
        definition = self._definition(bucket)
        with transaction(self._file) as database:
            database.execute(
                "INSERT OR REPLACE INTO object (bucket, key, content_type, body) VALUES (?, ?, ?, ?)",
                (bucket, key, stored.content_type, stored.body),
            )
        for notification in definition.notifications:
            if key.startswith(notification.prefix):
                self._queues.send(notification.queue, json.dumps(_created(bucket, key, stored, how)))

    def get(self, bucket: str, key: str) -> StoredObject:
        """Return an object; raise Refusal where there is none."""
        self._definition(bucket)
        with transaction(self._file) as database:
            query = "SELECT body, content_type FROM object WHERE bucket = ? AND key = ?"
            row = database.execute(query, (bucket, key)).fetchone()
        if row is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.")
        return StoredObject(*row)

    def delete(self, bucket: str, key: str) -> None:
        """Forget an object, whether or not it is there."""
        self._definition(bucket)
        with transaction(self._file) as database:
            database.execute("DELETE FROM object WHERE bucket = ? AND key = ?", (bucket, key))

    def list(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys that begin with `prefix`, in their order."""
        self._definition(bucket)
        with transaction(self._file) as database:
            query = "SELECT key FROM object WHERE bucket = ? AND substr(key, 1, ?) = ? ORDER BY key"
            return [key for (key,) in database.execute(query, (bucket, len(prefix), prefix)).fetchall()]

    def _definition(self, bucket: str) -> BucketDefinition:
        if bucket not in self._definitions:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist")
        return self._definitions[bucket]


def _created(bucket: str, key: str, stored: StoredObject, how: str) -> dict[str, object]:
    """Return what S3 tells of a new object."""
    about = {"key": quote_plus(key, safe="/"), "size": len(stored.body), "eTag": _digest(stored.body)}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "eventName": f"ObjectCreated:{how}",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}, "object": about},
    }
    return {"Records": [record]}


def _digest(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
