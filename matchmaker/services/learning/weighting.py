"""Fitting the few weights of the ranking to judged pairs, drawn to the fixed ones."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matchmaker.domain.ranking.weights import FIXED, SPREADS, Weights, bounded
from matchmaker.services.learning import logistic

#: Fused scores a step apart are e times as sure to be told apart: neighbours lie .01 apart.
STEP = 0.02
#: Makes a column count as given, not as something to fit.
_GIVEN = 1e9


@dataclass(frozen=True)
class Scored:
    """A judged solution of a need with the parts of its score that a weight may move.

    `score` is what the weights in use made of it.
    """

    need: int
    fits: bool
    weight: float
    score: float
    words: float
    across: bool
    signals: float

    @property
    def parts(self) -> tuple[float, ...]:
        """What each weight is multiplied by, in the order of its names."""
        return (
            0.0 if self.across else self.words, self.words if self.across else 0.0,
            float(self.across), self.signals,
        )  # fmt: skip

    def under(self, used: Weights, other: Weights) -> float:
        """The score that other weights would make of it."""
        steps = zip(self.parts, other.as_row(), used.as_row(), strict=True)
        return self.score + sum(part * (new - old) for part, new, old in steps)


def fit(scored: Iterable[Scored], used: Weights, *, model: str, prior: Weights = FIXED) -> Weights:
    """Weights under which what fits stands above what does not; without pairs the prior.

    Every need counts alike, however many of its solutions were judged.
    """
    rows, weight = [], []
    for each in by_need(scored).values():
        right, wrong = [s for s in each if s.fits], [s for s in each if not s.fits]
        share = 1 / max(len(right) * len(wrong), 1)
        for one in right:
            for other in wrong:
                parts = np.subtract(one.parts, other.parts) / STEP
                given = (one.score - other.score) / STEP - parts @ np.asarray(used.as_row())
                rows.append([*parts, given])
                weight.append(share * one.weight * other.weight)
    if not rows:
        return bounded(prior.as_row(), model)
    pull = np.array([*(1 / spread**2 for spread in SPREADS), _GIVEN])
    found = logistic.fit(
        np.array(rows), np.ones(len(rows)), weight=np.array(weight),
        prior=np.array([*prior.as_row(), 1.0]), pull=pull,
    )  # fmt: skip
    return bounded([float(w) for w in found[:-1]], model)


def by_need(scored: Iterable[Scored]) -> dict[int, list[Scored]]:
    """Needs with something that fits and something that does not: the only ones to learn from."""
    found: dict[int, list[Scored]] = defaultdict(list)
    for one in scored:
        found[one.need].append(one)
    return {need: each for need, each in found.items() if len({s.fits for s in each}) == 2}


def ndcg(ranked: Sequence[bool], most: int = 10) -> float:
    """NDCG over judged hits in order, each right or wrong; at least one of them is right."""
    gained = sum(1 / math.log2(at + 2) for at, right in enumerate(ranked[:most]) if right)
    best = sum(1 / math.log2(at + 2) for at in range(min(sum(ranked), most)))
    return gained / best
