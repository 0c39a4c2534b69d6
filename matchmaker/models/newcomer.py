"""Where each newcomer was shown in a month, or why nowhere."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import FloorOutcome, Rule
from matchmaker.models.base import Base, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.need import Need
    from matchmaker.models.solution import Solution


class NewcomerFloor(Base):
    """One new solution in one period: looked at each day, kept for ever."""

    __tablename__ = "newcomer_floor"
    __table_args__ = (UniqueConstraint("period", "solution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    solution_id: Mapped[int] = mapped_column(ForeignKey("solution.id"), index=True)
    #: The need in whose list it stands; None: in none, and `outcome` says why.
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))
    outcome: Mapped[FloorOutcome] = mapped_column(Word(FloorOutcome))
    rule: Mapped[Rule | None] = mapped_column(Word(Rule))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    solution: Mapped["Solution"] = relationship()
    need: Mapped["Need | None"] = relationship()
