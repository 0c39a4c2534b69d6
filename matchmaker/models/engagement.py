"""Introductions, followed to their end."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import Stage, WaitingFor
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.match import Match
    from matchmaker.models.member import Member


class Engagement(Public, Stamped, Versioned, Base):
    """Two parties introduced; always with an officer, a next step and its due date."""

    __tablename__ = "engagement"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), unique=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    stage: Mapped[Stage] = mapped_column(Word(Stage), default=Stage.OPENED)
    next_step: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date]
    waiting_for: Mapped[WaitingFor] = mapped_column(Word(WaitingFor))

    match: Mapped["Match"] = relationship()
    officer: Mapped["Member"] = relationship()
    moves: Mapped[list["EngagementMove"]] = relationship(
        back_populates="engagement", order_by="EngagementMove.id"
    )


class EngagementMove(Base):
    """One step of an engagement: the stage reached, the note, by whom and when."""

    __tablename__ = "engagement_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    stage: Mapped[Stage] = mapped_column(Word(Stage))
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    engagement: Mapped[Engagement] = relationship(back_populates="moves")
    member: Mapped["Member"] = relationship()
