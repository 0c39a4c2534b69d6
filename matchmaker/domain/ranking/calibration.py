"""How sure a hit is, as a probability and in a word.

The fused score alone looks calibrated over many hits and is wrong for the first one, so the
logistic form sees where a hit stands among the others. The weights are set by hand and NOT yet
fitted: `benchmarks/fit_calibration.py` fits them on public collections, and pages call the band
provisional.
"""

import math
from collections.abc import Sequence
from typing import Protocol

from matchmaker.domain.vocabulary import Band

STRONG, PLAUSIBLE = 0.7, 0.35
#: In the order of `features`.
OFFSET = -1.0
WEIGHTS = (1.0, 1.0, 1.0, 1.0)


class Scored(Protocol):
    """A hit with its two scores."""

    @property
    def fused(self) -> float: ...

    @property
    def words(self) -> float: ...


def features(hits: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Features of each hit, given (fused, words) in order of rank.

    Gap to the best other hit, gap to the tenth, word coverage, and the score itself measured from
    0.85, where this model's unrelated texts lie; all in units of about one.
    """
    scores = [fused for fused, _ in hits]
    tenth = sorted(scores, reverse=True)[min(9, len(scores) - 1)] if scores else 0.0
    rows = []
    for place, (fused, words) in enumerate(hits):
        others = scores[:place] + scores[place + 1 :]
        best_other = max(others) if others else fused
        rows.append(
            [10 * (fused - best_other), 10 * (fused - tenth), 4 * words, 10 * (fused - 0.85)]
        )
    return rows


def probabilities(hits: Sequence[Scored]) -> list[float]:
    """The probability that each hit answers, in the order given."""
    return [
        1 / (1 + math.exp(-(OFFSET + sum(w * x for w, x in zip(WEIGHTS, row, strict=True)))))
        for row in features([(h.fused, h.words) for h in hits])
    ]


def band(probability: float) -> Band:
    """The word people read."""
    if probability >= STRONG:
        return Band.STRONG
    return Band.PLAUSIBLE if probability >= PLAUSIBLE else Band.WEAK
