"""The figures of events and permissions: R8 and I9."""

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from prove.figure import Figure
from prove.figures_races import stores
from prove.wanted import WANTED
from tests.harness.deliveries import deliver_badly
from tests.harness.permissions import COMPARED
from tests.harness.world import World

ROOT = Path(__file__).parent.parent


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run some of the tests as `make test` does, in a process of their own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _count(output: str, word: str) -> int:
    found = re.search(rf"(\d+) {word}", output)
    return int(found[1]) if found else 0


def _fell_short(run: subprocess.CompletedProcess[str]) -> list[str]:
    """Say what keeps a run from counting: tests that fail, tests that are skipped, or none that ran."""
    counts = {word: _count(run.stdout, word) for word in ("failed", "error", "skipped")}
    short = [f"{number} {word}" for word, number in counts.items() if number]
    if not _count(run.stdout, "passed"):
        short.append("nothing ran")
    return short or ([f"exit code {run.returncode}"] if run.returncode else [])


def events() -> Figure:
    """R8: every kind of event, delivered badly to every consumer of the template; and the stand-ins that deliver."""
    with stores() as fresh, TemporaryDirectory() as folder:
        tally = deliver_badly(World.build(fresh()), Path(folder))
    tally.wrong += _fell_short(_pytest("tests/local/test_queues.py", "tests/local/test_streams.py"))
    return Figure.of("R8", WANTED["R8"], "messages", tally.tried, tally.wrong)


def permissions() -> Figure:
    """I9: what functions call in the behavioural suite, beside what their roles allow; and no wildcard in these."""
    suite = _pytest("-n", "2", "--store", "dynoxide", "-o", "testpaths=tests/integration")
    wildcards = _pytest("tests/contract/test_template.py")
    differing = re.findall(
        r"^\w+: .*(?:called, and not allowed|allowed, and never called)$", suite.stdout, re.MULTILINE
    )
    wrong = [*differing, *_fell_short(suite), *_fell_short(wildcards)]
    if COMPARED not in suite.stdout and not differing:
        wrong.append("calls and roles were not compared")
    return Figure.of("I9", WANTED["I9"], "tests", _count(suite.stdout, "passed"), wrong)


FIGURES = {"R8": events, "I9": permissions}
