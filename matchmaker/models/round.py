"""Rounds of meetings: settings, what people fixed, the planning runs, and the meetings."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import (
    Fix,
    MeetingState,
    PlanStatus,
    RecordKind,
    RoundKind,
    RoundState,
)
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.need import Need
    from matchmaker.models.organisation import Organisation
    from matchmaker.models.solution import Solution


class Round(Public, Stamped, Versioned, Base):
    """A matchmaking day, or the meetings of a quarter: planned as a whole."""

    __tablename__ = "round"
    record_kind = RecordKind.ROUND

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[RoundKind] = mapped_column(Word(RoundKind))
    state: Mapped[RoundState] = mapped_column(Word(RoundState), default=RoundState.DRAFT)
    #: Where people meet.
    venue: Mapped[str] = mapped_column(String(200), default="")
    #: A `RoundSettings` as plain values.
    settings: Mapped[dict[str, Any]]
    officer_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    officer: Mapped["Member"] = relationship()
    runs: Mapped[list["RoundRun"]] = relationship(
        back_populates="round", order_by="RoundRun.id.desc()"
    )
    meetings: Mapped[list["Meeting"]] = relationship(
        back_populates="round", order_by="Meeting.starts_at, Meeting.table_number, Meeting.id"
    )
    fixes: Mapped[list["RoundFix"]] = relationship(
        order_by="RoundFix.id", cascade="all, delete-orphan"
    )
    absences: Mapped[list["RoundAbsence"]] = relationship(
        order_by="RoundAbsence.from_at, RoundAbsence.id", cascade="all, delete-orphan"
    )


class RoundRun(Public, Base):
    """One planning: by whom, from which inputs, with which solver, and how it ended.

    The same inputs give the same plan, so these rows tell where the meetings came from.
    """

    __tablename__ = "round_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    #: None: planned from the command line.
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    #: The model whose probabilities were summed, and the solver.
    model: Mapped[str] = mapped_column(String(80))
    solver: Mapped[str] = mapped_column(String(40))
    inputs_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[PlanStatus] = mapped_column(Word(PlanStatus))
    total: Mapped[float]
    bound: Mapped[float]
    greedy: Mapped[float]
    seconds: Mapped[float]
    needs: Mapped[int]
    pairs: Mapped[int]
    meetings: Mapped[int]
    waits: Mapped[int]
    waits_proven: Mapped[bool]
    #: Needs that meet nobody, as {code, reasons}; rules that cannot be kept, as told by the solver.
    unserved: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    short: Mapped[list[dict[str, Any]]] = mapped_column(default=list)

    round: Mapped[Round] = relationship(back_populates="runs")
    started_by: Mapped["Member | None"] = relationship()


class Meeting(Public, Stamped, Versioned, Base):
    """A need and a solution at one table at one time."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("round_id", "need_id", "solution_id"),)
    record_kind = RecordKind.MEETING

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    solution_id: Mapped[int] = mapped_column(ForeignKey("solution.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("round_run.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    table_number: Mapped[int]
    #: What it was chosen by; never shown bare.
    probability: Mapped[float]
    state: Mapped[MeetingState] = mapped_column(Word(MeetingState), default=MeetingState.PLANNED)
    #: What came of it, for staff.
    outcome: Mapped[str] = mapped_column(Text, default="")

    round: Mapped[Round] = relationship(back_populates="meetings")
    need: Mapped["Need"] = relationship()
    solution: Mapped["Solution"] = relationship()


class RoundFix(Base):
    """A pair that a person pinned or forbade; a pinned meeting keeps its time and table."""

    __tablename__ = "round_fix"
    __table_args__ = (UniqueConstraint("round_id", "need_id", "solution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"))
    solution_id: Mapped[int] = mapped_column(ForeignKey("solution.id"))
    fix: Mapped[Fix] = mapped_column(Word(Fix))
    starts_at: Mapped[datetime | None]
    table_number: Mapped[int | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    need: Mapped["Need"] = relationship()
    solution: Mapped["Solution"] = relationship()
    member: Mapped["Member"] = relationship()


class RoundAbsence(Public, Base):
    """An organisation that is not there for part of a round."""

    __tablename__ = "round_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped["Organisation"] = relationship()
