"""Fit, compare with what is in use, decide: nothing learned goes live on its own word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from matchmaker.domain import gate
from matchmaker.domain.errors import MatchmakerError
from matchmaker.domain.labels import Label, split
from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.calibration import SHIPPED, Fit, Source
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.domain.vocabulary import ModelKind
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import calibrating, labels, measures, public, versions, weighting
from matchmaker.services.learning.calibrating import Example
from matchmaker.services.learning.labels import FOLDS, Labels
from matchmaker.services.learning.serving import serving
from matchmaker.services.learning.versions import Outcome
from matchmaker.services.learning.weighting import Scored
from matchmaker.services.matching import Placed

Fitted = TypeVar("Fitted", Fit, Weights)
Places = dict[tuple[int, int], Placed]


class TooFewError(MatchmakerError):
    """There is not enough to learn from: a fit would follow luck."""

    code = "too_few"

    def __init__(self, kind: ModelKind, found: gate.Enough) -> None:
        super().__init__(f"{kind}: {found.has} {found.what}, {found.least} are needed")
        self.kind = kind
        self.found = found


@dataclass(frozen=True)
class Ground:
    """What a candidate is fitted to and compared on."""

    labels: Labels
    places: Places
    collections: tuple[Path, ...] = ()
    cache: Path | None = None


def ground(
    session: Session, catalogue: Catalogue, kind: ModelKind, *, now: datetime,
    collections: Sequence[Path] = (), cache: Path | None = None,
) -> Ground:  # fmt: skip
    """Read the judgements and rank what was judged; raises TooFewError before any work is done."""
    found = labels.read(session)
    enough = gate.enough(kind, needs=found.needs, judgements=len(found.each))
    if not enough.is_enough:
        raise TooFewError(kind, enough)
    places = labels.placed(session, catalogue, found.each, now=now)
    return Ground(found, places, tuple(collections), cache)


def calibrate(session: Session, catalogue: Catalogue, on: Ground, *, now: datetime) -> Outcome:
    """Fit the probability of a hit to judgements; writes nothing.

    Every judged need is told once by a fit that saw neither it nor its solutions. A running
    version that was itself fitted to judgements is fitted again in the same way, to those it had.
    """
    model = catalogue.encoder.fingerprint
    running = serving(session, model).fit
    before = _known_to(session, ModelKind.CALIBRATION, on) if running is not SHIPPED else None

    def fitted(each: Sequence[Label]) -> Fit:
        n = len({label.need for label in each})
        return calibrating.fit(
            _examples(on, each), prior=SHIPPED, n=n, source=Source.JUDGEMENTS,
            fitted_at=now.isoformat(), model=model,
        )  # fmt: skip

    told, old, truths = [], [], []
    for test, new, now_used in _folds(on, fitted, before, running):
        for example in _first_judged(on, test):
            told.append(new.probability(example.row, example.pair))
            old.append(now_used.probability(example.row, example.pair))
            truths.append(float(example.fits))
    gained = measures.gain(
        [-((p - y) ** 2) for p, y in zip(old, truths, strict=True)],
        [-((p - y) ** 2) for p, y in zip(told, truths, strict=True)],
    )
    final = fitted(on.labels.each)
    asked = _public_tops(catalogue, on)
    on_public = public.compare_fits(running, final, asked)
    state, reason = gate.decide(
        ModelKind.CALIBRATION,
        mean=gained.mean,
        low=gained.low,
        public={name: one.low for name, one in on_public.items()},
    )
    return Outcome(
        ModelKind.CALIBRATION, final.to_json(), state, reason, on.labels.judgements,
        on.labels.last,
        {
            "needs": on.labels.needs,
            "held_back": gained.to_json(),
            "public": {name: one.to_json() for name, one in on_public.items()},
            "told": measures.told(told, truths).to_json() if told else None,
            "told_before": measures.told(old, truths).to_json() if old else None,
        },
    )  # fmt: skip


def weigh(session: Session, catalogue: Catalogue, on: Ground) -> Outcome:
    """Fit the ranking's weights to judgements; writes nothing. As `calibrate`, by nDCG@10."""
    model = catalogue.encoder.fingerprint
    running = serving(session, model).weights
    before = _known_to(session, ModelKind.WEIGHTS, on) if running != FIXED else None

    def fitted(each: Sequence[Label]) -> Weights:
        return weighting.fit(_scored(on, each), running, model=model)

    old, new = [], []
    for test, candidate, now_used in _folds(on, fitted, before, running):
        for each in weighting.by_need(_scored(on, test)).values():
            old.append(_ndcg(each, running, now_used))
            new.append(_ndcg(each, running, candidate))
    gained = measures.gain(old, new)
    final = fitted(on.labels.each)
    on_public = public.compare_weights(running, final, on.collections, catalogue.encoder, on.cache)
    state, reason = gate.decide(
        ModelKind.WEIGHTS,
        mean=gained.mean,
        low=gained.low,
        public={name: one.low for name, one in on_public.items()},
    )
    return Outcome(
        ModelKind.WEIGHTS, final.to_json(), state, reason, on.labels.judgements, on.labels.last,
        {
            "needs": on.labels.needs,
            "held_back": gained.to_json(),
            "public": {name: one.to_json() for name, one in on_public.items()},
        },
    )  # fmt: skip


def _folds(
    on: Ground, fitted: Callable[[Sequence[Label]], Fitted], before: Labels | None,
    running: Fitted,
) -> list[tuple[list[Label], Fitted, Fitted]]:  # fmt: skip
    """Of each fold: what is held back, the candidate, and the running version without the fold."""
    found = []
    for fold in range(FOLDS):
        train, test = split(on.labels.each, on.labels.folds, fold)
        if not test:
            continue
        used = running
        if before is not None:
            met = {label.solution for label in test}
            had = [
                label for label in before.each
                if before.folds[label.need] != fold and label.solution not in met
            ]  # fmt: skip
            used = fitted(had)
        found.append((test, fitted(train), used))
    return found


def _known_to(session: Session, kind: ModelKind, on: Ground) -> Labels | None:
    """The judgements that the running version was fitted to."""
    version = versions.live(session, kind)
    if version is None or version.last_judgement_id >= on.labels.last:
        return on.labels if version is not None else None
    return labels.read(session, upto=version.last_judgement_id)


def _examples(on: Ground, each: Sequence[Label]) -> list[Example]:
    found = []
    for label in each:
        place = on.places.get((label.need, label.solution))
        if place is not None and place.features is not None:
            pair = calibration.pair_of(place.asked, place.candidate.language)
            found.append(Example(pair, place.features, label.verdict.fits, label.verdict.weight))
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


def _public_tops(catalogue: Catalogue, on: Ground) -> dict[str, list[Example]]:
    """Top hits of public questions: of the collections given, else of those that ship."""
    if on.collections:
        return {
            directory.resolve().name: public.tops(
                public.ask(directory, catalogue.encoder, cache=on.cache)
            )
            for directory in on.collections
        }
    return public.kept() if public.kept_model() == catalogue.encoder.fingerprint else {}
