"""Tasks of the index as an operator sees them, and clocks that ran out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, not_, select
from sqlalchemy.orm import Session

from matchmaker.domain.lifecycle import is_open
from matchmaker.domain.operations import OverdueClock, TaskState
from matchmaker.domain.vocabulary import MatchState, RecordKind, RecordStatus, Stage
from matchmaker.models import Engagement, Expert, IndexTask, Match, Need, Organisation, Solution
from matchmaker.queries.records import TABLES

#: A task that failed so often is set aside, for people to see.
MAX_ATTEMPTS = 5
_AWAITING = (RecordStatus.SUBMITTED, RecordStatus.UNDER_REVIEW)


@dataclass(frozen=True)
class Depth:
    """How many tasks of one kind stand where; `oldest`: since when the first is not done."""

    kind: RecordKind
    counts: Mapping[TaskState, int]
    oldest: datetime | None


@dataclass(frozen=True)
class Name:
    """How a record is called where its text must not be."""

    public_id: str
    code: str


@dataclass(frozen=True)
class Aside:
    """One record whose tasks were set aside; `record` is None where it is gone since."""

    kind: RecordKind
    record: Name | None
    attempts: int
    since: datetime
    cause: str


def is_claimed(now: datetime) -> ColumnElement[bool]:
    return func.coalesce(IndexTask.claimed_until >= now, False)


def is_set_aside(now: datetime) -> ColumnElement[bool]:
    """Failed too often, and nobody is at it."""
    return and_(IndexTask.attempts >= MAX_ATTEMPTS, not_(is_claimed(now)))


def depths(session: Session, now: datetime) -> list[Depth]:
    """Every kind of task with its counts, in one query; kinds without tasks have zeros."""
    state = case(
        (is_claimed(now), TaskState.CLAIMED.value),
        (IndexTask.attempts >= MAX_ATTEMPTS, TaskState.SET_ASIDE.value),
        else_=TaskState.WAITING.value,
    ).label("state")
    rows = session.execute(
        select(IndexTask.record_kind, state, func.count(), func.min(IndexTask.made_at))
        .group_by(IndexTask.record_kind, state)
    ).all()  # fmt: skip
    found = []
    for kind in TABLES:
        mine = {TaskState(word): (count, first) for k, word, count, first in rows if k == kind}
        open_since = [first for word, (_, first) in mine.items() if word != TaskState.SET_ASIDE]
        counts = {word: mine[word][0] if word in mine else 0 for word in TaskState}
        found.append(Depth(kind, counts, min(open_since, default=None)))
    return found


def set_aside(session: Session, now: datetime, limit: int) -> list[Aside]:
    """Records whose tasks were set aside, the longest waiting first."""
    tasks = session.execute(
        select(
            IndexTask.record_kind, IndexTask.record_id, func.max(IndexTask.attempts),
            func.min(IndexTask.made_at), func.max(IndexTask.error),
        )
        .where(is_set_aside(now))
        .group_by(IndexTask.record_kind, IndexTask.record_id)
        .order_by(func.min(IndexTask.id))
        .limit(limit)
    ).all()  # fmt: skip
    names = _names(session, [(kind, row) for kind, row, *_ in tasks])
    return [
        Aside(kind, names.get((kind, row)), attempts, since, cause)
        for kind, row, attempts, since, cause in tasks
    ]


def count_set_aside(session: Session, now: datetime) -> int:
    """How many records have tasks that were set aside."""
    each = select(IndexTask.record_kind, IndexTask.record_id).where(is_set_aside(now)).distinct()
    return session.scalar(select(func.count()).select_from(each.subquery())) or 0


def overdue(session: Session, now: datetime, today: date) -> dict[OverdueClock, int]:
    """How many clocks ran out: first looks, owners' answers, next steps of open cases."""
    reviews = [
        select(func.count())
        .select_from(table)
        .where(table.status.in_(_AWAITING), table.review_due_at < now)
        .scalar_subquery()
        for table in (Need, Solution)
    ]
    replies = (
        select(func.count())
        .select_from(Match)
        .where(Match.state == MatchState.PROPOSED, Match.reply_due_at < now)
        .scalar_subquery()
    )
    opened = [stage for stage in Stage if is_open(stage)]
    steps = (
        select(func.count())
        .select_from(Engagement)
        .where(Engagement.stage.in_(opened), Engagement.due_on < today)
        .scalar_subquery()
    )
    told = session.execute(select(*reviews, replies, steps)).one()
    of_needs, of_solutions, late_replies, late_steps = tuple(told)
    return {
        OverdueClock.REVIEW: of_needs + of_solutions,
        OverdueClock.REPLY: late_replies,
        OverdueClock.NEXT_STEP: late_steps,
    }


def states_of(session: Session, kind: RecordKind, row: int, now: datetime) -> set[TaskState]:
    """Where the tasks of one record stand."""
    rows = session.execute(
        select(is_claimed(now), is_set_aside(now)).where(
            IndexTask.record_kind == kind, IndexTask.record_id == row
        )
    )
    return {
        TaskState.CLAIMED if held else TaskState.SET_ASIDE if aside else TaskState.WAITING
        for held, aside in rows
    }


def row_id(session: Session, kind: RecordKind, public_id: str) -> int | None:
    """The row of a record by the id the world sees; None: there is none."""
    table = TABLES[kind]
    return session.scalar(select(table.id).where(table.public_id == public_id))


def _names(
    session: Session, keys: Iterable[tuple[RecordKind, int]]
) -> dict[tuple[RecordKind, int], Name]:
    """Codes and ids of records by kind and row; an expert is called by his school's code."""
    ids: dict[RecordKind, list[int]] = {kind: [] for kind in TABLES}
    for kind, row in keys:
        ids[kind].append(row)
    found: dict[tuple[RecordKind, int], Name] = {}
    for table in (Need, Solution, Organisation):
        rows = session.execute(
            select(table.id, table.public_id, table.code).where(
                table.id.in_(ids[table.record_kind])
            )
        )
        found |= {(table.record_kind, i): Name(public_id, code) for i, public_id, code in rows}
    experts = session.execute(
        select(Expert.id, Expert.public_id, Organisation.code)
        .join(Organisation, Expert.organisation_id == Organisation.id)
        .where(Expert.id.in_(ids[RecordKind.EXPERT]))
    )
    found |= {(RecordKind.EXPERT, i): Name(public_id, code) for i, public_id, code in experts}
    return found
