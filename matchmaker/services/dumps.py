"""A database as plain lines: read in one snapshot from either kind, put into either kind.

Each table is one file of JSON lines, one row a line. The columns are asked of the database, not
of the models, so that a dump made at an older revision goes back in at that revision.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
    text,
    type_coerce,
    update,
)

_REVISION = "alembic_version"
_AT_ONCE = 500


def dump(connection: Connection, folder: Path) -> dict[str, int]:
    """Write every table to `folder`; returns how many rows each has.

    The connection's transaction has to see one moment only: see `snapshot`.
    """
    counts = {}
    for table in _tables(connection):
        columns = [_readable(c) for c in table.columns]
        rows = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(
            select(*columns).order_by(*table.primary_key.columns)
        )
        names = [c.name for c in table.columns]
        count = 0
        with (folder / file_of(table.name)).open("w", encoding="utf-8") as file:
            file.write(json.dumps(names) + "\n")
            for row in rows:
                file.write(json.dumps([_plain(v) for v in row], ensure_ascii=False) + "\n")
                count += 1
        counts[table.name] = count
    return counts


def snapshot(engine: Engine) -> Connection:
    """A connection whose reads all see the database as it is at the first of them."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    return engine.connect()


def load(engine: Engine, folder: Path) -> dict[str, int]:
    """Fill the empty tables of `engine` in one transaction; returns how many rows each got."""
    counts = {}
    with engine.execution_options(writes=True).begin() as connection:
        tables = _tables(connection)
        for table in tables:
            counts[table.name] = _fill(connection, table, folder / file_of(table.name))
        for table in tables:
            _go_on_counting(connection, table)
    return counts


def is_empty(engine: Engine) -> bool:
    """Whether no table holds a row."""
    with engine.connect() as connection:
        return not any(
            connection.execute(select(text("1")).select_from(table).limit(1)).first()
            for table in _tables(connection)
        )


def clear(engine: Engine) -> None:
    """Drop every table, the note of the revision too."""
    metadata = MetaData()
    with engine.execution_options(writes=True).begin() as connection:
        metadata.reflect(connection)
        metadata.drop_all(connection)


def file_of(table: str) -> str:
    return f"{table}.jsonl"


def rows_in(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one file, by the names of its columns; dates and bytes as they are written."""
    with path.open(encoding="utf-8") as lines:
        names = json.loads(next(lines))
        for line in lines:
            yield dict(zip(names, json.loads(line), strict=True))


def _tables(connection: Connection) -> list[Table]:
    """All tables but the note of the revision, each after those it points to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != _REVISION]


def _readable(column: Column[Any]) -> Any:
    """JSON is taken as the text that is stored, to the letter."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value


def _fill(connection: Connection, table: Table, path: Path) -> int:
    """Write the rows; what points to a row of the same table is put in once all are there."""
    readers = {c.name: _reader(c, connection) for c in table.columns}
    own = [c for c in table.columns if any(f.column.table is table for f in c.foreign_keys)]
    statement = insert(table).values({c.name: _bound(c, connection) for c in table.columns})
    count, later = 0, []
    for rows in _chunks(rows_in(path)):
        ready = []
        for row in rows:
            values = {name: readers[name](value) for name, value in row.items()}
            pointing = {c.name: values[c.name] for c in own if values[c.name] is not None}
            if pointing:
                later.append((values, pointing))
            ready.append(values | dict.fromkeys(pointing))
        connection.execute(statement, ready)
        count += len(ready)
    keys = list(table.primary_key.columns)
    for values, pointing in later:
        where = [key == values[key.name] for key in keys]
        connection.execute(update(table).where(*where).values(pointing))
    return count


def _chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    each = iter(rows)
    while chunk := list(islice(each, _AT_ONCE)):
        yield chunk


def _reader(column: Column[Any], connection: Connection) -> Callable[[Any], Any]:
    """What makes a stored value out of a written one."""
    on_sqlite = connection.dialect.name == "sqlite"
    if isinstance(column.type, DateTime):
        # SQLite keeps no zone: its times are in UTC.
        return _optional(
            lambda v: datetime.fromisoformat(v).replace(tzinfo=None if on_sqlite else UTC)
        )
    if isinstance(column.type, Date):
        return _optional(date.fromisoformat)
    if isinstance(column.type, LargeBinary):
        return _optional(base64.b64decode)
    return lambda value: value


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _bound(column: Column[Any], connection: Connection) -> Any:
    if not isinstance(column.type, JSON):
        return bindparam(column.name, type_=column.type)
    written = bindparam(column.name, type_=Text())
    # SQLite keeps it as text, and would make a number of what is cast to its word JSON.
    return (
        type_coerce(written, String) if connection.dialect.name == "sqlite" else cast(written, JSON)
    )


def _go_on_counting(connection: Connection, table: Table) -> None:
    """The next row gets a number of its own: PostgreSQL does not look at what is there."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        name = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
        sequence = connection.scalar(select(name))
        top = connection.scalar(select(func.max(column)))
        if sequence is not None and top is not None:
            connection.execute(select(func.setval(sequence, top)))
