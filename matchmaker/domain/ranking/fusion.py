"""How a hit's scores become one. Absolute scores are added, ranks never are.

A rank says nothing about how bad a lexical match is: across languages, reciprocal rank fusion
loses .25 nDCG@10 against the dense score alone.
"""

import math
from collections.abc import Iterable

from matchmaker.domain.ranking.constants import BM25_K1, COVERAGE_CAP, PAIRS, PASSAGE, WORDS


def fused(dense: float, words: float) -> float:
    """The score a hit is ordered by: cosine (or what maps to it) plus weighted coverage."""
    return dense + WORDS * words


def dense(whole: float, best: float) -> float:
    """The cosine of the whole text, mixed with that of its best passage."""
    return (1 - PASSAGE) * whole + PASSAGE * best


def idf(documents: int, holding: int) -> float:
    """Inverse document frequency in nats, as BM25 has it (Robertson and Zaragoza 2009)."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def weight(term: str) -> float:
    """How much a term counts against a word that stands alone; `a_b` is a pair of neighbours."""
    return PAIRS if "_" in term else 1.0


def coverage(bm25: float, idfs: Iterable[float]) -> float:
    """BM25 as the share of what the query could reach, in [0, 1).

    A term reaches (k1 + 1)·idf at most, `idfs` being weighted as the terms are; the sum is
    capped, since nobody answers every word of a long need.
    """
    most = min(sum(idfs), COVERAGE_CAP) * (BM25_K1 + 1)
    # A cap may be passed by a text that answers nearly all of a very long need.
    return min(bm25 / most, 1.0) if most > 0 else 0.0
