"""What the desk keeps: reviews, notices, the audit chain."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.identity import PUBLIC_ID_LENGTH
from matchmaker.domain.vocabulary import NoticeCode, Reason, RecordKind, ReviewAction
from matchmaker.models.base import Base, Public, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.member import Member


class Review(Base):
    """A curator's answer to a submitted record."""

    __tablename__ = "review"
    __table_args__ = (Index(None, "record_kind", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_kind: Mapped[RecordKind] = mapped_column(Word(RecordKind))
    record_id: Mapped[int]
    curator_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    action: Mapped[ReviewAction] = mapped_column(Word(ReviewAction))
    #: The field the curator asks to change, where it is about one.
    field: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    curator: Mapped["Member"] = relationship()


class Notice(Public, Base):
    """Something one member should know; a code and facts, worded where it is shown."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    code: Mapped[NoticeCode] = mapped_column(Word(NoticeCode))
    record_kind: Mapped[RecordKind] = mapped_column(Word(RecordKind))
    record_public_id: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH))
    #: Plain words and codes only: a notice never carries what its reader may not see.
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    read_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did what, in a chain in which every line seals the one before it."""

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    action: Mapped[str] = mapped_column(String(60))
    record_kind: Mapped[RecordKind | None] = mapped_column(Word(RecordKind))
    record_public_id: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), default="")
    from_state: Mapped[str] = mapped_column(String(40), default="")
    to_state: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str] = mapped_column(String(40), default="")
    #: Fields that changed; the values only of fields everybody may read.
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
