"""What the local stack runs of the template: functions, their routes and event sources, and the table."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

from local.intrinsics import TABLE_NAME, Values
from local.patterns import Pattern

type Handler = Callable[[Any, Any], Any]


def segments(path: str) -> list[str]:
    """Return the segments of a path as API Gateway compares them: decoded."""
    return unquote(path).split("/")[1:]


@dataclass(frozen=True)
class Function:
    """One Lambda function."""

    name: str
    handler_path: str
    timeout: int
    memory: int

    def handler(self) -> Handler:
        """Return the function's handler, importing its module the first time."""
        module, _, name = self.handler_path.rpartition(".")
        return cast("Handler", getattr(importlib.import_module(module), name))


@dataclass(frozen=True)
class Endpoint:
    """A route of the HTTP API and the function that answers it."""

    function: Function
    method: str
    path: str

    @property
    def route_key(self) -> str:
        """The route as API Gateway names it."""
        return f"{self.method} {self.path}"

    @property
    def specificity(self) -> list[bool]:
        """Sorts routes that fit one path: the best has its literal segments earliest, and its method by name."""
        return [*(is_variable(segment) for segment in segments(self.path)), self.method == "ANY"]

    def handler(self) -> Handler:
        """Return the handler of the function that answers."""
        return self.function.handler()

    def parameters(self, method: str, path: str) -> dict[str, str] | None:
        """Return the values of the path's variables, or None where the route does not take this request."""
        names, values = segments(self.path), segments(path)
        if self.method not in ("ANY", method) or len(names) != len(values):
            return None
        found: dict[str, str] = {}
        for name, value in zip(names, values, strict=True):
            if is_variable(name) and value:
                found[name[1:-1]] = value
            elif name != value:
                return None
        return found


def is_variable(segment: str) -> bool:
    """Tell whether a segment of a route is a variable."""
    return segment.startswith("{") and segment.endswith("}")


@dataclass(frozen=True)
class StreamSource:
    """A function's subscription to the table's stream."""

    function: Function
    name: str
    starting_position: str
    batch_size: int
    bisect: bool
    partial_failures: bool
    attempts: int | None
    patterns: Sequence[Pattern]

    def wants(self, record: Mapping[str, Any]) -> bool:
        """Tell whether the function is to see this record."""
        return not self.patterns or any(pattern.matches(record) for pattern in self.patterns)


@dataclass(frozen=True)
class QueueDefinition:
    """A queue; what failed `max_receives` times goes to `dead_letters`, if it names a queue for them."""

    visibility_seconds: int
    dead_letters: str | None = None
    max_receives: int = 0


@dataclass(frozen=True)
class QueueSource:
    """A function's subscription to a queue."""

    function: Function
    name: str
    queue: str
    batch_size: int
    partial_failures: bool


@dataclass(frozen=True)
class ScheduleSource:
    """A function's calls by the clock, which the rule of this name makes in AWS.

    `payload` is the JSON text that the function is called with, in place of the event that says what time it is.
    """

    function: Function
    name: str
    rule: str
    period_seconds: float
    payload: str | None = None


@dataclass(frozen=True)
class RotationSource:
    """A function's duty to rotate a secret when Secrets Manager asks for it."""

    function: Function
    name: str
    secret: str


@dataclass(frozen=True)
class Notification:
    """A queue that is told of new objects whose keys begin with `prefix`."""

    prefix: str
    queue: str


@dataclass(frozen=True)
class BucketDefinition:
    """A bucket; pages of `origins`, as the template writes them, may send forms to it and read the answer."""

    origins: Sequence[Any] = ()
    notifications: Sequence[Notification] = ()


@dataclass(frozen=True)
class TableDefinition:
    """The table as the template describes it."""

    logical_id: str
    properties: Mapping[str, Any]

    def create_request(self, name: str) -> dict[str, Any]:
        """Return the arguments of DynamoDB's CreateTable."""
        copied = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        request = {"TableName": name} | {key: self.properties[key] for key in copied if key in self.properties}
        if stream := self.properties.get("StreamSpecification"):
            request["StreamSpecification"] = {"StreamEnabled": True, **stream}
        return request

    def time_to_live_request(self, name: str) -> dict[str, Any] | None:
        """Return the arguments of DynamoDB's UpdateTimeToLive, or None where items do not expire."""
        settings = self.properties.get("TimeToLiveSpecification")
        return {"TableName": name, "TimeToLiveSpecification": settings} if settings else None

    def shape(self) -> dict[str, Any]:
        """Return what an existing table must have in common with this one to be usable in its stead."""
        return table_shape(self.create_request(TABLE_NAME))


def table_shape(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a table and of its indexes, from CreateTable's arguments or DescribeTable's answer."""
    indexes = described.get("GlobalSecondaryIndexes") or []
    return {
        "keys": _keys(described),
        "indexes": {index["IndexName"]: (_keys(index), _projection(index)) for index in indexes},
        "stream": (described.get("StreamSpecification") or {}).get("StreamViewType"),
    }


def _keys(described: Mapping[str, Any]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}


def _projection(index: Mapping[str, Any]) -> tuple[str, list[str]]:
    projection = index["Projection"]
    return projection["ProjectionType"], sorted(projection.get("NonKeyAttributes") or [])


@dataclass(frozen=True)
class Stack:
    """Everything of the template that runs here."""

    functions: Mapping[str, Function]
    endpoints: Sequence[Endpoint]
    streams: Sequence[StreamSource]
    queues: Mapping[str, QueueDefinition]
    queue_sources: Sequence[QueueSource]
    buckets: Mapping[str, BucketDefinition]
    table: TableDefinition
    values: Values
    variables: Mapping[str, Any]
    rotations: Sequence[RotationSource] = ()
    schedules: Sequence[ScheduleSource] = ()

    def environment(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Return the environment variables of the functions; `parameters` are those of a deployment."""
        return {
            name: str(self.values.resolve(value, f"the variable {name}", parameters))
            for name, value in self.variables.items()
        }

    def origins(self, parameters: Mapping[str, str]) -> list[str]:
        """Return the origins whose pages may send forms to a bucket."""
        listed = [origin for bucket in self.buckets.values() for origin in bucket.origins]
        return [str(origin) for origin in self.values.resolve(listed, "AllowedOrigins", parameters)]

    def consumers(self) -> Iterator[Function]:
        """Name the functions that answer no route."""
        answering = {endpoint.function.name for endpoint in self.endpoints}
        return (function for function in self.functions.values() if function.name not in answering)
