"""When something learned may go live: it must win where people judged and lose nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.domain.vocabulary import ModelKind, VersionReason, VersionState

#: On public questions the lower end of the interval of the difference must not lie below this.
MARGIN = -0.01
#: Judged needs before a calibration is tried; judgements before the others are.
LEAST_NEEDS = 50
LEAST_JUDGEMENTS: Mapping[ModelKind, int] = {ModelKind.WEIGHTS: 300, ModelKind.ENCODER: 300}
#: A smaller mean gain is not worth another ranking for everybody: a fit of the bands changes no
#: order, so any gain is welcome there.
LEAST_GAIN: Mapping[ModelKind, float] = {
    ModelKind.CALIBRATION: 0.0,
    ModelKind.WEIGHTS: 0.005,
    ModelKind.ENCODER: 0.005,
}


@dataclass(frozen=True)
class Enough:
    """How much there is to learn from, against what a step needs."""

    what: str
    has: int
    least: int

    @property
    def is_enough(self) -> bool:
        return self.has >= self.least


def enough(kind: ModelKind, *, needs: int, judgements: int) -> Enough:
    """Whether there is enough to try: with less, a draw of luck would pass for a gain."""
    if kind is ModelKind.CALIBRATION:
        return Enough("judged needs", needs, LEAST_NEEDS)
    return Enough("judgements", judgements, LEAST_JUDGEMENTS[kind])


def decide(
    kind: ModelKind, *, mean: float, low: float, public: Mapping[str, float]
) -> tuple[VersionState, VersionReason]:
    """What becomes of a candidate.

    `mean` and `low` are of its gain on held-back judgements, `public` gives the lower end of its
    gain on each public collection; with none of them it stays a candidate.
    """
    if low <= 0 or mean < LEAST_GAIN[kind]:
        return VersionState.REFUSED, VersionReason.NO_GAIN
    if any(value < MARGIN for value in public.values()):
        return VersionState.REFUSED, VersionReason.LOSES_PUBLIC
    if not public:
        return VersionState.CANDIDATE, VersionReason.NOT_COMPARED
    return VersionState.LIVE, VersionReason.WON
