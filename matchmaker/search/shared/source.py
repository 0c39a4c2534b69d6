"""One state of a shared shelf, as a question is answered from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, func, not_, select

from embeddings import Vectors
from matchmaker.domain.ranking import constants
from matchmaker.search import background, lens
from matchmaker.search.languages import Means
from matchmaker.search.shared.home import State
from matchmaker.search.shared.meanings import SharedMeanings
from matchmaker.search.shared.tables import any_of
from matchmaker.search.shared.words import SharedWords


@dataclass(frozen=True)
class Drawn:
    """What a process keeps of a shelf until it changes: the sample's ids, the model's means."""

    sample: dict[str, list[int]]
    means: Means | None

    @classmethod
    def of(cls, connection: Connection, state: State, shipped: Means | None) -> "Drawn":
        """`shipped` means go before the shelf's own."""
        entry = state.tables.entry
        per_language = select(entry.c.language, func.count()).group_by(entry.c.language)
        counts = {language: count for language, count in connection.execute(per_language)}  # noqa: C416
        sample = {
            language: list(
                connection.scalars(_at(state, language, background.places(count), "record_id"))
            )
            for language, count in counts.items()
        }

        def vectors(language: str, places: Sequence[int]) -> Vectors:
            return np.stack(list(connection.scalars(_at(state, language, places, "whole"))))

        return cls(sample, shipped or lens.estimated(counts, vectors))


class SharedSource:
    """See `finding.Source`."""

    def __init__(self, connection: Connection, state: State, drawn: Drawn) -> None:
        self._connection = connection
        self._entry = state.tables.entry
        self._texts = state.texts
        self._sample = drawn.sample
        self._languages = {key: lang for lang, keys in drawn.sample.items() for key in keys}
        self.words = SharedWords(connection, state, is_concept=False)
        self.concepts = SharedWords(connection, state, is_concept=True, cap=constants.CONCEPT_CAP)
        self.meanings = SharedMeanings(connection, state, drawn.means)

    def languages(self, ids: Iterable[int]) -> Mapping[int, str]:
        lacking = [key for key in ids if key not in self._languages]
        if lacking:
            entry = self._entry.c
            query = select(entry.record_id, entry.language).where(
                entry.record_id == any_of(lacking)
            )
            for key, language in self._connection.execute(query):
                self._languages[key] = language
        return self._languages

    def sample(self) -> Mapping[str, Sequence[int]]:
        return self._sample

    def held(self, ids: Iterable[int]) -> list[int]:
        """Those of the ids that stand on the shelf."""
        wanted = sorted(set(ids))
        spoken = self.languages(wanted)
        return [key for key in wanted if key in spoken]

    def narrowed(
        self, allowed: Sequence[int] | None, width: int
    ) -> tuple[list[int] | None, set[int]]:
        """What may be found, None for everything, and what of that must be dropped again.

        A list of nearly everything is slow to look things up in: rather a little more is found
        and what was not allowed dropped.
        """
        if allowed is None:
            return None, set()
        if self._texts - len(set(allowed)) > width:
            return self.held(allowed), set()
        key = self._entry.c.record_id
        query = select(key).where(not_(key == any_of(allowed))).limit(width + 1)
        barred = set(self._connection.scalars(query))
        return (None, barred) if len(barred) <= width else (self.held(allowed), set())


def _at(state: State, language: str, places: Sequence[int], column: str) -> Select[Any]:
    """A column of a language's texts at some places in order of id."""
    entry = state.tables.entry
    at = (func.row_number().over(order_by=entry.c.record_id) - 1).label("at")
    ranked = select(entry.c.record_id, at).where(entry.c.language == language).subquery()
    wanted = select(entry.c[column]).join(ranked, ranked.c.record_id == entry.c.record_id)
    return wanted.where(ranked.c.at == any_of(places)).order_by(ranked.c.at)
