"""The figures of events and permissions: R8 and I9."""

import re
import subprocess
import sys
from pathlib import Path

from prove.figure import Figure
from prove.wanted import WANTED

ROOT = Path(__file__).parent.parent


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run some of the tests as `make test` does, in a process of their own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _count(output: str, word: str) -> int:
    found = re.search(rf"(\d+) {word}", output)
    return int(found[1]) if found else 0


def events() -> Figure:
    """R8: the consumers and the queues, on every engine."""
    run = _pytest("tests/integration/test_events.py", "tests/local/test_queues.py", "tests/local/test_streams.py")
    passed, failed = _count(run.stdout, "passed"), _count(run.stdout, "failed") + _count(run.stdout, "error")
    return Figure("R8", WANTED["R8"], f"{failed} cases differ", passed + failed, ok=run.returncode == 0)


def permissions() -> Figure:
    """I9: what functions call in the behavioural suite, beside what their roles allow."""
    run = _pytest("-n", "2", "--store", "dynoxide", "-o", "testpaths=tests/integration")
    differing = re.findall(r"^\w+: .*(?:called, and not allowed|allowed, and never called)$", run.stdout, re.MULTILINE)
    got = "; ".join(differing) or ("0 differences" if run.returncode == 0 else "the suite itself fails")
    return Figure("I9", WANTED["I9"], got, _count(run.stdout, "passed"), ok=run.returncode == 0)


FIGURES = {"R8": events, "I9": permissions}
