"""Files that follow from the code and are committed all the same: written anew, or compared with what it gives."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def keep(target: Path, text: str, command: str) -> int:
    """Write a file or, with --check, only say whether the committed one is up to date; return the exit status.

    `command` is what a developer writes it with.
    """
    if "--check" not in sys.argv[1:]:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return 0
    print(f"{target.relative_to(ROOT)} differs from the code: run `{command}`", file=sys.stderr)
    return 1
