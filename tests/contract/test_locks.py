"""What is installed is pinned, and what is tested is what is deployed."""

import re
from pathlib import Path

import pytest

from tests.contract.stack import ROOT

LAYERS = sorted(ROOT.glob("layers/*/requirements.txt"))
LOCKS = [*LAYERS, *sorted((ROOT / "requirements").glob("*.txt"))]
PINNED = re.compile(r"^([\w.-]+)==(\S+)(?: ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", re.MULTILINE)


def versions(lock: Path) -> dict[str, str]:
    return dict(PINNED.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_package_has_a_version_and_hashes(lock: Path) -> None:
    packages = re.findall(r"^([\w.-]+)", lock.read_text(), re.MULTILINE)
    assert packages == list(versions(lock))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_names_no_registry(lock: Path) -> None:
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("layer", LAYERS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_the_tests_run_with_the_versions_of_the_layers(layer: Path) -> None:
    assert versions(layer).items() <= versions(ROOT / "requirements/dev.txt").items()


@pytest.mark.parametrize("layer", LAYERS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_layer_leaves_boto3_to_the_runtime(layer: Path) -> None:
    assert not {"boto3", "botocore"} & versions(layer).keys()
