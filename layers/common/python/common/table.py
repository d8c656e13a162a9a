"""The one DynamoDB table: plain items in and out, transactions, expiry, and failures as problems.

Items are dicts of strings, integers, bytes, lists and maps; floats are refused by boto3. An item whose `ttl`
(seconds since the epoch) has passed is treated as absent, since DynamoDB deletes it up to days later.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, Self

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from common import aws, config, ids
from common.clock import clock
from common.errors import Conflict, Problem, Unavailable

type Item = dict[str, Any]
type Key = dict[str, str]


class Index(NamedTuple):
    """A global secondary index, by name, and the two attributes that are its keys."""

    name: str
    partition: str
    sort: str


def key_of(item: Item) -> Key:
    """Return the key of an item that was read."""
    return {name: item[name] for name in ("PK", "SK")}


TRANSACTION_LIMIT = 100
PASSING_REASONS = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
# A filter may pass over most of what is read: read many at once, and leave the rest to the next page after a while.
FILTERED_READ = 200
MAX_FILTERED_READS = 10
CONFLICT_ATTEMPTS = 6
PASSING = frozenset(
    {
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "TransactionInProgressException",
        "LimitExceededException",
    }
)


class RaceLost(Conflict):
    """`found` is the item as an update found it: None where there was none, or where it was no single update."""

    code = "race_lost"
    title = "Somebody else changed this at the same moment; please look again"
    found: "Item | None" = None


@dataclass(frozen=True)
class Condition:
    """A DynamoDB condition in its own words: names are written as `#name`, values as `:value`."""

    expression: str
    values: dict[str, Any] = field(default_factory=dict)


def absent() -> Condition:
    """Hold where no live item has the key (an expired one that DynamoDB has not deleted yet does not count)."""
    return Condition("attribute_not_exists(PK) OR #ttl <= :now", {"now": clock.timestamp()})


PRESENT = Condition("attribute_exists(PK)")


@dataclass(frozen=True)
class Put:
    """Write a whole item. Where `condition` does not hold, the transaction fails with `otherwise`."""

    item: Item
    condition: Condition | None = None
    otherwise: type[Problem] | Problem = RaceLost


@dataclass(frozen=True)
class Update:
    """Set, add to or remove attributes of the item at `key`."""

    key: Key
    put: Item = field(default_factory=dict)
    add: dict[str, int] = field(default_factory=dict)
    remove: Sequence[str] = ()
    condition: Condition | None = PRESENT
    otherwise: type[Problem] | Problem = RaceLost

    @classmethod
    def between(cls, key: Key, old: Item, new: Item, condition: Condition) -> Self:
        """Return what takes an item from `old` to `new`; whatever else is kept there stays."""
        changed = {name: value for name, value in new.items() if old.get(name) != value}
        return cls(key, put=changed, remove=[name for name in old if name not in new], condition=condition)


@dataclass(frozen=True)
class Delete:
    """Delete the item at `key`."""

    key: Key
    condition: Condition | None = None
    otherwise: type[Problem] | Problem = RaceLost


@dataclass(frozen=True)
class Check:
    """Let the transaction pass only while `condition` holds at `key`."""

    key: Key
    condition: Condition
    otherwise: type[Problem] | Problem = RaceLost


type Write = Put | Update | Delete | Check

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _from_wire(item: dict[str, Any]) -> Item:
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def to_wire(item: Item) -> dict[str, Any]:
    """Return `item` in DynamoDB's typed form."""
    return {name: _serialize(value) for name, value in item.items()}


def _alive(item: Item) -> bool:
    return "ttl" not in item or bool(item["ttl"] > clock.timestamp())


def _expression(condition: Condition | None, values: dict[str, Any]) -> dict[str, Any]:
    """Return the request members for a condition; `values` are those that an update brings along."""
    members: dict[str, Any] = {}
    if condition:
        members["ConditionExpression"] = condition.expression
        values = values | condition.values
    if values:
        members["ExpressionAttributeValues"] = {f":{name}": _serialize(value) for name, value in values.items()}
    return members


def _names(*expressions: str) -> dict[str, str]:
    """Return ExpressionAttributeNames for every `#name` in the expressions."""
    words = {
        word
        for expression in expressions
        for word in expression.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").split()
        if word.startswith("#")
    }
    return {word: word[1:] for word in words}


def _request(write: Write) -> dict[str, Any]:
    if isinstance(write, Put):
        members: dict[str, Any] = {"Item": to_wire(write.item)} | _expression(write.condition, {})
    elif isinstance(write, Update):
        values = {f"put_{name}": value for name, value in write.put.items()}
        values |= {f"add_{name}": value for name, value in write.add.items()}
        clauses = [
            ("SET", [f"#{name} = :put_{name}" for name in write.put]),
            ("ADD", [f"#{name} :add_{name}" for name in write.add]),
            ("REMOVE", [f"#{name}" for name in write.remove]),
        ]
        update = " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses if parts)
        members = {"Key": to_wire(write.key), "UpdateExpression": update} | _expression(write.condition, values)
    else:
        members = {"Key": to_wire(write.key)} | _expression(write.condition, {})
    names = _names(members.get("ConditionExpression", ""), members.get("UpdateExpression", ""))
    return members | ({"ExpressionAttributeNames": names} if names else {})


_OPERATION = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}


def _raise(problem: type[Problem] | Problem, cause: Exception) -> None:
    raise (problem if isinstance(problem, Problem) else problem()) from cause


@dataclass(frozen=True)
class Rows:
    """One page of a query: live items and, if there is more, the key after which to go on."""

    items: list[Item]
    last_key: Key | None


class Table:
    """The table, by the operations that Pawtime uses. Reads are strongly consistent unless they use an index."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Make a call. One that a transaction stands in the way of had no effect: it is made again."""
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                answer: dict[str, Any] = getattr(self.client, operation)(**members)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in PASSING:
                    raise Unavailable from error
                if code != "TransactionConflictException":
                    raise
            except BotoCoreError as error:
                raise Unavailable from error
            else:
                return answer
            _pause(attempt)
        raise Unavailable

    def get(self, key: Key) -> Item | None:
        """Return the item at `key`, or None where there is none or it has expired."""
        answer = self.call("get_item", TableName=self.name, Key=to_wire(key), ConsistentRead=True)
        item = _from_wire(answer["Item"]) if "Item" in answer else None
        return item if item and _alive(item) else None

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """Return the live items at `keys`, in their order, each once; absent ones are left out."""
        wanted = list({(key["PK"], key["SK"]): key for key in keys}.values())
        found: dict[tuple[str, str], Item] = {}
        for start in range(0, len(wanted), 100):
            chunk = wanted[start : start + 100]
            pending: list[dict[str, Any]] = [to_wire(key) for key in chunk]
            for attempt in range(CONFLICT_ATTEMPTS):
                answer = self.call(
                    "batch_get_item", RequestItems={self.name: {"Keys": pending, "ConsistentRead": True}}
                )
                for wire in answer["Responses"].get(self.name, []):
                    item = _from_wire(wire)
                    found[item["PK"], item["SK"]] = item
                pending = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
                if not pending:
                    break
                _pause(attempt)
            else:
                raise Unavailable
        items = (found.get((key["PK"], key["SK"])) for key in wanted)
        return [item for item in items if item and _alive(item)]

    def query(
        self,
        partition: str,
        *,
        prefix: str = "",
        between: tuple[str, str] | None = None,
        index: Index | None = None,
        limit: int | None = None,
        after: Key | None = None,
        newest_first: bool = False,
        keep: Condition | None = None,
        expired: bool = False,
    ) -> Rows:
        """Return the items of `partition` in sort order, one page of them.

        `prefix` or `between` (both ends included) narrow the sort key; `limit` counts live items that pass `keep`
        and is filled over several reads; without it all are read. Where a filter passes over very much, a page may
        hold fewer than `limit` and still have a key to go on from. `expired` items are passed over unless asked for.
        """
        partition_name, sort_name = (index.partition, index.sort) if index else ("PK", "SK")
        expression, values = f"{partition_name} = :partition", {"partition": partition}
        if between:
            expression += f" AND {sort_name} BETWEEN :low AND :high"
            values |= {"low": between[0], "high": between[1]}
        elif prefix:
            expression += f" AND begins_with({sort_name}, :prefix)"
            values["prefix"] = prefix
        members: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": expression,
            "ScanIndexForward": not newest_first,
            **({"IndexName": index.name} if index else {"ConsistentRead": True}),
        }
        if keep:
            members["FilterExpression"] = keep.expression
            values |= keep.values
            if names := _names(keep.expression):
                members["ExpressionAttributeNames"] = names
        members["ExpressionAttributeValues"] = {f":{name}": _serialize(value) for name, value in values.items()}
        items: list[Item] = []
        start = to_wire(after) if after else None
        reads = 0
        while True:
            if limit is not None:
                members["Limit"] = FILTERED_READ if keep else limit + 1 - len(items)
            answer = self.call("query", **members, **({"ExclusiveStartKey": start} if start else {}))
            items += (item for item in map(_from_wire, answer["Items"]) if expired or _alive(item))
            start = answer.get("LastEvaluatedKey")
            if limit is not None and len(items) > limit:
                last = items[limit - 1]
                key_names = {"PK", "SK", partition_name, sort_name}
                return Rows(items[:limit], {name: last[name] for name in sorted(key_names)})
            reads += 1
            if not start or (keep and limit is not None and reads == MAX_FILTERED_READS):
                return Rows(items, _from_wire(start) if start else None)

    def write(self, *writes: Write | None) -> None:
        """Carry out all of `writes`, or none of them; None stands for nothing to write.

        Where a condition does not hold, the `otherwise` of the first such write is raised. A conflict with another
        transaction is tried again, under the same token, so that an answer that was lost does no harm.
        """
        batch = [write for write in writes if write is not None]
        if not batch:
            return
        if len(batch) > TRANSACTION_LIMIT:
            raise ValueError(f"A transaction of {len(batch)} items is more than DynamoDB takes")
        members = {
            "TransactItems": [{_OPERATION[type(write)]: _request(write) | {"TableName": self.name}} for write in batch],
            "ClientRequestToken": ids.new_id(),
        }
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                self.call("transact_write_items", **members)
                return
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
                for write, reason in zip(batch, reasons, strict=False):
                    if reason == "ConditionalCheckFailed":
                        _raise(write.otherwise, error)
                if not any(reason in PASSING_REASONS for reason in reasons):
                    raise
            _pause(attempt)
        raise Unavailable

    def update(self, write: Update) -> Item:
        """Carry out one update and return the item as it is afterwards.

        Only for updates that may safely happen twice, or whose RaceLost is settled by what it `found`: an answer that
        is lost on the way is followed by a retry.
        """
        members = {"ReturnValues": "ALL_NEW"} | _request(write)
        if write.condition:
            members["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            answer = self.call("update_item", TableName=self.name, **members)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            problem = write.otherwise if isinstance(write.otherwise, Problem) else write.otherwise()
            if isinstance(problem, RaceLost) and "Item" in error.response:
                problem.found = _from_wire(error.response["Item"])
            raise problem from error
        return _from_wire(answer["Attributes"])

    def delete(self, key: Key) -> None:
        """Delete the item at `key`, whether or not it is there."""
        self.call("delete_item", TableName=self.name, Key=to_wire(key))


def settle[Result](attempt: Callable[[], Result]) -> Result:
    """Return what `attempt` returns, trying again while it loses races; raise Unavailable when it keeps losing.

    `attempt` reads, decides and writes under conditions: it must do all of that anew each time.
    """
    for number in range(CONFLICT_ATTEMPTS):
        try:
            return attempt()
        except RaceLost:
            _pause(number)
    raise Unavailable


def _pause(attempt: int) -> None:
    """Wait before another attempt: exponential with full jitter, 320 ms at the most."""
    time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (jitter)


@cache
def table() -> Table:
    """Return the table of this process."""
    return Table(aws.client("dynamodb"), config.table_name())
