"""Opens the database, the same way for the site, the worker and the commands."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.orm import Session

from matchmaker.domain.errors import MatchmakerError

#: Seconds a writer waits for another before the answer is "busy".
BUSY_TIMEOUT = 5
#: Connections of one process: each request it works on may hold two at a time.
CONNECTIONS = 32
#: Of these, what stays open when it is not used: enough for four requests at a time.
KEPT = 8
#: Seconds a server is waited for before it counts as gone.
CONNECT_TIMEOUT = 5


class AddressError(MatchmakerError):
    """The database's address cannot be used; the text says why and never holds its password."""

    code = "database_address"


def open_engine(url: str, *, create: bool = True) -> Engine:
    """An engine for `url`; a file and folder that SQLite needs are made where `create` says so.

    Raises AddressError.
    """
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
    given: dict[str, Any] = {"timeout": BUSY_TIMEOUT, "check_same_thread": False}
    engine = create_engine(url, connect_args=given, **_settings(parts))
    event.listen(engine, "connect", _prepare_sqlite)
    if parts.database and parts.database != ":memory:":
        _keep_to_the_file(engine, Path(parts.database), create=create)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_server(parts: URL) -> Engine:
    """A waiting writer is told "busy" after the same time as on SQLite, and times are in UTC."""
    given: dict[str, Any] = {}
    if "connect_timeout" not in parts.query:
        given["connect_timeout"] = CONNECT_TIMEOUT
    if "options" not in parts.query:
        given["options"] = f"-c lock_timeout={int(BUSY_TIMEOUT * 1000)} -c timezone=UTC"
    return create_engine(parts, pool_pre_ping=True, connect_args=given, **_settings(parts))


def _settings(parts: URL) -> dict[str, Any]:
    """A few connections are kept open, and as many more are opened as are needed at once."""
    # What people typed does not belong in tracebacks.
    quiet: dict[str, Any] = {
        "hide_parameters": True, "json_serializer": _write_json, "json_deserializer": _read_json,
    }  # fmt: skip
    if not parts.database or parts.database == ":memory:":
        return quiet  # a database in memory is one connection's own
    # The one used last is used next: each keeps pages of the database in memory.
    return quiet | {
        "pool_size": KEPT, "max_overflow": CONNECTIONS - KEPT, "pool_use_lifo": True
    }  # fmt: skip


def _write_json(value: Any) -> str:
    return "[]" if value == [] else json.dumps(value)


def _read_json(text: str) -> Any:
    # Most lists that are kept are empty: those need no parser.
    return [] if text == "[]" else json.loads(text)


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    """WAL with FULL sync: NORMAL was measured to acknowledge writes that power loss undoes."""
    del record
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _keep_to_the_file(engine: Engine, path: Path, *, create: bool) -> None:
    """Write only to the file that stands under its name.

    A connection goes on writing to a file that was moved away or deleted, and would tell people
    "saved". Nor is an empty file made where the database was: its log could end up beside the
    real one when that is put back.
    """
    seen = not create

    def connect(*_: Any) -> None:
        if seen and not path.exists():
            raise sqlite3.OperationalError("the database file is gone")
        path.parent.mkdir(parents=True, exist_ok=True)

    def note(_: sqlite3.Connection, record: Any) -> None:
        nonlocal seen
        seen = True
        record.info["file"] = identity(path)

    def check(_: sqlite3.Connection, record: Any, __: Any) -> None:
        if record.info.get("file") != identity(path):
            raise DisconnectionError("another file stands under the database's name")

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", check)


def identity(path: Path) -> tuple[int, int] | None:
    """Which file stands under a name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_there(engine: Engine) -> bool:
    """Whether there is something to connect to; a server is taken to be there."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return True
    return Path(engine.url.database).exists()


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
