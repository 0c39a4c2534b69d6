"""What every index promises, held against each; and all of them against a plain dict."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from embeddings import (
    ExactIndex,
    FlatIndex,
    GraphIndex,
    GrowingIndex,
    Hits,
    UnknownIdError,
    VectorError,
    VectorIndex,
)

Make = Callable[[int], VectorIndex]


@pytest.fixture(params=[ExactIndex, FlatIndex, GraphIndex, GrowingIndex])
def make(request: pytest.FixtureRequest) -> Make:
    return request.param


def axis(number: int, dim: int = 4) -> np.ndarray:
    return np.eye(dim, dtype=np.float32)[number]


def answer(hits: Hits) -> list[tuple[int, float]]:
    return list(zip(hits.ids.tolist(), hits.scores.tolist(), strict=True))


def test_index_starts_empty(make: Make) -> None:
    index = make(4)
    assert (index.dim, index.size, index.ids().tolist()) == (4, 0, [])
    hits = index.search(axis(0), 5)
    assert (answer(hits), hits.ids.dtype, hits.scores.dtype) == ([], np.int64, np.float32)
    assert index.search(axis(0), 5, allowed=[1, 2]).ids.tolist() == []
    assert index.vectors([]).shape == (0, 4)
    assert index.remove([3]) == 0


def test_search_gives_the_nearest_first(make: Make) -> None:
    index = make(4)
    between = np.array([0.6, 0.8, 0, 0], np.float32)
    index.upsert([10, 20, 30], np.stack([axis(0), between, axis(2)]))
    assert answer(index.search(axis(1), 2)) == [(20, pytest.approx(0.8)), (10, 0.0)]
    # Past the end there are no more hits, and no id -1.
    assert len(index.search(axis(1), 50)) == 3
    assert len(index.search(axis(1), 0)) == len(index.search(axis(1), -1)) == 0


def test_search_breaks_ties_by_id(make: Make, units: np.ndarray) -> None:
    index = make(8)
    for first in range(270, -1, -30):  # so that no order of arrival is the order of id
        ids = np.random.default_rng(first).permutation(range(first, first + 30))
        index.upsert(ids, units[ids % 3])
    hits = index.search(units[0], 60)
    assert hits.ids.tolist() == list(range(0, 180, 3))
    assert len(set(hits.scores.tolist())) == 1


@pytest.mark.parametrize("share", [2, 29])
def test_search_considers_only_what_is_allowed(make: Make, units: np.ndarray, share: int) -> None:
    index = make(8)
    index.upsert(range(30), units)
    allowed = [*range(share), 999]
    expected = sorted(range(share), key=lambda i: (-float(units[i] @ units[29]), i))
    assert index.search(units[29], 40, allowed=allowed).ids.tolist() == expected
    assert index.search(units[29], 1, allowed=np.array(allowed * 2)).ids.tolist() == expected[:1]
    assert index.search(units[29], 5, allowed=[]).ids.tolist() == []
    assert index.search(units[29], 5, allowed=[999]).ids.tolist() == []


def test_upsert_replaces_what_was_there(make: Make) -> None:
    index = make(4)
    index.upsert([1, 2], np.stack([axis(0), axis(1)]))
    index.upsert([2, 3], np.stack([axis(2), axis(3)]))
    assert index.ids().tolist() == [1, 2, 3]
    assert answer(index.search(axis(1), 3)) == [(1, 0.0), (2, 0.0), (3, 0.0)]
    np.testing.assert_array_equal(index.vectors([3, 2, 3]), [axis(3), axis(2), axis(3)])


def test_upsert_takes_the_last_of_twins(make: Make) -> None:
    index = make(4)
    index.upsert([7, 8, 7], np.stack([axis(0), axis(1), axis(2)]))
    assert index.size == 2
    np.testing.assert_array_equal(index.vectors([7]), [axis(2)])


def test_index_keeps_no_hold_on_what_it_was_given(make: Make) -> None:
    index, rows = make(4), axis(0)[None].copy()
    index.upsert([1], rows)
    before = index.digest()
    rows[0] = axis(1)
    index.ids()[0] = 9
    index.vectors([1])[0] = axis(3)
    assert index.digest() == before


def test_remove_counts_what_it_forgot(make: Make) -> None:
    index = make(4)
    index.upsert([1, 2, 3], np.stack([axis(0), axis(1), axis(2)]))
    assert index.remove([3, 1, 99, 3]) == 2
    assert index.ids().tolist() == [2]
    assert index.search(axis(0), 5).ids.tolist() == [2]
    with pytest.raises(UnknownIdError) as caught:
        index.vectors([2, 3])
    assert caught.value.identifier == 3
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize(
    ("ids", "rows"),
    [
        ([1], np.zeros((1, 4))),
        ([1], np.full((1, 4), np.nan)),
        ([1], np.array([[np.inf, 0, 0, 0]])),
        ([1], np.full((1, 4), 3e38)),
        ([1], np.ones((1, 4))),
        ([1], np.eye(5)[:1]),
        ([1], np.eye(4)[0]),
        ([1, 2], np.eye(4)[:1]),
        ([], np.eye(4)[:1]),
        ([-1], np.eye(4)[:1]),
        ([1.5], np.eye(4)[:1]),
        ([2**63], np.eye(4)[:1]),
        ([[1]], np.eye(4)[:1]),
    ],
)
def test_upsert_refuses_and_changes_nothing(make: Make, ids: list[int], rows: np.ndarray) -> None:
    index = make(4)
    index.upsert([1], axis(1)[None])
    before = index.digest()
    with pytest.raises(VectorError):
        index.upsert(ids, rows.astype(np.float32))
    assert index.digest() == before


@pytest.mark.parametrize("query", [np.zeros(4), np.ones(4), np.eye(3)[0], np.eye(4)[:1]])
def test_search_refuses_what_is_no_unit_vector(make: Make, query: np.ndarray) -> None:
    index = make(4)
    index.upsert([1], axis(1)[None])
    with pytest.raises(VectorError):
        index.search(query.astype(np.float32), 1)


def test_digest_tells_contents_not_history(units: np.ndarray) -> None:
    bulk, steps = ExactIndex(8), FlatIndex(8)
    bulk.upsert(range(30), units)
    steps.upsert(range(29, -1, -1), units[::-1].copy())
    steps.upsert([5, 40], units[:2])
    assert steps.digest() != bulk.digest()
    steps.upsert([5], units[5:6])
    steps.remove([40])
    assert steps.digest() == bulk.digest()
    steps.remove([7])
    assert steps.digest() != bulk.digest()


def test_flat_answers_as_exact_to_the_last_bit() -> None:
    rows = np.random.default_rng(3).normal(size=(5_000, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[4_000:] = rows[:1_000]  # a fifth are twins
    exact, flat = ExactIndex(64), FlatIndex(64)
    for index in (exact, flat):
        index.upsert(range(5_000), rows)
    for query in rows[:20]:
        for allowed in (None, range(100), range(0, 5_000, 2)):
            for k in (1, 10, 300):
                expected = exact.search(query, k, allowed=allowed)
                found = flat.search(query, k, allowed=allowed)
                assert answer(found) == answer(expected)


class IndexMachine(RuleBasedStateMachine):
    """Any sequence of steps leaves all indexes holding what a dict would.

    The second graph walks however few its rows are; the growing index goes over to one.
    """

    pool = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]] * np.array([[1.0]] * 3 + [[-1.0]] * 3)
    ids = st.lists(st.integers(0, 8), max_size=6)

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[int, int] = {}
        self.indexes: tuple[VectorIndex, ...] = (
            ExactIndex(3),
            FlatIndex(3),
            GraphIndex(3),
            GraphIndex(3, compared=0),
            GrowingIndex(3, graph_from=4),
        )

    @rule(pairs=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 5)), max_size=6))
    def upsert(self, pairs: list[tuple[int, int]]) -> None:
        self.model.update(pairs)
        for index in self.indexes:
            rows = self.pool[[choice for _, choice in pairs]].astype(np.float32)
            index.upsert([identifier for identifier, _ in pairs], rows)

    @rule(ids=ids)
    def remove(self, ids: list[int]) -> None:
        held = {identifier for identifier in ids if self.model.pop(identifier, None) is not None}
        assert [index.remove(ids) for index in self.indexes] == [len(held)] * len(self.indexes)

    @rule(choice=st.integers(0, 5), k=st.integers(0, 10), allowed=st.none() | ids)
    def search(self, choice: int, k: int, allowed: list[int] | None) -> None:
        query = self.pool[choice].astype(np.float32)
        scored = [
            (identifier, float(self.pool[row] @ query))
            for identifier, row in self.model.items()
            if allowed is None or identifier in allowed
        ]
        expected = sorted(scored, key=lambda hit: (-hit[1], hit[0]))[:k]
        for index in self.indexes:
            assert answer(index.search(query, k, allowed=allowed)) == expected

    @invariant()
    def contents_agree(self) -> None:
        exact, *others = self.indexes
        assert exact.ids().tolist() == sorted(self.model)
        assert exact.size == len(self.model)
        for other in others:
            assert (other.size, other.digest()) == (exact.size, exact.digest())
            assert other.ids().tolist() == exact.ids().tolist()


IndexMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestIndexMachine = IndexMachine.TestCase
