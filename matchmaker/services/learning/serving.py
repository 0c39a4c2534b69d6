"""What is in use now: the live versions, or what ships with the product where there is none."""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.constraints import RULES
from matchmaker.domain.ranking import calibration, constants, signals
from matchmaker.domain.ranking.calibration import SHIPPED, Fit
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.domain.vocabulary import ModelKind
from matchmaker.models import ModelVersion


@dataclass(frozen=True)
class Serving:
    """The fit of the bands and the weights of the ranking that are in use."""

    fit: Fit = SHIPPED
    weights: Weights = FIXED

    def settings_hash(self) -> str:
        """What shapes a ranking besides model and index."""
        table = {
            "weights": dict(signals.WEIGHTS),
            "constants": constants.as_table(),
            "calibration": calibration.as_table(),
            "fit": self.fit.to_json(),
            "learned": self.weights.to_json(),
            "rules": [str(rule) for rule in RULES],
        }
        return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def serving(session: Session, model: str) -> Serving:
    """The live versions fitted to this encoder (its fingerprint).

    What was fitted to another model's scores says nothing of this one's. One small query a
    ranking tells whether anything changed; what it names is read once a process.
    """
    rows = session.execute(
        select(ModelVersion.kind, ModelVersion.public_id).where(
            ModelVersion.live_as.in_([ModelKind.CALIBRATION, ModelKind.WEIGHTS])
        )
    )
    found = {kind: _read(session, public_id) for kind, public_id in rows}
    fit, weights = found.get(ModelKind.CALIBRATION), found.get(ModelKind.WEIGHTS)
    return Serving(
        fit=fit if isinstance(fit, Fit) and fit.model in {"", model} else SHIPPED,
        weights=weights if isinstance(weights, Weights) and weights.model in {"", model} else FIXED,
    )


#: By public id: a payload is never rewritten, so what was read once holds.
_known: dict[str, Fit | Weights] = {}


def _read(session: Session, public_id: str) -> Fit | Weights:
    if public_id not in _known:
        row = session.scalars(select(ModelVersion).where(ModelVersion.public_id == public_id)).one()
        is_fit = row.kind is ModelKind.CALIBRATION
        _known[public_id] = Fit.read(row.payload) if is_fit else Weights.read(row.payload)
    return _known[public_id]
