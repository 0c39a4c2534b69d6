"""Fits the provisional probability of a hit on public collections and prints the coefficients.

    python benchmarks/fit_calibration.py COLLECTION…

Every hit of the top twenty is an example. Every other pair of queries has its answers taken out
of the pool, so that "nothing fits" is learned too. Queries of even number are fitted to; on the
others, the top hit's expected calibration error (ten equal bins), Brier score and AUROC of
has-answer against no-answer are reported. Vectors are kept under `var/cache`.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings import BundledEncoder
from matchmaker.domain.ranking import calibration
from matchmaker.search.query import prepare_all
from matchmaker.services import evaluation

TOP = 20
Floats = npt.NDArray[np.float64]


class Examples(NamedTuple):
    """Rows of features with their truth, the query's number and the hit's place."""

    x: Floats
    y: Floats
    number: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]


def examples(directory: Path, encoder: evaluation.Kept) -> Examples:
    """The top hits of every query, the answers of every other pair of queries being gone."""
    collection = evaluation.load(directory)
    shelf = evaluation.shelve(collection, encoder)
    keys = list(collection.documents)
    asked = prepare_all(list(collection.queries.values()), encoder, shelf)
    rows = []
    for number, (name, query) in enumerate(zip(collection.queries, asked, strict=True)):
        right = {k for k, grade in collection.qrels.get(name, {}).items() if grade > 0}
        gone = right if number // 2 % 2 else set()
        pool = [at for at, key in enumerate(keys) if key not in gone]
        hits = shelf.search(query, limit=TOP, allowed=pool)
        table = calibration.features([h.standing or 0.0 for h in hits])
        rows += [
            (row, float(keys[hit.id] in right), number, place)
            for place, (hit, row) in enumerate(zip(hits, table, strict=True))
        ]
    x, y, number_of, place_of = zip(*rows, strict=True)
    return Examples(np.array(x), np.array(y), np.array(number_of), np.array(place_of))


def fit(x: Floats, y: Floats, ridge: float = 1.0) -> Floats:
    """Logistic regression by Newton's method with a small ridge; returns offset and weights."""
    x = np.c_[np.ones(len(x)), x]
    w = np.zeros(x.shape[1])
    shrink = ridge * np.r_[1e-9, np.ones(len(w) - 1)]
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(shrink)
        w -= np.linalg.solve(hessian, x.T @ (p - y) + shrink * w)
    return np.asarray(w)


def report(name: str, weights: Floats, found: Examples) -> None:
    """Print how the top hits of the held-out queries are told."""
    top = (found.place == 0) & (found.number % 2 == 1)
    p = 1 / (1 + np.exp(-(np.c_[np.ones(top.sum()), found.x[top]] @ weights)))
    y = found.y[top]
    bins = np.clip((p * 10).astype(int), 0, 9)
    ece = sum(
        (bins == b).mean() * abs(p[bins == b].mean() - y[bins == b].mean()) for b in set(bins)
    )
    order = np.argsort(np.argsort(p))
    right = y == 1
    auroc = (order[right].mean() - (right.sum() - 1) / 2) / max((~right).sum(), 1)
    brier = ((p - y) ** 2).mean()
    print(f"{name:16} n {len(y)}  ECE {ece:.3f}  Brier {brier:.3f}  AUROC {auroc:.3f}")


def main() -> None:
    data = Path("var")
    encoder = evaluation.Kept(BundledEncoder(data), data / "cache")
    found = {Path(d).name: examples(Path(d), encoder) for d in sys.argv[1:]}
    half = [(e.x[e.number % 2 == 0], e.y[e.number % 2 == 0]) for e in found.values()]
    weights = fit(np.concatenate([x for x, _ in half]), np.concatenate([y for _, y in half]))
    for name, each in found.items():
        report(name, weights, each)
    print("OFFSET =", round(float(weights[0]), 3))
    print("WEIGHTS =", [round(float(w), 3) for w in weights[1:]])


if __name__ == "__main__":
    main()
