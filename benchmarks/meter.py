"""What a search costs: calls, items and read units, CPU here and at the server's, and time; and the machine's noise."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from common.table import Item

PAGE_BYTES = 4096
LOOP = 200_000


class Reads(NamedTuple):
    """What was asked of a table: calls, the items that they read, and read units."""

    calls: int = 0
    items: int = 0
    units: float = 0

    @classmethod
    def sum(cls, some: Iterable["Reads"]) -> "Reads":
        """Return all of them together."""
        return cls(*map(sum, zip((0, 0, 0.0), *some, strict=True)))


def units(size: int) -> float:
    """Return the read units of an eventually consistent query that reads so many bytes: half a one for each 4 KB."""
    return max(ceil(size / PAGE_BYTES), 1) / 2


def size_of(item: Item) -> int:
    """Return an item's size in bytes as DynamoDB counts it: names and values, of the kinds that pets have."""
    return sum(len(name) + _size(value) for name, value in item.items())


def _size(value: Any) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return (len(str(abs(value)).rstrip("0")) + 1) // 2 + 1
    if isinstance(value, dict):
        return 3 + sum(1 + len(name) + _size(inner) for name, inner in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + _size(inner) for inner in value)
    return len(value.encode() if isinstance(value, str) else value)


class ReadMeter:
    """Listens to a DynamoDB client, which may be used by several threads."""

    def __init__(self) -> None:
        self._found: list[Reads] = []
        self._beside: list[Reads] = []

    @property
    def found(self) -> Reads:
        """What was read of an index."""
        return Reads.sum(self._found)

    @property
    def beside(self) -> Reads:
        """What was read of the table itself."""
        return Reads.sum(self._beside)

    @contextmanager
    def listening(self, client: Any) -> Iterator["ReadMeter"]:
        """Count all that the client reads meanwhile."""
        events = client.meta.events
        events.register("provide-client-params.dynamodb.*", _ask, unique_id="meter asks")
        events.register("after-call.dynamodb.*", self._note, unique_id="meter notes")
        try:
            yield self
        finally:
            events.unregister("provide-client-params.dynamodb.*", unique_id="meter asks")
            events.unregister("after-call.dynamodb.*", unique_id="meter notes")

    def _note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        capacity = parsed.get("ConsumedCapacity", [])
        consumed = capacity if isinstance(capacity, list) else [capacity]
        used = sum(float(each["CapacityUnits"]) for each in consumed)
        if model.name == "Query" and "GlobalSecondaryIndexes" in consumed[0]:
            self._found.append(Reads(1, parsed["Count"], used))
        elif model.name in ("Query", "GetItem", "BatchGetItem"):
            items = parsed.get("Count", sum(map(len, parsed.get("Responses", {}).values())) + ("Item" in parsed))
            self._beside.append(Reads(1, items, used))


def _ask(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return params | {"ReturnConsumedCapacity": "INDEXES"}


class Cost(NamedTuple):
    """What one page took, in seconds: CPU of this process, CPU of the server's, and the time that passed."""

    cpu: float
    server_cpu: float
    elapsed: float


def cpu_of(process: int) -> float:
    """Return the seconds of CPU that a process's threads have had so far, as the kernel's scheduler counts them."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e9


def cost_of(work: Callable[[], Any], server: int | None) -> Cost:
    """Return what a piece of work costs; `server` is the process that does a part of it."""
    served = cpu_of(server) if server else 0
    cpu, started = time.process_time(), time.perf_counter()
    work()
    elapsed, used = time.perf_counter() - started, time.process_time() - cpu
    return Cost(used, cpu_of(server) - served if server else 0, elapsed)


def quantile(values: Sequence[float], part: float) -> float:
    """Return the value below which such a part of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


@dataclass
class Noise:
    """How much a fixed loop's CPU time and time vary while something else is measured."""

    cpu: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)

    def listen(self) -> None:
        """Run the loop once."""
        cost = cost_of(lambda: sum(number * number for number in range(LOOP)), None)
        self.cpu.append(cost.cpu)
        self.elapsed.append(cost.elapsed)

    def __str__(self) -> str:
        spreads = [
            f"{what} {quantile(values, 0.05) / median(values):.2f} to {quantile(values, 0.95) / median(values):.2f}"
            for what, values in (("CPU", self.cpu), ("time", self.elapsed))
        ]
        waited = median(self.elapsed) / median(self.cpu)
        return (
            f"a fixed loop, {len(self.cpu)} times in between, p5 to p95 against its own median: {', '.join(spreads)};"
            f" it took {waited:.2f} x as long as it computed"
        )
