"""Needs, solutions and organisations, found only by those who may know of them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, not_, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import (
    HIDDEN_ORGANISATIONS,
    LISTED,
    SHOWN_TO_OFFERING,
    RecordKind,
    RecordStatus,
    Scheme,
)
from matchmaker.models import Expert, Match, Need, Organisation, Solution

Owned = TypeVar("Owned", Need, Solution)
AnyRecord = TypeVar("AnyRecord", Need, Solution, Organisation)

TABLES: dict[RecordKind, type[Need] | type[Solution] | type[Organisation] | type[Expert]] = {
    RecordKind.NEED: Need,
    RecordKind.SOLUTION: Solution,
    RecordKind.ORGANISATION: Organisation,
    RecordKind.EXPERT: Expert,
}


def listed(table: type[AnyRecord]) -> ColumnElement[bool]:
    """Rows that anybody may find."""
    if table is Expert:
        # Whether an expert is shown is his organisation's affair: asked where he is fetched.
        return true()
    if table is Organisation:
        return Organisation.status.not_in(HIDDEN_ORGANISATIONS)
    return table.status.in_(LISTED)


def findable(table: type[AnyRecord]) -> ColumnElement[bool]:
    """Listed rows whose owner is not suspended, merged into another or gone."""
    if table in {Organisation, Expert}:
        return listed(table)
    hidden = select(Organisation.id).where(Organisation.status.in_(HIDDEN_ORGANISATIONS))
    stands: ColumnElement[bool] = table.organisation_id.not_in(hidden)  # type: ignore[attr-defined]
    return listed(table) & stands


def visible(table: type[AnyRecord], viewer: Viewer) -> ColumnElement[bool]:
    """Rows this viewer may know of: those anybody finds, his organisation's own, all for staff.

    A need is not for those whom its owner excluded.
    """
    if viewer.is_staff:
        return true()
    owner = Organisation.id if table is Organisation else table.organisation_id  # type: ignore[attr-defined]
    if viewer.organisation_id is None:
        return findable(table)
    shown = findable(table)
    if table is Need:
        shown &= not_(_shuts_out(viewer.organisation_id)) | _was_asked_about(viewer.organisation_id)
    return or_(shown, owner == viewer.organisation_id)


def _shuts_out(organisation_id: int) -> ColumnElement[bool]:
    """Needs whose owner excluded this organisation: its members do not find them."""
    quote = literal('"')
    named = select(quote + Organisation.public_id + quote).where(Organisation.id == organisation_id)
    # A list of public ids as the database keeps it: letters and digits, each in quotes.
    return cast(Need.excluded, Text).contains(named.scalar_subquery())


def _was_asked_about(organisation_id: int) -> ColumnElement[bool]:
    """Needs for which this organisation was asked before: nobody is cut off from his own case."""
    asked = (
        select(Match.need_id)
        .join(Solution, Match.solution_id == Solution.id)
        .where(Solution.organisation_id == organisation_id, Match.state.in_(SHOWN_TO_OFFERING))
    )
    return Need.id.in_(asked)


def _whole(table: type[AnyRecord]) -> Select[AnyRecord]:
    """All that a page shows of a record, in a fixed number of queries."""
    query: Select[AnyRecord] = _with_all(table)
    return query


@cache
def _with_all(table: type[Any]) -> Any:
    # Put together once: that takes longer than many a question takes to answer.
    if table is Organisation:
        loads = [
            selectinload(Organisation.tags),
            selectinload(Organisation.contacts),
            selectinload(Organisation.experts),
        ]
    elif table is Need:
        loads = [
            selectinload(Need.tags),
            selectinload(Need.requirements),
            joinedload(Need.organisation, innerjoin=True),
            joinedload(Need.curator),
            joinedload(Need.author),
        ]
    else:
        loads = [
            selectinload(Solution.tags),
            selectinload(Solution.performances),
            selectinload(Solution.experts),
            joinedload(Solution.organisation, innerjoin=True),
            joinedload(Solution.author),
        ]
    return select(table).options(*loads)


def get(session: Session, table: type[AnyRecord], viewer: Viewer, public_id: str) -> AnyRecord:
    """One record by its public id; NotFoundError for what the viewer may not know of."""
    query = _whole(table).where(table.public_id == public_id, visible(table, viewer))
    record = session.scalars(query).one_or_none()
    if record is None:
        raise NotFoundError(table.record_kind, public_id)
    return record


def get_own(session: Session, table: type[Owned], viewer: Viewer, public_id: str) -> Owned:
    """One record that the viewer may edit: his organisation's. Strangers learn nothing."""
    record = get(session, table, viewer, public_id)
    if not viewer.belongs_to(record.organisation_id):
        raise NotFoundError(table.record_kind, public_id)
    return record


def get_own_organisation(session: Session, viewer: Viewer) -> Organisation:
    """The viewer's own organisation; NotFoundError for staff and strangers."""
    query = _whole(Organisation).where(Organisation.id == viewer.organisation_id)
    record = session.scalars(query).one_or_none()
    if record is None:
        raise NotFoundError(RecordKind.ORGANISATION, "own")
    return record


def by_ids(
    session: Session, table: type[AnyRecord], viewer: Viewer, ids: Sequence[int]
) -> list[AnyRecord]:
    """The visible ones of `ids`, in that order: an index never decides what is shown."""
    rows = session.scalars(
        _whole(table).where(table.id.in_(ids), findable(table), visible(table, viewer))
    )
    found = {row.id: row for row in rows}
    return [found[i] for i in ids if i in found]


def by_public_ids(
    session: Session, table: type[AnyRecord], viewer: Viewer, ids: Sequence[str]
) -> list[AnyRecord]:
    """Those of `ids` that the viewer may know of, in that order."""
    query = _whole(table).where(table.public_id.in_(ids), visible(table, viewer))
    found = {row.public_id: row for row in session.scalars(query)}
    return [found[i] for i in ids if i in found]


def by_code(session: Session, table: type[AnyRecord], code: str) -> AnyRecord:
    """One record by its human code, for commands; raises NotFoundError."""
    record = session.scalars(_whole(table).where(table.code == code.strip().upper())).one_or_none()
    if record is None:
        raise NotFoundError(table.record_kind, code)
    return record


def by_submission_key(session: Session, table: type[Owned], key: str) -> Owned | None:
    return session.scalars(select(table).where(table.submission_key == key)).one_or_none()


def of_organisation(session: Session, table: type[Owned], organisation_id: int) -> list[Owned]:
    """All of an organisation's records, newest change first."""
    query = _whole(table).where(table.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(table.updated_at.desc(), table.id.desc())))


def newest(session: Session, table: type[AnyRecord], viewer: Viewer, limit: int) -> list[AnyRecord]:
    """The latest listed records that the viewer may find."""
    moment = Organisation.created_at if table is Organisation else table.published_at  # type: ignore[attr-defined]
    query = _whole(table).where(findable(table), visible(table, viewer))
    query = query.order_by(moment.desc(), table.id.desc())
    return list(session.scalars(query.limit(limit)))


def awaiting_review(session: Session, table: type[Owned]) -> list[Owned]:
    """Submitted records, the longest waiting first."""
    waiting = table.status.in_({RecordStatus.SUBMITTED, RecordStatus.UNDER_REVIEW})
    return list(
        session.scalars(_whole(table).where(waiting).order_by(table.submitted_at, table.id))
    )


def count_listed(session: Session, table: type[AnyRecord]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(findable(table))) or 0


def with_codes(
    table: type[AnyRecord], wanted: dict[Scheme, Sequence[str]]
) -> list[ColumnElement[bool]]:
    """One condition per scheme: the record carries any of the codes asked for."""
    tag = table.tag_class
    return [
        table.id.in_(select(tag.record_id).where(tag.scheme == scheme, tag.code.in_(list(codes))))
        for scheme, codes in wanted.items()
        if codes
    ]


def expert_of(session: Session, viewer: Viewer, public_id: str) -> Expert:
    """An expert of the viewer's own organisation; raises NotFoundError."""
    query = select(Expert).where(
        Expert.public_id == public_id, Expert.organisation_id == viewer.organisation_id
    )
    expert = session.scalars(query).one_or_none()
    if expert is None:
        raise NotFoundError("expert", public_id)
    return expert
