"""Solutions: a school's capability, a startup's or a firm's offer."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import Language, RecordKind, RecordStatus, SolutionKind
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word
from matchmaker.models.tags import Tag, Tagged

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.organisation import Expert, Organisation

solution_expert = Table(
    "solution_expert",
    Base.metadata,
    Column("solution_id", ForeignKey("solution.id"), primary_key=True),
    Column("expert_id", ForeignKey("expert.id"), primary_key=True),
)


class SolutionTag(Tag, Base):
    __tablename__ = "solution_tag"
    __table_args__ = (UniqueConstraint("record_id", "scheme", "code"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("solution.id"), index=True)


class Solution(Tagged, Public, Stamped, Versioned, Base):
    """What an organisation can do for others."""

    __tablename__ = "solution"
    record_kind = RecordKind.SOLUTION
    tag_class = SolutionTag

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
    kind: Mapped[SolutionKind | None] = mapped_column(Word(SolutionKind))
    title: Mapped[str] = mapped_column(String(80), default="")
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    problem_solved: Mapped[str] = mapped_column(Text, default="")
    advantage: Mapped[str] = mapped_column(Text, default="")
    limits: Mapped[str] = mapped_column(Text, default="")
    trl: Mapped[int | None]
    trl_evidence: Mapped[str] = mapped_column(Text, default="")
    price_min: Mapped[int | None] = mapped_column(BigInteger)
    price_max: Mapped[int | None] = mapped_column(BigInteger)
    reference_cases: Mapped[str] = mapped_column(Text, default="")
    support: Mapped[str] = mapped_column(Text, default="")
    #: Projects it can take per quarter; None: it has not said.
    capacity_per_quarter: Mapped[int | None]
    keywords: Mapped[list[str]] = mapped_column(default=list)
    #: Public ids of organisations this must never be proposed to.
    excluded: Mapped[list[str]] = mapped_column(default=list)
    confidential_detail: Mapped[str] = mapped_column(Text, default="")
    translation: Mapped[dict[str, str]] = mapped_column(default=dict)
    valid_until: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    #: When the curator's first look is due; the owner sees it too.
    review_due_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped["Organisation"] = relationship()
    author: Mapped["Member | None"] = relationship(foreign_keys=author_id)
    curator: Mapped["Member | None"] = relationship(foreign_keys=curator_id)
    experts: Mapped[list["Expert"]] = relationship(secondary=solution_expert)
    performances: Mapped[list["PerformanceRow"]] = relationship(
        cascade="all, delete-orphan", order_by="PerformanceRow.position"
    )
    tags: Mapped[list[SolutionTag]] = relationship(
        cascade="all, delete-orphan", order_by=SolutionTag.id
    )


class PerformanceRow(Base):
    """One figure a solution reaches."""

    __tablename__ = "performance"

    id: Mapped[int] = mapped_column(primary_key=True)
    solution_id: Mapped[int] = mapped_column(ForeignKey("solution.id"), index=True)
    position: Mapped[int]
    indicator: Mapped[str] = mapped_column(String(200))
    value: Mapped[float | None]
    value_max: Mapped[float | None]
    unit: Mapped[str] = mapped_column(String(200), default="")
    condition: Mapped[str] = mapped_column(String(200), default="")
    measured: Mapped[bool] = mapped_column(default=False)
