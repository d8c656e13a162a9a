"""Reads the index `Nearby`, past the SDK's parser: that would cost ten times what is made of an entry afterwards.

All that a search wants of an entry is its sort key and its card, and both stand in DynamoDB's answer as plain text.
They are taken out before the answer is parsed, which leaves the parser the rest. An answer that does not look as
expected is left to it altogether.
"""

import re
from binascii import a2b_base64
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from common.geo import Stretch
from common.keys import nearby_partition
from common.table import Table, to_wire

type Entry = tuple[str, bytes]
"""The sort key, `<cell>#<pet id>`, and the card."""

CARD, SORT = rb'"card":\{"B":"([A-Za-z0-9+/=]+)"\}', rb'"nearby_sort":\{"S":"([0-9a-z#]+)"\}'
ENTRY = re.compile(CARD + rb"," + SORT + rb"|" + SORT + rb"," + CARD)  # attributes come in any order
COUNT = re.compile(rb'[{,]"Count":([0-9]+)')
ITEMS = b'"Items":['

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class NearbyIndex:
    """The index by which pets near a place are found."""

    def __init__(self, table: Table) -> None:
        self.table = table
        table.client.meta.events.register("before-parse.dynamodb.Query", _take_out, unique_id="nearby")

    def read(self, stretch: Stretch, kind: str) -> list[Entry]:
        """Return the entries of the pets of a kind in a stretch."""
        values = {
            ":partition": nearby_partition(stretch.low.partition("#")[0], kind),
            ":low": stretch.low,
            ":high": stretch.high,
        }
        members: dict[str, Any] = {
            "TableName": self.table.name,
            "IndexName": "Nearby",
            "KeyConditionExpression": "nearby_partition = :partition AND nearby_sort BETWEEN :low AND :high",
            "ExpressionAttributeValues": to_wire(values),
            "ProjectionExpression": "card, nearby_sort",
        }
        entries: list[Entry] = []
        reading = _reading.set(True)
        try:
            while True:
                answer = self.table.call("query", **members)
                entries += answer.get("Entries") or [_entry(item) for item in answer["Items"]]
                if "LastEvaluatedKey" not in answer:
                    return entries
                members["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        finally:
            _reading.reset(reading)


def _entry(item: dict[str, Any]) -> Entry:
    return item["nearby_sort"]["S"], item["card"]["B"]


def _take_out(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take the entries out of an answer, where it is one to this index and every entry is found."""
    if not _reading.get() or response_dict["status_code"] != HTTPStatus.OK:
        return
    body: bytes = response_dict["body"]
    counted = COUNT.search(body)
    count, begin, last = int(counted[1]) if counted else 0, body.find(ITEMS), body.rfind(b'"card":')
    if not count or begin < 0:
        return
    found = ENTRY.findall(body)
    if len(found) != count:
        return
    customized_response_dict["Entries"] = [
        ((sort or sort_first).decode(), a2b_base64(card or card_last)) for card, sort, sort_first, card_last in found
    ]
    response_dict["body"] = body[: begin + len(ITEMS)] + body[body.index(b"]", last) :]
