"""Technology needs."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import Language, Operator, Pillar, RecordKind, RecordStatus
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word
from matchmaker.models.tags import Tag, Tagged

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.organisation import Organisation


class NeedTag(Tag, Base):
    __tablename__ = "need_tag"
    __table_args__ = (UniqueConstraint("record_id", "scheme", "code"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)


class Need(Tagged, Public, Stamped, Versioned, Base):
    """What an organisation looks for."""

    __tablename__ = "need"
    record_kind = RecordKind.NEED
    tag_class = NeedTag

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    #: Sent along by the form: a second press of the button finds the first record.
    submission_key: Mapped[str | None] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    status: Mapped[RecordStatus] = mapped_column(
        Word(RecordStatus), default=RecordStatus.DRAFT, index=True
    )
    language: Mapped[Language] = mapped_column(Word(Language), default=Language.VI)
    title: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(String(300), default="")
    anonymous: Mapped[bool] = mapped_column(default=True)
    problem: Mapped[str] = mapped_column(Text, default="")
    situation: Mapped[str] = mapped_column(Text, default="")
    constraints: Mapped[str] = mapped_column(Text, default="")
    trl_min: Mapped[int | None]
    pillar: Mapped[Pillar | None] = mapped_column(Word(Pillar))
    keywords: Mapped[list[str]] = mapped_column(default=list)
    budget_min: Mapped[int | None] = mapped_column(BigInteger)
    budget_max: Mapped[int | None] = mapped_column(BigInteger)
    interest_until: Mapped[date | None]
    valid_until: Mapped[date | None]
    expected_benefit: Mapped[str] = mapped_column(Text, default="")
    tried_before: Mapped[str] = mapped_column(Text, default="")
    pilot_host: Mapped[bool] = mapped_column(default=False)
    confidential_detail: Mapped[str] = mapped_column(Text, default="")
    #: Public ids of organisations whose solutions are never suggested for it.
    excluded: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    translation: Mapped[dict[str, str]] = mapped_column(default=dict)
    channel: Mapped[str] = mapped_column(String(40), default="web")
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When the curator's first look is due; the owner sees it too.
    review_due_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped["Organisation"] = relationship()
    author: Mapped["Member | None"] = relationship(foreign_keys=author_id)
    curator: Mapped["Member | None"] = relationship(foreign_keys=curator_id)
    requirements: Mapped[list["RequirementRow"]] = relationship(
        cascade="all, delete-orphan", order_by="RequirementRow.position"
    )
    tags: Mapped[list[NeedTag]] = relationship(cascade="all, delete-orphan", order_by=NeedTag.id)


class RequirementRow(Base):
    """One demand of a need."""

    __tablename__ = "requirement"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    position: Mapped[int]
    must: Mapped[bool] = mapped_column(default=True)
    text: Mapped[str] = mapped_column(String(200))
    indicator: Mapped[str] = mapped_column(String(200), default="")
    operator: Mapped[Operator | None] = mapped_column(Word(Operator))
    value: Mapped[float | None]
    value_max: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(200), default="")
