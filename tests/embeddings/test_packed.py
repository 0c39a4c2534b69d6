"""Rows in a byte a number: near enough, and of the same value wherever they stand."""

import numpy as np

from embeddings import Packed, Vectors


def units(count: int, dim: int = 384, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_cosines_are_kept_to_a_thousandth() -> None:
    rows, queries = units(400), units(50, seed=1).astype(np.float64)
    near = rows[:50].astype(np.float64) + 0.05 * queries
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    for asked in (queries, near):
        true = rows.astype(np.float64) @ asked.T
        assert np.abs(Packed.of(rows).products(asked.T) - true).max() < 0.002


def test_rows_stand_for_unit_vectors() -> None:
    packed = Packed.of(units(20))
    lengths = np.linalg.norm(packed.codes.astype(np.float64), axis=1) / packed.lengths
    np.testing.assert_allclose(lengths, 1, atol=1e-12)
    # The one greatest number of a row takes all the room a byte has.
    assert np.abs(packed.codes).max(axis=1).tolist() == [127] * 20


def test_a_row_counts_the_same_wherever_it_stands() -> None:
    rows, asked = units(1_200), units(2, seed=1).astype(np.float64).T
    parts = [Packed.of(rows[at : at + 7]) for at in range(0, 1_200, 7)]
    together = Packed.joined(parts)
    np.testing.assert_array_equal(together.codes, Packed.of(rows).codes)
    alone = np.concatenate([part.products(asked) for part in parts])
    np.testing.assert_allclose(together.products(asked), alone, atol=1e-12)


def test_no_rows_are_packed_as_none() -> None:
    empty = Packed.of(np.empty((0, 8), np.float32))
    assert (len(empty), empty.products(np.ones((8, 1))).shape) == (0, (0, 1))
