"""One searchable set of texts: of one kind of record, at one level of disclosure."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain

from embeddings import Encoder, normalise
from matchmaker.domain.concepts import concepts
from matchmaker.domain.ranking import constants, fusion
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import background, languages
from matchmaker.search.background import Background
from matchmaker.search.diacritics import Restorer
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.vectors import Meanings
from matchmaker.search.words import WordIndex

#: Scores are told to so many digits: what lies beyond is rounding, not order.
_DIGITS = 6


@dataclass(frozen=True)
class Candidate:
    """A hit with both its scores; `fused` is for order only and never shown.

    `standing` is how many deviations it lies above what the question scores on texts of this
    shelf in general; None where the shelf holds too few to tell.
    """

    id: int
    fused: float
    dense: float
    words: float
    language: str
    standing: float | None = None


class Shelf:
    """Finds by meaning and by words at once. One writer and many readers share its lock.

    The same entries and the same question give the same ranking, whatever the order of upserts,
    and on all but large shelves a removed entry leaves no trace in it.
    """

    def __init__(self, encoder: Encoder) -> None:
        #: Whose vectors stand here; questions are encoded by it, too.
        self.encoder = encoder
        self._lock = threading.RLock()
        self._meanings = Meanings(languages.shipped(encoder.fingerprint))
        self._words = WordIndex()
        self._concepts = WordIndex(str.split, constants.CONCEPT_CAP)
        self._restorer = Restorer()
        self._texts: dict[int, str] = {}
        self._languages: dict[int, str] = {}
        self._sample: dict[str, list[int]] | None = None

    @property
    def size(self) -> int:
        return len(self._texts)

    def ids(self) -> list[int]:
        with self._lock:
            return sorted(self._texts)

    def digest(self) -> str:
        """The vectors' content as 64 hex digits."""
        with self._lock:
            return self._meanings.digest()

    def beside(self, encoder: Encoder) -> "Shelf":
        """The same texts in one more shelf, whose vectors, of another model, are still to come.

        What is learned of words, most of the work of filling a shelf, is had in common, and kept
        up by whoever fills the new one; the old one is for those who are searching in it now.
        """
        with self._lock:
            other = copy(self)
            other.encoder = encoder
            other._meanings = Meanings(  # noqa: SLF001 - one of its own kind
                languages.shipped(encoder.fingerprint)
            )
            return other

    def place(self, entries: Sequence[Entry]) -> None:
        """Put vectors to texts that stand here already."""
        with self._lock:
            self._meanings.upsert((e.id, str(e.language), e.vectors) for e in entries)

    def restore(self, typed: str) -> str:
        """Put diacritics back by the words of this shelf."""
        with self._lock:
            return self._restorer.restore(typed)

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Put entries in, replacing those of the same ids; of twins the last stays."""
        latest = {entry.id: entry for entry in entries}
        texts = {key: normalise(entry.text) for key, entry in latest.items()}
        named = {
            key: " ".join(concepts(texts[key], str(entry.language)))
            for key, entry in latest.items()
        }
        with self._lock:
            self._meanings.upsert((e.id, str(e.language), e.vectors) for e in latest.values())
            self._words.upsert(texts.items())
            self._concepts.upsert(named.items())
            self._forget([key for key in latest if key in self._texts])
            self._sample = None
            for key, entry in latest.items():
                self._texts[key] = texts[key]
                self._languages[key] = str(entry.language)
                self._restorer.learn(texts[key])

    def remove(self, ids: Iterable[int]) -> None:
        with self._lock:
            held = sorted({key for key in ids if key in self._texts})
            self._meanings.remove(held)
            self._words.remove(held)
            self._concepts.remove(held)
            self._forget(held)

    def search(
        self, query: Query, *, limit: int = constants.WIDTH, allowed: Sequence[int] | None = None,
        weights: Weights = FIXED,
    ) -> list[Candidate]:  # fmt: skip
        """The best hits, best first: what either way brings in, scored once by both."""
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
            near = self._meanings.nearest(query.vectors[0], query.language, width, among)
            said = self._words.coverage(query.terms, limit=width, among=among)
            meant = self._meant(query, width, among)
            found = {*near, *said, *(key for key in meant if self._is_foreign(query, key))} - barred
            # Of the shelf that took this one's place, a text may have left meanwhile.
            found &= self._texts.keys()
            return self._scored(query, found, weights)[:limit]

    def warm(self) -> None:
        """Do what the first search would wait for."""
        with self._lock:
            self._words.commit()
            self._concepts.commit()

    def settle(self) -> None:
        """Wait for what is being built beside the searches: measurements do."""
        with self._lock:
            self._meanings.settle()

    def score(
        self, query: Query, ids: Iterable[int], *, weights: Weights = FIXED
    ) -> list[Candidate]:
        """The scores of these ids, best first; ids not on the shelf are left out."""
        with self._lock:
            return self._scored(query, {key for key in ids if key in self._texts}, weights)

    def nearest(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The whole texts' bare cosines alone: a baseline to measure by."""
        with self._lock:
            return self._meanings.plain(query.vectors[0], limit)

    def by_words(self, query: Query, limit: int) -> list[tuple[int, float]]:
        """The lexical way alone: a baseline to measure by."""
        with self._lock:
            return list(self._words.coverage(query.terms, limit=limit).items())

    def _scored(self, query: Query, ids: Iterable[int], weights: Weights) -> list[Candidate]:
        wanted = sorted(set(ids))
        sample = self._sampled()
        both = sorted({*wanted, *chain.from_iterable(sample.values())})
        words = self._lexical(query, both)
        meanings = self._meanings.scores(query.vectors[0], query.language, both)
        general = self._background(query, weights, meanings, words)
        found = []
        for key in wanted:
            dense, share = meanings.get(key, 0.0), words.get(key, 0.0)
            language = self._languages[key]
            across = language != query.language
            weighed = fusion.fused(dense, weights.share(share, across=across))
            score = general.level(weighed, language) + weights.step(across=across)
            standing = general.standing(score)
            found.append(
                Candidate(
                    key, round(score, _DIGITS), round(dense, _DIGITS), share, language, standing
                )
            )
        return sorted(found, key=lambda c: (-c.fused, c.id))

    def _lexical(self, query: Query, ids: Iterable[int]) -> dict[int, float]:
        """What the texts share with the question: words, and across languages concepts too."""
        wanted = sorted(ids)
        found = self._words.coverage(query.terms, limit=len(wanted), among=wanted)
        foreign = [key for key in wanted if self._is_foreign(query, key)]
        meant = self._meant(query, len(foreign), foreign)
        for key, share in meant.items():
            found[key] = found.get(key, 0.0) + share
        return found

    def _meant(self, query: Query, limit: int, among: Sequence[int] | None) -> dict[int, float]:
        """Coverage by concepts, as a share of all that was asked: few words have a concept.

        A share of the concepts alone would make everything of one common word of a question.
        """
        asked = self._words.idfs(query.terms).values()
        return self._concepts.coverage(query.concepts, limit=limit, among=among, of=asked)

    def _is_foreign(self, query: Query, key: int) -> bool:
        return self._languages[key] != query.language

    def _sampled(self) -> dict[str, list[int]]:
        if self._sample is None:
            self._sample = background.sample(self._languages)
        return self._sample

    def _background(
        self, query: Query, weights: Weights, dense: Mapping[int, float],
        words: Mapping[int, float],
    ) -> Background:  # fmt: skip
        """How the question scores on a fixed sample of this shelf."""
        return Background(
            query.language,
            {
                language: [
                    (
                        dense.get(key, 0.0),
                        weights.share(words.get(key, 0.0), across=language != query.language),
                    )
                    for key in keys
                ]
                for language, keys in self._sampled().items()
            },
        )

    def _forget(self, ids: Iterable[int]) -> None:
        self._sample = None
        for key in ids:
            self._restorer.forget(self._texts.pop(key))
            del self._languages[key]
