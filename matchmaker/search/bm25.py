"""BM25 over counted terms, as tantivy computes it: what one engine scores, the other must too."""

from typing import Final

import numpy as np
import numpy.typing as npt

from matchmaker.domain.ranking.constants import BM25_B, BM25_K1

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

#: A text's terms, each with how often it comes: six bytes a term.
COUNT: Final = np.dtype([("term", "<i4"), ("often", "<u2")])
_MOST: Final = np.iinfo("<u2").max


def _lengths() -> Numbers:
    """The lengths that an engine tells apart by one byte: exact to 40, then eight to a doubling."""
    exact = list(range(41))
    steps = [1 << at // 8 for at in range(8, 8 + 255 - 40)]
    return np.cumsum([0, *np.diff(exact), *steps], dtype=np.int64)


_LENGTHS: Final = _lengths()


def rounded(lengths: Numbers) -> Numbers:
    """Each length as the engine knows it, the next smaller one it can tell."""
    return np.asarray(_LENGTHS[np.searchsorted(_LENGTHS, lengths, side="right") - 1])


def counted(terms: dict[int, int]) -> bytes:
    """How often each term number comes, packed."""
    packed = np.empty(len(terms), COUNT)
    packed["term"] = list(terms)
    packed["often"] = np.minimum(list(terms.values()), _MOST)
    packed.sort(order="term")
    return packed.tobytes()


def numbers(counts: bytes) -> list[int]:
    """The term numbers of a packed text."""
    found: list[int] = np.frombuffer(counts, COUNT)["term"].tolist()
    return found


def scores(
    counts: list[bytes], lengths: Numbers, weights: dict[int, float], mean_length: float
) -> list[float]:
    """The score of each text, by packed counts and full length; nan where it has no such term.

    `weights` are idfs by term number, already lessened for pairs of neighbours.
    """
    told = np.full(len(counts), np.nan)
    if not weights or not counts:
        return told.tolist()
    every = np.frombuffer(b"".join(counts), COUNT)
    each = np.array([len(one) // COUNT.itemsize for one in counts])
    wanted = np.array(sorted(weights))
    worth = np.array([weights[term] for term in wanted.tolist()])
    term = np.ascontiguousarray(every["term"])
    place = np.minimum(np.searchsorted(wanted, term), len(wanted) - 1)
    met = np.flatnonzero(wanted[place] == term)
    owner = np.repeat(np.arange(len(counts)), each)[met]
    often = every["often"][met].astype(np.float64)
    norm = BM25_K1 * (1 - BM25_B + BM25_B * rounded(lengths) / max(mean_length, 1e-9))
    parts = worth[place[met]] * (BM25_K1 + 1) * often / (often + norm[owner])
    sums = np.bincount(owner, weights=parts, minlength=len(counts))
    found = np.unique(owner)
    told[found] = sums[found]
    return told.tolist()
