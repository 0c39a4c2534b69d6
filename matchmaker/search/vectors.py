"""The vectors of a shelf: whole texts in one index for each language, their passages beside them.

Candidates are found by their whole texts, and scored by these and by their best passages. A record
has some ten to thirty passages: kept in an index with the whole texts they would make it thirty
times as large, and it would find the same candidates.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from embeddings import GrowingIndex, Packed, Vectors
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import languages
from matchmaker.search.entries import MOST_PASSAGES
from matchmaker.search.languages import LANGUAGES, Means

Scores = npt.NDArray[np.float64]

#: Texts of each language that suffice to estimate its mean; more change nothing.
_SAMPLE: Final = 500
_DIGEST: Final = 2**256


class Meanings:
    """Scores entries by meaning, across languages too. The owner keeps readers from its writer."""

    def __init__(self, shipped: Means | None) -> None:
        self._shipped = shipped
        self._estimated: Means | None = None
        self._is_estimated = False
        self._wholes: dict[str, GrowingIndex] = {}
        self._passages: dict[str, dict[int, Packed]] = {lang: {} for lang in LANGUAGES}
        self._digests: dict[int, int] = {}

    def upsert(self, entries: Iterable[tuple[int, str, Vectors]]) -> None:
        """Put (id, language, vectors (rows, dim)) in, replacing those of the same ids.

        What comes without vectors is not found here, and scores nothing.
        """
        given = {key: (lang, rows[: MOST_PASSAGES + 1]) for key, lang, rows in entries}
        self.remove(given)
        found = {key: each for key, each in given.items() if len(each[1])}
        for lang in LANGUAGES:
            mine = {key: rows for key, (its, rows) in found.items() if its == lang}
            if not mine:
                continue
            wholes = np.stack([rows[0] for rows in mine.values()])
            if lang not in self._wholes:
                self._wholes[lang] = GrowingIndex(wholes.shape[1])
            self._wholes[lang].upsert(list(mine), wholes)
            for key, rows in mine.items():
                self._passages[lang][key] = Packed.of(rows[1:])
                self._digests[key] = _digest(key, lang, rows)
        self._is_estimated = False

    def remove(self, ids: Iterable[int]) -> None:
        gone = list(ids)
        for lang, index in self._wholes.items():
            held = [key for key in gone if self._passages[lang].pop(key, None) is not None]
            index.remove(held)
        for key in gone:
            self._digests.pop(key, None)
        self._is_estimated = False

    def digest(self) -> str:
        """The vectors' content as 64 hex digits, however they came in."""
        return f"{sum(self._digests.values()) % _DIGEST:064x}"

    def settle(self) -> None:
        """Wait for what is being built beside the searches."""
        for index in self._wholes.values():
            index.settle()

    def nearest(
        self, query: Vectors, language: str, width: int, among: Sequence[int] | None
    ) -> list[int]:
        """The `width` ids of each language whose whole texts are nearest by its measure."""
        means = self._means()
        found: list[int] = []
        for lang, index in self._wholes.items():
            asked = query
            if means is not None and lang != language:
                asked = languages.centred(query, means.query[language])
            allowed = None
            if among is not None:
                held = self._passages[lang]
                allowed = [key for key in among if key in held]
            found += index.search(asked, width, allowed=allowed).ids.tolist()
        return found

    def scores(self, query: Vectors, language: str, ids: Iterable[int]) -> dict[int, float]:
        """Scores by id: cosines in the query's language, and what maps to them across."""
        means = self._means()
        wanted = sorted(set(ids))
        told: dict[int, float] = {}
        for lang, index in self._wholes.items():
            passages = self._passages[lang]
            mine = [key for key in wanted if key in passages]
            if not mine:
                continue
            lens = _Lens(query, means if lang != language else None, language, lang)
            whole = lens.seen(index.vectors(mine).astype(np.float64) @ lens.columns)
            parts = [passages[key] for key in mine]
            best = _best(lens.seen(Packed.joined(parts).products(lens.columns)), parts, whole)
            for key, one, other in zip(mine, whole.tolist(), best.tolist(), strict=True):
                told[key] = lens.slope * fusion.dense(one, other) + lens.offset
        return told

    def plain(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest whole texts by bare cosine: a baseline to measure by."""
        found = [
            (key, score)
            for index in self._wholes.values()
            for hits in [index.search(query, limit)]
            for key, score in zip(hits.ids.tolist(), hits.scores.tolist(), strict=True)
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _means(self) -> Means | None:
        """The model's shipped means; for another model the shelf's own, when it has enough."""
        if self._shipped is None and not self._is_estimated:
            self._estimated = self._estimate()
            self._is_estimated = True
        return self._shipped or self._estimated

    def _estimate(self) -> Means | None:
        if min(len(held) for held in self._passages.values()) < constants.ENOUGH_FOR_A_MEAN:
            return None
        # Whole texts in order of id, spread evenly: the same shelf gives the same means.
        sample = {}
        for lang, held in self._passages.items():
            ids = np.array(sorted(held), dtype=np.int64)
            kept = ids[np.linspace(0, len(ids) - 1, min(len(ids), _SAMPLE)).astype(np.int64)]
            sample[lang] = self._wholes[lang].vectors(kept)
        return languages.fitted(sample, sample)


class _Lens:
    """How a question looks at the rows of one language: straight, or with the means taken off.

    `columns` (dim, m) is what a row is multiplied with, and `seen` makes of its products the
    cosine; no centred copy of a row is made.
    """

    def __init__(self, query: Vectors, means: Means | None, asking: str, told: str) -> None:
        self.slope, self.offset = 1.0, 0.0
        self._mean: Scores | None = None
        asked = query.astype(np.float64)
        if means is None:
            self.columns = asked[:, None]
            return
        self.slope, self.offset = means.slope[asking], means.offset[asking]
        asked = languages.centred(query, means.query[asking]).astype(np.float64)
        self._mean = constants.MEAN_SHARE * means.document[told].astype(np.float64)
        self.columns = np.stack([asked, self._mean], axis=1)
        self._shift = float(self._mean @ asked)
        self._length = float(self._mean @ self._mean)

    def seen(self, products: Scores) -> Scores:
        """The cosines (n,) of unit rows with these products (n, m)."""
        if self._mean is None:
            return products[:, 0]
        lengths = np.sqrt(np.maximum(1.0 - 2.0 * products[:, 1] + self._length, 1e-18))
        return np.asarray((products[:, 0] - self._shift) / lengths, dtype=np.float64)


def _best(scores: Scores, parts: Sequence[Packed], whole: Scores) -> Scores:
    """The score of each entry's best passage, or of its whole text where it has none."""
    many = np.array([len(part) for part in parts])
    if not many.any():
        return whole
    best = whole.copy()
    starts = np.cumsum(many) - many
    best[many > 0] = np.maximum.reduceat(scores, starts[many > 0])
    return best


def _digest(key: int, language: str, rows: Vectors) -> int:
    told = hashlib.sha256(f"{key} {language} {rows.shape}".encode())
    told.update(np.ascontiguousarray(rows, "<f4").data)
    return int.from_bytes(told.digest())
