"""The table at a moment, and the way back to it: so that what differs between two runs is what was done, not where."""

import json
from typing import Any

from common.table import Table

type Wire = dict[str, Any]
type Place = tuple[str, str]

BATCH = 25


def scan(store: Table) -> dict[Place, Wire]:
    """Return every item, as it travels, by its key."""
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    return {(item["PK"]["S"], item["SK"]["S"]): item for page in pages for item in page["Items"]}


class Snapshot:
    """What the table held when this was made."""

    def __init__(self, store: Table) -> None:
        self.store = store
        self.held = scan(store)

    def restore(self, found: dict[Place, Wire] | None = None) -> None:
        """Take back whatever was done since; `found` is what the table holds now, where that is known."""
        found = scan(self.store) if found is None else found
        requests: list[Wire] = [
            {"DeleteRequest": {"Key": {"PK": found[place]["PK"], "SK": found[place]["SK"]}}}
            for place in found.keys() - self.held.keys()
        ]
        requests += [{"PutRequest": {"Item": item}} for place, item in self.held.items() if found.get(place) != item]
        for start in range(0, len(requests), BATCH):
            answer = self.store.client.batch_write_item(RequestItems={self.store.name: requests[start : start + BATCH]})
            assert not answer["UnprocessedItems"], json.dumps(answer["UnprocessedItems"], default=str)
