"""How a hit's scores become one. Absolute scores are added, ranks never are.

A rank says nothing about how bad a lexical match is: across languages, reciprocal rank fusion
loses .25 nDCG@10 against the dense score alone.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean

from matchmaker.domain.ranking.constants import (
    BIAS_SHARE,
    BM25_K1,
    COVERAGE_CAP,
    MOST_TERMS,
    PAIRS,
    PASSAGE,
    REPEATS,
    WORDS,
)

#: A spread below this is rounding: texts all alike tell no step from another.
LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Spread:
    """How a question scores on texts in general: the means, and the fused score's deviation."""

    dense: float
    words: float
    deviation: float

    @property
    def fused(self) -> float:
        return fused(self.dense, self.words)

    @classmethod
    def of(cls, scores: Sequence[tuple[float, float]]) -> "Spread":
        """From (dense, words) of at least one text."""
        each = [fused(meaning, share) for meaning, share in scores]
        return cls(
            fmean(meaning for meaning, _ in scores),
            fmean(share for _, share in scores),
            max(deviation(each), LEAST_SPREAD),
        )


def levelling(own: Spread, other: Spread) -> tuple[float, float]:
    """Slope and offset that take a fused score on a text of the other language to the question's.

    A text of the other language shares no words with the question, and what words are worth in
    a long need differs from need to need: only the shelf itself tells how far apart the two lie.
    """
    bias = BIAS_SHARE * (own.dense - other.dense) + WORDS * (own.words - other.words)
    slope = own.deviation / other.deviation
    return slope, other.fused * (1 - slope) + bias


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


def counted(terms: Iterable[str]) -> dict[str, float]:
    """How much each distinct term of a question counts: pairs of neighbours less, repeats more."""
    return {
        term: weight(term) * (REPEATS + 1) * times / (REPEATS + times)
        for term, times in Counter(terms).items()
    }


def heaviest(weights: Mapping[str, float]) -> dict[str, float]:
    """The terms that tell most of what a long question is about; all of a short one's.

    What is left out of a page of text are words that nearly every text holds: each tells little,
    and hundreds of them together outweigh what was asked for.
    """
    if len(weights) <= MOST_TERMS:
        return dict(weights)
    return dict(sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:MOST_TERMS])


def reach(idfs: Iterable[float], cap: float = COVERAGE_CAP) -> float:
    """The BM25 that a text could reach at most which answers all of a query.

    A term reaches (k1 + 1)·idf, `idfs` being weighted as the terms are; the sum is capped, since
    nobody answers every word of a long need.
    """
    return min(sum(idfs), cap) * (BM25_K1 + 1)


def coverage(bm25: float, most: float) -> float:
    """BM25 as a share of what the query could reach, in [0, 1]; see `reach`."""
    # A cap may be passed by a text that answers nearly all of a very long need.
    return min(bm25 / most, 1.0) if most > 0 else 0.0


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of at least one value; the exact sums of `pstdev` are far slower."""
    mean = fmean(values)
    return math.sqrt(fsum((value - mean) ** 2 for value in values) / len(values))
