"""Comparing across languages.

The model places a language's texts together, so in a mixed pool it prefers its own. For pairs in
different languages the mean of each language is taken off first, and the result is mapped to the
scale of same-language cosines. Same-language pairs are left alone: centring everything hurts.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from embeddings import Vectors

_SHIPPED = Path(__file__).with_name("means.json")
LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Means:
    """Mean vectors (dim,) of queries and documents by language, and the map to cosines.

    Computed by `benchmarks/make_means.py` from the bilingual themes of the seed data.
    """

    query: dict[str, Vectors]
    document: dict[str, Vectors]
    #: For each query language: score = slope · centred cosine + offset.
    slope: dict[str, float]
    offset: dict[str, float]


def other(language: str) -> str:
    """The other of the two languages."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


@cache
def shipped(fingerprint: str) -> Means | None:
    """The means made for a model; None for any other, which then goes uncorrected."""
    table = json.loads(_SHIPPED.read_text("utf-8"))
    if fingerprint not in table:
        return None
    row = table[fingerprint]

    def vectors(name: str) -> dict[str, Vectors]:
        return {lang: np.asarray(row[name][lang], dtype=np.float32) for lang in LANGUAGES}

    return Means(vectors("query"), vectors("document"), row["slope"], row["offset"])


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Rows (or one vector) with the mean taken off, of unit length again."""
    moved = vectors - mean
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-9), dtype=np.float32)


def across(query: Vectors, documents: Vectors, means: Means, asked: str, own: Vectors) -> Vectors:
    """Scores (n,) of documents in the other language, on the scale of same-language cosines.

    `own` is the mean of the documents' language on this shelf.
    """
    bare = centred(query, means.query[asked])
    scores = centred(documents, own) @ bare
    return np.asarray(means.slope[asked] * scores + means.offset[asked], dtype=np.float32)
