"""What a fixture writes into an empty database, kept the first time and copied from then on."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from matchmaker.models import Member
from tests.postgres import Server

T = TypeVar("T")
Kept = dict[tuple[str, str], tuple[object, object]]


class Snapshots:
    """Those of this process, for the database of one test."""

    def __init__(
        self, kept: Kept, engine: Engine, session: Session, server: Callable[[], Server]
    ) -> None:
        self._kept = kept
        self._engine = engine
        self._session = session
        self._server = server

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` returned, with the rows it left; plain values only, no rows.

        Asked for before anybody is in the database: whoever was would be gone.
        """
        key = (self._engine.dialect.name, name)
        nobody = self._session.scalar(select(func.count()).select_from(Member)) == 0
        assert nobody, f"ask for {name} before anybody else"
        self._let_go()
        if key in self._kept:
            state, value = self._kept[key]
            self._put(state)
            return value  # type: ignore[return-value]
        made = make()
        self._let_go()
        self._kept[key] = (self._taken(name), made)
        return made

    def _let_go(self) -> None:
        self._session.close()
        self._engine.dispose()

    def _taken(self, name: str) -> object:
        if self._engine.dialect.name == "sqlite":
            return self._file.read_bytes()
        self._server().create(name, self._database)
        return name

    def _put(self, state: object) -> None:
        if isinstance(state, bytes):
            self._file.write_bytes(state)
            return
        self._server().drop(self._database)
        self._server().create(self._database, str(state))

    @property
    def _database(self) -> str:
        assert self._engine.url.database
        return self._engine.url.database

    @property
    def _file(self) -> Path:
        return Path(self._database)
