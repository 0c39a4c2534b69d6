"""The vectors of a shelf: whole texts in one index for each language, their passages beside them.

Candidates are found by their whole texts, and scored by these and by their best passages. A record
has some ten to thirty passages: kept in an index with the whole texts they would make it thirty
times as large, and it would find the same candidates.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from embeddings import GrowingIndex, Packed, Vectors
from matchmaker.search import lens
from matchmaker.search.entries import MOST_PASSAGES
from matchmaker.search.languages import LANGUAGES, Means
from matchmaker.search.lens import Products, Scores

DIGEST: Final = 2**256


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
                self._digests[key] = digest_of(key, lang, rows)
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
        return f"{sum(self._digests.values()) % DIGEST:064x}"

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
            asked = lens.asked(query, language, lang, means)
            allowed = None
            if among is not None:
                held = self._passages[lang]
                allowed = [key for key in among if key in held]
            found += index.search(asked, width, allowed=allowed).ids.tolist()
        return found

    def scores(self, query: Vectors, language: str, ids: Iterable[int]) -> dict[int, float]:
        """Scores by id; see `lens.scores`."""
        return lens.scores(query, language, self._means(), ids, self._products)

    def plain(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest whole texts by bare cosine: a baseline to measure by."""
        found = [
            (key, score)
            for index in self._wholes.values()
            for hits in [index.search(query, limit)]
            for key, score in zip(hits.ids.tolist(), hits.scores.tolist(), strict=True)
        ]
        return sorted(found, key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _products(self, language: str, ids: Sequence[int], columns: Scores) -> Products:
        passages = self._passages[language]
        mine = [key for key in ids if key in passages]
        if not mine:
            return Products([], np.empty((0, 0)), np.empty((0, 0)), [])
        parts = [passages[key] for key in mine]
        return Products(
            mine,
            self._wholes[language].vectors(mine).astype(np.float64) @ columns,
            Packed.joined(parts).products(columns),
            [len(part) for part in parts],
        )

    def _at(self, language: str, places: Sequence[int]) -> Vectors:
        ids = sorted(self._passages[language])
        return self._wholes[language].vectors([ids[at] for at in places])

    def _means(self) -> Means | None:
        """The model's shipped means; for another model the shelf's own, when it has enough."""
        if self._shipped is None and not self._is_estimated:
            counts = {lang: len(held) for lang, held in self._passages.items()}
            self._estimated = lens.estimated(counts, self._at)
            self._is_estimated = True
        return self._shipped or self._estimated


def digest_of(key: int, language: str, rows: Vectors) -> int:
    told = hashlib.sha256(f"{key} {language} {rows.shape}".encode())
    told.update(np.ascontiguousarray(rows, "<f4").data)
    return int.from_bytes(told.digest())
