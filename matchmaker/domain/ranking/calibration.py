"""How sure a hit is, as a probability and in a word.

A bare score means nothing: what unrelated texts score differs from need to need and from language
to language. What tells is how far a hit stands above the question's scores on the shelf in
general, and how far above the best other hit and the one after it. The weights that ship were
fitted to public questions (`benchmarks/fit_calibration.py`); people's judgements fit them again.
Until those are enough, pages call the band provisional.
"""

import heapq
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from matchmaker.domain.labels import ENOUGH_NEEDS
from matchmaker.domain.vocabulary import Band

STRONG, PLAUSIBLE = 0.7, 0.2
#: For hits of a shelf too small to tell: worth reading, no more is known.
UNKNOWN = PLAUSIBLE
#: In the order of `features`.
FEATURES = ("standing", "beyond", "lead", "lead_over_next")
#: From here on a higher standing tells less: what stands out clearly stands out.
CLEAR = 5.0
#: Odds beyond e^12 are not told: no fit knows so much.
_SUREST = 12.0
SHIPPED_FILE = Path(__file__).with_name("shipped.json")

Row = tuple[float, ...]


class Scored(Protocol):
    """A hit with its standing, in deviations of the question's scores on its shelf."""

    @property
    def standing(self) -> float | None: ...
    @property
    def language(self) -> str: ...


class Source(StrEnum):
    SHIPPED = "shipped"
    JUDGEMENTS = "judgements"


class Hint(StrEnum):
    """What can be said of a shelf too small for bands: does the first hit stand out at all?"""

    STANDS_OUT = "stands_out"
    LEVEL = "level"


@dataclass(frozen=True)
class Fit:
    """A logistic fit: one for all pairs of languages, and what each pair moves of it.

    No weight is below nought, so that of two hits in one language the one that stands higher is
    never the less sure.
    """

    offset: float
    weights: Row
    #: By pair of languages ("vi-en": Vietnamese question, English text): what it adds to the
    #: offset and to each weight. A pair that is not there takes the fit of all.
    pairs: Mapping[str, Row] = field(default_factory=dict)
    #: Questions or judged needs it was fitted to.
    n: int = 0
    source: Source = Source.SHIPPED
    fitted_at: str = ""
    #: The encoder whose standings it was fitted to; another's mean something else.
    model: str = ""

    @property
    def is_provisional(self) -> bool:
        """Until enough needs were judged, pages say that the bands are an estimate."""
        return self.source is Source.SHIPPED or self.n < ENOUGH_NEEDS

    def coefficients(self, pair: str) -> Row:
        """Offset and weights for a pair of languages."""
        moved = self.pairs.get(pair) or (0.0,) * (len(self.weights) + 1)
        return tuple(w + m for w, m in zip((self.offset, *self.weights), moved, strict=True))

    def probability(self, row: Sequence[float], pair: str = "") -> float:
        """The probability that a hit with these features answers, strictly between 0 and 1."""
        offset, *weights = self.coefficients(pair)
        logit = offset + sum(max(w, 0.0) * x for w, x in zip(weights, row, strict=True))
        return 1 / (1 + math.exp(-min(max(logit, -_SUREST), _SUREST)))

    def to_json(self) -> dict[str, Any]:
        return {
            "offset": self.offset,
            "weights": dict(zip(FEATURES, self.weights, strict=True)),
            "pairs": {pair: list(row) for pair, row in self.pairs.items()},
            "n": self.n,
            "source": str(self.source),
            "fitted_at": self.fitted_at,
            "model": self.model,
        }

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> "Fit":
        """From `to_json`."""
        return cls(
            offset=float(payload["offset"]),
            weights=tuple(float(payload["weights"][name]) for name in FEATURES),
            pairs={pair: tuple(row) for pair, row in payload["pairs"].items()},
            n=int(payload["n"]),
            source=Source(payload["source"]),
            fitted_at=str(payload["fitted_at"]),
            model=str(payload["model"]),
        )


#: What the command of the file's own note made; replaced as a whole.
SHIPPED_FIGURES: Mapping[str, Any] = json.loads(SHIPPED_FILE.read_text("utf-8"))
SHIPPED = Fit.read(SHIPPED_FIGURES["fit"])
#: How far the first score lies above the tenth, or the last, where it stands out.
MARGIN = float(SHIPPED_FIGURES["hint"]["margin"])
#: The hit that stands for "the rest" of a ranking.
TENTH = 10


def pairs(hits: Sequence[Scored], asked: str) -> list[str]:
    """Of each hit, the pair of languages of the question and the text: "vi-en".

    Where the two best hits are in different languages, each may be the other's translation, and
    a small lead says less: such rankings are told by a fit of their own, "vi-en/both".
    """
    best = heapq.nlargest(2, hits, key=lambda hit: hit.standing or 0.0)
    both = "/both" if len({hit.language for hit in best}) == 2 else ""
    return [f"{asked}-{hit.language}{both}" for hit in hits]


def features(hits: Sequence[Scored], first: int | None = None) -> list[Row] | None:
    """The features of each hit, or of the first so many, in the order given.

    None on a shelf too small to tell.

    They are its standing up to where it is clear, what it has beyond that, its lead over the best
    other hit, and over the next one: a second answer, or the answer's own translation, is no sign
    that nothing answers. (A lead among hits of one language alone was better still on public
    questions, and far too sure where a language has few texts.)
    """
    known = [h.standing for h in hits if h.standing is not None]
    if len(known) < len(hits):
        return None
    top = (*heapq.nlargest(3, known), 0.0, 0.0)
    found: list[Row] = []
    for standing in known[:first]:
        # Without its own place, the first two of what is left.
        best, following = [s for at, s in enumerate(top) if at != _place(standing, top)][:2]
        found.append(
            (
                min(standing, CLEAR), max(standing - CLEAR, 0.0),
                standing - best, standing - following,
            )
        )  # fmt: skip
    return found


def _place(standing: float, top: Sequence[float]) -> int:
    """Where a standing is among the first two; below them it changes neither rival."""
    return next((at for at, s in enumerate(top[:2]) if s == standing), 2)


def probabilities(
    hits: Sequence[Scored], asked: str = "", fit: Fit = SHIPPED, *, first: int | None = None
) -> list[float]:
    """The probability that each hit answers a question in language `asked`, in the order given.

    With `first`, only those of the first so many; the others still say how these stand.
    """
    told = pairs(hits, asked)[:first]
    rows = features(hits, first)
    if rows is None:
        return [UNKNOWN] * len(told)
    return [fit.probability(row, pair) for row, pair in zip(rows, told, strict=True)]


def hint(scores: Sequence[float], chances: Sequence[float]) -> Hint | None:
    """Whether the first of some hits, best first, stands out by its score alone.

    None where bands are told, and where there is nothing to stand out from. The margin to the
    tenth hit needs no labels and no large shelf: it is there from the first day.
    """
    if len(scores) < 2 or any(p != UNKNOWN for p in chances):
        return None
    margin = scores[0] - scores[:TENTH][-1]
    return Hint.STANDS_OUT if margin >= MARGIN else Hint.LEVEL


def band(probability: float) -> Band:
    """The word people read."""
    if probability >= STRONG:
        return Band.STRONG
    return Band.PLAUSIBLE if probability >= PLAUSIBLE else Band.WEAK


def as_table() -> dict[str, Any]:
    """The bounds by name: with the fit in use, a stored band is stale when one of them changes."""
    return {"strong": STRONG, "plausible": PLAUSIBLE, "unknown": UNKNOWN, "clear": CLEAR}
