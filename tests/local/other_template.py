"""Starts the whole stack as `make run` does, but of another template: `python -m tests.local.other_template <file>`."""

import os
import sys
from pathlib import Path

from local.run import start

code = start(Path(sys.argv[1]))
sys.stdout.flush()
os._exit(code)
