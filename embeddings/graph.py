"""FAISS HNSW: a graph of neighbours, walked instead of scanned.

Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs", 2016, arXiv:1603.09320.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import faiss
import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from embeddings.errors import UnknownIdError
from embeddings.index import (
    Hits,
    Ids,
    as_ids,
    checked,
    checked_query,
    digest_of,
    quickly_nearest,
)

#: Neighbours of a row, and how wide its place is looked for: engines of this size reach
#: recall@10 .98; twice the neighbours would cost 25 MB more for each 100k rows and gain .01.
_NEIGHBOURS: Final = 32
_BUILD_WIDTH: Final = 100
#: How wide a search walks: at least so many rows, and so many for each row wanted.
_WIDTH: Final = 128
_WIDTH_EACH: Final = 2
#: With at most this share of the rows allowed, a walk meets too few of them (recall .8 and less),
#: so they are compared one by one.
_FEW: Final = 0.1
#: So few rows are compared in any case: a walk would not be quicker.
_COMPARED: Final = 2_000
#: And so many times as many where others are forbidden: a walk goes past those, too.
_PAST: Final = 10
#: Rows that are gone stay as waypoints, which costs memory and walking, until they make up this
#: share; then the graph is built again, 0.4 ms a row.
REBUILD_SHARE: Final = 0.3
#: Rows fetched beyond those wanted: the walk does not order equal ones by id.
_SPARE: Final = 16
#: Rows added in one go; between two of them a thread that builds may be told to stop.
_BATCH: Final = 5_000

#: What its type stubs do not know of.
_swig: Any = faiss

_Places = npt.NDArray[np.int64]


class GraphIndex:
    """Finds nearly all of the nearest, and ranks what it found as every index does.

    See VectorIndex, but for one thing: past `compared` rows a search may miss a neighbour (at
    most three of a hundred among the first ten), and which one depends on the order in which rows
    came in.
    """

    def __init__(self, dim: int, *, compared: int = _COMPARED) -> None:
        """Start empty; up to `compared` rows answers are exact."""
        self.dim = dim
        self._compared = compared
        self._faiss = self._new()
        #: The id of the row at each place of the graph, whether it is still held, and the places
        #: of the ids that are.
        self._names: Ids = np.empty(0, np.int64)
        self._alive = np.empty(0, np.bool_)
        self._places: dict[int, int] = {}

    @property
    def size(self) -> int:
        return len(self._places)

    @property
    def gone(self) -> float:
        """The share of the graph's rows that are no more than waypoints."""
        return 1 - self.size / len(self._names) if len(self._names) else 0.0

    def upsert(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        names, rows = checked(ids, vectors, self.dim)
        self._bury(names)
        self._add(names, rows)
        self._tidy()

    def remove(self, ids: Sequence[int] | Ids) -> int:
        buried = self._bury(as_ids(ids))
        self._tidy()
        return buried

    def search(self, query: Vectors, k: int, *, allowed: Sequence[int] | Ids | None = None) -> Hits:
        row = checked_query(query, self.dim)
        if allowed is None:
            if self.size <= self._compared:
                return self._compare(self._live(), row, k)
            return self._walk(row, min(k, self.size), self._live() if self.gone else None)
        places = self._held(as_ids(allowed))
        if len(places) <= max(_FEW * self.size, _PAST * self._compared):
            return self._compare(places, row, k)
        return self._walk(row, min(k, len(places)), places)

    def vectors(self, ids: Sequence[int] | Ids) -> Vectors:
        wanted = as_ids(ids).tolist()
        for identifier in wanted:
            if identifier not in self._places:
                raise UnknownIdError(identifier)
        return self._rows(np.array([self._places[i] for i in wanted], np.int64))

    def ids(self) -> Ids:
        return np.sort(np.fromiter(self._places, np.int64, count=self.size))

    def digest(self) -> str:
        ids = self.ids()
        return digest_of(ids, self.vectors(ids))

    def _walk(self, query: Vectors, k: int, places: _Places | None) -> Hits:
        """The best of what a walk meets; among these places only, when they are given."""
        share = 1.0
        parameters = _swig.SearchParametersHNSW()
        if places is not None:
            share = len(places) / len(self._names)
            mask = np.zeros(len(self._names), np.bool_)
            mask[places] = True
            bits = np.packbits(mask, bitorder="little")
            selector = _swig.IDSelectorBitmap(bits)
            parameters.sel = selector
        fetched = min(k + _SPARE, len(self._names))
        width = max(_WIDTH, _WIDTH_EACH * fetched)
        parameters.efSearch = min(len(self._names), math.ceil(width / share))
        _, found = self._faiss.search(query[None], max(fetched, 1), params=parameters)
        met = found[0][found[0] >= 0]
        return self._compare(met, query, k)

    def _compare(self, places: _Places, query: Vectors, k: int) -> Hits:
        return quickly_nearest(self._names[places], self._rows(places), query, k)

    def _add(self, names: Ids, rows: Vectors) -> None:
        # One thread: with several the graph would differ from one start to the next.
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        try:
            for at in range(0, len(names), _BATCH):
                self._faiss.add(rows[at : at + _BATCH])
        finally:
            faiss.omp_set_num_threads(threads)
        first = len(self._names)
        self._names = np.concatenate([self._names, names])
        self._alive = np.concatenate([self._alive, np.ones(len(names), np.bool_)])
        self._places.update(zip(names.tolist(), range(first, len(self._names)), strict=True))

    def _bury(self, ids: Ids) -> int:
        """Forget ids; their rows stay as waypoints."""
        places = [self._places.pop(i) for i in ids.tolist() if i in self._places]
        self._alive[places] = False
        return len(places)

    def _tidy(self) -> None:
        if self.gone <= REBUILD_SHARE:
            return
        places = self._live()
        names, rows = self._names[places], self._rows(places)
        self._faiss, self._places = self._new(), {}
        self._names, self._alive = self._names[:0], self._alive[:0]
        self._add(names, rows)

    def _new(self) -> Any:
        made: Any = faiss.IndexHNSWFlat(self.dim, _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        made.hnsw.efConstruction = _BUILD_WIDTH
        return made

    def _live(self) -> _Places:
        """The places of what is held, in the order in which it came."""
        return np.flatnonzero(self._alive)

    def _held(self, ids: Ids) -> _Places:
        found = (self._places.get(i, -1) for i in np.unique(ids).tolist())
        places = np.fromiter(found, np.int64)
        return places[places >= 0]

    def _rows(self, places: _Places) -> Vectors:
        """A copy of the rows at these places."""
        if len(places) == 0:
            return np.empty((0, self.dim), np.float32)
        storage: Any = faiss.downcast_index(self._faiss.storage)
        every = faiss.rev_swig_ptr(storage.get_xb(), len(self._names) * self.dim)
        rows: Vectors = every.reshape(-1, self.dim)[places]
        return rows
