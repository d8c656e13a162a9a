"""The whole stack in a process of its own, started as `make run` starts it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Self

import httpx

from local.store import free_port
from tests.local.waiting import until

ROOT = Path(__file__).parent.parent.parent


class Running:
    """A stack in a process of its own: of the project's template, or of another one."""

    def __init__(self, data: Path, template: Path | None = None, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        # No pipe: once that is full, whoever writes into it waits for a reader.
        self._console = NamedTemporaryFile()  # noqa: SIM115 (closed when the stack is stopped)
        self.process = subprocess.Popen(
            [sys.executable, "-m", *(["tests.local.other_template", str(template)] if template else ["local.run"])],
            cwd=ROOT,
            env=environment(data, self.port) | settings,
            stdout=self._console,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        until(self._is_ready)
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """End the stack; return how long that took."""
        started = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait()
        seconds = time.monotonic() - started
        self._console.close()
        return seconds

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, self.console()
        try:
            return httpx.get(f"{self.url}/_local/ready", timeout=30).status_code == 200
        except httpx.TransportError:
            return False

    def console(self) -> str:
        """Return what the stack has said so far."""
        return Path(self._console.name).read_text()

    def engines(self) -> list[int]:
        """Name the processes that the stack has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def mail(self, address: str) -> str:
        """Return the text of the first mail to this address."""
        mails = until(lambda: httpx.get(f"{self.url}/_local/mail", params={"to": address}).json())
        return str(mails[0]["text"])

    def post(self, path: str, document: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=document, timeout=30)


def environment(data: Path, port: int) -> dict[str, str]:
    """What a stack of its own data and port is started with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"PORT": str(port), "DATA": str(data), "SEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
