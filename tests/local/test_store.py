"""The table is kept by an engine that starts, survives and ends as it should."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local import store
from local.store import EmbeddedStore, ForeignStore, InMemoryStore, StoreError, binary, choose, ensure_table
from local.template import load
from tests.local import stacks
from tests.local.waiting import until

embedded = pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine")

KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}
START = """
import sys
from pathlib import Path
from local.store import EmbeddedStore
with EmbeddedStore(Path(sys.argv[1])) as engine:
    print(engine.process.pid, flush=True)
    sys.stdin.read()
"""


@contextmanager
def client(endpoint: str) -> Iterator[Any]:
    client = boto3.client("dynamodb", endpoint_url=endpoint or None)
    yield client
    client.close()


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; whoever inherits it has not looked yet.
    return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()


@embedded
def test_data_in_a_file_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "pawtime.db"
    with EmbeddedStore(file) as engine, client(engine.endpoint) as dynamodb:
        ensure_table(dynamodb, load().table, "pawtime")
        dynamodb.put_item(TableName="pawtime", Item=KEY)

    with EmbeddedStore(file) as engine, client(engine.endpoint) as dynamodb:
        ensure_table(dynamodb, load().table, "pawtime")
        assert dynamodb.get_item(TableName="pawtime", Key=KEY)["Item"] == KEY


@embedded
def test_a_table_of_another_shape_is_not_taken_for_ours(tmp_path: Path, dynoxide: str) -> None:
    with client(dynoxide) as dynamodb:
        ensure_table(dynamodb, stacks.read(tmp_path).table, "other-shape")

        with pytest.raises(StoreError, match="The table other-shape was made from another version of the template"):
            ensure_table(dynamodb, load().table, "other-shape")


@embedded
def test_the_engine_ends_with_its_context() -> None:
    with EmbeddedStore() as engine:
        process = engine.process

    assert process
    assert process.poll() is not None
    assert engine.wait() is False


@embedded
def test_an_engine_that_ends_unasked_is_noticed() -> None:
    with EmbeddedStore() as engine:
        assert engine.process
        engine.process.kill()

        assert engine.wait() is True


@embedded
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_the_engine_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path / "pawtime.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout
        engine = int(parent.stdout.readline())
        assert alive(engine)

        parent.send_signal(signal.SIGKILL)

    until(lambda: not alive(engine))


@embedded
def test_an_engine_that_cannot_start_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pawtime.db").write_text("not a database, and long enough to show it " * 10)

    with pytest.raises(StoreError, match=r"The embedded engine does not start with .*pawtime\.db"):
        EmbeddedStore(tmp_path / "pawtime.db").__enter__()


def test_the_embedded_engine_is_the_usual_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    monkeypatch.setattr(store, "binary", lambda: tmp_path / "dynoxide")

    engine, remark = choose(tmp_path / "pawtime.db")

    assert isinstance(engine, EmbeddedStore)
    assert remark is None


def test_where_no_binary_fits_the_user_is_told_that_data_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    monkeypatch.setattr(store, "PACKAGES", {})

    engine, remark = choose(tmp_path / "pawtime.db")

    assert isinstance(engine, InMemoryStore)
    assert remark is not None
    assert "in memory" in remark


def test_the_users_own_engine_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000")

    engine, _ = choose(tmp_path / "pawtime.db")

    assert isinstance(engine, ForeignStore)
    assert engine.endpoint == "http://127.0.0.1:8000"


def test_the_fallback_gives_a_contested_item_to_one_thread_only() -> None:
    with InMemoryStore() as engine, client(engine.endpoint) as dynamodb:
        ensure_table(dynamodb, load().table, "contested")
        won: list[int] = []

        def claim(number: int) -> None:
            put = {"TableName": "contested", "Item": KEY, "ConditionExpression": "attribute_not_exists(PK)"}
            try:
                dynamodb.transact_write_items(TransactItems=[{"Put": put}])
            except ClientError:
                return
            won.append(number)

        threads = [threading.Thread(target=claim, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        dynamodb.delete_table(TableName="contested")
    assert len(won) == 1


def test_the_fallback_undoes_all_of_a_transaction_that_fails() -> None:
    with InMemoryStore() as engine, client(engine.endpoint) as dynamodb:
        ensure_table(dynamodb, load().table, "undone")
        dynamodb.put_item(TableName="undone", Item=KEY | {"tags": {"L": [{"S": "first"}]}})
        update = {
            "TableName": "undone",
            "Key": KEY,
            "UpdateExpression": "SET tags = list_append(tags, :more)",
            "ExpressionAttributeValues": {":more": {"L": [{"S": "second"}]}},
        }
        put = {"TableName": "undone", "Item": KEY | {"PK": {"S": "new"}}}
        check = {
            "TableName": "undone",
            "Key": KEY | {"PK": {"S": "absent"}},
            "ConditionExpression": "attribute_exists(PK)",
        }

        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(TransactItems=[{"Update": update}, {"Put": put}, {"ConditionCheck": check}])

        items = dynamodb.scan(TableName="undone")["Items"]
        dynamodb.delete_table(TableName="undone")
    assert items == [KEY | {"tags": {"L": [{"S": "first"}]}}]
