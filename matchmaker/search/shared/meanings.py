"""Nearness from PostgreSQL: graphs bring texts in, products of the stored vectors score them."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    ARRAY,
    Connection,
    Double,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from embeddings import Vectors
from matchmaker.search import lens
from matchmaker.search.languages import LANGUAGES, Means
from matchmaker.search.lens import Products, Scores
from matchmaker.search.shared.home import State
from matchmaker.search.shared.tables import Full, Half, any_of

#: Texts from which on a graph may be walked, if the planner thinks so; fewer are all compared,
#: which is exact. At 10,000 a scan takes 12 ms and the graph 10.
GRAPH_FROM: Final = 10_000
#: A list of allowed texts shorter than this share of all is compared whole, too.
NARROW: Final = 0.1
_DOUBLES: Final[ARRAY[Any]] = ARRAY(Double())


class SharedMeanings:
    """See `finding.Meaning`; good for one transaction."""

    def __init__(self, connection: Connection, state: State, means: Means | None) -> None:
        self._connection = connection
        self._entry = state.tables.entry
        self._state = state
        self._means = means

    def nearest(
        self, query: Vectors, language: str, width: int, among: Sequence[int] | None
    ) -> list[int]:
        if not self._fits(query):
            return []
        few = among is not None and len(among) <= NARROW * self._state.texts
        parts = []
        for told in LANGUAGES:
            asked = lens.asked(query, language, told, self._means)
            part = self._nearest(asked, told, width, exact=few)
            if among is not None:
                part = part.where(self._entry.c.record_id == any_of(among))
            parts.append(part)
        return [row[0] for row in self._rows(parts)]

    def plain(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest whole texts by bare cosine."""
        parts = [self._nearest(query, told, limit, exact=False) for told in LANGUAGES]
        found = [(row[0], -row[1]) for row in self._rows(parts)]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def scores(self, query: Vectors, language: str, ids: Iterable[int]) -> dict[int, float]:
        if not self._fits(query):
            return {}
        return lens.scores(query, language, self._means, ids, self._products)

    def _fits(self, query: Vectors) -> bool:
        """Whether it is a vector of the shelf's model: where that one is missing, none is."""
        return len(query) == self._state.dim

    def _nearest(
        self, asked: Vectors, language: str, width: int, *, exact: bool
    ) -> Select[tuple[int, float]]:
        distance = self._away(self._entry.c.whole, asked)
        query = select(self._entry.c.record_id, distance.label("away"))
        # Written out: a graph of one language is only used where the query names that language.
        query = query.where(self._entry.c.language == literal_column(f"'{language}'"))
        if exact or self._state.texts < GRAPH_FROM:
            query = query.order_by(distance + literal_column("0"), self._entry.c.record_id)
        else:
            query = query.order_by(distance)
        return query.limit(width)

    def _products(self, language: str, ids: Sequence[int], columns: Scores) -> Products:
        entry = self._entry
        asked = [column.astype(np.float32) for column in columns.T]
        one: Any = func.unnest(entry.c.passages).column_valued("one")
        # All of one column's, then all of the next one's: the passages are unpacked once.
        every: Any = func.array_agg(_product(one, asked[0]), type_=_DOUBLES)
        for column in asked[1:]:
            every = func.array_cat(every, func.array_agg(_product(one, column)), type_=_DOUBLES)
        query = select(
            entry.c.record_id,
            *(_product(entry.c.whole, column) for column in asked),
            select(every).scalar_subquery(),
        ).where(
            entry.c.language == literal_column(f"'{language}'"),
            entry.c.record_id == any_of(ids),
        )
        return _read(sorted(self._connection.execute(query).all(), key=_first), len(asked))

    def _away(self, column: Any, asked: Vectors) -> Any:
        """The negative inner product, by which a graph is ordered."""
        vector = bindparam(None, asked, Half(self._state.dim), unique=True)
        return column.op("<#>", return_type=Double())(vector)

    def _rows(self, parts: Sequence[Select[Any]]) -> Sequence[Any]:
        each = [select(part.subquery()) for part in parts]
        return self._connection.execute(union_all(*each)).all()


def _first(row: Any) -> int:
    key: int = row[0]
    return key


def _product(column: Any, asked: Vectors) -> Any:
    """The inner product with stored halves, the question's own vector taken in full."""
    return -cast(column, Full).op("<#>", return_type=Double())(
        bindparam(None, asked, Full, unique=True)
    )


def _read(rows: Sequence[Any], columns: int) -> Products:
    """Products from rows of (id, the whole text's, all passages' or None)."""
    parts = [row[-1] or () for row in rows]
    counts = [len(part) // columns for part in parts]
    both = list(zip(parts, counts, strict=True))
    passages = [
        np.fromiter(chain.from_iterable(p[at * n : at * n + n] for p, n in both), np.float64)
        for at in range(columns)
    ]
    return Products(
        [row[0] for row in rows],
        np.array([row[1:-1] for row in rows], np.float64).reshape(len(rows), columns),
        np.stack(passages, axis=1),
        counts,
    )
