"""The few weights of the ranking that judgements may move, fixed until they do."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from matchmaker.domain.ranking import constants


@dataclass(frozen=True)
class Weights:
    """The defaults are the fixed ones.

    What word coverage counts for in one language and across, a step for texts of the other
    language, and a factor on all small signals together.
    """

    words: float = constants.WORDS
    words_across: float = constants.WORDS
    other_language: float = 0.0
    signals: float = 1.0
    #: The encoder whose scores they were fitted to; "": any.
    model: str = ""

    def share(self, coverage: float, *, across: bool) -> float:
        """A word coverage, scaled so that the fixed weight gives it the weight it has here."""
        return coverage * (self.words_across if across else self.words) / constants.WORDS

    def step(self, *, across: bool) -> float:
        """What is added to the fused score of a text for its language."""
        return self.other_language if across else 0.0

    def as_row(self) -> tuple[float, ...]:
        """In the order of `NAMES`."""
        return tuple(getattr(self, name) for name in NAMES)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, payload: dict[str, Any]) -> "Weights":
        """From `to_json`; what is not named keeps its fixed value."""
        known = {name: float(payload[name]) for name in NAMES if name in payload}
        return cls(**known, model=str(payload.get("model", "")))


FIXED = Weights()
NAMES = ("words", "words_across", "other_language", "signals")
#: How far a weight may stray: the spread of its prior, in its own units. Small signals settle near
#: ties and no more, words within .1 to .3 are within noise of each other on public texts.
SPREADS = (0.05, 0.05, 0.01, 0.5)
#: No weight leaves these bounds, whatever the judgements say.
BOUNDS = ((0.05, 0.5), (0.0, 0.5), (-0.05, 0.05), (0.0, 2.0))


def bounded(row: Sequence[float], model: str) -> Weights:
    """Weights from a row in the order of `NAMES`, each within its bounds."""
    held = [round(min(max(x, low), high), 4) for x, (low, high) in zip(row, BOUNDS, strict=True)]
    return Weights(**dict(zip(NAMES, held, strict=True)), model=model)
