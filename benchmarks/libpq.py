"""PostgreSQL's own client library, as far as a benchmark needs it: one connection, prepared statements, COPY.

It comes with PostgreSQL, so that nothing has to be installed for the benchmark alone.
"""

import ctypes
from collections.abc import Iterable, Sequence
from typing import Any

LIBRARY = "libpq.so.5"
DONE = frozenset({1, 2, 4})
"""Statuses of results: a command was carried out, rows came, or the server waits for the rows of a COPY."""

type Row = tuple[str | None, ...]


class Failed(Exception):
    """What PostgreSQL refused to do, in its words."""


def _library() -> Any:
    library = ctypes.CDLL(LIBRARY)
    pointers = ("PQconnectdb", "PQexec", "PQprepare", "PQexecPrepared", "PQgetResult")
    for name in pointers:
        getattr(library, name).restype = ctypes.c_void_p
    for name in ("PQgetvalue", "PQerrorMessage"):
        getattr(library, name).restype = ctypes.c_char_p
    return library


class Connection:
    """A connection to a server; values go and come as text."""

    def __init__(self, settings: str) -> None:
        self._library = _library()
        self._connection = ctypes.c_void_p(self._library.PQconnectdb(settings.encode()))
        if self._library.PQstatus(self._connection):
            raise Failed(self._error())

    @property
    def server_process(self) -> int:
        """The id of the process that serves this connection."""
        return int(self._library.PQbackendPID(self._connection))

    def close(self) -> None:
        """Leave the server."""
        self._library.PQfinish(self._connection)

    def execute(self, statements: str) -> list[Row]:
        """Carry out statements; return the rows of the last."""
        return self._rows(self._library.PQexec(self._connection, statements.encode()))

    def prepare(self, name: str, statement: str) -> None:
        """Prepare a statement for many executions."""
        self._rows(self._library.PQprepare(self._connection, name.encode(), statement.encode(), 0, None))

    def run(self, name: str, values: Sequence[object]) -> list[Row]:
        """Carry out a prepared statement; return its rows."""
        texts = [None if value is None else str(value).encode() for value in values]
        sent = (ctypes.c_char_p * len(texts))(*texts)
        return self._rows(
            self._library.PQexecPrepared(self._connection, name.encode(), len(texts), sent, None, None, 0)
        )

    def copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Put rows into a table."""
        self.execute(f"COPY {table} FROM STDIN")
        for row in rows:
            line = "\t".join("\\N" if value is None else str(value) for value in row).encode() + b"\n"
            self._library.PQputCopyData(self._connection, line, len(line))
        self._library.PQputCopyEnd(self._connection, None)
        while result := self._library.PQgetResult(self._connection):
            self._rows(result)

    def _rows(self, pointer: int) -> list[Row]:
        result, library = ctypes.c_void_p(pointer), self._library
        try:
            if library.PQresultStatus(result) not in DONE:
                raise Failed(self._error())
            return [
                tuple(
                    None
                    if library.PQgetisnull(result, row, column)
                    else library.PQgetvalue(result, row, column).decode()
                    for column in range(library.PQnfields(result))
                )
                for row in range(library.PQntuples(result))
            ]
        finally:
            library.PQclear(result)

    def _error(self) -> str:
        message: bytes = self._library.PQerrorMessage(self._connection)
        return message.decode().strip()
