"""The nightly fit of the bands: once a day, by one worker, when people judged something new."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import ModelKind
from matchmaker.models import JobRun, ModelVersion
from matchmaker.models.database import reading, writing
from matchmaker.services import clocks
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import labels, tuning, versions

CALIBRATE = "calibrate"
#: The hour of the night from which the day's work may be done: nobody waits for a page then.
FROM_HOUR = 2


def is_due(session: Session, now: datetime) -> bool:
    """Whether today's fit is still to be done; cheap, and asked at every step of a worker."""
    local = now.astimezone(clocks.LOCAL)
    if local.hour < FROM_HOUR:
        return False
    done = select(JobRun.name).where(JobRun.name == CALIBRATE, JobRun.day == local.date())
    return session.scalar(done) is None


def claim(engine: Engine, worker: str, now: datetime) -> bool:
    """Take up today's fit for this worker; no where another has it."""
    day = now.astimezone(clocks.LOCAL).date()
    try:
        with writing(engine) as session:
            if session.get(JobRun, (CALIBRATE, day)) is not None:
                return False
            session.add(JobRun(name=CALIBRATE, day=day, worker=worker, taken_at=now))
    except IntegrityError:
        return False  # another worker wrote its line between our look and ours
    return True


def calibrate(engine: Engine, catalogue: Catalogue, *, now: datetime) -> ModelVersion | None:
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
        return versions.keep(session, outcome, made_by=None, now=now)
