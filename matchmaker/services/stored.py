"""The vectors' rows as what stands on a shelf is made of."""

import numpy as np

from embeddings import Vectors
from matchmaker.models import Embedding
from matchmaker.search.entries import Entry

#: The change sequence: whoever knows the last number he saw can catch up.
SEQUENCE = "index"


def vectors_of(row: Embedding) -> Vectors:
    """The rows of a record's vectors, shape (passages + 1, dim)."""
    return np.frombuffer(row.vectors, dtype=np.float32).reshape(-1, row.dim)


def asking_of(row: Embedding) -> Vectors | None:
    """The record as a question, shape (1, dim); None where none was made."""
    if row.asking is None:
        return None
    return np.frombuffer(row.asking, dtype=np.float32).reshape(1, row.dim)


def entry_of(row: Embedding) -> Entry:
    """What a listed record's row puts on its shelf."""
    return Entry(
        id=row.record_id,
        title=row.title,
        body=row.body,
        language=row.language,
        vectors=vectors_of(row),
        change=row.sequence,
    )
