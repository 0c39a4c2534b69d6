"""The one place that reads when scheduled jobs ran last, whatever tables keep it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.operations import JobOutcome
from matchmaker.models import DailyJob, JobRun


@dataclass(frozen=True)
class Run:
    """The last run of a job: its day on the wall calendar, and the moment where it is kept."""

    name: str
    day: date
    at: datetime | None
    outcome: JobOutcome


def last_runs(session: Session) -> dict[str, Run]:
    """By the name of the job: its last run."""
    found = {
        # The day is taken in the transaction of the work itself: it stands for work that is done.
        name: Run(name, day, None, JobOutcome.DONE)
        for name, day in session.execute(select(DailyJob.name, DailyJob.done_on))
    }
    rows = session.execute(
        select(JobRun.name, func.max(JobRun.day), func.max(JobRun.taken_at)).group_by(JobRun.name)
    )
    return found | {name: Run(name, day, at, JobOutcome.BEGUN) for name, day, at in rows}
