"""An encoder that needs no model: texts that share words or letters are near. For tests."""

import hashlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from embeddings.encoder import Role, Vectors, fingerprint_of
from embeddings.text import NORMALISER, normalise_all

_VERSION: Final = 1
_WORD: Final = re.compile(r"\w+")
_GRAM: Final = 4
#: A whole word in common says more than one of its letter runs.
_WORD_WEIGHT: Final = 2.0


class HashingEncoder:
    """Hashes words and letter runs, without case or diacritics, into signed dimensions.

    Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009. Both
    roles give the same vector; a text without words gives the first axis.
    """

    name = "hashing"

    def __init__(self, dim: int = 256) -> None:
        """`dim` is the length of the vectors, at least 2."""
        if dim < 2:
            raise ValueError("a hashing encoder needs two dimensions or more")
        self.dim = dim
        self.fingerprint = fingerprint_of(
            model="hashing", revision=_VERSION, dim=dim, normaliser=NORMALISER
        )

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return one unit row per text, in order; see Encoder."""
        del role
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(normalise_all(texts)):
            vectors[row] = self._vector(text)
        return vectors

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dim, np.float64)
        for feature, weight in _features(text).items():
            number = _number(feature)
            vector[number // 2 % self.dim] += weight if number % 2 else -weight
        length = float(np.linalg.norm(vector))
        if length == 0:
            vector[0] = length = 1.0
        return (vector / length).astype(np.float32)


@lru_cache(100_000)
def _number(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest())


def _features(text: str) -> dict[str, float]:
    words = Counter(_WORD.findall(_fold(text)))
    grams: Counter[str] = Counter()
    for word, count in words.items():
        padded = f"<{word}>"
        for start in range(max(1, len(padded) - _GRAM + 1)):
            grams[f"gram {padded[start : start + _GRAM]}"] += count
    features = {feature: math.sqrt(count) for feature, count in grams.items()}
    features.update({f"word {word}": _WORD_WEIGHT * math.sqrt(n) for word, n in words.items()})
    return features


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
