"""INTERIM (interface fixed by matchmaker.services.{catalogue,indexing}; to be replaced by the matching core)."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings import Encoder, Role, Vectors


@dataclass(frozen=True)
class Entry:
    """What stands on a shelf: `vectors` has one row per window, shape (m, dim), whole text first."""

    id: int
    title: str
    body: str
    language: str
    vectors: Vectors


def encode(texts: Sequence[tuple[str, str]], encoder: Encoder) -> list[Vectors]:
    """Vectors (m, dim) for each (title, body)."""
    rows = encoder.encode([f"{t}\n{b}" for t, b in texts], role=Role.DOCUMENT)
    return [row[None, :] for row in rows]
