"""Logistic regression by Newton's method, drawn towards given values."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STEPS = 60
_CLOSE = 1e-9
#: Odds of e^30 are certainty; beyond, the exponential only overflows.
_FARTHEST = 30.0


def fit(
    x: Floats, y: Floats, *, weight: Floats | None = None, prior: Floats | None = None,
    pull: Floats | float = 1.0, least: Floats | float = -np.inf,
) -> Floats:  # fmt: skip
    """Coefficients (k,) of x (n, k) for truths y (n,): those of the prior that the data moved.

    `pull` is how many observations' worth each is drawn to the prior (nought if none is given);
    a coefficient that would fall below `least` stays there, and the others are fitted again.
    """
    n, k = x.shape
    weight = np.ones(n) if weight is None else weight
    prior = np.zeros(k) if prior is None else prior
    pull = np.broadcast_to(np.asarray(pull, np.float64), k)
    floor = np.broadcast_to(np.asarray(least, np.float64), k)
    held = np.zeros(k, bool)
    while True:
        found = _newton(x, y, weight, prior, pull, np.where(held, floor, np.nan))
        below = ~held & (found < floor)
        if not below.any():
            return found
        held |= below


def probability(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -_FARTHEST, _FARTHEST))))


def _loss(
    w: Floats, x: Floats, y: Floats, weight: Floats, prior: Floats, pull: Floats
) -> float:  # fmt: skip
    logit = x @ w
    told = weight * (np.logaddexp(0, logit) - y * logit)
    return float(told.sum() + 0.5 * (pull * (w - prior) ** 2).sum())


def _newton(
    x: Floats, y: Floats, weight: Floats, prior: Floats, pull: Floats, fixed: Floats
) -> Floats:
    """The coefficients; those that `fixed` names are left at its values."""
    free = np.isnan(fixed)
    w = np.where(free, prior, fixed)
    now = _loss(w, x, y, weight, prior, pull)
    for _ in range(_STEPS):
        p = probability(x @ w)
        gradient = (x.T @ (weight * (p - y)) + pull * (w - prior))[free]
        inside = x[:, free]
        hessian = (inside * (weight * p * (1 - p))[:, None]).T @ inside + np.diag(pull[free])
        # A breath of ridge keeps columns that say the same from stopping the solver.
        step = np.linalg.solve(hessian + 1e-9 * np.eye(int(free.sum())), gradient)
        size = 1.0
        while size > _CLOSE:
            tried = w.copy()
            tried[free] -= size * step
            then = _loss(tried, x, y, weight, prior, pull)
            if then <= now:
                break
            size /= 2
        else:
            break
        moved, w, now = float(np.abs(tried - w).max(initial=0.0)), tried, then
        if moved < _CLOSE:
            break
    return w
