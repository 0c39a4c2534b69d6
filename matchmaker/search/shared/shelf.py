"""A shelf in PostgreSQL: every worker asks the same one, and none holds any of it."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Connection, select

from embeddings import Manifest
from matchmaker.domain.ranking import constants
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import finding, languages
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.shared import spoken, writing
from matchmaker.search.shared.home import Home, Key, state_of
from matchmaker.search.shared.source import Drawn, SharedSource
from matchmaker.search.shelf import Candidate


class SharedShelf:
    """See Shelf. Each question is answered from one unchanging state of the database."""

    def __init__(self, home: Home, key: Key) -> None:
        self._home = home
        self._key = key
        #: What is drawn anew only when the shelf has changed, with the mark of that state.
        self._known: tuple[tuple[int, int], Drawn] | None = None

    @property
    def size(self) -> int:
        with self._home.reading() as connection:
            state = state_of(connection, self._key)
            return state.texts if state else 0

    def ids(self) -> list[int]:
        return sorted(self.changes())

    def changes(self) -> dict[int, int]:
        with self._home.reading() as connection:
            state = state_of(connection, self._key)
            if state is None:
                return {}
            entry = state.tables.entry.c
            rows = connection.execute(select(entry.record_id, entry.change))
            return {key: change for key, change in rows}  # noqa: C416 - rows are no pairs to mypy

    def digest(self) -> str:
        with self._home.reading() as connection:
            state = state_of(connection, self._key)
            return (state and state.digest) or f"{0:064x}"

    def save(self, folder: Path, fingerprint: str, sequence: int) -> dict[str, Manifest]:
        """Nothing: no file holds any of it."""
        del folder, fingerprint, sequence
        return {}

    def restore(self, typed: str) -> str:
        if not spoken.is_asked(typed):
            return typed
        with self._home.reading() as connection:
            state = state_of(connection, self._key)
            return spoken.restore(connection, state, typed) if state else typed

    def upsert(self, entries: Sequence[Entry]) -> None:
        with self._home.writing() as connection:
            writing.put(connection, self._key, entries)

    def remove(self, ids: Iterable[int]) -> None:
        with self._home.writing() as connection:
            writing.put(connection, self._key, [], ids)

    def search(
        self, query: Query, *, limit: int = constants.WIDTH, allowed: Sequence[int] | None = None,
        weights: Weights = FIXED,
    ) -> list[Candidate]:  # fmt: skip
        with self._home.reading() as connection:
            source = self._source(connection)
            if source is None:
                return []
            width = max(limit, constants.WIDTH)
            among, barred = source.narrowed(allowed, width)
            if among == []:
                return []
            found = finding.search(
                source, query, width=width + len(barred), among=among, barred=barred,
                weights=weights,
            )  # fmt: skip
            return found[:limit]

    def score(
        self, query: Query, ids: Iterable[int], *, weights: Weights = FIXED
    ) -> list[Candidate]:
        with self._home.reading() as connection:
            source = self._source(connection)
            return finding.score(source, query, source.held(ids), weights) if source else []

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        with self._home.reading() as connection:
            source = self._source(connection)
            return source.meanings.plain(query.vectors[0], limit) if source else []

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        with self._home.reading() as connection:
            source = self._source(connection)
            return list(source.words.coverage(query.terms, limit=limit).items()) if source else []

    def warm(self) -> None:
        """Let the server be met, and the sample be drawn."""
        with self._home.reading() as connection:
            self._source(connection)

    def settle(self) -> None:
        """Nothing is built beside the searches."""

    def _source(self, connection: Connection) -> SharedSource | None:
        state = state_of(connection, self._key)
        if state is None or not state.texts:
            return None
        mark = (state.id, state.changed)
        known = self._known
        if known is None or known[0] != mark:
            shipped = languages.shipped(self._key.fingerprint)
            self._known = known = (mark, Drawn.of(connection, state, shipped))
        return SharedSource(connection, state, known[1])
