"""Telling members what happened; a notice carries codes and public facts only."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import NoticeCode, RecordKind
from matchmaker.models import Member, Need, Notice, Solution
from matchmaker.queries import desk


def tell(
    session: Session,
    members: Iterable[Member],
    what: NoticeCode,
    kind: RecordKind,
    public_id: str,
    *,
    about: Need | Solution,
    now: datetime,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Leave one notice with each member.

    It leads to the record of that kind and id, and names the need or solution it is about; more
    `facts` are such that every one of these members may read them.
    """
    session.add_all(
        Notice(
            member_id=member.id,
            code=what,
            record_kind=kind,
            record_public_id=public_id,
            facts={"title": about.title, "code": about.code, **(facts or {})},
            made_at=now,
        )
        for member in {m.id: m for m in members}.values()
    )


def tell_owner(
    session: Session, record: Need | Solution, what: NoticeCode, kind: RecordKind, public_id: str,
    *, now: datetime, facts: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Leave a notice about a record with every active member of its organisation."""
    members = desk.members_of(session, record.organisation_id)
    tell(session, members, what, kind, public_id, about=record, now=now, facts=facts)


def mark_read(session: Session, member: Member, *, now: datetime) -> None:
    """All of a member's notices are read now."""
    session.execute(
        update(Notice)
        .where(Notice.member_id == member.id, Notice.read_at.is_(None))
        .values(read_at=now)
    )
