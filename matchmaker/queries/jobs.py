"""Jobs of the clock: when each ran last, and what came of it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.operations import JobOutcome
from matchmaker.models import JobRun


@dataclass(frozen=True)
class Run:
    """The last day of a job on the wall calendar: since when it stands as it does."""

    name: str
    day: date
    at: datetime
    outcome: JobOutcome


def last_runs(session: Session) -> dict[str, Run]:
    """By the name of the job: its last run."""
    last = select(JobRun.name, func.max(JobRun.day).label("day")).group_by(JobRun.name).subquery()
    rows = session.scalars(
        select(JobRun).join(last, (JobRun.name == last.c.name) & (JobRun.day == last.c.day))
    )
    return {row.name: Run(row.name, row.day, row.done_at or row.taken_at, _of(row)) for row in rows}


def _of(row: JobRun) -> JobOutcome:
    if row.done_at is not None:
        return JobOutcome.DONE
    return JobOutcome.FAILED if row.error else JobOutcome.BEGUN
