"""How a hit's two scores become one. Absolute scores are added, ranks never are.

A rank says nothing about how bad a lexical match is: across languages, reciprocal rank fusion
loses .25 nDCG@10 against the dense score alone.
"""

import math
from collections.abc import Iterable

from matchmaker.domain.ranking.constants import BM25_K1, COVERAGE_CAP, WORDS


def fused(dense: float, words: float) -> float:
    """The score a hit is ordered by: cosine (or what maps to it) plus weighted coverage."""
    return dense + WORDS * words


def idf(documents: int, holding: int) -> float:
    """Inverse document frequency in nats, as BM25 has it (Robertson and Zaragoza 2009)."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def coverage(bm25: float, idfs: Iterable[float]) -> float:
    """BM25 as the share of what the query could reach, in [0, 1).

    A term reaches (k1 + 1)·idf at most; the sum is capped, since nobody answers every word of a
    long need.
    """
    most = min(sum(idfs), COVERAGE_CAP) * (BM25_K1 + 1)
    return bm25 / most if most > 0 else 0.0
