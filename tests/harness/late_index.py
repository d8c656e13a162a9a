"""The index `Nearby` as DynamoDB may serve it: as it was some writes ago, each read as late as chance has it.

Only writes that change what the index holds are counted, so that late reads see what is no longer so.
"""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse

from common.table import Table
from tests.harness.permissions import as_function

INDEX = "Nearby"
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
ASKED = "area = :partition AND cell BETWEEN :low AND :high"


class LateIndex:
    """Remembers what the index held after each of its latest changes, and answers queries from there."""

    def __init__(self, store: Table, latest: int, chance: random.Random) -> None:
        self.store = store
        self.latest = latest
        self.chance = chance
        self.late = 0
        self.states = [self._now()]

    def _now(self) -> list[dict[str, Any]]:
        pages = self.store.client.get_paginator("scan").paginate(TableName=self.store.name, IndexName=INDEX)
        with as_function(None):  # this look is ours, not that of the function whose write it follows
            return [item for page in pages for item in page["Items"]]

    def after(self, model: Any, **_: Any) -> None:
        """Take note of a write."""
        if model.name in WRITES and (now := self._now()) != self.states[-1]:
            self.states = [*self.states, now][-self.latest - 1 :]

    def before(self, model: Any, params: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """Answer a query of the index; leave every other call alone."""
        asked = json.loads(bytes(params["body"]))
        if model.name != "Query" or asked.get("IndexName") != INDEX:
            return None
        assert asked["KeyConditionExpression"] == ASKED
        assert "FilterExpression" not in asked
        partition, low, high = (
            asked["ExpressionAttributeValues"][f":{name}"]["S"] for name in ("partition", "low", "high")
        )
        state = self.chance.choice(self.states)
        self.late += state is not self.states[-1]
        found = [item for item in state if item["area"]["S"] == partition and low <= item["cell"]["S"] <= high]
        return AWSResponse("", 200, {}, None), {"Items": found, "Count": len(found)}


@contextmanager
def late_index(store: Table, latest: int, chance: random.Random) -> Iterator[LateIndex]:
    """Serve queries of the index from up to `latest` writes ago."""
    index = LateIndex(store, latest, chance)
    events = store.client.meta.events
    events.register("before-call.dynamodb", index.before)
    events.register("after-call.dynamodb", index.after)
    try:
        yield index
    finally:
        events.unregister("before-call.dynamodb", index.before)
        events.unregister("after-call.dynamodb", index.after)
