"""moto's DynamoDB within this process, made safe among threads and quick enough for the demo data.

As it is, moto checks and writes in two steps, so that threads lose and double each other's writes, and it copies the
whole table before every transaction, its stream included, in case it must be undone.
"""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import moto.dynamodb.models as moto_models
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler


class Snapshots:
    """Copies of tables that a transaction may be undone with: only the partitions that it touches are copied."""

    def __init__(self) -> None:
        self._touched: list[DynamoType] = []

    def touch(self, backend: Any, transaction: list[dict[str, Any]]) -> None:
        """Note the partitions that a transaction is about to change."""
        self._touched = []
        for write in transaction:
            for operation in write.values():
                table = backend.tables.get(operation.get("TableName"))
                key = operation.get("Item") or operation.get("Key") or {}
                if table and table.hash_key_attr in key:
                    self._touched.append(DynamoType(key[table.hash_key_attr]))

    def deepcopy(self, value: Any) -> Any:
        """Stand in for copy.deepcopy."""
        if not isinstance(value, Table):
            return copy.deepcopy(value)
        table = copy.copy(value)
        table.items = copy.copy(value.items)
        for partition in self._touched:
            if partition in value.items:
                table.items[partition] = copy.deepcopy(value.items[partition])
        if value.stream_shard is not None:
            table.stream_shard = copy.copy(value.stream_shard)
            table.stream_shard.table = table
            table.stream_shard.items = list(value.stream_shard.items)
        return table


@contextmanager
def moto_dynamodb() -> Iterator[None]:
    """Let boto3's DynamoDB clients, and those of its streams, speak to moto meanwhile."""
    lock, snapshots = threading.RLock(), Snapshots()
    unlocked, transact = DynamoHandler.call_action, DynamoDBBackend.transact_write_items

    def call_action(handler: Any) -> Any:
        with lock:
            return unlocked(handler)

    def transact_write_items(backend: Any, transaction: list[dict[str, Any]]) -> Any:
        with lock:
            snapshots.touch(backend, transaction)
            return transact(backend, transaction)

    with (
        mock_aws(),
        patch.object(DynamoHandler, "call_action", call_action),
        patch.object(DynamoDBBackend, "transact_write_items", transact_write_items),
        patch.object(moto_models, "copy", SimpleNamespace(deepcopy=snapshots.deepcopy, copy=copy.copy)),
    ):
        yield
