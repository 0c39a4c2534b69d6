"""Unit vectors in a quarter of the room: one byte for each number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from embeddings.encoder import Vectors

_STEPS: Final = 127
#: Rows that are made whole together: they and their products stay in the processor's cache.
_TOGETHER: Final = 512

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Packed:
    """Rows of whole numbers `codes` (n, dim); row k stands for `codes[k] / lengths[k]`.

    That is a unit vector by itself, so products with it are exact to float64: what is rounded is
    the direction, of a cosine .0005 at 384 dimensions.
    """

    codes: npt.NDArray[np.int8]
    lengths: Scores

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, rows: Vectors) -> "Packed":
        """Pack unit vectors (n, dim)."""
        most = np.abs(rows).max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
        codes = np.rint(rows * (_STEPS / most)).astype(np.int8)
        return cls(codes, np.sqrt((codes.astype(np.float64) ** 2).sum(axis=1)))

    @classmethod
    def joined(cls, parts: Sequence["Packed"]) -> "Packed":
        """The rows of all of them in order; there must be one at least."""
        return cls(
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.lengths for part in parts]),
        )

    def products(self, vectors: Scores) -> Scores:
        """The products (n, m) of each row with the columns of `vectors` (dim, m)."""
        found = np.empty((len(self), vectors.shape[1]))
        for at in range(0, len(self), _TOGETHER):
            part = slice(at, at + _TOGETHER)
            found[part] = self.codes[part].astype(np.float64) @ vectors
        return np.asarray(found / self.lengths[:, None], dtype=np.float64)
