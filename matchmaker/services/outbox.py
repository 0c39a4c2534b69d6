"""The outbox of the index: who has which task, until when, and what comes of a failure.

Any number of workers claim here. What a killed one had comes free when its claim runs out, since
nobody extends it any more. What was tried before is handed out alone, so that a record on which a
worker fails or dies cannot take its neighbours along.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from matchmaker.domain.vocabulary import IndexRole, RecordKind
from matchmaker.models import IndexTask, utc_now
from matchmaker.queries.queues import MAX_ATTEMPTS, is_set_aside

#: How long a task is a worker's; while it lives, its pulse extends it.
CLAIM = timedelta(minutes=2)
#: The longest that a task waits after a failure, and then some.
FARTHEST = timedelta(hours=1)
#: Of an error's text, as much is kept: it may quote what nobody else should read at length.
MOST_OF_AN_ERROR = 500

Key = tuple[RecordKind, int]


def is_free(now: datetime, task: type[IndexTask] = IndexTask) -> ColumnElement[bool]:
    """Whether a task may be taken now."""
    # A time farther off than any we set was set while a clock was wrong: it holds nothing up.
    free = or_(task.claimed_until.is_(None), ~task.claimed_until.between(now, now + 2 * CLAIM))
    due = or_(task.due_at <= now, task.due_at > now + FARTHEST)
    return and_(due, free, task.attempts < MAX_ATTEMPTS)


def claim(
    session: Session, worker: str, limit: int, *, now: datetime,
    role: IndexRole = IndexRole.SERVING,
) -> list[Key]:  # fmt: skip
    """Mark free tasks as this worker's, all of one record together.

    A record is had by whoever locks its first free task: on PostgreSQL, workers that come at the
    same moment pass over each other's and take the next ones.
    """
    earlier = aliased(IndexTask)
    has_earlier = exists().where(
        earlier.record_kind == IndexTask.record_kind, earlier.record_id == IndexTask.record_id,
        earlier.role == role, earlier.id < IndexTask.id, is_free(now, earlier),
    )  # fmt: skip
    first = select(IndexTask.record_kind, IndexTask.record_id, IndexTask.attempts)
    first = first.where(IndexTask.role == role, is_free(now), ~has_earlier).limit(limit)
    first = first.order_by(IndexTask.id).with_for_update(skip_locked=True, of=IndexTask)
    rows = session.execute(first).all()
    # Up to the first that was tried before; that one alone when it is its turn.
    fresh = next((at for at, row in enumerate(rows) if row.attempts), len(rows))
    keys: list[Key] = [(kind, record_id) for kind, record_id, _ in rows[: max(fresh, 1)]]
    tried = rows[0].attempts + 1 if rows else 0
    for key in keys:
        session.execute(
            update(IndexTask)
            .where(_of(key, role), is_free(now))
            .values(
                claimed_by=worker, claimed_until=now + CLAIM, attempts=IndexTask.attempts + 1,
                # Where the worker dies, the next try waits as it does after a failure.
                due_at=now + CLAIM + delay(tried),
            )
        )  # fmt: skip
    return keys


def forget(session: Session, worker: str, key: Key, role: IndexRole) -> None:
    """The record's tasks in this worker's hands are done, and with them those set aside before."""
    given_up = is_set_aside(utc_now())
    session.execute(
        delete(IndexTask).where(_of(key, role), or_(IndexTask.claimed_by == worker, given_up))
    )


def free(session: Session, worker: str, key: Key, role: IndexRole) -> None:
    """Free the record's tasks at once: it was saved again while it was worked on."""
    session.execute(
        update(IndexTask)
        .where(_of(key, role), IndexTask.claimed_by == worker)
        .values(
            claimed_by="", claimed_until=None, attempts=IndexTask.attempts - 1, due_at=utc_now()
        )
    )


def let_go(session: Session, worker: str) -> None:
    """Free all of this worker's tasks as if it had never had them."""
    session.execute(
        update(IndexTask)
        .where(IndexTask.claimed_by == worker)
        .values(
            claimed_by="", claimed_until=None, attempts=IndexTask.attempts - 1, due_at=utc_now()
        )
    )


def put_back(
    session: Session, worker: str, key: Key, role: IndexRole, cause: str, now: datetime
) -> None:
    """Free the record's tasks with the reason; each try waits longer than the one before."""
    mine = select(IndexTask).where(_of(key, role), IndexTask.claimed_by == worker)
    for task in session.scalars(mine):
        task.claimed_by, task.claimed_until = "", None
        task.due_at = now + delay(task.attempts)
        task.error = cause


def extend(session: Session, worker: str, now: datetime) -> None:
    """Hold on to the claims of a worker that is alive.

    Rows that it is finishing at this moment are passed over: on PostgreSQL the two would wait for
    each other.
    """
    mine = select(IndexTask.id).where(IndexTask.claimed_by == worker).order_by(IndexTask.id)
    ids = session.scalars(mine.with_for_update(skip_locked=True)).all()
    session.execute(
        update(IndexTask).where(IndexTask.id.in_(ids)).values(claimed_until=now + CLAIM)
    )


def holds_any(session: Session, worker: str) -> bool:
    return session.scalar(select(exists().where(IndexTask.claimed_by == worker))) or False


def ask(session: Session, keys: Iterable[Key], role: IndexRole) -> None:
    """Write tasks for records."""
    rows = [{"record_kind": kind, "record_id": i, "role": role} for kind, i in keys]
    if rows:
        session.execute(insert(IndexTask), rows)


def waiting(session: Session, role: IndexRole) -> int:
    """Records with a task of this role, those set aside too."""
    keys = select(IndexTask.record_kind, IndexTask.record_id).where(IndexTask.role == role)
    return session.scalar(select(func.count()).select_from(keys.distinct().subquery())) or 0


def has_any(session: Session, role: IndexRole) -> bool:
    return session.scalar(select(exists().where(IndexTask.role == role))) or False


def set_aside(session: Session) -> list[IndexTask]:
    """What failed so often that it is not tried any more, the longest waiting first."""
    query = select(IndexTask).where(is_set_aside(utc_now()))
    return list(session.scalars(query.order_by(IndexTask.id)))


def try_again(session: Session, ids: Sequence[int], *, now: datetime) -> int:
    """Let workers try these tasks again from the beginning; returns how many there were."""
    found = session.execute(
        update(IndexTask)
        .where(IndexTask.id.in_(ids), is_set_aside(now))
        .values(attempts=0, due_at=now, claimed_by="", claimed_until=None, error="")
        .returning(IndexTask.id)
        .execution_options(synchronize_session=False)
    )
    return len(found.all())


def delay(attempts: int) -> timedelta:
    """How long a task waits after so many tries."""
    return timedelta(seconds=2**attempts)


def told(error: Exception) -> str:
    """An error for the row: its class, and the beginning of its text."""
    return f"{type(error).__name__}: {error}"[:MOST_OF_AN_ERROR]


def _of(key: Key, role: IndexRole) -> ColumnElement[bool]:
    return and_(
        IndexTask.record_kind == key[0], IndexTask.record_id == key[1], IndexTask.role == role
    )
