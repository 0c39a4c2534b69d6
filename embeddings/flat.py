"""FAISS, exact: for up to a hundred thousand vectors.

Douze et al., "The Faiss library", 2024, arXiv:2401.08281.
"""

from collections.abc import Sequence
from typing import Any, Final

import faiss
import numpy as np

from embeddings.encoder import Vectors
from embeddings.errors import UnknownIdError
from embeddings.index import (
    MARGIN,
    Hits,
    Ids,
    as_ids,
    checked,
    checked_query,
    digest_of,
    nearest,
    quickly_nearest,
)

#: With at most this share of the ids allowed, comparing them alone beats a filtered scan.
_FEW: Final = 0.1
#: Candidates fetched beyond k, so that one scan is nearly always enough.
_SPARE: Final = 16


class FlatIndex:
    """Finds candidates by FAISS, then ranks them as every index does; see VectorIndex."""

    def __init__(self, dim: int) -> None:
        """Start empty; `dim` is the length of the vectors."""
        self.dim = dim
        self._faiss: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
        self._sorted: Ids | None = None

    @property
    def size(self) -> int:
        return int(self._faiss.ntotal)

    def upsert(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        names, rows = checked(ids, vectors, self.dim)
        if len(names) == 0:
            return
        # FAISS would keep the old vector beside the new one.
        self._remove(self._held(names))
        self._faiss.add_with_ids(rows, names)
        self._sorted = None

    def remove(self, ids: Sequence[int] | Ids) -> int:
        return self._remove(self._held(as_ids(ids)))

    def search(self, query: Vectors, k: int, *, allowed: Sequence[int] | Ids | None = None) -> Hits:
        row = checked_query(query, self.dim)
        if allowed is None:
            return self._scan(row, k, self.size, None)
        chosen = self._held(as_ids(allowed))
        if len(chosen) <= _FEW * self.size:
            return quickly_nearest(chosen, self._rows(chosen), row, k)
        parameters = faiss.SearchParameters()
        selector = faiss.IDSelectorBatch(chosen)
        parameters.sel = selector
        return self._scan(row, k, len(chosen), parameters)

    def vectors(self, ids: Sequence[int] | Ids) -> Vectors:
        wanted = as_ids(ids)
        missing = np.setdiff1d(wanted, self._held(wanted))
        if len(missing):
            raise UnknownIdError(int(missing[0]))
        return self._rows(wanted)

    def ids(self) -> Ids:
        return self._ascending().copy()

    def digest(self) -> str:
        ids = self._ascending()
        return digest_of(ids, self._rows(ids))

    def _scan(self, query: Vectors, k: int, available: int, parameters: Any) -> Hits:
        """Fetch candidates until none left out can belong among the k nearest."""
        wanted = min(k, available)
        if wanted <= 0:
            return nearest(np.empty(0, np.int64), np.empty((0, self.dim), np.float32), query, 0)
        fetched = min(wanted + _SPARE, available)
        while True:
            scores, names = self._faiss.search(query[None], fetched, params=parameters)
            hits = nearest(names[0], self._rows(names[0]), query, wanted)
            if fetched == available or scores[0, -1] < hits.scores[-1] - MARGIN:
                return hits
            fetched = min(2 * fetched, available)

    def _remove(self, held: Ids) -> int:
        if len(held) == 0:
            return 0
        self._sorted = None
        return int(self._faiss.remove_ids(faiss.IDSelectorBatch(held)))

    def _held(self, ids: Ids) -> Ids:
        """Return those of the ids that are here, ascending and each once."""
        unique, here = np.unique(ids), self._ascending()
        places = np.searchsorted(here, unique)
        places[places == len(here)] = 0
        return unique[here[places] == unique] if len(here) else here

    def _ascending(self) -> Ids:
        if self._sorted is None:
            self._sorted = np.sort(faiss.vector_to_array(self._faiss.id_map))
        return self._sorted

    def _rows(self, ids: Ids) -> Vectors:
        if len(ids) == 0:
            return np.empty((0, self.dim), np.float32)
        rows: Vectors = self._faiss.reconstruct_batch(ids)
        return rows
