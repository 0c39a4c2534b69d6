"""Fits the bands that ship on public collections; writes the fit, its figures and its examples.

    python benchmarks/fit_calibration.py COLLECTION…

Every other pair of queries has its answers taken out of the pool, so that "nothing fits" is learned
too. The top three hits of queries of even number are fitted to; on the others the top hit's
expected calibration error (ten equal bins), Brier score and AUROC of has-answer against no-answer
are measured. A second column tells each collection by a fit to the other collections only: what to
expect of a kind of text never seen. With --dry-run nothing is written. Vectors are kept under
`var/cache`, or below MATCHMAKER_DATA_DIR.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from matchmaker.app import encoder_for
from matchmaker.config import read_settings
from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.calibration import Fit, Source
from matchmaker.services.learning import calibrating, measures, public
from matchmaker.services.learning.public import Asked

#: Texts on a shelf too small for bands.
HANDFUL = 8
COMMAND = "python benchmarks/fit_calibration.py COLLECTION…"


def fitted(asked: Iterable[Asked], model: str) -> Fit:
    """A fit to the queries of even number."""
    even = [one for one in asked if one.number % 2 == 0]
    return calibrating.fit(
        public.examples(even),
        n=len(even),
        source=Source.SHIPPED,
        fitted_at=datetime.now(UTC).date().isoformat(),
        model=model,
    )


def margin(asked: Sequence[Asked]) -> dict[str, float | int | None]:
    """The step from the first score to the last that tells best whether a handful holds an answer.

    Of every question a handful of its hits is drawn, its answer among them where it has one; the
    step is chosen on queries of even number and measured on the others.
    """
    random = np.random.default_rng(20261128)
    steps, truths, even = [], [], []
    for one in asked:
        wrong = [hit.fused for hit in one.hits if hit.id not in one.right]
        right = [hit.fused for hit in one.hits if hit.id in one.right][:1]
        if len(wrong) < HANDFUL:
            continue
        drawn = random.choice(wrong, HANDFUL - len(right), replace=False).tolist()
        steps.append(max([*right, *drawn]) - min([*right, *drawn]))
        truths.append(float(bool(right)))
        even.append(one.number % 2 == 0)
    x, y, fitted_to = np.array(steps), np.array(truths), np.array(even)
    best = max(
        np.unique(x[fitted_to].round(3)),
        key=lambda at: (
            (x[fitted_to & (y == 1)] >= at).mean() - (x[fitted_to & (y == 0)] >= at).mean()
        ),
    )
    held = ~fitted_to
    return {
        "margin": float(best),
        "n": int(held.sum()),
        "auroc": measures.auroc(x[held], y[held]),
        "stands_out_when_answered": round(float((x[held & (y == 1)] >= best).mean()), 3),
        "stands_out_when_not": round(float((x[held & (y == 0)] >= best).mean()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="+", type=Path)
    parser.add_argument("--dry-run", action="store_true")
    given = parser.parse_args()
    settings = read_settings()
    encoder = encoder_for(settings)
    cache = settings.data_dir / "cache"
    found = {d.resolve().name: public.ask(d, encoder, cache=cache) for d in given.collections}
    fit = fitted([one for each in found.values() for one in each], encoder.fingerprint)
    held_back = {
        name: public.tops([one for one in each if one.number % 2]) for name, each in found.items()
    }
    figures = {}
    print("| collection | n | ECE | Brier | AUROC | never seen: ECE | Brier | AUROC |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, tops in held_back.items():
        told = public.told(fit, tops)
        others = fitted(
            [one for other, each in found.items() if other != name for one in each],
            encoder.fingerprint,
        )
        unseen = public.told(others, tops)
        figures[name] = told.to_json()
        print(
            f"| {name} | {told.n} | {told.ece:.3f} | {told.brier:.3f} | {told.auroc:.3f} "
            f"| {unseen.ece:.3f} | {unseen.brier:.3f} | {unseen.auroc:.3f} |"
        )
    every = [one for tops in held_back.values() for one in tops]
    whole = measures.told(calibrating.chances(fit, every), [float(e.fits) for e in every])
    print(f"| all | {whole.n} | {whole.ece:.3f} | {whole.brier:.3f} | {whole.auroc:.3f} |||")
    print(fit)
    hint = margin([one for each in found.values() for one in each])
    print("the hint of small shelves:", hint)
    if given.dry_run:
        return
    shipped = {
        "command": COMMAND,
        "fit": fit.to_json(),
        "hint": hint,
        "all": whole.to_json(),
        "collections": figures,
    }
    write(calibration.SHIPPED_FILE, shipped)
    write(public.KEPT_FILE, public.as_kept(encoder.fingerprint, held_back))


def write(path: Path, content: dict[str, object]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    print("wrote", path)


if __name__ == "__main__":
    main()
