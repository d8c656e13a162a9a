"""The table of the template on the embedded engine, with a world's pets in it; built once, kept in .cache/bench."""

import hashlib
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import batched, chain
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.world import CENTRES, NOW, Centre, World, item
from common import aws, config, keys
from common.clock import clock
from common.table import Put, Table, table
from local.store import EmbeddedStore
from matching.density import Move, count
from tests.harness.engines import SETTINGS, STACK

CACHE = Path(".cache/bench")
NAME = "pawtime"
WRITERS = 2
PARTITIONS_AT_ONCE = 8
SIGNING = {"public": {}, "cursor_key": bytes(32)}
"""Nobody signs in here; cursors and lots need a key all the same."""


class Stage(NamedTuple):
    """A table with the engine behind it."""

    table: Table
    engine: EmbeddedStore


@contextmanager
def opened(file: Path | None) -> Iterator[Stage]:
    """Give the table that is kept in a file, or an empty one in memory; the functions' code uses it meanwhile."""
    with EmbeddedStore(file) as engine, pytest.MonkeyPatch.context() as patch:
        settings = SETTINGS | {"TABLE_NAME": NAME, "AWS_ENDPOINT_URL_DYNAMODB": engine.endpoint}
        for name, value in settings.items():
            patch.setenv(name, value)
        for remembered in (config.table_name, aws.client, table):
            remembered.cache_clear()
        clock.freeze(NOW)
        try:
            yield Stage(table(), engine)
        finally:
            table().client.close()
            clock.reset()
            for remembered in (config.table_name, aws.client, table):
                remembered.cache_clear()


@contextmanager
def staged(world: World, centres: Sequence[Centre] = CENTRES) -> Iterator[Stage]:
    """Give the table with all pets of a world around these centres. What takes long to build is built once."""
    partitions = world.partitions(centres)
    file = CACHE / f"{world.pets}-{_fingerprint(world, partitions)}.db"
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        for left in CACHE.glob(f"{unfinished.name}*"):
            left.unlink()
        with opened(unfinished) as stage:
            fill(stage.table, world, partitions)
        unfinished.rename(file)
    with opened(file) as stage:
        yield stage


def _fingerprint(world: World, partitions: Sequence[str]) -> str:
    """Return what changes with the world, with how a pet is stored, and with the table's shape."""
    some = [next(world.everybody([each]), None) for each in partitions[:: max(len(partitions) // 20, 1)]]
    seen = [STACK.table.create_request(NAME), partitions, [item(pet) for pet in some if pet]]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def fill(store: Table, world: World, partitions: Sequence[str], writers: int = WRITERS) -> None:
    """Create the table, put in the pets of some partitions, and count them, as their owners' requests would.

    `writers` processes share the work; without any it is done in this one.
    """
    request = STACK.table.create_request(NAME)
    del request["StreamSpecification"]  # nobody listens, and an engine that keeps a stream writes five times slower
    store.client.create_table(**request)
    store.write(Put(keys.verification_keys() | SIGNING))
    some = list(batched(partitions, PARTITIONS_AT_ONCE, strict=False))
    work = _put, [(world.pets, world.seed)] * len(some), some
    living = Counter[str]()
    if writers:
        with ProcessPoolExecutor(writers, multiprocessing.get_context("spawn")) as pool:
            living.update(chain.from_iterable(found.elements() for found in pool.map(*work)))
    else:
        living.update(chain.from_iterable(found.elements() for found in map(*work)))
    for write in count(Move("", place) for place in living.elements()):
        store.update(write)


def _put(of: tuple[int, int], partitions: Sequence[str]) -> Counter[str]:
    """Put the pets of some partitions into the table; return how many came to each partition of the index."""
    clock.freeze(NOW)
    living = Counter[str]()
    for pets in batched(World(*of).everybody(partitions), 100, strict=False):
        items = [item(pet) for pet in pets]
        table().write(*map(Put, items))
        living.update(each["area"] for each in items)
    return living
