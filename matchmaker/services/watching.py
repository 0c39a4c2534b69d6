"""The state of the site as an operator watches it: the same figures for people and machines."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.errors import NotAllowedError, NotFoundError
from matchmaker.domain.operations import JobOutcome, OverdueClock, RetryOutcome, TaskState
from matchmaker.domain.vocabulary import RecordKind
from matchmaker.models import IndexTask, Member
from matchmaker.queries import jobs, queues
from matchmaker.queries.queues import Depth
from matchmaker.queries.records import TABLES
from matchmaker.services import audit, indexing, newcomers, outbox
from matchmaker.services.clocks import LOCAL
from matchmaker.services.learning import nightly

#: Every job of the clock, and the hour of the day (in Vietnam) from which it may run.
SCHEDULE: Mapping[str, int] = {newcomers.JOB: 0, nightly.CALIBRATE: nightly.FROM_HOUR}


@dataclass(frozen=True)
class Job:
    """One job of the clock: its last run, and from when it is due again."""

    name: str
    outcome: JobOutcome
    day: date | None
    at: datetime | None
    due_at: datetime

    def is_late(self, now: datetime) -> bool:
        """A worker that lives takes a job up within minutes; an hour says that none does."""
        return now > self.due_at + timedelta(hours=1)


@dataclass(frozen=True)
class State:
    """What is read at one moment; `lag` is the age of the oldest task that is not done."""

    depths: list[Depth]
    lag: timedelta
    changes: int
    overdue: Mapping[OverdueClock, int]
    jobs: list[Job]

    def total(self, state: TaskState) -> int:
        return sum(depth.counts[state] for depth in self.depths)


def state(session: Session, now: datetime) -> State:
    """Read everything, in a fixed number of queries."""
    depths = queues.depths(session, now)
    oldest = min((d.oldest for d in depths if d.oldest), default=now)
    return State(
        depths=depths,
        lag=max(now - oldest, timedelta()),
        changes=indexing.sequence(session),
        overdue=queues.overdue(session, now, now.astimezone(LOCAL).date()),
        jobs=_jobs(session, now),
    )


def disk(folder: Path) -> tuple[int, int]:
    """(free, total) bytes where the data lies."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def try_again(
    session: Session, member: Member, record: tuple[RecordKind, str] | None, *, now: datetime
) -> RetryOutcome:
    """Let tasks that were set aside be tried again: one record's, or (None) all of them.

    What the workers still hold or have done meanwhile is left alone, and said. The caller commits.
    """
    if not member.viewer.is_manager:
        raise NotAllowedError("try a task again")
    kind, row_id = (None, None) if record is None else _find(session, *record)
    chosen = [queues.is_set_aside(now)]
    if kind is not None:
        chosen += [IndexTask.record_kind == kind, IndexTask.record_id == row_id]
    freed = outbox.try_again(
        session, session.scalars(select(IndexTask.id).where(*chosen)).all(), now=now
    )
    if freed:
        audit.record(
            session, "index.try_again", now=now, actor_id=member.id, kind=kind,
            public_id=record[1] if record else "", detail={"tasks": freed},
        )  # fmt: skip
        return RetryOutcome.AGAIN
    if kind is None or row_id is None:
        return RetryOutcome.DONE
    left = queues.states_of(session, kind, row_id, now)
    if TaskState.CLAIMED in left:
        return RetryOutcome.CLAIMED
    return RetryOutcome.WAITING if left else RetryOutcome.DONE


def _find(session: Session, kind: RecordKind, public_id: str) -> tuple[RecordKind, int]:
    found = queues.row_id(session, kind, public_id) if kind in TABLES else None
    if found is None:
        raise NotFoundError(kind, public_id)
    return kind, found


def _jobs(session: Session, now: datetime) -> list[Job]:
    last = jobs.last_runs(session)
    today = now.astimezone(LOCAL).date()
    found = []
    for name, hour in SCHEDULE.items():
        run = last.get(name)
        day = today if run is None or run.day < today else run.day + timedelta(days=1)
        due = datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL)
        if run is None:
            found.append(Job(name, JobOutcome.NEVER, None, None, due))
        else:
            found.append(Job(name, run.outcome, run.day, run.at, due))
    return found
