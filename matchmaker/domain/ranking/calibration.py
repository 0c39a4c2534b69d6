"""How sure a hit is, as a probability and in a word.

A bare score means nothing: what unrelated texts score differs from need to need and from language
to language. What tells is how far a hit stands above the question's scores on the shelf in
general, and how far above the best other hit. The weights were fitted by
`benchmarks/fit_calibration.py` on public questions, half of them with their answers taken out of
the pool; on the other half has-answer is told from no-answer with AUROC .90 to .98. They are not
fitted to needs and solutions, of which none were judged yet: pages call the band provisional.
"""

import math
from collections.abc import Sequence
from typing import Any, Protocol

from matchmaker.domain.vocabulary import Band

STRONG, PLAUSIBLE = 0.7, 0.2
#: In the order of `features`.
OFFSET = -7.618
WEIGHTS = (1.510, 0.593)
#: For hits of a shelf too small to tell: worth reading, no more is known.
UNKNOWN = PLAUSIBLE


class Scored(Protocol):
    """A hit with its standing, in deviations of the question's scores on its shelf."""

    @property
    def standing(self) -> float | None: ...


def features(standings: Sequence[float]) -> list[tuple[float, float]]:
    """Of each hit, in the order given: its standing, and its lead over the best other hit."""
    best, second = [*sorted(standings, reverse=True), 0.0, 0.0][:2]
    return [(s, s - (second if s == best else best)) for s in standings]


def probabilities(hits: Sequence[Scored]) -> list[float]:
    """The probability that each hit answers, in the order given."""
    standings = [h.standing for h in hits]
    known = [s for s in standings if s is not None]
    if len(known) < len(standings):
        return [UNKNOWN] * len(standings)
    return [_logistic(row) for row in features(known)]


def band(probability: float) -> Band:
    """The word people read."""
    if probability >= STRONG:
        return Band.STRONG
    return Band.PLAUSIBLE if probability >= PLAUSIBLE else Band.WEAK


def as_table() -> dict[str, Any]:
    """Every figure by name: a stored probability is stale when one of them changes."""
    return {name: value for name, value in globals().items() if name.isupper()}


def _logistic(row: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-(OFFSET + sum(w * x for w, x in zip(WEIGHTS, row, strict=True)))))
