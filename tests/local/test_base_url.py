"""The behavioural suite by HTTP, as `--base-url` has it: a part of it here, so that the whole can be relied on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.store import binary
from tests.local.running import ROOT, Running, environment

SUITE = "tests/integration"
PART = [
    f"{SUITE}/test_accounts.py",
    f"{SUITE}/test_appointments_care.py",
    f"{SUITE}/test_matching_candidates.py::test_neighbours_are_shown_to_each_other",
    f"{SUITE}/test_matching_candidates.py::test_each_type_is_found_and_only_the_wanted_one",
]

pytestmark = pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine")


def test_the_behavioural_suite_passes_by_http_and_skips_what_looks_inside(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--base-url", stack.url, *PART],
            cwd=ROOT,
            env=environment(tmp_path, stack.port),
            capture_output=True,
            text=True,
            check=False,
        )
        console = stack.console()

    assert ended.returncode == 0, ended.stdout
    passed, skipped = (int(count) for count in re.findall(r"(\d+) (?:passed|skipped)", ended.stdout))
    assert passed >= 30
    assert passed > skipped > 0
    assert "looks inside the table" in ended.stdout
    assert console.count("POST /api/auth/register") > passed
