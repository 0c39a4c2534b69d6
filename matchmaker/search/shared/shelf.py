"""A shelf in PostgreSQL: every worker asks the same one, and none holds any of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import ProgrammingError

from embeddings import Encoder
from matchmaker.domain.ranking import constants
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import finding, languages
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.shared import spoken, writing
from matchmaker.search.shared.home import Home, Key, State, state_of
from matchmaker.search.shared.source import Drawn, SharedSource
from matchmaker.search.shelf import Candidate

Told = TypeVar("Told")
_NO_SUCH_TABLE: Final = "42P01"


class _EmptyError(Exception):
    """There is nothing on the shelf to ask."""


class SharedShelf:
    """See Shelf. Each question is answered from one unchanging state of the database."""

    def __init__(self, home: Home, key: Key, encoder: Encoder) -> None:
        #: What encodes questions; vectors of another model than the shelf's find nothing.
        self.encoder = encoder
        self._home = home
        self._key = key
        #: What is drawn anew only when the shelf has changed, with the mark of that state.
        self._known: tuple[tuple[int, int], Drawn] | None = None

    @property
    def size(self) -> int:
        return self._asked(lambda connection: self._state(connection).texts, 0)

    def ids(self) -> list[int]:
        return sorted(self.changes())

    def changes(self) -> dict[int, int]:
        def told(connection: Connection) -> dict[int, int]:
            entry = self._state(connection).tables.entry.c
            rows = connection.execute(select(entry.record_id, entry.change))
            return {row.record_id: row.change for row in rows}

        return self._asked(told, {})

    def digest(self) -> str:
        nothing = f"{0:064x}"
        return self._asked(lambda connection: self._state(connection).digest or nothing, nothing)

    def restore(self, typed: str) -> str:
        if not spoken.is_asked(typed):
            return typed
        return self._asked(lambda c: spoken.restore(c, self._state(c), typed), typed)

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
        width = max(limit, constants.WIDTH)

        def found(connection: Connection) -> list[Candidate]:
            source = self._source(connection)
            among, barred = source.narrowed(allowed, width)
            if among == []:
                return []
            return finding.search(
                source, query, width=width + len(barred), limit=limit, among=among,
                barred=barred, weights=weights,
            )  # fmt: skip

        return self._asked(found, [])

    def score(
        self, query: Query, ids: Iterable[int], *, weights: Weights = FIXED
    ) -> list[Candidate]:
        wanted = list(ids)

        def found(connection: Connection) -> list[Candidate]:
            source = self._source(connection)
            return finding.score(source, query, source.held(wanted), weights)

        return self._asked(found, [])

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        return self._asked(lambda c: self._source(c).meanings.plain(query.vectors[0], limit), [])

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        def found(connection: Connection) -> list[tuple[int, float]]:
            words = self._source(connection).words
            return list(words.coverage(query.terms, limit=limit).items())

        return self._asked(found, [])

    def warm(self) -> None:
        """Let the server be met, and the sample be drawn."""
        self._asked(self._source, None)

    def settle(self) -> None:
        """Nothing is built beside the searches."""

    def _asked(self, work: Callable[[Connection], Told], nothing: Told) -> Told:
        """What is found in one state of the database; `nothing` on an empty shelf."""
        try:
            return self._once(work, nothing)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", "") != _NO_SUCH_TABLE:
                raise
            # A rebuild put another shelf in the place of the one that was met.
            return self._once(work, nothing)

    def _once(self, work: Callable[[Connection], Told], nothing: Told) -> Told:
        with self._home.reading() as connection:
            try:
                return work(connection)
            except _EmptyError:
                return nothing

    def _state(self, connection: Connection) -> State:
        state = state_of(connection, self._key)
        if state is None or not state.texts:
            raise _EmptyError
        return state

    def _source(self, connection: Connection) -> SharedSource:
        state = self._state(connection)
        mark = (state.id, state.changed)
        known = self._known
        if known is None or known[0] != mark:
            shipped = languages.shipped(self._key.fingerprint)
            self._known = known = (mark, Drawn.of(connection, state, shipped))
        return SharedSource(connection, state, known[1])
