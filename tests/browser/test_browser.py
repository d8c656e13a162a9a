"""The browser tests of web/e2e pass on a stack that `make run` would serve, started for them alone."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on PATH"),
    pytest.mark.skipif(not (ROOT / "web/dist/index.html").exists(), reason="web/dist is missing: `make web` builds it"),
]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[str]:
    """The address of a local stack of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PORT": str(port),
        "DATA": str(tmp_path / "data"),
        "SEED": "0",
    }
    url = f"http://localhost:{port}"
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.run"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_until_ready(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the local stack ended before it was ready"
        try:
            urllib.request.urlopen(f"{url}/_local/ready", timeout=5).close()
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the local stack was not ready within 30 seconds")


def test_owners_find_their_way_in_a_browser(stack: str) -> None:
    environment = os.environ | {"BASE_URL": stack, "CHROMIUM": str(CHROMIUM)}
    done = subprocess.run(
        ["npm", "--prefix", "web", "run", "e2e"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
