"""How many judgements each step of learning needs: a simulation on public collections.

    python benchmarks/simulate_learning.py COLLECTION…

Each collection in turn is the province, whose kind of text the fit that ships never saw: what ships
is fitted to the other collections. Officers judge the top hit of n questions drawn at random for
the bands, the top five for the weights; half of the questions have no answer in the pool. The very
steps of the product then fit, compare and decide; what comes of it is measured on the questions
that were not drawn. The bands are learned once more in a "poor province", where four of five
questions have no answer. n below the least that a step asks for is tried too, to see what the gate
keeps away. Means over the draws of all collections; "worst draw" is the worst of them.
"""

import argparse
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from matchmaker.app import encoder_for
from matchmaker.config import read_settings
from matchmaker.domain import gate
from matchmaker.domain.labels import Label, Verdict, fold_of
from matchmaker.domain.ranking.calibration import Fit, Source
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.domain.vocabulary import ModelKind, VersionState
from matchmaker.services.learning import calibrating, measures, public, trials, weighting
from matchmaker.services.learning.labels import FOLDS, Labels
from matchmaker.services.learning.measures import Gain
from matchmaker.services.learning.public import Asked
from matchmaker.services.learning.trials import Ground
from matchmaker.services.learning.weighting import Scored
from matchmaker.services.matching import Placed

SIZES = (10, 25, 50, 100, 200, 400)
JUDGED_FOR_WEIGHTS = 5
RANKED = 20
#: A poor province has fewer questions: beyond this too few are left to measure on.
MOST_POOR = 200
NOW = datetime(2026, 11, 28, tzinfo=UTC)


class Draw(NamedTuple):
    """What came of one draw of judged questions."""

    enough: bool
    live: bool
    before: float
    after: float
    served: float
    ece_before: float = 0.0
    ece_after: float = 0.0


def ground(drawn: Sequence[Asked], judged: int) -> Ground:
    """Judgements as the database would give them."""
    labels, places = [], {}
    for one in drawn:
        for at, hit in enumerate(one.hits[:judged]):
            verdict = Verdict(hit.id in one.right, 1.0, "simulated")
            labels.append(Label(one.number, hit.id, verdict))
            places[one.number, hit.id] = Placed(
                hit.id, at, hit, one.language, one.rows[at], one.pairs[at], 0.0, hit.fused
            )
    folds = {one.number: fold_of(f"need {one.number}", FOLDS) for one in drawn}
    return Ground(Labels(tuple(labels), folds, len(labels), len(labels)), places, "")


def bands(
    drawn: Sequence[Asked], rest: Sequence[Asked], prior: Fit, others: Mapping[str, list[Asked]]
) -> Draw:
    tops = {name: public.tops([a for a in each if a.number % 2]) for name, each in others.items()}
    outcome = trials.bands(ground(drawn, 1), prior, tops, now=NOW, prior=prior)
    test = public.tops(rest)
    before, after = public.told(prior, test), public.told(Fit.read(outcome.payload), test)
    live = outcome.state is VersionState.LIVE
    is_enough = gate.enough(
        ModelKind.CALIBRATION, needs=len(drawn), judgements=len(drawn)
    ).is_enough
    served = after.brier if live and is_enough else before.brier
    return Draw(is_enough, live, before.brier, after.brier, served, before.ece, after.ece)


def weights(
    drawn: Sequence[Asked], rest: Sequence[Asked], others: Mapping[str, list[Asked]],
    fixed: Mapping[str, list[float]],
) -> Draw:  # fmt: skip
    on = ground(drawn, JUDGED_FOR_WEIGHTS)

    def compare(candidate: Weights) -> dict[str, Gain]:
        return {
            name: measures.gain(fixed[name], ranked(each, candidate))
            for name, each in others.items()
        }

    outcome = trials.weights(on, FIXED, compare)
    before = statistics.fmean(ranked(rest, FIXED))
    after = statistics.fmean(ranked(rest, Weights.read(outcome.payload)))
    live = outcome.state is VersionState.LIVE
    judgements = len(on.labels.each)
    is_enough = gate.enough(ModelKind.WEIGHTS, needs=0, judgements=judgements).is_enough
    return Draw(is_enough, live, before, after, after if live and is_enough else before)


def ranked(asked: Sequence[Asked], candidate: Weights) -> list[float]:
    """nDCG@10 of every question that has an answer, over the hits that were found for it."""
    values = []
    for one in asked:
        hits = [
            Scored(
                one.number, hit.id in one.right, 1.0, hit.fused, hit.words,
                hit.language != one.language, 0.0,
            )
            for hit in one.hits[:RANKED]
        ]  # fmt: skip
        if not one.gone and any(hit.fits for hit in hits):
            ordered = sorted(hits, key=lambda s: -s.under(FIXED, candidate))
            values.append(weighting.ndcg([hit.fits for hit in ordered]))
    return values


def shipped_without(name: str, found: Mapping[str, list[Asked]]) -> Fit:
    even = [a for other, each in found.items() if other != name for a in each if a.number % 2 == 0]
    return calibrating.fit(
        public.examples(even), n=len(even), source=Source.SHIPPED, fitted_at="", model=""
    )


def table(title: str, draws: Mapping[int, list[Draw]], *, is_loss: bool) -> None:
    print(f"\n{title}\n")
    print("| judged questions | enough | before | fitted | worst draw | goes live | in use after |"
          + (" ECE before | ECE fitted |" if is_loss else ""))  # fmt: skip
    print("| --- " * (9 if is_loss else 7) + "|")
    for size, each in draws.items():
        moved = [d.before - d.after if is_loss else d.after - d.before for d in each]
        row = [
            str(size), "yes" if each[0].enough else "no: refused",
            f"{statistics.fmean(d.before for d in each):.3f}",
            f"{statistics.fmean(d.after for d in each):.3f}", f"{min(moved):+.3f}",
            f"{100 * statistics.fmean(d.live and d.enough for d in each):.0f} %",
            f"{statistics.fmean(d.served for d in each):.3f}",
        ]  # fmt: skip
        if is_loss:
            row += [f"{statistics.fmean(d.ece_before for d in each):.3f}",
                    f"{statistics.fmean(d.ece_after for d in each):.3f}"]  # fmt: skip
        print("| " + " | ".join(row) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=8, help="draws of each size and collection")
    given = parser.parse_args()
    settings = read_settings()
    encoder = encoder_for(settings)
    cache = settings.data_dir / "cache"
    found = {d.resolve().name: public.ask(d, encoder, cache=cache) for d in given.collections}
    simulate(found, given.draws)


def simulate(found: Mapping[str, list[Asked]], times: int) -> None:
    """Draw, fit, decide and measure; prints both tables."""
    random = np.random.default_rng(20261128)
    fixed = {name: ranked(asked, FIXED) for name, asked in found.items()}
    by_size: dict[int, list[Draw]] = {size: [] for size in SIZES}
    by_size_weights: dict[int, list[Draw]] = {size: [] for size in SIZES}
    poor: dict[int, list[Draw]] = {size: [] for size in SIZES if size <= MOST_POOR}
    for name, asked in found.items():
        others = {other: each for other, each in found.items() if other != name}
        prior = shipped_without(name, found)
        for size in SIZES:
            for _ in range(times):
                order = random.permutation(len(asked))
                drawn = [asked[at] for at in order[:size]]
                rest = [asked[at] for at in order[size:]]
                by_size[size].append(bands(drawn, rest, prior, others))
                by_size_weights[size].append(weights(drawn, rest, others, fixed))
        few = [one for one in asked if one.gone or one.number % 16 < 2]
        for size, draws in poor.items():
            for _ in range(times):
                order = random.permutation(len(few))
                drawn, rest = [few[at] for at in order[:size]], [few[at] for at in order[size:]]
                draws.append(bands(drawn, rest, prior, others))
    table("Bands: Brier score of the top hit (lower is better)", by_size, is_loss=True)
    table("Bands in a poor province: Brier score of the top hit", poor, is_loss=True)
    table("Weights: nDCG@10 (higher is better)", by_size_weights, is_loss=False)


if __name__ == "__main__":
    main()
