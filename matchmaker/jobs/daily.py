"""What is done once a day, and from which hour of the night."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from matchmaker.services import newcomers, schedule
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import nightly
from matchmaker.services.schedule import Finish


@dataclass(frozen=True)
class Job:
    """One deed; what it writes last it writes together with `finish`."""

    name: str
    deed: Callable[[Engine, Catalogue, datetime, Finish], object]
    #: By the clock of Vietnam.
    from_hour: int = 0


DAILY: Final = (
    Job(
        nightly.CALIBRATE,
        lambda engine, catalogue, now, finish: nightly.calibrate(
            engine, catalogue, now=now, finish=finish
        ),
        nightly.FROM_HOUR,
    ),
    Job(
        newcomers.JOB,
        lambda engine, catalogue, now, finish: newcomers.run(
            engine, catalogue, now=now, finish=finish
        ),
    ),
)


def do(engine: Engine, catalogue: Catalogue, job: Job, worker: str, now: datetime) -> bool:
    """Do a job if it is due and nobody else has it; says whether it was taken up.

    Raises what the deed raised; it is tried again later then.
    """
    mine = schedule.claim(engine, job.name, worker, now, from_hour=job.from_hour)
    if mine is None:
        return False
    try:
        job.deed(engine, catalogue, now, mine.finish)
        mine.end(engine)
    except schedule.LostClaimError:
        return True  # it took so long that another one did it: nothing was written here
    except Exception as error:
        mine.put_back(engine, error)
        raise
    return True
