"""Whether anything was written since: what is kept of an answer holds while nothing was."""

import os
import sqlite3
from pathlib import Path
from threading import Lock
from typing import Protocol

from sqlalchemy import Engine, text

from matchmaker.models.database import identity


class Moments(Protocol):
    """Tells one state of the database from the next, within one process."""

    def now(self) -> str | None:
        """The state that a transaction begun now would read; None where that cannot be told.

        Two answers that are equal mean that nothing was committed between them, by anybody.
        """


def moments_of(engine: Engine) -> Moments:
    """How this database tells its states apart."""
    if engine.dialect.name != "sqlite":
        return _OfServer(engine)
    name = engine.url.database
    return _OfFile(Path(name)) if name and name != ":memory:" else _Never()


class _Never:
    """A database in memory is one connection's own: no other could watch it."""

    def now(self) -> str | None:
        return None


class _OfFile:
    """SQLite counts, for a connection that never writes, the commits of all others."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened_for: object = None
        self._openings = 0

    def now(self) -> str | None:
        with self._lock:
            try:
                # A fork's connection is its parent's, and a moved file is another database.
                there = os.getpid(), identity(self._path)
                if self._connection is None or there != self._opened_for:
                    self._connection = self._open()
                    self._opened_for = there
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                self._connection = None
                return None
            return f"{self._openings}.{version}"

    def _open(self) -> sqlite3.Connection:
        # Counts of two connections cannot be compared.
        self._openings += 1
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, check_same_thread=False)


class _OfServer:
    """PostgreSQL names the transactions that a snapshot sees."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT", writes=False)

    def now(self) -> str | None:
        with self._engine.connect() as connection:
            return str(connection.scalar(text("SELECT pg_current_snapshot()::text")))
