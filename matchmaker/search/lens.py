"""How a question looks at rows of vectors, wherever they are kept: straight, or across languages.

What keeps the rows multiplies them with a few columns; all that is made of the products is here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from embeddings import Vectors
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search import languages
from matchmaker.search.languages import Means

Scores = npt.NDArray[np.float64]

#: Texts of each language that suffice to estimate its mean; more change nothing.
_SAMPLE: Final = 500


class Products(NamedTuple):
    """Of n entries: their whole texts' products (n, m), and how many passages each has (n,).

    The passages' products (k, m) come in the same order, one entry's after another's.
    """

    ids: Sequence[int]
    wholes: Scores
    passages: Scores
    counts: Sequence[int]


#: Asked for a language's entries among these ids, by columns (dim, m).
Look = Callable[[str, Sequence[int], Scores], Products]


def scores(
    query: Vectors, asking: str, means: Means | None, ids: Iterable[int], look: Look
) -> dict[int, float]:
    """Scores by id: cosines in the query's language, and what maps to them across."""
    wanted = sorted(set(ids))
    told: dict[int, float] = {}
    for language in languages.LANGUAGES:
        lens = _Lens(query, means if language != asking else None, asking, language)
        found = look(language, wanted, lens.columns)
        if not len(found.ids):
            continue
        whole = lens.seen(found.wholes)
        best = _best(lens.seen(found.passages), found.counts, whole)
        for key, one, other in zip(found.ids, whole.tolist(), best.tolist(), strict=True):
            told[key] = lens.slope * fusion.dense(one, other) + lens.offset
    return told


def estimated(
    counts: Mapping[str, int], vectors: Callable[[str, Sequence[int]], Vectors]
) -> Means | None:
    """Means of a shelf's own whole texts, of which it has so many by language; None of too few.

    `vectors` gives those at some places of a language's texts in order of id, counted from 0.
    """
    least = min(counts.get(language, 0) for language in languages.LANGUAGES)
    if least < constants.ENOUGH_FOR_A_MEAN:
        return None
    # Spread evenly: the same shelf gives the same means.
    sample = {}
    for language in languages.LANGUAGES:
        held = counts[language]
        places = np.linspace(0, held - 1, min(held, _SAMPLE)).astype(np.int64)
        sample[language] = vectors(language, places.tolist())
    return languages.fitted(sample, sample)


def asked(query: Vectors, asking: str, language: str, means: Means | None) -> Vectors:
    """The vector that the whole texts of a language are nearest to."""
    if means is None or language == asking:
        return query
    return languages.centred(query, means.query[asking])


class _Lens:
    """How a question looks at the rows of one language: straight, or with the means taken off.

    `columns` (dim, m) is what a row is multiplied with, and `seen` makes of its products the
    cosine; no centred copy of a row is made.
    """

    def __init__(self, query: Vectors, means: Means | None, asking: str, told: str) -> None:
        self.slope, self.offset = 1.0, 0.0
        self._mean: Scores | None = None
        asked = query.astype(np.float64)
        if means is None:
            self.columns = asked[:, None]
            return
        self.slope, self.offset = means.slope[asking], means.offset[asking]
        asked = languages.centred(query, means.query[asking]).astype(np.float64)
        self._mean = constants.MEAN_SHARE * means.document[told].astype(np.float64)
        self.columns = np.stack([asked, self._mean], axis=1)
        self._shift = float(self._mean @ asked)
        self._length = float(self._mean @ self._mean)

    def seen(self, products: Scores) -> Scores:
        """The cosines (n,) of unit rows with these products (n, m)."""
        if self._mean is None:
            return products[:, 0]
        lengths = np.sqrt(np.maximum(1.0 - 2.0 * products[:, 1] + self._length, 1e-18))
        return np.asarray((products[:, 0] - self._shift) / lengths, dtype=np.float64)


def _best(scores: Scores, counts: Sequence[int], whole: Scores) -> Scores:
    """The score of each entry's best passage, or of its whole text where it has none."""
    many = np.asarray(counts, dtype=np.int64)
    if not many.any():
        return whole
    best = whole.copy()
    starts = np.cumsum(many) - many
    best[many > 0] = np.maximum.reduceat(scores, starts[many > 0])
    return best
