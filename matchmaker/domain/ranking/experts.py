"""Which people fit a need: by what they say of themselves and what they made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from matchmaker.domain.ranking.fusion import fused
from matchmaker.domain.vocabulary import RecordKind

#: Items that count. More would reward whoever lists much; one alone is chance.
BEST = 3
#: Below so many deviations over the average expert nobody is named, nor below this share of the
#: best one's: of 44 demonstration needs the expert named by a fitting solution is left out in 4.
FLOOR, SHARE = 2.5, 0.6
#: How far below his strongest item another still speaks for an expert, in fused scores.
NEAR = 0.05
#: A spread below this is rounding: everybody is alike.
LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Item:
    """One text that speaks for an expert, with the need's scores on it."""

    kind: RecordKind
    id: int
    dense: float
    words: float


@dataclass(frozen=True)
class Fit:
    """An expert's score, for order only, and the items it rests on, the strongest first."""

    id: int
    score: float
    items: tuple[Item, ...]


def rank(experts: Mapping[int, Sequence[Item]]) -> list[Fit]:
    """Experts in order: the mean of their best three items, meaning and words as z-scores.

    Both are told in deviations over all experts compared, so neither counts more because its
    figures happen to be larger; on a public gold standard no learned mix did better.
    """
    held = {key: items for key, items in experts.items() if items}
    dense = _z({key: _mean_of_best(i.dense for i in items) for key, items in held.items()})
    words = _z({key: _mean_of_best(i.words for i in items) for key, items in held.items()})
    found = [
        Fit(key, round(dense[key] + words[key], 6), _telling(items)) for key, items in held.items()
    ]
    return sorted(found, key=lambda fit: (-fit.score, fit.id))


def worth_naming(found: Sequence[Fit], most: int) -> list[Fit]:
    """The best of a ranking that stand clear of the average; nobody is named for want of better."""
    least = max(FLOOR, SHARE * found[0].score) if found else FLOOR
    return [fit for fit in found if fit.score >= least][:most]


def _mean_of_best(scores: Iterable[float]) -> float:
    return fmean(sorted(scores, reverse=True)[:BEST])


def _z(values: Mapping[int, float]) -> dict[int, float]:
    if not values:
        return {}
    mean, spread = fmean(values.values()), pstdev(values.values())
    if spread < LEAST_SPREAD:
        return dict.fromkeys(values, 0.0)
    return {key: (value - mean) / spread for key, value in values.items()}


def _telling(items: Sequence[Item]) -> tuple[Item, ...]:
    """The items a reader is shown: the strongest, and those nearly as strong."""
    ranked = sorted(items, key=lambda item: (-_strength(item), str(item.kind), item.id))
    return tuple(i for i in ranked[:BEST] if _strength(i) >= _strength(ranked[0]) - NEAR)


def _strength(item: Item) -> float:
    return fused(item.dense, item.words)
