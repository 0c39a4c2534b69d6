"""An index that goes over from scanning to walking by itself, without losing a change."""

import numpy as np
import pytest

from embeddings import ExactIndex, GraphIndex, GrowingIndex, Vectors, growing

FROM, DIM = 400, 16


@pytest.fixture
def rows() -> Vectors:
    found = np.random.default_rng(4).normal(size=(FROM + 200, DIM))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def small(rows: Vectors) -> GrowingIndex:
    """As many rows as are still scanned."""
    index = GrowingIndex(DIM, graph_from=FROM)
    index.upsert(range(FROM), rows[:FROM])
    return index


def test_one_row_too_many_makes_it_a_graph_for_good(small: GrowingIndex, rows: Vectors) -> None:
    small.settle()
    assert not small.is_graph

    small.upsert([FROM], rows[FROM : FROM + 1])
    small.settle()
    assert small.is_graph

    small.remove(range(FROM))
    small.settle()
    assert (small.is_graph, small.size) == (True, 1)


def test_changes_made_while_the_graph_is_built_are_in_it(
    small: GrowingIndex, rows: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = ExactIndex(DIM)
    exact.upsert(range(FROM), rows[:FROM])
    monkeypatch.setattr(growing, "_AT_ONCE", 20)
    steps = [
        (range(FROM, FROM + 150), rows[FROM : FROM + 150], ()),
        (range(10), rows[FROM + 150 : FROM + 160], (20, 21, FROM + 3)),
        (range(300, 360), rows[:60], (0, 350)),
    ]
    for ids, vectors, gone in steps:
        for index in (small, exact):
            index.upsert(ids, vectors)
            index.remove(gone)
        # Also while a thread is at work on the graph.
        for query in rows[:5]:
            found, expected = small.search(query, 20), exact.search(query, 20)
            assert found.ids.tolist() == expected.ids.tolist()

    small.settle()

    assert small.is_graph
    assert small.digest() == exact.digest()
    assert not set(small.search(rows[20], 50).ids.tolist()) & {20, 21, FROM + 3, 350}


def test_a_graph_with_too_much_gone_is_built_anew_beside_the_searches(
    small: GrowingIndex, rows: Vectors
) -> None:
    small.upsert([FROM], rows[FROM : FROM + 1])
    small.settle()
    before = small._held

    small.remove(range(100))
    small.settle()

    assert isinstance(small._held, GraphIndex)
    assert small._held is not before
    assert (small._held.gone, small.size) == (0, FROM - 99)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_graph_that_cannot_be_built_leaves_the_scan(
    small: GrowingIndex, rows: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Poor(GraphIndex):
        def upsert(self, ids, vectors):
            raise MemoryError(len(ids), vectors.nbytes)

    monkeypatch.setattr(growing, "GraphIndex", Poor)
    small.upsert([FROM], rows[FROM : FROM + 1])
    small.settle()
    small.upsert([FROM + 1], rows[FROM + 1 : FROM + 2])
    small.settle()

    assert not small.is_graph
    assert small.search(rows[FROM + 1], 1).ids.tolist() == [FROM + 1]
