"""Where the shared shelves are read and written, and what is known of one before it is asked."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select

from matchmaker.search.shared import tables
from matchmaker.search.shared.tables import SHELF, Tables


class Home(Protocol):
    """Gives connections with a transaction begun."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One unchanging state to answer a question from."""

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction: committed at the end, undone on any error."""


class Server:
    """The database's server; questions may be put to a replica of it."""

    def __init__(self, engine: Engine, replica: Engine | None = None) -> None:
        self._engine = engine
        self._asked = (replica or engine).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._asked.connect() as connection:
            _prepare(connection)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection


class OneTransaction:
    """A connection whose owner ends its transaction: what is put on a shelf can be taken back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        _prepare(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        yield self._connection


def _prepare(connection: Connection) -> None:
    """A graph is walked until a filter has let enough through: else it ends with too few."""
    settings = {
        "hnsw.iterative_scan": "relaxed_order",
        "hnsw.ef_search": "400",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
    }
    connection.execute(
        select(*(func.set_config(name, value, True) for name, value in settings.items()))
    )


@dataclass(frozen=True)
class Key:
    """Which shelf: of a kind, at a level, by one model's vectors."""

    kind: str
    level: int
    fingerprint: str


@dataclass(frozen=True)
class State:
    """A shelf's numbers as of one transaction; `changed` grows with every change."""

    id: int
    dim: int
    texts: int
    terms: int
    concepts: int
    spoken: int
    changed: int
    digest: str

    @property
    def tables(self) -> Tables:
        return tables.of(self.id, self.dim)


def state_of(connection: Connection, key: Key, *, locked: bool = False) -> State | None:
    """The shelf as it is now; None where nothing was ever put there."""
    columns = [SHELF.c[name] for name in State.__dataclass_fields__]
    query = select(*columns).where(
        SHELF.c.kind == key.kind,
        SHELF.c.level == key.level,
        SHELF.c.fingerprint == key.fingerprint,
    )
    row = connection.execute(query.with_for_update() if locked else query).first()
    return None if row is None else State(*row)
