"""The promise every index of vectors keeps, and the rules all of them share."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors
from embeddings.errors import VectorError

#: int64, shape (n,), each 0 or more.
Ids: TypeAlias = npt.NDArray[np.int64]

#: How far from 1 a vector's length may be: encoders round in float32.
_UNIT_TOLERANCE: Final = 1e-3
#: How far float32 sums may lie from those of `nearest`: hundreds of roundings, with room.
MARGIN: Final = 1e-5


@dataclass(frozen=True, eq=False)
class Hits:
    """Neighbours, nearest first: `ids` int64 (k,), `scores` float32 (k,), cosines."""

    ids: Ids
    scores: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


class VectorIndex(Protocol):
    """Unit vectors by id, searched by cosine.

    Equal contents give equal answers to the last bit, whatever the implementation and however
    the contents came about. Not safe for a writer beside readers: the owner holds a lock.
    """

    @property
    def dim(self) -> int:
        """Length of every vector."""

    @property
    def size(self) -> int:
        """How many ids are held."""

    def upsert(self, ids: Sequence[int] | Ids, vectors: Vectors) -> None:
        """Put vectors (n, dim) under ids, in place of what was there; of twins the last wins.

        Raises VectorError, and changes nothing, when a vector has another length than 1 or
        `dim`, or is not finite, or when an id is negative.
        """

    def remove(self, ids: Sequence[int] | Ids) -> int:
        """Forget ids and return how many of them were held."""

    def search(self, query: Vectors, k: int, *, allowed: Sequence[int] | Ids | None = None) -> Hits:
        """Return the k nearest to a unit vector (dim,), fewer when fewer are held.

        Only `allowed` ids are considered when they are given; unknown ones are passed over.
        Equal scores stand in order of id. Raises VectorError for a vector it cannot take.
        """

    def vectors(self, ids: Sequence[int] | Ids) -> Vectors:
        """Return the rows (n, dim) of ids, in their order; UnknownIdError when one is not held."""

    def ids(self) -> Ids:
        """Return every id held, ascending."""

    def digest(self) -> str:
        """Return a SHA-256 in hex of the contents, the same in every implementation."""


def as_ids(ids: Sequence[int] | Ids) -> Ids:
    """Return ids as an array of their own; VectorError unless all are whole and 0 or more."""
    found = np.asarray(ids)
    if found.size == 0:
        return np.empty(0, np.int64)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise VectorError(f"ids must be one row of whole numbers, not {found.dtype}")
    if int(found.min()) < 0 or int(found.max()) > np.iinfo(np.int64).max:
        raise VectorError("ids must lie between 0 and 2**63 - 1")
    return found.astype(np.int64)


def checked(ids: Sequence[int] | Ids, vectors: Vectors, dim: int) -> tuple[Ids, Vectors]:
    """Return ids, ascending and each once, with their float32 rows; VectorError otherwise."""
    names, rows = as_ids(ids), np.asarray(vectors, np.float32)
    if rows.size == 0 and len(names) == 0:
        return names, np.empty((0, dim), np.float32)
    if rows.shape != (len(names), dim):
        raise VectorError(f"expected vectors of shape {(len(names), dim)}, not {rows.shape}")
    _check_units(rows)
    # The first of the reversed is the last of twins.
    unique, last = np.unique(names[::-1], return_index=True)
    return unique, np.ascontiguousarray(rows[::-1][last])


def checked_query(query: Vectors, dim: int) -> Vectors:
    """Return one float32 unit vector (dim,); VectorError otherwise."""
    row = np.ascontiguousarray(query, np.float32)
    if row.shape != (dim,):
        raise VectorError(f"expected a vector of shape {(dim,)}, not {row.shape}")
    _check_units(row[None])
    return row


def nearest(ids: Ids, vectors: Vectors, query: Vectors, k: int) -> Hits:
    """Rank rows by their cosine to the query, then by id, and return the first k.

    Sums in float64 row by row, so a row's score does not depend on where it lies: a matrix
    product sums its last rows in another order than its first.
    """
    scores = (vectors.astype(np.float64) * query.astype(np.float64)).sum(axis=1)
    rounded = scores.astype(np.float32)
    first = np.lexsort((ids, -rounded))[: max(k, 0)]
    return Hits(ids[first], rounded[first])


def quickly_nearest(ids: Ids, vectors: Vectors, query: Vectors, k: int) -> Hits:
    """Answer as `nearest`, which is slow, over the rows that a quick product leaves in question."""
    if 0 < k < len(ids):
        scores = vectors @ query
        in_question = scores >= np.partition(scores, -k)[-k] - 2 * MARGIN
        ids, vectors = ids[in_question], vectors[in_question]
    return nearest(ids, vectors, query, k)


def digest_of(ids: Ids, vectors: Vectors) -> str:
    """Return the SHA-256 in hex of ids, ascending, and their rows."""
    digest = hashlib.sha256(f"{vectors.shape}".encode())
    digest.update(np.ascontiguousarray(ids, "<i8").data)
    digest.update(np.ascontiguousarray(vectors, "<f4").data)
    return digest.hexdigest()


def _check_units(rows: Vectors) -> None:
    # A NaN or an infinite length is as far from 1 as can be: the comparison is then false.
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        near_one = np.abs(lengths - 1) <= _UNIT_TOLERANCE
    if not bool(near_one.all()):
        raise VectorError("vectors must be finite and of unit length")
