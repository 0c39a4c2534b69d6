"""Which shared shelves there are: emptied, built aside, put in the place of others."""

from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, not_, select, text, update

from matchmaker.search.shared import tables
from matchmaker.search.shared.home import Key
from matchmaker.search.shared.tables import MARK, SHELF

#: Grows when texts are read otherwise than before: what was counted then is counted anew.
READING: Final = 1
#: What the name of a model begins with on shelves that are being built, or were replaced.
ASIDE: Final = "aside:"
GONE: Final = "gone:"


def keys(connection: Connection, prefix: str = "") -> list[Key]:
    """The shelves that are asked, or those whose models' names begin with this."""
    name = SHELF.c.fingerprint
    which = name.startswith(prefix) if prefix else _is_asked()
    rows = connection.execute(select(SHELF.c.kind, SHELF.c.level, name).where(which))
    return [Key(*row) for row in rows]


def clear(connection: Connection) -> None:
    """Drop every shelf; whoever searches waits for it and then finds nothing."""
    _drop(connection, "")
    connection.execute(update(MARK).values(seen=0, reading=READING))


def drop(connection: Connection, fingerprint: str) -> None:
    """Drop the shelves of one model."""
    query = select(SHELF.c.id, SHELF.c.dim).where(SHELF.c.fingerprint == fingerprint)
    for number, dim in connection.execute(query).all():
        tables.of(number, dim).drop(connection)
        connection.execute(delete(SHELF).where(SHELF.c.id == number))


def sweep(connection: Connection) -> None:
    """Drop what was left of shelves built aside, and those that were replaced."""
    _drop(connection, ASIDE)
    _drop(connection, GONE)


def take_over(connection: Connection, seen: int) -> None:
    """Put all shelves built aside in the place of those that were asked until now."""
    name = SHELF.c.fingerprint
    is_aside = name.startswith(ASIDE)
    connection.execute(update(SHELF).where(_is_asked()).values(fingerprint=GONE + name))
    connection.execute(
        update(SHELF)
        .where(is_aside)
        .values(fingerprint=func.substr(name, len(ASIDE) + 1), changed=SHELF.c.changed + 1)
    )
    connection.execute(update(MARK).values(seen=seen, reading=READING))


def analyse(connection: Connection) -> None:
    """Let the planner know what the shelves hold, without waiting until it looks by itself."""
    for number, dim in _of(connection, ""):
        found = tables.of(number, dim)
        for table in (found.entry, found.term, found.form, found.pair):
            connection.execute(text(f"ANALYZE {table.fullname}"))


def _is_asked() -> ColumnElement[bool]:
    name = SHELF.c.fingerprint
    return not_(name.startswith(ASIDE) | name.startswith(GONE))


def _drop(connection: Connection, prefix: str) -> None:
    for number, dim in _of(connection, prefix):
        tables.of(number, dim).drop(connection)
        connection.execute(delete(SHELF).where(SHELF.c.id == number))


def _of(connection: Connection, prefix: str) -> list[tuple[int, int]]:
    query = select(SHELF.c.id, SHELF.c.dim).order_by(SHELF.c.id)
    if prefix:
        query = query.where(SHELF.c.fingerprint.startswith(prefix))
    return [(row.id, row.dim) for row in connection.execute(query)]
