"""The table's engine on this machine: an embedded DynamoDB-compatible one, or moto where it has no binary.

`AWS_ENDPOINT_URL_DYNAMODB` names another engine to use instead; that one is left as it is found.
"""

import ctypes
import http.client
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import ClientError

from local.stack import TableDefinition, table_shape

MODULES = Path(__file__).parent / "node_modules/@dynoxide"
PACKAGES = {("Linux", "x86_64"): "linux-x64"}
START_SECONDS = 10
STOP_SECONDS = 1
PR_SET_PDEATHSIG = 1


class StoreError(Exception):
    """The table cannot be kept."""


def binary() -> Path | None:
    """Return the embedded engine's program, or None where it does not exist for this machine or is not installed."""
    package = PACKAGES.get((platform.system(), platform.machine()))
    program = MODULES / package / "dynoxide" if package else None
    return program if program and program.is_file() else None


def die_with_parent() -> None:
    """Ask Linux to end this process as soon as the one that started it has ended, however that came."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    """Return a loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedStore:
    """dynoxide as a child process: in memory, or with its data in a file."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._stopping = threading.Event()

    @property
    def endpoint(self) -> str:
        """The engine's address."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        program = binary()
        if program is None:
            raise StoreError("The embedded engine has no binary for this machine")
        for _ in range(3):  # somebody else may take the port first
            self._port = free_port()
            self.process = self._start(program)
            if self._answers(self.process):
                return self
            self._stop()
        raise StoreError(f"The embedded engine does not start{f' with {self._file}' if self._file else ''}")

    def __exit__(self, *details: object) -> None:
        self._stopping.set()
        self._stop()

    def wait(self) -> bool:
        """Wait until the engine ends; tell whether that was unasked for."""
        if self.process:
            self.process.wait()
        return not self._stopping.is_set()

    def _start(self, program: Path) -> subprocess.Popen[bytes]:
        where = ["--db-path", str(self._file.resolve())] if self._file else []
        return subprocess.Popen(
            [program, "serve", "--host", "127.0.0.1", "--port", str(self._port), *where],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: requests under way still need the engine
            preexec_fn=die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (no threads yet)
        )

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
            except OSError:
                time.sleep(0.005)
            else:
                return process.poll() is None
            finally:
                connection.close()
        return False

    def _stop(self) -> None:
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class InMemoryStore:
    """moto within this process: good for a look around, gone when the process ends."""

    def __init__(self) -> None:
        self.endpoint = ""  # boto3 needs none
        self._moto = ExitStack()

    def __enter__(self) -> Self:
        # Only here: moto takes longer to import than everything else together.
        from local.in_memory import moto_dynamodb

        self._moto.enter_context(moto_dynamodb())
        return self

    def __exit__(self, *details: object) -> None:
        self._moto.close()


class ForeignStore:
    """An engine that somebody else runs."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None: ...


type Engine = EmbeddedStore | InMemoryStore | ForeignStore


def choose(file: Path) -> tuple[Engine, str | None]:
    """Return the engine to use here, and a sentence for the user where it is not the usual one."""
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"):
        return ForeignStore(endpoint), f"The table is kept at {endpoint} (AWS_ENDPOINT_URL_DYNAMODB)."
    if binary():
        return EmbeddedStore(file), None
    return InMemoryStore(), "No embedded engine fits this machine: data is kept in memory and ends with this process."


def ensure_table(client: Any, definition: TableDefinition, name: str) -> None:
    """Create the table unless it is there; raise StoreError where one of another shape has its name."""
    try:
        found = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        client.create_table(**definition.create_request(name))
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        if request := definition.time_to_live_request(name):
            client.update_time_to_live(**request)
    else:
        if table_shape(found) != definition.shape():
            raise StoreError(f"The table {name} was made from another version of the template: start with fresh data")
