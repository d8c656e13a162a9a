"""Reads the index `Nearby`, past the SDK's parser: that would cost ten times what is made of an entry afterwards.

All that a search wants of an entry is whose it is, its cell and its card, and these stand in DynamoDB's answer as plain
text. They are taken out before the answer is parsed, which leaves the parser the rest. An answer that does not look as
expected is left to it altogether.
"""

import re
from binascii import a2b_base64
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from common.geo import Stretch
from common.keys import NEARBY, PET, nearby_partition
from common.table import Item, Table, to_wire

type Entry = tuple[str, str, bytes]
"""The id of the pet, its cell, and the card."""

# Attributes come in any order, so each is looked for by itself: an item has each of them once.
PETS = re.compile(rf'"PK":\{{"S":"{PET}([a-z2-7]+)"\}}')
CELLS = re.compile(rf'"{NEARBY.sort}":\{{"S":"([0-9a-z]+)"\}}')
CARDS = re.compile(r'"card":\{"B":"([A-Za-z0-9+/=]+)"\}')
COUNT = re.compile(r'[{,]"Count":([0-9]+)')
ITEMS = '"Items":['

_reading: ContextVar[bool] = ContextVar("reading", default=False)


class NearbyIndex:
    """The index by which pets near a place are found."""

    def __init__(self, table: Table) -> None:
        self.table = table
        table.client.meta.events.register("before-parse.dynamodb.Query", _take_out, unique_id="nearby")

    def read(self, stretch: Stretch, kind: str) -> list[Entry]:
        """Return the entries of the pets of a kind in a stretch."""
        values = {
            ":partition": nearby_partition(stretch.low, kind),
            ":low": stretch.low,
            ":high": stretch.high,
        }
        members: dict[str, Any] = {
            "TableName": self.table.name,
            "IndexName": NEARBY.name,
            "KeyConditionExpression": f"{NEARBY.partition} = :partition AND {NEARBY.sort} BETWEEN :low AND :high",
            "ExpressionAttributeValues": to_wire(values),
            "ProjectionExpression": f"PK, {NEARBY.sort}, card",
        }
        entries: list[Entry] = []
        reading = _reading.set(True)
        try:
            while True:
                answer = self.table.call("query", **members)
                entries += answer.get("Entries") or map(_parsed, answer["Items"])
                if "LastEvaluatedKey" not in answer:
                    return entries
                members["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        finally:
            _reading.reset(reading)


def entry_of(item: Item) -> Entry:
    """Return the entry of a pet that can be found, given its item."""
    return item["pet_id"], item[NEARBY.sort], item["card"]


def _parsed(entry: dict[str, Any]) -> Entry:
    return entry["PK"]["S"].removeprefix(PET), entry[NEARBY.sort]["S"], entry["card"]["B"]


def _take_out(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take the entries out of an answer, where it is one to this index and every entry is found."""
    if not _reading.get() or response_dict["status_code"] != HTTPStatus.OK:
        return
    text = response_dict["body"].decode()
    counted = COUNT.search(text)
    count, begin, last = int(counted[1]) if counted else 0, text.find(ITEMS) + len(ITEMS), text.rfind('"card":')
    if not count or begin < len(ITEMS) or last < begin:
        return
    end = text.index("]", last)
    pets, cells, cards = (pattern.findall(text, begin, end) for pattern in (PETS, CELLS, CARDS))
    if not len(pets) == len(cells) == len(cards) == count:
        return
    customized_response_dict["Entries"] = list(zip(pets, cells, map(a2b_base64, cards), strict=True))
    response_dict["body"] = (text[:begin] + text[end:]).encode()
