"""Plainly right, in numpy: the yardstick the other indexes are measured by."""

from collections.abc import Sequence

import numpy as np

from embeddings.encoder import Vectors
from embeddings.errors import UnknownIdError
from embeddings.index import Hits, Ids, as_ids, checked, checked_query, digest_of, nearest


class ExactIndex:
    """Rows in order of id, all of them compared in every search; see VectorIndex."""

    def __init__(self, dim: int) -> None:
        """Start empty; `dim` is the length of the vectors."""
        self.dim = dim
        self._ids: Ids = np.empty(0, np.int64)
        self._rows: Vectors = np.empty((0, dim), np.float32)

    @property
    def size(self) -> int:
        return len(self._ids)

    def upsert(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        names, rows = checked(ids, vectors, self.dim)
        kept = ~np.isin(self._ids, names)
        all_ids = np.concatenate([self._ids[kept], names])
        order = np.argsort(all_ids)
        self._rows = np.concatenate([self._rows[kept], rows])[order]
        self._ids = all_ids[order]

    def remove(self, ids: Sequence[int] | Ids) -> int:
        kept = ~np.isin(self._ids, as_ids(ids))
        self._ids, self._rows = self._ids[kept], self._rows[kept]
        return int(np.count_nonzero(~kept))

    def search(self, query: Vectors, k: int, *, allowed: Sequence[int] | Ids | None = None) -> Hits:
        row = checked_query(query, self.dim)
        if allowed is None:
            return nearest(self._ids, self._rows, row, k)
        chosen = np.isin(self._ids, as_ids(allowed))
        return nearest(self._ids[chosen], self._rows[chosen], row, k)

    def vectors(self, ids: Sequence[int] | Ids) -> Vectors:
        places = {identifier: place for place, identifier in enumerate(self._ids.tolist())}
        wanted = as_ids(ids).tolist()
        for identifier in wanted:
            if identifier not in places:
                raise UnknownIdError(identifier)
        return self._rows[np.array([places[i] for i in wanted], np.intp)]

    def ids(self) -> Ids:
        return self._ids.copy()

    def digest(self) -> str:
        return digest_of(self._ids, self._rows)
