"""Fitting the probability of a hit, drawn towards the fit that ships."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matchmaker.domain.ranking.calibration import FEATURES, Fit, Row, Source
from matchmaker.services.learning import logistic
from matchmaker.services.learning.logistic import Floats

#: Where top hits of public questions lie on average: what is drawn to a fit keeps what that says
#: there, not what it says at nought.
CENTRE = np.array([4.0, 0.5, 1.4])
#: How many observations' worth the offset and each weight of all pairs are drawn to the prior.
PULL = 1.0
#: The same for what a pair of languages adds: it needs more to go its own way.
PULL_PAIR = 4.0
#: The same for judgements, which are few: the base rate moves freely, weights hardly. Of 0.3 to 30
#: tried at 25 to 200 simulated needs, this gained most and lost least in the worst draws.
PULL_TO_SHIPPED = np.array([0.3, *[10.0] * len(FEATURES)])


@dataclass(frozen=True)
class Example:
    """A hit with what is known of it: its features, its pair of languages, whether it fits."""

    pair: str
    row: Row
    fits: bool
    weight: float = 1.0


def fit(
    examples: Sequence[Example], *, prior: Fit | None = None, n: int, source: Source,
    fitted_at: str, model: str, pull: Floats | float = PULL, pull_pair: float = PULL_PAIR,
) -> Fit:  # fmt: skip
    """One logistic fit for all pairs with what each pair moves, in one go.

    Without examples it is the prior. Weights of all pairs never fall below nought.
    """
    pairs = sorted({e.pair for e in examples} | set(prior.pairs if prior else ()))
    width = len(FEATURES) + 1
    start = np.zeros((1 + len(pairs), width))
    if prior is not None:
        start[0] = prior.offset, *prior.weights
        for at, pair in enumerate(pairs, 1):
            start[at] = prior.pairs.get(pair) or np.zeros(width)
    pulls = np.concatenate([np.broadcast_to(pull, width), np.full(width * len(pairs), pull_pair)])
    if prior is None:
        pulls[0] = 1e-6  # nothing is known of the base rate
    least = np.full(pulls.shape, -np.inf)
    least[1:width] = 0.0
    found = start.copy()
    if examples:
        x = np.concatenate([_row(e, pairs) for e in examples]).reshape(len(examples), -1)
        y = np.array([float(e.fits) for e in examples])
        weight = np.array([e.weight for e in examples])
        moved = logistic.fit(
            x, y, weight=weight, prior=_centred(start).ravel(), pull=pulls, least=least
        )
        found = _uncentred(moved.reshape(start.shape))
    return Fit(
        offset=round(float(found[0, 0]), 4),
        weights=tuple(round(float(w), 4) for w in found[0, 1:]),
        pairs={
            pair: tuple(round(float(w), 4) for w in found[at]) for at, pair in enumerate(pairs, 1)
        },
        n=n, source=source, fitted_at=fitted_at, model=model,
    )  # fmt: skip


def chances(fitted: Fit, examples: Iterable[Example]) -> list[float]:
    return [fitted.probability(e.row, e.pair) for e in examples]


def _row(example: Example, pairs: Sequence[str]) -> Floats:
    """The features for all pairs, then once more in the place of the example's own pair."""
    own = np.concatenate([[1.0], np.asarray(example.row) - CENTRE])
    return np.concatenate([own, *(own if pair == example.pair else own * 0 for pair in pairs)])


def _centred(table: Floats) -> Floats:
    moved = table.copy()
    moved[:, 0] += table[:, 1:] @ CENTRE
    return moved


def _uncentred(table: Floats) -> Floats:
    moved = table.copy()
    moved[:, 0] -= table[:, 1:] @ CENTRE
    return moved
