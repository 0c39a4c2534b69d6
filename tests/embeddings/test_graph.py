"""The graph past the size up to which it compares everything: what it may miss, and what not."""

import numpy as np
import pytest

from embeddings import ExactIndex, GraphIndex, VectorIndex, Vectors
from embeddings.graph import REBUILD_SHARE

ROWS, DIM = 3_000, 32


def clustered(count: int, seed: int) -> Vectors:
    """Unit vectors like those of an encoder: a common direction, themes, and what is their own."""
    dice = np.random.default_rng(seed)
    themes = np.random.default_rng(1).normal(size=(60, DIM))
    rows = 1.6 + themes[dice.integers(0, 60, count)] + 0.6 * dice.normal(size=(count, DIM))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


QUERIES = clustered(100, 3)


def filled(index: VectorIndex) -> VectorIndex:
    # In pieces, as a growing service fills it.
    rows = clustered(ROWS, 2)
    for at in range(0, ROWS, 500):
        index.upsert(np.arange(at, at + 500), rows[at : at + 500])
    return index


@pytest.fixture(scope="module")
def exact() -> VectorIndex:
    return filled(ExactIndex(DIM))


@pytest.fixture(scope="module")
def graph() -> VectorIndex:
    return filled(GraphIndex(DIM, compared=0))


def recall(graph: VectorIndex, exact: VectorIndex, k: int = 10, **how: object) -> float:
    found = right = 0
    for query in QUERIES:
        expected = exact.search(query, k, **how).ids.tolist()
        found += len(set(expected) & set(graph.search(query, k, **how).ids.tolist()))
        right += len(expected)
    return found / right


def test_nearly_all_neighbours_are_found(graph: VectorIndex, exact: VectorIndex) -> None:
    assert recall(graph, exact) >= 0.97
    assert recall(graph, exact, k=200) >= 0.97


def test_what_is_found_is_scored_and_ordered_exactly(
    graph: VectorIndex, exact: VectorIndex
) -> None:
    for query in QUERIES[:20]:
        hits = graph.search(query, 10)
        again = exact.search(query, 10, allowed=hits.ids)
        assert hits.ids.tolist() == again.ids.tolist()
        assert hits.scores.tolist() == again.scores.tolist()


def test_a_narrow_filter_is_answered_exactly(graph: VectorIndex, exact: VectorIndex) -> None:
    allowed = np.random.default_rng(5).permutation(ROWS)[: ROWS // 10]
    assert recall(graph, exact, allowed=allowed) == 1.0


@pytest.mark.parametrize("share", [0.15, 0.5, 0.95])
def test_a_wide_filter_walks_farther(graph: VectorIndex, exact: VectorIndex, share: float) -> None:
    allowed = np.random.default_rng(5).permutation(ROWS)[: int(ROWS * share)]
    assert recall(graph, exact, allowed=allowed) >= 0.97
    held = set(allowed.tolist())
    assert set(graph.search(QUERIES[0], 50, allowed=allowed).ids.tolist()) <= held


def test_what_is_removed_is_never_found_and_the_rest_still_is() -> None:
    exact, graph = filled(ExactIndex(DIM)), GraphIndex(DIM, compared=0)
    filled(graph)
    removed = np.random.default_rng(6).permutation(ROWS)[: int(ROWS * REBUILD_SHARE) - 1]
    assert graph.remove(removed) == exact.remove(removed) == len(removed)
    assert 0 < graph.gone <= REBUILD_SHARE
    assert recall(graph, exact) >= 0.97
    assert all(not set(removed.tolist()) & set(graph.search(q, 50).ids.tolist()) for q in QUERIES)

    one_more = exact.ids()[:10]
    graph.remove(one_more)
    exact.remove(one_more)

    assert graph.gone == 0
    assert graph.digest() == exact.digest()
    assert recall(graph, exact) >= 0.97


def test_the_same_steps_build_the_same_graph(graph: VectorIndex) -> None:
    other = filled(GraphIndex(DIM, compared=0))
    for query in QUERIES[:30]:
        assert other.search(query, 100).ids.tolist() == graph.search(query, 100).ids.tolist()


def test_up_to_its_bound_everything_is_compared(exact: VectorIndex) -> None:
    graph = filled(GraphIndex(DIM, compared=ROWS))
    assert recall(graph, exact) == 1.0
