"""How far the bands can be trusted: what is in use, what it was fitted to, how it was measured."""

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.domain.labels import ENOUGH_NEEDS
from matchmaker.domain.ranking.calibration import SHIPPED_FIGURES
from matchmaker.domain.vocabulary import ModelKind
from matchmaker.extensions import catalogue, db
from matchmaker.services.learning import labels, versions
from matchmaker.services.learning.measures import Told
from matchmaker.services.learning.serving import serving

bp = Blueprint("learning", __name__, url_prefix="/desk/learning")

#: What a top hit's probabilities should keep to; the page says which of them are kept.
MOST_ECE, MOST_BRIER, LEAST_AUROC = 0.06, 0.14, 0.82
SHOWN = 20
#: The plot's square in units of its own, with room for words at the left and below.
SIDE, LEFT, TOP = 300.0, 44.0, 12.0


@dataclass(frozen=True)
class Dot:
    """A bin of the plot: where it lies and how large it is drawn."""

    x: float
    y: float
    radius: float


@bp.get("")
def index() -> ResponseReturnValue:
    """Versions in use, the reliability plot with its table, and what was tried."""
    used = serving(db.session, catalogue.encoder.fingerprint)
    found = {kind: versions.live(db.session, kind) for kind in ModelKind}
    fitted = found[ModelKind.CALIBRATION]
    judged = fitted.metrics.get("told") if fitted and used.fit.to_json() == fitted.payload else None
    told = Told.read(judged or SHIPPED_FIGURES["all"])
    return render_template(
        "desk/learning.html",
        live=found,
        is_provisional=used.fit.is_provisional,
        counted=labels.count(db.session),
        enough=ENOUGH_NEEDS,
        told=told,
        is_judged=judged is not None,
        rows=[("", told)] if judged else [
            *((name, Told.read(row)) for name, row in SHIPPED_FIGURES["collections"].items()),
        ],
        dots=dots(told),
        plot={"side": SIDE, "left": LEFT, "top": TOP},
        targets={"ece": MOST_ECE, "brier": MOST_BRIER, "auroc": LEAST_AUROC},
        shipped=SHIPPED_FIGURES["fit"],
        command=SHIPPED_FIGURES["command"],
        tried=versions.listing(db.session, SHOWN),
    )  # fmt: skip


def dots(told: Told) -> list[Dot]:
    """A dot for each bin: to the right the surer, higher up the more of it was right."""
    return [
        Dot(
            round(LEFT + SIDE * one.told, 1),
            round(TOP + SIDE * (1 - one.true), 1),
            round(4 + 14 * (one.n / told.n) ** 0.5, 1),
        )
        for one in told.bins
    ]
