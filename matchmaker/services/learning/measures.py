"""How well probabilities are told, and whether one way of telling them beats another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BINS = 10
_DRAWS = 2000
_SEED = 20261128


@dataclass(frozen=True)
class Bin:
    """Hits told about as sure: how many, what was told on average, and how many were right."""

    low: float
    high: float
    n: int
    told: float
    true: float


@dataclass(frozen=True)
class Told:
    """How the probabilities of `n` hits were told.

    `ece` is the expected calibration error over ten equal bins, `auroc` how well right is told
    from wrong (None where all hits are of one sort).
    """

    n: int
    ece: float
    brier: float
    auroc: float | None
    bins: tuple[Bin, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Told":
        return cls(**(row | {"bins": tuple(Bin(**one) for one in row["bins"])}))


#: A rank costs more than a mean.
_AUROC_DRAWS = 400


@dataclass(frozen=True)
class Gain:
    """A mean difference with its 95 % interval of a paired bootstrap, over `n` pairs."""

    mean: float
    low: float
    high: float
    n: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def told(p: Sequence[float] | Floats, y: Sequence[float] | Floats) -> Told:
    """Measure probabilities against truths (1 or 0); at least one of each."""
    chances, truths = np.asarray(p, np.float64), np.asarray(y, np.float64)
    place = np.clip((chances * BINS).astype(int), 0, BINS - 1)
    bins = []
    for at in range(BINS):
        here = place == at
        if here.any():
            bins.append(
                Bin(
                    at / BINS, (at + 1) / BINS, int(here.sum()),
                    round(float(chances[here].mean()), 4), round(float(truths[here].mean()), 4),
                )
            )  # fmt: skip
    ece = sum(b.n * abs(b.told - b.true) for b in bins) / len(chances)
    return Told(
        len(chances), round(ece, 4), round(float(((chances - truths) ** 2).mean()), 4),
        auroc(chances, truths), tuple(bins),
    )  # fmt: skip


def auroc(p: Floats, y: Floats) -> float | None:
    """The chance that a right hit was told surer than a wrong one; ties count half."""
    right, wrong = p[y > 0], p[y <= 0]
    if not len(right) or not len(wrong):
        return None
    order = np.sort(wrong)
    below = np.searchsorted(order, right, "left")
    upto = np.searchsorted(order, right, "right")
    return round(float((below + upto).mean() / 2 / len(wrong)), 4)


def gain(before: Sequence[float] | Floats, after: Sequence[float] | Floats) -> Gain:
    """By how much `after` beats `before`, pair by pair; larger figures are better ones."""
    each = np.asarray(after, np.float64) - np.asarray(before, np.float64)
    if not len(each):
        return Gain(0.0, 0.0, 0.0, 0)
    random = np.random.default_rng(_SEED)
    draws = [each[random.integers(0, len(each), len(each))].mean() for _ in range(_DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Gain(
        round(float(each.mean()), 5), round(float(low), 5), round(float(high), 5), len(each)
    )


def auroc_gain(
    before: Sequence[float] | Floats, after: Sequence[float] | Floats,
    truths: Sequence[float] | Floats,
) -> Gain:  # fmt: skip
    """By how much `after` tells right from wrong better than `before` does, hit by hit."""
    one, other, y = (np.asarray(each, np.float64) for each in (before, after, truths))
    whole = _auroc_apart(one, other, y)
    if whole is None:
        return Gain(0.0, 0.0, 0.0, len(y))
    random = np.random.default_rng(_SEED)
    draws = []
    for _ in range(_AUROC_DRAWS):
        at = random.integers(0, len(y), len(y))
        found = _auroc_apart(one[at], other[at], y[at])
        if found is not None:
            draws.append(found)
    low, high = np.quantile(draws, [0.025, 0.975])
    return Gain(round(whole, 5), round(float(low), 5), round(float(high), 5), len(y))


def _auroc_apart(one: Floats, other: Floats, y: Floats) -> float | None:
    first, second = auroc(one, y), auroc(other, y)
    return None if first is None or second is None else second - first
