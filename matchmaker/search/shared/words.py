"""Word coverage from PostgreSQL: an index of terms brings texts in, packed counts score them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Select, cast, select
from sqlalchemy.dialects.postgresql import TSQUERY

from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import bm25
from matchmaker.search.shared.home import State
from matchmaker.search.shared.tables import any_of

#: Texts that are scored for one question, those with its rarest terms first.
MOST: Final = 1_500
#: Terms longer than this are cut, in texts and questions alike: an index holds no page-long word.
LONGEST: Final = 200
#: Coverage is told to so many digits, as in memory.
_DIGITS: Final = 6
_TIE: Final = 0.001


def cut(term: str) -> str:
    return term[:LONGEST]


class SharedWords:
    """See `finding.Words`; good for one transaction, in which nothing is asked for twice."""

    def __init__(
        self, connection: Connection, state: State, *, is_concept: bool,
        cap: float = constants.COVERAGE_CAP,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._texts = state.texts
        self._is_concept = is_concept
        self._cap = cap
        self._term = state.tables.term
        entry = state.tables.entry
        self._entry = entry
        total = state.concepts if is_concept else state.terms
        self._mean = total / max(state.texts, 1)
        self._index = entry.c.concepts if is_concept else entry.c.terms
        length = entry.c.concept_length if is_concept else entry.c.length
        counts = entry.c.concept_counts if is_concept else entry.c.counts
        self._columns = (entry.c.record_id, length, counts)
        #: Number of a term, and how many texts hold it.
        self._known: dict[str, tuple[int, int]] = {}
        self._held: dict[int, tuple[int, bytes]] = {}

    def idfs(self, terms: Iterable[str]) -> dict[str, float]:
        counted = fusion.counted(tuple(terms))
        known = self._look_up(list(counted))
        return fusion.heaviest(
            {
                term: counts * fusion.idf(self._texts, known.get(cut(term), (0, 0))[1])
                for term, counts in counted.items()
            }
        )

    def coverage(
        self,
        terms: Sequence[str],
        *,
        limit: int,
        among: Sequence[int] | None = None,
        of: Iterable[float] | None = None,
    ) -> dict[int, float]:
        if not terms or limit < 1 or (among is not None and not len(among)):
            return {}
        weights = self.idfs(terms)
        most = fusion.reach(weights.values() if of is None else of, self._cap)
        ids = self._candidates(weights) if among is None else self._fetched(among)
        scores = self._scores(ids, weights)
        least = 0.0
        if len(scores) > limit:
            # A little less than the last that counts: what rounds to the same is decided by id.
            least = sorted(scores.values(), reverse=True)[limit - 1] * (1 - _TIE)
        told = [
            (key, round(fusion.coverage(score, most), _DIGITS))
            for key, score in scores.items()
            if score >= least
        ]
        return dict(sorted(told, key=lambda hit: (-hit[1], hit[0]))[:limit])

    def _scores(self, ids: Sequence[int], weights: Mapping[str, float]) -> dict[int, float]:
        numbered: dict[int, float] = {}
        for term, weight in weights.items():
            number, texts = self._known.get(cut(term), (0, 0))
            if texts:
                numbered[number] = numbered.get(number, 0.0) + weight
        held = [self._held[key] for key in ids]
        lengths = np.array([length for length, _ in held], dtype=np.int64)
        found = bm25.scores([counts for _, counts in held], lengths, numbered, self._mean)
        return {key: score for key, score in zip(ids, found, strict=True) if not math.isnan(score)}

    def _candidates(self, weights: Mapping[str, float]) -> list[int]:
        """Texts with the rarest terms; of a term that too many hold, the shortest texts."""
        there = [t for t in weights if self._known.get(cut(t), (0, 0))[1]]
        rarest = sorted(there, key=lambda t: (-weights[t], t))
        taken: list[str] = []
        room = MOST
        for term in rarest:
            room -= self._known[cut(term)][1]
            if taken and room < 0:
                break
            taken.append(term)
        if not taken:
            return []
        anyone = " | ".join(_quoted(cut(term)) for term in taken)
        query = select(*self._columns).where(self._index.bool_op("@@")(cast(anyone, TSQUERY)))
        if room < 0:
            query = query.order_by(self._columns[1], self._columns[0]).limit(MOST)
        return self._take(query)

    def _fetched(self, ids: Sequence[int]) -> list[int]:
        lacking = [key for key in ids if key not in self._held]
        if lacking:
            self._take(select(*self._columns).where(self._columns[0] == any_of(lacking)))
        return [key for key in ids if key in self._held]

    def _take(self, query: Select[Any]) -> list[int]:
        rows = self._connection.execute(query).all()
        for key, length, counts in rows:
            self._held[key] = (length, counts)
        return sorted(key for key, _, _ in rows)

    def _look_up(self, terms: Sequence[str]) -> dict[str, tuple[int, int]]:
        lacking = [t for t in {cut(term) for term in terms} if t not in self._known]
        if lacking:
            column = self._term.c
            query = select(column.term, column.id, column.texts).where(
                column.is_concept == self._is_concept, column.term == any_of(lacking)
            )
            self._known |= dict.fromkeys(lacking, (0, 0))
            for term, number, texts in self._connection.execute(query):
                self._known[term] = (number, texts)
        return self._known


def _quoted(term: str) -> str:
    """A term within a query of terms, whatever it holds."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
