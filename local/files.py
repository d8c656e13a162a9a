"""Files under the data folder: whole or not at all, and for this user's eyes."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PRIVATE = 0o600


def write_file(file: Path, text: str) -> None:
    """Put `text` in the place of what the file contains; a crash leaves the old file or the new one."""
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(file)


@contextmanager
def transaction(file: Path) -> Iterator[sqlite3.Connection]:
    """Open an SQLite file for one transaction, which waits for its turn."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield database
        database.execute("COMMIT")
