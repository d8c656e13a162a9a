"""Waiting for what happens elsewhere."""

import time
from collections.abc import Callable

LONGEST_SECONDS = 60  # how long before a test counts as hung; nothing here takes a tenth of it


def until[Found](look: Callable[[], Found]) -> Found:
    """Return what `look` returns as soon as that is something."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)
    return found
