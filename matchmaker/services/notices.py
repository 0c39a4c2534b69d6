"""Telling members what happened; a notice carries codes and public facts only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import NoticeCode, RecordKind
from matchmaker.models import Member, Notice
from matchmaker.queries import desk


def tell(
    session: Session,
    members: Iterable[Member],
    code: NoticeCode,
    kind: RecordKind,
    public_id: str,
    *,
    now: datetime,
    **facts: Any,
) -> None:
    """Leave one notice with each member."""
    session.add_all(
        Notice(
            member_id=member.id,
            code=code,
            record_kind=kind,
            record_public_id=public_id,
            facts=facts,
            made_at=now,
        )
        for member in {m.id: m for m in members}.values()
    )


def tell_organisation(
    session: Session, organisation_id: int, code: NoticeCode, kind: RecordKind, public_id: str,
    *, now: datetime, **facts: Any,
) -> None:  # fmt: skip
    """Leave a notice with every active member of an organisation."""
    tell(
        session, desk.members_of(session, organisation_id), code, kind, public_id, now=now, **facts
    )


def mark_read(session: Session, member: Member, *, now: datetime) -> None:
    """All of a member's notices are read now."""
    session.execute(
        update(Notice)
        .where(Notice.member_id == member.id, Notice.read_at.is_(None))
        .values(read_at=now)
    )
