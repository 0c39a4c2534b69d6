"""Candidates against what is in use: fitted and compared on judgements, decided by the gate.

Plain values in, an outcome out; nothing here knows of a database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from matchmaker.domain import gate
from matchmaker.domain.labels import Label, split
from matchmaker.domain.ranking.calibration import SHIPPED, Fit, Source
from matchmaker.domain.ranking.weights import Weights
from matchmaker.domain.vocabulary import ModelKind
from matchmaker.services.learning import calibrating, measures, public, weighting
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.labels import FOLDS, Labels
from matchmaker.services.learning.measures import Gain
from matchmaker.services.learning.versions import Outcome
from matchmaker.services.learning.weighting import Scored
from matchmaker.services.matching import Placed

Fitted = TypeVar("Fitted", Fit, Weights)
Places = Mapping[tuple[int, int], Placed]


@dataclass(frozen=True)
class Ground:
    """What a candidate is fitted to and compared on."""

    labels: Labels
    #: Where each labelled pair stands in the ranking of its need.
    places: Places
    #: The encoder's fingerprint.
    model: str
    #: What the running version was fitted to; None: to no judgements.
    before: Labels | None = None


def bands(
    on: Ground, running: Fit, asked: Mapping[str, Sequence[Example]], *, now: datetime,
    prior: Fit = SHIPPED,
) -> Outcome:  # fmt: skip
    """Fit the probability of a hit; `asked` gives the top hits of public questions.

    Every judged need is told once by a fit that saw neither it nor its solutions. A running
    version that was itself fitted to judgements is fitted again in the same way, to those it had.
    """

    def fitted(each: Sequence[Label]) -> Fit:
        n = len({label.need for label in each})
        return calibrating.fit(
            _examples(on, each), prior=prior, n=n, source=Source.JUDGEMENTS,
            fitted_at=now.isoformat(), model=on.model, pull=calibrating.PULL_TO_SHIPPED,
        )  # fmt: skip

    told: list[float] = []
    old: list[float] = []
    truths: list[float] = []
    for test, candidate, used in _folds(on, fitted, running):
        for example in _first_judged(on, test):
            told.append(candidate.probability(example.row, example.pair))
            old.append(used.probability(example.row, example.pair))
            truths.append(float(example.fits))
    gained = measures.gain(
        [-((p - y) ** 2) for p, y in zip(old, truths, strict=True)],
        [-((p - y) ** 2) for p, y in zip(told, truths, strict=True)],
    )
    final = fitted(on.labels.each)
    more = {
        "told": measures.told(told, truths).to_json() if told else None,
        "told_before": measures.told(old, truths).to_json() if old else None,
    }
    return _decided(
        ModelKind.CALIBRATION, final, on, gained, public.compare_fits(running, final, asked), more
    )


def weights(
    on: Ground, running: Weights, compare: Callable[[Weights], Mapping[str, Gain]]
) -> Outcome:
    """Fit the ranking's weights; `compare` gives a candidate's gains on public collections."""

    def fitted(each: Sequence[Label]) -> Weights:
        return weighting.fit(_scored(on, each), running, model=on.model)

    old, new = [], []
    for test, candidate, used in _folds(on, fitted, running):
        for each in weighting.by_need(_scored(on, test)).values():
            old.append(_ndcg(each, running, used))
            new.append(_ndcg(each, running, candidate))
    final = fitted(on.labels.each)
    return _decided(ModelKind.WEIGHTS, final, on, measures.gain(old, new), compare(final), {})


def _decided(
    kind: ModelKind, final: Fit | Weights, on: Ground, gained: Gain,
    on_public: Mapping[str, Gain], more: Mapping[str, object],
) -> Outcome:  # fmt: skip
    state, reason = gate.decide(
        kind, mean=gained.mean, low=gained.low,
        public={name: one.low for name, one in on_public.items()},
    )  # fmt: skip
    return Outcome(
        kind, final.to_json() | {"model": on.model}, state, reason, on.labels.judgements,
        on.labels.last,
        {
            "needs": on.labels.needs,
            "held_back": gained.to_json(),
            "public": {name: one.to_json() for name, one in on_public.items()},
            **more,
        },
    )  # fmt: skip


def _folds(
    on: Ground, fitted: Callable[[Sequence[Label]], Fitted], running: Fitted
) -> list[tuple[list[Label], Fitted, Fitted]]:
    """Of each fold: what is held back, the candidate, and the running version without the fold."""
    found = []
    for fold in range(FOLDS):
        train, test = split(on.labels.each, on.labels.folds, fold)
        if not test:
            continue
        used = running
        if on.before is not None:
            met = {label.solution for label in test}
            had = [
                label for label in on.before.each
                if on.before.folds[label.need] != fold and label.solution not in met
            ]  # fmt: skip
            used = fitted(had)
        found.append((test, fitted(train), used))
    return found


def _examples(on: Ground, each: Sequence[Label]) -> list[Example]:
    found = []
    for label in each:
        place = on.places.get((label.need, label.solution))
        if place is not None and place.features is not None:
            found.append(
                Example(place.pair, place.features, label.verdict.fits, label.verdict.weight)
            )
    return found


def _first_judged(on: Ground, each: Sequence[Label]) -> list[Example]:
    """Of each need the judged hit that stands highest: what a reader sees first."""
    firsts: dict[int, tuple[int, Label]] = {}
    for label in each:
        place = on.places.get((label.need, label.solution))
        if place is None or place.features is None:
            continue
        if label.need not in firsts or place.place < firsts[label.need][0]:
            firsts[label.need] = place.place, label
    return _examples(on, [label for _, label in firsts.values()])


def _scored(on: Ground, each: Sequence[Label]) -> list[Scored]:
    found = []
    for label in each:
        place = on.places.get((label.need, label.solution))
        if place is not None:
            across = place.candidate.language != place.asked
            found.append(
                Scored(
                    label.need, label.verdict.fits, label.verdict.weight, place.score,
                    place.candidate.words, across, place.signals,
                )
            )  # fmt: skip
    return found


def _ndcg(each: Sequence[Scored], used: Weights, other: Weights) -> float:
    ordered = sorted(each, key=lambda s: -s.under(used, other))
    return weighting.ndcg([s.fits for s in ordered])
