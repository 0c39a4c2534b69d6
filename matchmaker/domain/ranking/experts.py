"""Which people fit a need: by what they say of themselves and what they made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from matchmaker.domain.vocabulary import RecordKind

#: Items that count. More would reward whoever lists much; one alone is chance.
BEST = 3
#: Below so many deviations over the average expert nobody is named.
FLOOR = 1.5
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
        Fit(key, round(dense[key] + words[key], 6), tuple(sorted(items, key=_strength))[:BEST])
        for key, items in held.items()
    ]
    return sorted(found, key=lambda fit: (-fit.score, fit.id))


def worth_naming(found: Sequence[Fit], most: int) -> list[Fit]:
    """The best of a ranking that stand clear of the average; nobody is named for want of better."""
    return [fit for fit in found if fit.score >= FLOOR][:most]


def _mean_of_best(scores: Iterable[float]) -> float:
    return fmean(sorted(scores, reverse=True)[:BEST])


def _z(values: Mapping[int, float]) -> dict[int, float]:
    if not values:
        return {}
    mean, spread = fmean(values.values()), pstdev(values.values())
    if spread < LEAST_SPREAD:
        return dict.fromkeys(values, 0.0)
    return {key: (value - mean) / spread for key, value in values.items()}


def _strength(item: Item) -> tuple[float, str, int]:
    return -(item.dense + item.words), str(item.kind), item.id
