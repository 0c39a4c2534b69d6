"""Reviews, notices and members, as the desk and the owners read them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import RecordKind, Role
from matchmaker.models import AuditEntry, Member, NewcomerFloor, Notice, Review

NOTICES_SHOWN = 100


def reviews_of(session: Session, kind: RecordKind, record_id: int) -> list[Review]:
    """What curators answered to a record, the latest first."""
    query = (
        select(Review)
        .where(Review.record_kind == kind, Review.record_id == record_id)
        .options(selectinload(Review.curator))
        .order_by(Review.id.desc())
    )
    return list(session.scalars(query))


def notices_of(session: Session, member_id: int) -> list[Notice]:
    query = select(Notice).where(Notice.member_id == member_id).order_by(Notice.id.desc())
    return list(session.scalars(query.limit(NOTICES_SHOWN)))


def notice(session: Session, member_id: int, public_id: str) -> Notice:
    """One notice of this member; NotFoundError for anybody else's."""
    query = select(Notice).where(Notice.public_id == public_id, Notice.member_id == member_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("notice", public_id)
    return found


def unread_count(session: Session, member_id: int) -> int:
    query = select(func.count()).select_from(Notice)
    return session.scalar(query.where(Notice.member_id == member_id, Notice.read_at.is_(None))) or 0


def members_of(session: Session, organisation_id: int) -> list[Member]:
    """Active members of an organisation: those who get its notices."""
    query = select(Member).where(Member.organisation_id == organisation_id, Member.is_active)
    return list(session.scalars(query.order_by(Member.id)))


def curators(session: Session) -> list[Member]:
    query = select(Member).where(Member.role.in_({Role.CURATOR, Role.ADMIN}), Member.is_active)
    return list(session.scalars(query.order_by(Member.id)))


def member_by_email(session: Session, email: str) -> Member | None:
    query = select(Member).where(Member.email == email.strip().casefold())
    return session.scalars(query).one_or_none()


def newcomers_of(session: Session, period: str) -> int:
    """How many new solutions were looked at in a month."""
    query = select(func.count()).select_from(NewcomerFloor)
    return session.scalar(query.where(NewcomerFloor.period == period)) or 0


def history_of(session: Session, kind: RecordKind, public_id: str) -> list[AuditEntry]:
    """The audit lines of one record, oldest first; for staff."""
    query = select(AuditEntry).where(
        AuditEntry.record_kind == kind, AuditEntry.record_public_id == public_id
    )
    return list(session.scalars(query.order_by(AuditEntry.seq)))
