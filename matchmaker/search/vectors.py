"""The vectors of a shelf: a few rows for each entry, in one exact index for each language."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from embeddings import FlatIndex, Ids, VectorIndex, Vectors
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import languages
from matchmaker.search.entries import MOST_PASSAGES
from matchmaker.search.languages import LANGUAGES, Means

Scores = npt.NDArray[np.float64]

#: Row k of an entry lies under id · _ROWS + k, the whole text in row 0.
_ROWS: Final = MOST_PASSAGES + 1
#: Rows fetched for each entry wanted: its neighbours bring several of theirs.
_SPREAD: Final = 3
#: Texts of each language that suffice to estimate its mean; more change nothing.
_SAMPLE: Final = 500


class Meanings:
    """Scores entries by meaning, across languages too. The owner keeps readers from its writer."""

    def __init__(self, shipped: Means | None) -> None:
        self._shipped = shipped
        self._estimated: Means | None = None
        self._is_estimated = False
        self._rows: dict[str, VectorIndex] = {}
        self._counts: dict[str, dict[int, int]] = {lang: {} for lang in LANGUAGES}

    def upsert(self, entries: Iterable[tuple[int, str, Vectors]]) -> None:
        """Put (id, language, vectors (rows, dim)) in, replacing those of the same ids."""
        found = {key: (lang, rows[:_ROWS]) for key, lang, rows in entries}
        self.remove(found)
        for lang in LANGUAGES:
            mine = {key: rows for key, (its, rows) in found.items() if its == lang}
            if not mine:
                continue
            counts = {key: len(rows) for key, rows in mine.items()}
            stacked = np.concatenate(list(mine.values()))
            if lang not in self._rows:
                self._rows[lang] = FlatIndex(stacked.shape[1])
            self._rows[lang].upsert(_row_ids(counts), stacked)
            self._counts[lang] |= counts
        self._is_estimated = False

    def remove(self, ids: Iterable[int]) -> None:
        gone = list(ids)
        for lang, index in self._rows.items():
            counts = self._counts[lang]
            held = {key: counts.pop(key) for key in gone if key in counts}
            if held:
                index.remove(_row_ids(held))
        self._is_estimated = False

    def indexes(self) -> list[tuple[str, VectorIndex]]:
        """The rows of each language that has any."""
        return sorted(self._rows.items())

    def digest(self) -> str:
        """The vectors' content as 64 hex digits, however they came in."""
        found = {lang: index.digest() for lang, index in self._rows.items() if index.size}
        return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()

    def nearest(
        self, query: Vectors, language: str, width: int, among: Sequence[int] | None
    ) -> list[int]:
        """At least `width` ids if there are so many, the nearest by each language's measure."""
        means = self._means()
        found: list[int] = []
        for lang, index in self._rows.items():
            asked = query
            if means is not None and lang != language:
                asked = languages.centred(query, means.query[language])
            allowed = None
            if among is not None:
                counts = self._counts[lang]
                allowed = _row_ids({key: counts[key] for key in among if key in counts})
            wanted = width
            while True:
                hits = index.search(asked, wanted * _SPREAD, allowed=allowed)
                ids = np.unique(hits.ids // _ROWS)
                if len(ids) >= width or len(hits) < wanted * _SPREAD:
                    break
                wanted *= 2
            found += ids.tolist()
        return found

    def scores(self, query: Vectors, language: str, ids: Iterable[int]) -> dict[int, float]:
        """Scores by id: cosines in the query's language, and what maps to them across."""
        means = self._means()
        wanted = sorted(set(ids))
        told: dict[int, float] = {}
        for lang, index in self._rows.items():
            counts = self._counts[lang]
            mine = {key: counts[key] for key in wanted if key in counts}
            if not mine:
                continue
            rows, asked = index.vectors(_row_ids(mine)), query
            if means is not None and lang != language:
                rows = languages.centred(rows, means.document[lang])
                asked = languages.centred(query, means.query[language])
            whole, best = _by_entry(rows.astype(np.float64) @ asked, list(mine.values()))
            slope, offset = 1.0, 0.0
            if means is not None and lang != language:
                slope, offset = means.slope[language], means.offset[language]
            for key, one, other in zip(mine, whole.tolist(), best.tolist(), strict=True):
                told[key] = slope * fusion.dense(one, other) + offset
        return told

    def plain(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest whole texts by bare cosine: a baseline to measure by."""
        found = [
            (int(row) // _ROWS, float(score))
            for lang, index in self._rows.items()
            for row, score in _pairs(
                index.search(query, limit, allowed=[k * _ROWS for k in self._counts[lang]])
            )
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _means(self) -> Means | None:
        """The model's shipped means; for another model the shelf's own, when it has enough."""
        if self._shipped is None and not self._is_estimated:
            self._estimated = self._estimate()
            self._is_estimated = True
        return self._shipped or self._estimated

    def _estimate(self) -> Means | None:
        if min(len(counts) for counts in self._counts.values()) < constants.ENOUGH_FOR_A_MEAN:
            return None
        # Whole texts in order of id, spread evenly: the same shelf gives the same means.
        sample = {}
        for lang, counts in self._counts.items():
            ids = np.array(sorted(counts), dtype=np.int64)
            kept = ids[np.linspace(0, len(ids) - 1, min(len(ids), _SAMPLE)).astype(np.int64)]
            sample[lang] = self._rows[lang].vectors(kept * _ROWS)
        return languages.fitted(sample, sample)


def _row_ids(counts: Mapping[int, int]) -> Ids:
    """The row ids of entries with so many rows each, entry by entry."""
    keys = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    many = np.fromiter(counts.values(), dtype=np.int64, count=len(counts))
    starts = np.cumsum(many) - many
    within = np.arange(many.sum(), dtype=np.int64) - np.repeat(starts, many)
    return np.asarray(np.repeat(keys * _ROWS, many) + within, dtype=np.int64)


def _by_entry(scores: Scores, counts: Sequence[int]) -> tuple[Scores, Scores]:
    """The score of each entry's whole text and of its best passage, or of the text again."""
    many = np.asarray(counts, dtype=np.int64)
    starts = np.cumsum(many) - many
    whole = scores[starts]
    masked = scores.copy()
    masked[starts[many > 1]] = -np.inf
    return whole, np.asarray(np.maximum.reduceat(masked, starts), dtype=np.float64)


def _pairs(hits: Any) -> Iterable[tuple[int, float]]:
    return zip(hits.ids.tolist(), hits.scores.tolist(), strict=True)
