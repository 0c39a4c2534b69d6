"""A shelf in the memory of one process: FAISS and tantivy, a disposable shadow of the rows."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from embeddings import Encoder, normalise
from matchmaker.domain.concepts import concepts
from matchmaker.domain.ranking import constants
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import background, finding, languages
from matchmaker.search.diacritics import Restorer
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.shelf import Candidate
from matchmaker.search.vectors import Meanings
from matchmaker.search.words import WordIndex


class MemoryShelf:
    """See Shelf. One writer and many readers share its lock."""

    def __init__(self, encoder: Encoder) -> None:
        #: Whose vectors stand here; questions are encoded by it, too.
        self.encoder = encoder
        self._lock = threading.RLock()
        self.meanings = Meanings(languages.shipped(encoder.fingerprint))
        self.words = WordIndex()
        self.concepts = WordIndex(str.split, constants.CONCEPT_CAP)
        self._restorer = Restorer()
        self._texts: dict[int, str] = {}
        self._languages: dict[int, str] = {}
        self._changes: dict[int, int] = {}
        self._sample: dict[str, list[int]] | None = None

    @property
    def size(self) -> int:
        return len(self._texts)

    def ids(self) -> list[int]:
        with self._lock:
            return sorted(self._texts)

    def changes(self) -> dict[int, int]:
        with self._lock:
            return dict(self._changes)

    def digest(self) -> str:
        with self._lock:
            return self.meanings.digest()

    def beside(self, encoder: Encoder) -> "MemoryShelf":
        """The same texts in one more shelf, whose vectors, of another model, are still to come.

        What is learned of words, most of the work of filling a shelf, is had in common, and kept
        up by whoever fills the new one; the old one is for those who are searching in it now.
        """
        with self._lock:
            other = copy(self)
            other.encoder = encoder
            other.meanings = Meanings(languages.shipped(encoder.fingerprint))
            return other

    def place(self, entries: Sequence[Entry]) -> None:
        """Put vectors to texts that stand here already."""
        with self._lock:
            self.meanings.upsert((e.id, str(e.language), e.vectors) for e in entries)
            self._changes.update((e.id, e.change) for e in entries)

    def restore(self, typed: str) -> str:
        with self._lock:
            return self._restorer.restore(typed)

    def upsert(self, entries: Sequence[Entry]) -> None:
        latest = {entry.id: entry for entry in entries}
        texts = {key: normalise(entry.text) for key, entry in latest.items()}
        named = {
            key: " ".join(concepts(texts[key], str(entry.language)))
            for key, entry in latest.items()
        }
        with self._lock:
            self.meanings.upsert((e.id, str(e.language), e.vectors) for e in latest.values())
            self.words.upsert(texts.items())
            self.concepts.upsert(named.items())
            self._forget([key for key in latest if key in self._texts])
            self._sample = None
            for key, entry in latest.items():
                self._texts[key] = texts[key]
                self._languages[key] = str(entry.language)
                self._changes[key] = entry.change
                self._restorer.learn(texts[key])

    def remove(self, ids: Iterable[int]) -> None:
        with self._lock:
            held = sorted({key for key in ids if key in self._texts})
            self.meanings.remove(held)
            self.words.remove(held)
            self.concepts.remove(held)
            self._forget(held)

    def search(
        self, query: Query, *, limit: int = constants.WIDTH, allowed: Sequence[int] | None = None,
        weights: Weights = FIXED,
    ) -> list[Candidate]:  # fmt: skip
        with self._lock:
            among = None
            if allowed is not None:
                among = sorted({key for key in allowed if key in self._texts})
            if not self._texts or among == []:
                return []
            width = max(limit, constants.WIDTH)
            barred: set[int] = set()
            if among is not None and len(self._texts) - len(among) <= width:
                # A list of nearly everything is slow to look things up in: rather find a little
                # more and drop what was not allowed.
                barred, among = self._texts.keys() - set(among), None
                width += len(barred)
            return finding.search(
                self, query, width=width, limit=limit, among=among, barred=barred, weights=weights
            )

    def warm(self) -> None:
        with self._lock:
            self.words.commit()
            self.concepts.commit()

    def settle(self) -> None:
        with self._lock:
            self.meanings.settle()

    def score(
        self, query: Query, ids: Iterable[int], *, weights: Weights = FIXED
    ) -> list[Candidate]:
        with self._lock:
            return finding.score(self, query, self.held(ids), weights)

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        with self._lock:
            return self.meanings.plain(query.vectors[0], limit)

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        with self._lock:
            return list(self.words.coverage(query.terms, limit=limit).items())

    def languages(self, ids: Iterable[int]) -> Mapping[int, str]:
        """All there are: asked for while the lock is held (see `finding.Source`)."""
        del ids
        return self._languages

    def held(self, ids: Iterable[int]) -> list[int]:
        """See `finding.Source`."""
        return [key for key in ids if key in self._texts]

    def sample(self) -> Mapping[str, Sequence[int]]:
        """See `finding.Source`."""
        if self._sample is None:
            self._sample = background.sample(self._languages)
        return self._sample

    def _forget(self, ids: Iterable[int]) -> None:
        self._sample = None
        for key in ids:
            self._restorer.forget(self._texts.pop(key))
            del self._languages[key]
            del self._changes[key]
