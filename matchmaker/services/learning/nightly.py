"""The nightly fit of the bands, when people judged something new."""

from datetime import datetime

from sqlalchemy import Engine

from matchmaker.domain.vocabulary import ModelKind
from matchmaker.models import ModelVersion
from matchmaker.models.database import reading, writing
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import labels, tuning, versions
from matchmaker.services.schedule import Finish

CALIBRATE = "calibrate"
#: The hour of the night from which the day's work may be done: nobody waits for a page then.
FROM_HOUR = 2


def calibrate(
    engine: Engine, catalogue: Catalogue, *, now: datetime, finish: Finish = lambda _: None
) -> ModelVersion | None:
    """Fit again if there are new judgements, and enough; None: there was nothing to do."""
    with reading(engine) as session:
        last = versions.latest(session, ModelKind.CALIBRATION)
        if labels.last_judgement(session) <= (last.last_judgement_id if last else 0):
            return None
        try:
            outcome = tuning.tune(session, catalogue, ModelKind.CALIBRATION, now=now)
        except tuning.TooFewError:
            return None
    with writing(engine) as session:
        finish(session)
        return versions.keep(session, outcome, made_by=None, now=now)
