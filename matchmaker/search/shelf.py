"""One searchable set of texts: of one kind of record, at one level of disclosure."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings import Encoder, FlatIndex, Manifest, Vectors, normalise, snapshot
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import languages
from matchmaker.search.diacritics import Restorer
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.words import WordIndex


@dataclass(frozen=True)
class Candidate:
    """A hit with both its scores; `fused` is for order only and never shown."""

    id: int
    fused: float
    dense: float
    words: float
    language: str


class Shelf:
    """Finds by meaning and by words at once. One writer and many readers share its lock.

    The same entries and the same question give the same ranking, whatever the order of upserts.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._means = languages.shipped(encoder.fingerprint)
        self._lock = threading.RLock()
        self._vectors = FlatIndex(encoder.dim)
        self._words = WordIndex()
        self._restorer = Restorer()
        self._texts: dict[int, str] = {}
        self._languages: dict[int, str] = {}
        self._own_means: dict[str, Vectors] | None = None

    @property
    def size(self) -> int:
        return len(self._texts)

    def ids(self) -> list[int]:
        with self._lock:
            return sorted(self._texts)

    def digest(self) -> str:
        """The vectors' content as 64 hex digits."""
        with self._lock:
            return self._vectors.digest()

    def save(self, folder: Path, fingerprint: str, sequence: int) -> Manifest:
        """Write the vectors aside and swap them in; the manifest belongs in the database."""
        with self._lock:
            return snapshot.save(self._vectors, folder, fingerprint=fingerprint, sequence=sequence)

    def restore(self, typed: str) -> str:
        """Put diacritics back by the words of this shelf."""
        with self._lock:
            return self._restorer.restore(typed)

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put entries in, replacing those of the same ids."""
        if not entries:
            return
        with self._lock:
            self._drop([e.id for e in entries if e.id in self._texts], keep_vectors=True)
            self._vectors.upsert([e.id for e in entries], np.stack([e.vectors[0] for e in entries]))
            texts = {e.id: normalise(e.text) for e in entries}
            self._words.upsert(texts.items())
            for entry in entries:
                self._texts[entry.id] = texts[entry.id]
                self._languages[entry.id] = str(entry.language)
                self._restorer.learn(texts[entry.id])
            self._own_means = None

    def remove(self, ids: Iterable[int]) -> None:
        with self._lock:
            held = [i for i in ids if i in self._texts]
            if held:
                self._words.remove(held)
                self._drop(held)
                self._own_means = None

    def search(
        self, query: Query, *, limit: int = constants.WIDTH, allowed: Sequence[int] | None = None
    ) -> list[Candidate]:
        """The best hits, best first: what either way brings in, scored once by both."""
        with self._lock:
            if not self._texts:
                return []
            among = None if allowed is None else [i for i in allowed if i in self._texts]
            if among is not None and not among:
                return []
            width = max(limit, constants.WIDTH)
            near = self._nearest(query, width, among)
            words = self._words.coverage(query.terms, limit=width, among=among)
            missing = [i for i in near if i not in words]
            words |= self._words.coverage(query.terms, limit=len(missing), among=missing)
            found = self._score(query, sorted({*near, *words}), words)
        return found[:limit]

    def score(self, query: Query, ids: Sequence[int]) -> list[Candidate]:
        """The scores of these ids, best first; ids not on the shelf are left out."""
        with self._lock:
            held = sorted({i for i in ids if i in self._texts})
            words = self._words.coverage(query.terms, limit=len(held), among=held)
            return self._score(query, held, words)

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The dense way alone, uncorrected: a baseline to measure by."""
        with self._lock:
            hits = self._vectors.search(query.vectors[0], limit)
        return [(int(i), float(s)) for i, s in zip(hits.ids, hits.scores, strict=True)]

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The lexical way alone: a baseline to measure by."""
        with self._lock:
            found = self._words.coverage(query.terms, limit=limit)
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))

    def _nearest(self, query: Query, width: int, among: list[int] | None) -> list[int]:
        """Ids near by either language's measure: one alone would shut the other language out."""
        vector = query.vectors[0]
        near = [int(i) for i in self._vectors.search(vector, width, allowed=among).ids]
        others = [i for i, lang in self._languages.items() if lang != query.language]
        if self._means is not None and others and len(others) < len(self._texts):
            # The whole other language is compared by its own measure below; keep its best.
            pool = sorted(set(others) if among is None else set(others) & set(among))
            if pool:
                scores = self._dense(query, pool)
                near += [pool[k] for k in np.argsort(-scores, kind="stable")[:width]]
        return near

    def _score(self, query: Query, ids: list[int], words: dict[int, float]) -> list[Candidate]:
        if not ids:
            return []
        found = [
            Candidate(
                key, fusion.fused(float(s), words.get(key, 0.0)), float(s), words.get(key, 0.0),
                self._languages[key],
            )
            for key, s in zip(ids, self._dense(query, ids), strict=True)
        ]  # fmt: skip
        return sorted(found, key=lambda c: (-c.fused, c.id))

    def _dense(self, query: Query, ids: list[int]) -> Vectors:
        """Scores (n,): plain cosines in the query's language, corrected ones across."""
        rows = self._vectors.vectors(ids)
        scores = np.asarray(rows @ query.vectors[0], dtype=np.float32)
        if self._means is None:
            return scores
        other = np.array([self._languages[i] != query.language for i in ids])
        if other.any():
            own = self._mean_of(self._means, languages.other(query.language))
            scores[other] = languages.across(
                query.vectors[0], rows[other], self._means, query.language, own
            )
        return scores

    def _mean_of(self, means: languages.Means, language: str) -> Vectors:
        """The mean of a language's texts: the shelf's own when it has enough of them."""
        if self._own_means is None:
            self._own_means = {}
            for lang in languages.LANGUAGES:
                ids = sorted(i for i, has in self._languages.items() if has == lang)
                if len(ids) >= constants.ENOUGH_FOR_A_MEAN:
                    self._own_means[lang] = self._vectors.vectors(ids).mean(axis=0)
        return self._own_means.get(language, means.document[language])

    def _drop(self, ids: Sequence[int], *, keep_vectors: bool = False) -> None:
        for key in ids:
            self._restorer.forget(self._texts.pop(key))
            del self._languages[key]
        if not keep_vectors and ids:
            self._vectors.remove(list(ids))
