"""Work that is due once a day: done once, however many workers there are.

The day's row is made by whoever looks first; its claim decides between two. A worker that dies is
followed by another when its claim runs out. A job's last transaction says that it is done, so
that what it wrote and that it wrote it stand or fall together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matchmaker.domain.errors import MatchmakerError
from matchmaker.models import JobRun, utc_now
from matchmaker.models.database import writing
from matchmaker.services import outbox
from matchmaker.services.clocks import LOCAL

#: How long a job is a worker's; while it lives, its pulse extends it.
CLAIM = timedelta(minutes=2)
MAX_ATTEMPTS = 5
#: What failed waits so long, then twice as long, and so on.
FIRST_DELAY = timedelta(minutes=1)

#: Called with the session of a job's last transaction.
Finish = Callable[[Session], None]


class LostClaimError(MatchmakerError):
    """Another worker took the job up meanwhile: nothing of it may be written here."""

    code = "lost_claim"


@dataclass(frozen=True)
class Claim:
    """One job of one day in one worker's hands."""

    name: str
    day: date
    worker: str

    def finish(self, session: Session) -> None:
        """Say that it is done, in the transaction that writes what it found out."""
        done = session.execute(
            update(JobRun)
            .where(self._is_mine())
            .values(done_at=utc_now(), claimed_until=None, error="")
            .returning(JobRun.name)
            .execution_options(synchronize_session=False)
        )
        if done.first() is None:
            raise LostClaimError(f"{self.name} of {self.day} is no longer {self.worker}'s")

    def end(self, engine: Engine) -> None:
        """The same for a job that had nothing to write; no harm when it has said so itself."""
        with writing(engine) as session:
            if session.scalar(select(exists().where(self._is_mine()))):
                self.finish(session)

    def put_back(self, engine: Engine, error: Exception) -> None:
        """Leave it to the next try, which waits longer than the one before."""
        now = utc_now()
        with writing(engine) as session:
            for row in session.scalars(select(JobRun).where(self._is_mine())):
                row.claimed_until = None
                row.due_at = now + FIRST_DELAY * 2 ** (row.attempts - 1)
                row.error = outbox.told(error)

    def _is_mine(self) -> ColumnElement[bool]:
        return and_(
            JobRun.name == self.name, JobRun.day == self.day, JobRun.worker == self.worker,
            JobRun.done_at.is_(None), JobRun.claimed_until.is_not(None),
        )  # fmt: skip


def day_of(now: datetime, from_hour: int) -> date | None:
    """The day whose work may be done now; None: it is too early in the day for it."""
    local = now.astimezone(LOCAL)
    return None if local.hour < from_hour else local.date()


def is_due(session: Session, name: str, now: datetime, *, from_hour: int = 0) -> bool:
    """Whether there is something to claim; cheap, and asked at every step of a worker."""
    day = day_of(now, from_hour)
    if day is None:
        return False
    row = session.execute(
        select(_is_free(now)).where(JobRun.name == name, JobRun.day == day)
    ).scalar_one_or_none()
    return row is None or bool(row)


def claim(
    engine: Engine, name: str, worker: str, now: datetime, *, from_hour: int = 0
) -> Claim | None:
    """Take up a job of today; None where it is done, or in other hands, or waits."""
    day = day_of(now, from_hour)
    if day is None:
        return None
    with writing(engine) as session:
        into = (sqlite if engine.dialect.name == "sqlite" else postgresql).insert(JobRun)
        session.execute(
            into.values(
                name=name, day=day, worker="", taken_at=now, due_at=now, attempts=0, error=""
            ).on_conflict_do_nothing()
        )
        taken = session.execute(
            update(JobRun)
            .where(JobRun.name == name, JobRun.day == day, _is_free(now))
            .values(
                worker=worker, taken_at=now, claimed_until=now + CLAIM,
                attempts=JobRun.attempts + 1,
            )
            .returning(JobRun.name)
            .execution_options(synchronize_session=False)
        ).first()  # fmt: skip
    return Claim(name, day, worker) if taken else None


def extend(session: Session, worker: str, now: datetime) -> None:
    """Hold on to the claims of a worker that is alive."""
    session.execute(update(JobRun).where(_is_held_by(worker)).values(claimed_until=now + CLAIM))


def holds_any(session: Session, worker: str) -> bool:
    return session.scalar(select(exists().where(_is_held_by(worker)))) or False


def let_go(session: Session, worker: str) -> None:
    """Free this worker's jobs as if it had never had them."""
    session.execute(
        update(JobRun)
        .where(_is_held_by(worker))
        .values(claimed_until=None, attempts=JobRun.attempts - 1)
    )


def set_aside(session: Session, since: date) -> list[JobRun]:
    """Jobs of these days that failed so often that they are not tried any more."""
    query = select(JobRun).where(JobRun.day >= since, _has_failed())
    return list(session.scalars(query.order_by(JobRun.day.desc(), JobRun.name)))


def try_again(session: Session, keys: Sequence[tuple[str, date]], *, now: datetime) -> int:
    """Let workers try these jobs again; returns how many there were. Only today's are done."""
    count = 0
    for name, day in keys:
        found = session.execute(
            update(JobRun)
            .where(JobRun.name == name, JobRun.day == day, _has_failed())
            .values(attempts=0, due_at=now, claimed_until=None, error="")
            .returning(JobRun.name)
            .execution_options(synchronize_session=False)
        )
        count += len(found.all())
    return count


def _is_free(now: datetime) -> ColumnElement[bool]:
    return and_(
        JobRun.done_at.is_(None), JobRun.due_at <= now, JobRun.attempts < MAX_ATTEMPTS,
        # A claim farther off than any we make was made while a clock was wrong.
        or_(JobRun.claimed_until.is_(None), ~JobRun.claimed_until.between(now, now + 2 * CLAIM)),
    )  # fmt: skip


def _is_held_by(worker: str) -> ColumnElement[bool]:
    return and_(
        JobRun.worker == worker, JobRun.done_at.is_(None), JobRun.claimed_until.is_not(None)
    )


def _has_failed() -> ColumnElement[bool]:
    return and_(
        JobRun.done_at.is_(None), JobRun.attempts >= MAX_ATTEMPTS,
        or_(JobRun.claimed_until.is_(None), JobRun.claimed_until < utc_now()),
    )  # fmt: skip
