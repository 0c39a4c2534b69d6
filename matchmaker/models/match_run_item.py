"""What a run's list held, so that two runs can be told apart."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.vocabulary import Band
from matchmaker.models.base import Base, Word


class MatchRunItem(Base):
    """One place of one run's list; a match itself keeps only what the last run said of it."""

    __tablename__ = "match_run_item"

    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"), primary_key=True)
    solution_id: Mapped[int] = mapped_column(
        ForeignKey("solution.id"), primary_key=True, index=True
    )
    rank: Mapped[int]
    score: Mapped[float]
    band: Mapped[Band] = mapped_column(Word(Band))
