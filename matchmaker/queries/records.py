"""Needs, solutions and organisations, found only by those who may know of them."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import (
    LISTED,
    OrganisationStatus,
    RecordKind,
    RecordStatus,
    Scheme,
)
from matchmaker.models import Expert, Need, Organisation, Solution

Owned = TypeVar("Owned", Need, Solution)
AnyRecord = TypeVar("AnyRecord", Need, Solution, Organisation)

TABLES: dict[RecordKind, type[Need] | type[Solution] | type[Organisation] | type[Expert]] = {
    RecordKind.NEED: Need,
    RecordKind.SOLUTION: Solution,
    RecordKind.ORGANISATION: Organisation,
    RecordKind.EXPERT: Expert,
}
_HIDDEN = {
    OrganisationStatus.SUSPENDED,
    OrganisationStatus.MERGED,
    OrganisationStatus.ARCHIVED,
}


def listed(table: type[AnyRecord]) -> ColumnElement[bool]:
    """Rows that anybody may find."""
    if table is Expert:
        # Whether an expert is shown is his organisation's affair: asked where he is fetched.
        return true()
    if table is Organisation:
        return Organisation.status.not_in(_HIDDEN)
    return table.status.in_(LISTED)


def visible(table: type[AnyRecord], viewer: Viewer) -> ColumnElement[bool]:
    """Rows this viewer may know of: listed ones, his organisation's own, all for staff."""
    if viewer.is_staff:
        return true()
    owner = Organisation.id if table is Organisation else table.organisation_id  # type: ignore[attr-defined]
    own = false() if viewer.organisation_id is None else owner == viewer.organisation_id
    return or_(listed(table), own)


def _whole(table: type[AnyRecord]) -> Select[AnyRecord]:
    """All that a page shows of a record, in a fixed number of queries."""
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
            selectinload(Need.organisation),
            selectinload(Need.curator),
            selectinload(Need.author),
        ]
    else:
        loads = [
            selectinload(Solution.tags),
            selectinload(Solution.performances),
            selectinload(Solution.organisation),
            selectinload(Solution.experts),
            selectinload(Solution.author),
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
        _whole(table).where(table.id.in_(ids), listed(table), visible(table, viewer))
    )
    found = {row.id: row for row in rows}
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


def newest(session: Session, table: type[AnyRecord], limit: int) -> list[AnyRecord]:
    """The latest listed records."""
    moment = Organisation.created_at if table is Organisation else table.published_at  # type: ignore[attr-defined]
    query = _whole(table).where(listed(table)).order_by(moment.desc(), table.id.desc())
    return list(session.scalars(query.limit(limit)))


def awaiting_review(session: Session, table: type[Owned]) -> list[Owned]:
    """Submitted records, the longest waiting first."""
    waiting = table.status.in_({RecordStatus.SUBMITTED, RecordStatus.UNDER_REVIEW})
    return list(
        session.scalars(_whole(table).where(waiting).order_by(table.submitted_at, table.id))
    )


def count_listed(session: Session, table: type[AnyRecord]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(listed(table))) or 0


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
