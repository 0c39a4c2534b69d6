"""Exact while that is quick, a graph from then on: the index decides by its own size."""

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np

from embeddings.encoder import Vectors
from embeddings.flat import FlatIndex
from embeddings.graph import REBUILD_SHARE, GraphIndex
from embeddings.index import Hits, Ids, as_ids

#: Rows from which on a graph is walked. A scan takes 17 ms at 100k and twice that at 200k and is
#: exact; a graph takes 0.3 ms, misses a neighbour in fifty, keeps 0.3 kB more a row and takes
#: 40 s to build at 100k.
GRAPH_FROM: Final = 100_000
#: Changes made while a graph was being built that are caught up with at once, 0.4 ms each.
_AT_ONCE: Final = 1_000
_BATCH: Final = 5_000


class GrowingIndex:
    """A FlatIndex that becomes a GraphIndex when it has grown, and never a flat one again.

    See VectorIndex; from `graph_from` rows on the exception told of GraphIndex holds. The graph is
    built by a thread beside the searches, which meanwhile are answered by what was there before;
    so is the next one when too much of a graph is gone.
    """

    def __init__(self, dim: int, *, graph_from: int = GRAPH_FROM) -> None:
        """Start empty and exact."""
        self.dim = dim
        self._graph_from = graph_from
        self._held: FlatIndex | GraphIndex = FlatIndex(dim)
        self._move: _Move | None = None
        self._may_move = True

    @property
    def size(self) -> int:
        return self._held.size

    @property
    def is_graph(self) -> bool:
        """Whether searches walk a graph by now."""
        return isinstance(self._held, GraphIndex)

    def upsert(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        self._held.upsert(ids, vectors)
        self._note(as_ids(ids))

    def remove(self, ids: Sequence[int] | Ids) -> int:
        count = self._held.remove(ids)
        self._note(as_ids(ids))
        return count

    def search(self, query: Vectors, k: int, *, allowed: Sequence[int] | Ids | None = None) -> Hits:
        self._take()
        return self._held.search(query, k, allowed=allowed)

    def vectors(self, ids: Sequence[int] | Ids) -> Vectors:
        return self._held.vectors(ids)

    def ids(self) -> Ids:
        return self._held.ids()

    def digest(self) -> str:
        return self._held.digest()

    def settle(self) -> None:
        """Wait until no graph is being built."""
        while self._move is not None:
            self._move.wait()
            self._take()

    def _note(self, ids: Ids) -> None:
        if self._move is not None:
            self._move.missed.update(ids.tolist())
            self._take()
        elif self._should_move():
            held = self._held.ids()
            self._move = _Move(GraphIndex(self.dim))
            self._move.go_on(held, self._held.vectors(held))

    def _should_move(self) -> bool:
        if not self._may_move:
            return False
        if isinstance(self._held, GraphIndex):
            # Before the graph rebuilds itself, during which nobody could search.
            return self._held.gone > REBUILD_SHARE / 2
        return self._held.size > self._graph_from

    def _take(self) -> None:
        """Go over to the new graph, once it is built and holds what has changed meanwhile."""
        move = self._move
        if move is None or move.is_busy:
            return
        if move.failed:
            # Not again for every row: what was there before still answers, until the next start.
            self._move, self._may_move = None, False
            return
        missed, move.missed = as_ids(sorted(move.missed)), set()
        move.graph.remove(missed)
        here = np.intersect1d(missed, self._held.ids())
        if len(here) > _AT_ONCE:
            move.go_on(here, self._held.vectors(here))
            return
        move.graph.upsert(here, self._held.vectors(here))
        self._held, self._move = move.graph, None


class _Move:
    """A graph under construction, by a thread that nobody else's rows are shared with."""

    def __init__(self, graph: GraphIndex) -> None:
        self.graph = graph
        #: Ids that changed since the thread was given its rows.
        self.missed: set[int] = set()
        self.failed = False
        self._thread: threading.Thread | None = None

    @property
    def is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def go_on(self, ids: Ids, rows: Vectors) -> None:
        self._thread = threading.Thread(target=self._build, args=(ids, rows), daemon=True)
        self._thread.start()

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _build(self, ids: Ids, rows: Vectors) -> None:
        self.failed = True
        for at in range(0, len(ids), _BATCH):
            self.graph.upsert(ids[at : at + _BATCH], rows[at : at + _BATCH])
        self.failed = False
