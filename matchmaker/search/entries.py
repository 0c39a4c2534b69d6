"""What stands on a shelf, and how its vectors are made."""

from collections.abc import Sequence
from dataclasses import dataclass

from embeddings import Encoder, Role, Vectors


@dataclass(frozen=True)
class Entry:
    """One record's text at one level; `vectors` has shape (rows, dim), the whole text first."""

    id: int
    title: str
    body: str
    language: str
    vectors: Vectors

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}" if self.body else self.title


def encode(texts: Sequence[tuple[str, str]], encoder: Encoder) -> list[Vectors]:
    """Vectors of each (title, body), one array of shape (rows, dim) for each."""
    whole = [f"{title}\n{body}" if body else title for title, body in texts]
    return [row[None, :] for row in encoder.encode(whole, role=Role.DOCUMENT)]
