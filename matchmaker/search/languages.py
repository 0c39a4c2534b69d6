"""Comparing across languages.

The model places a language's texts together, so in a mixed pool it prefers its own. For pairs in
different languages most of each language's mean is taken off first, and the result is mapped to
the scale of same-language cosines. Same-language pairs are left alone: centring everything hurts.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from embeddings import Vectors
from matchmaker.domain.ranking.constants import MEAN_SHARE

SHIPPED = Path(__file__).with_name("means.json")
LANGUAGES = ("vi", "en")


@dataclass(frozen=True)
class Means:
    """Mean vectors (dim,) of queries and documents by language, and the map to cosines."""

    query: dict[str, Vectors]
    document: dict[str, Vectors]
    #: For each query language: score = slope · centred cosine + offset.
    slope: dict[str, float]
    offset: dict[str, float]


def other(language: str) -> str:
    return LANGUAGES[1 - LANGUAGES.index(language)]


@cache
def shipped(fingerprint: str) -> Means | None:
    """The means `benchmarks/make_means.py` made for a model; None for any other model.

    Queries and documents are the same bilingual texts: means of a corpus of one language, set
    against queries of another kind of text, lost .01-.04 nDCG@10 across languages.
    """
    table = json.loads(SHIPPED.read_text("utf-8"))
    if fingerprint not in table:
        return None
    row = table[fingerprint]

    def vectors(name: str) -> dict[str, Vectors]:
        return {lang: np.asarray(row[name][lang], dtype=np.float32) for lang in LANGUAGES}

    return Means(vectors("query"), vectors("document"), row["slope"], row["offset"])


def fitted(query: dict[str, Vectors], document: dict[str, Vectors]) -> Means:
    """The means of texts in both languages, (n, dim) each, and the map that fits them.

    The map gives cross-language scores the mean and spread of same-language ones. A text is
    never compared with itself or its translation: row i of all four is taken to be one text.
    """
    ask = {lang: rows.mean(axis=0) for lang, rows in query.items()}
    tell = {lang: rows.mean(axis=0) for lang, rows in document.items()}
    slope, offset = {}, {}
    for lang in LANGUAGES:
        away = other(lang)
        same = _apart(query[lang], document[lang])
        cross = _apart(centred(query[lang], ask[lang]), centred(document[away], tell[away]))
        slope[lang] = float(same.std() / max(float(cross.std()), 1e-9))
        offset[lang] = float(same.mean() - slope[lang] * cross.mean())
    return Means(ask, tell, slope, offset)


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Rows (or one vector) with most of the mean taken off, of unit length again."""
    moved = vectors - np.float32(MEAN_SHARE) * mean
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    return np.asarray(moved / np.maximum(length, 1e-9), dtype=np.float32)


def _apart(asked: Vectors, told: Vectors) -> Vectors:
    """Cosines of every asked row with every told one but its own."""
    scores = np.asarray(asked @ told.T, dtype=np.float32)
    return np.asarray(scores[np.eye(*scores.shape) == 0], dtype=np.float32)
