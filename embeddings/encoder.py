"""The promise every encoder keeps."""

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

#: float32; one vector (dim,) or one row per text (n, dim), each row of unit length.
Vectors: TypeAlias = npt.NDArray[np.float32]


class Role(StrEnum):
    """Which side of a search a text stands on."""

    QUERY = "query"
    DOCUMENT = "document"


class Encoder(Protocol):
    """Turns texts into unit-length vectors of one named space.

    A text gets the same vector, to within rounding (cosine 0.9999), whatever batch it travels
    in. The model is loaded on first use, never on import. Threads may share an encoder.
    """

    @property
    def name(self) -> str:
        """The setting this encoder was loaded by, for people to read."""

    @property
    def dim(self) -> int:
        """Length of every vector."""

    @property
    def fingerprint(self) -> str:
        """Short hex name of the space; vectors of two fingerprints never mix."""

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return one row per text, in order: shape (len(texts), dim), also for no texts.

        Every encoder normalises the texts itself. Raises an EmbeddingError when the model
        cannot be loaded.
        """


def fingerprint_of(**facts: object) -> str:
    """Return 16 hex digits derived from everything that shapes a vector."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
