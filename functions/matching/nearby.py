"""Reads the index `Nearby`, past the SDK's parser: that would cost ten times what is made of an entry afterwards.

All that a search wants of an entry is whose it is, its cell and its card, and these stand in DynamoDB's answer as plain
text. They are taken out of it, and only the rest is parsed. Nor is the SDK needed around a request (see
`common.wire`). An answer that does not look as expected is left to it altogether.
"""

import json
import re
from binascii import a2b_base64
from typing import Any

from common import wire
from common.geo import Stretch
from common.keys import NEARBY, PET, nearby_partition
from common.table import Item, Table, to_wire

type Entry = tuple[str, str, bytes]
"""The id of the pet, its cell, and the card."""

# Attributes come in any order, so each is looked for by itself: an item has each of them once.
PETS = re.compile(rf'"PK":\{{"S":"{PET}([a-z2-7]+)"\}}')
CELLS = re.compile(rf'"{NEARBY.sort}":\{{"S":"([0-9a-z]+)"\}}')
CARDS = re.compile(r'"card":\{"B":"([A-Za-z0-9+/=]+)"\}')
ITEMS = '"Items":['


class NearbyIndex:
    """The index by which pets near a place are found."""

    def __init__(self, table: Table) -> None:
        self.table = table
        wire.allow(table.client)

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
        with wire.directly(_taken_out):
            while True:
                answer = self.table.call("query", **members)
                entries += answer["Entries"] if "Entries" in answer else map(_parsed, answer["Items"])
                if "LastEvaluatedKey" not in answer:
                    return entries
                members["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def entry_of(item: Item) -> Entry:
    """Return the entry of a pet that can be found, given its item."""
    return item["pet_id"], item[NEARBY.sort], item["card"]


def _parsed(entry: dict[str, Any]) -> Entry:
    return entry["PK"]["S"].removeprefix(PET), entry[NEARBY.sort]["S"], entry["card"]["B"]


def _taken_out(body: bytes) -> dict[str, Any] | None:
    """Return an answer with its entries taken out, where every one is found."""
    text = body.decode()
    begin = text.find(ITEMS) + len(ITEMS)
    end = text.find("]", max(begin, text.rfind('"card":')))
    if begin < len(ITEMS) or end < 0:
        return None
    pets, cells, cards = (pattern.findall(text, begin, end) for pattern in (PETS, CELLS, CARDS))
    answer: dict[str, Any] = json.loads(text[:begin] + text[end:])
    if not len(pets) == len(cells) == len(cards) == answer["Count"]:
        return None
    return answer | {"Entries": list(zip(pets, cells, map(a2b_base64, cards), strict=True))}
