"""Fits the provisional probability of a hit on public collections and prints the coefficients.

    python benchmarks/fit_calibration.py COLLECTION…

Every hit of the top ten is an example; half of the queries are held out to report the top hit's
expected calibration error (ten equal-width bins) and Brier score. Only figures are shipped.
"""

import sys
from pathlib import Path

import numpy as np

from embeddings import BundledEncoder
from matchmaker.domain.ranking import calibration
from matchmaker.services import evaluation

TOP = 10


def examples(directory: Path, encoder: BundledEncoder) -> list[tuple[int, int, list[float], int]]:
    """(query number, place, features, relevant) of the top hits of every query."""
    qrels = evaluation.load(directory).qrels
    rows = []
    for number, (key, candidates, names) in enumerate(
        evaluation.candidates(directory, encoder, cache=Path("var/cache"))
    ):
        table = calibration.features([(c.fused, c.words) for c in candidates[:50]])
        for place, (candidate, row) in enumerate(zip(candidates[:TOP], table, strict=False)):
            rows.append((number, place, row, int(qrels[key].get(names[candidate.id], 0) > 0)))
    return rows


def fit(x: np.ndarray, y: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Logistic regression by Newton's method with a small ridge; returns offset and weights."""
    x = np.c_[np.ones(len(x)), x]
    w = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (p - y) + ridge * np.r_[0, w[1:]]
        hessian = (x * (p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w))
        w -= np.linalg.solve(hessian, gradient)
    return w


def main() -> None:
    encoder = BundledEncoder(Path("var"))
    rows = [r for d in sys.argv[1:] for r in examples(Path(d), encoder)]
    number, place, x, y = (np.array(column) for column in zip(*rows, strict=True))
    train = number % 2 == 0
    weights = fit(x[train], y[train])
    p = 1 / (1 + np.exp(-(np.c_[np.ones(len(x)), x] @ weights)))
    top = ~train & (place == 0)
    edges = np.clip((p[top] * 10).astype(int), 0, 9)
    ece = sum(
        (edges == b).mean() * abs(p[top][edges == b].mean() - y[top][edges == b].mean())
        for b in range(10) if (edges == b).any()
    )  # fmt: skip
    brier = ((p[top] - y[top]) ** 2).mean()
    print(f"top-1 ECE {ece:.3f}, Brier {brier:.3f}, n {top.sum()}")
    weights = fit(x, y)
    print(
        "OFFSET =",
        round(float(weights[0]), 3),
        "WEIGHTS =",
        [round(float(v), 3) for v in weights[1:]],
    )


if __name__ == "__main__":
    main()
