"""Opens the database, the same way for the site, the worker and the commands."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from matchmaker.domain.errors import MatchmakerError

#: Seconds a writer waits for another before the answer is "busy".
BUSY_TIMEOUT = 5
#: Seconds a server is waited for before it counts as gone.
CONNECT_TIMEOUT = 5


class AddressError(MatchmakerError):
    """The database's address cannot be used; the text says why and never holds its password."""

    code = "database_address"


def open_engine(url: str) -> Engine:
    """An engine for `url`; a folder that SQLite needs is made. Raises AddressError."""
    try:
        parts = make_url(url)
        if parts.get_backend_name() != "sqlite":
            return _open_server(parts)
    except ModuleNotFoundError as error:
        raise AddressError(
            f"the database's driver {error.name} is not installed; "
            "for PostgreSQL: pip install 'matchmaker[postgres]'"
        ) from error
    except (ArgumentError, ValueError) as error:
        raise AddressError(
            "MATCHMAKER_DATABASE_URL: it takes an address such as "
            "postgresql+psycopg://user:password@host/database."
        ) from error
    if parts.database:
        Path(parts.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False},
        hide_parameters=True,  # what people typed does not belong in tracebacks
    )  # fmt: skip
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_server(parts: URL) -> Engine:
    """A waiting writer is told "busy" after the same time as on SQLite, and times are in UTC."""
    given: dict[str, Any] = {}
    if "connect_timeout" not in parts.query:
        given["connect_timeout"] = CONNECT_TIMEOUT
    if "options" not in parts.query:
        given["options"] = f"-c lock_timeout={int(BUSY_TIMEOUT * 1000)} -c timezone=UTC"
    return create_engine(parts, pool_pre_ping=True, connect_args=given, hide_parameters=True)


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    """WAL with FULL sync: NORMAL was measured to acknowledge writes that power loss undoes."""
    del record
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the writer's place at the start.

    A transaction that reads first and writes later fails at once when another one wrote in
    between, however long it is ready to wait.
    """
    immediate = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def new_session(engine: Engine, *, writes: bool) -> Session:
    """A session that keeps its objects usable after commit."""
    return Session(engine.execution_options(writes=writes), expire_on_commit=False)


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, undone on any error."""
    with new_session(engine, writes=True) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to read with; what it holds is let go at the end."""
    with new_session(engine, writes=False) as session:
        yield session
