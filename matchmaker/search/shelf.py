"""INTERIM (interface fixed by matchmaker.services.{catalogue,discovery,matching}; to be replaced by the matching core)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings import Encoder, FlatIndex
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query


@dataclass(frozen=True)
class Candidate:
    id: int
    fused: float
    dense: float
    words: float
    language: str


class Shelf:
    def __init__(self, encoder: Encoder) -> None:
        self._index: FlatIndex | None = None
        self._languages: dict[int, str] = {}

    @property
    def size(self) -> int:
        return len(self._languages)

    def ids(self) -> list[int]:
        return sorted(self._languages)

    def upsert(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        if self._index is None:
            self._index = FlatIndex(entries[0].vectors.shape[1])
        self._index.upsert([e.id for e in entries], np.stack([e.vectors[0] for e in entries]))
        self._languages.update({e.id: e.language for e in entries})

    def remove(self, ids: Sequence[int]) -> None:
        held = [i for i in ids if i in self._languages]
        if held and self._index is not None:
            self._index.remove(held)
        for i in held:
            del self._languages[i]

    def digest(self) -> str:
        return self._index.digest() if self._index is not None else "0" * 64

    def search(self, query: Query, *, limit: int = 200, allowed: Sequence[int] | None = None) -> list[Candidate]:
        if self._index is None:
            return []
        hits = self._index.search(query.vectors[0], limit, allowed=None if allowed is None else list(allowed))
        return [
            Candidate(int(i), float(s), float(s), 0.0, self._languages[int(i)])
            for i, s in zip(hits.ids, hits.scores, strict=True)
        ]

    def score(self, query: Query, ids: Sequence[int]) -> list[Candidate]:
        held = [i for i in ids if i in self._languages]
        return self.search(query, limit=len(held), allowed=held) if held else []
