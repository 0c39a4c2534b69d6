"""Suggested connections, the runs they came from, and what people said of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import Band, MatchState, Placing, Reason, Rule, Ruling, Side
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.need import Need
    from matchmaker.models.solution import Solution


class MatchRun(Public, Base):
    """One ranking: by whom, with which model and settings, over which index.

    The same inputs give the same ranking, so these rows tell where a match came from.
    """

    __tablename__ = "match_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    solution_id: Mapped[int | None] = mapped_column(ForeignKey("solution.id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    #: None: the machine ran it by itself.
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    model: Mapped[str] = mapped_column(String(80))
    index_digest: Mapped[str] = mapped_column(String(64))
    settings_hash: Mapped[str] = mapped_column(String(64))
    #: What the hard rules read then: when it changes, lists are made anew.
    rules_hash: Mapped[str | None] = mapped_column(String(64))
    #: Solutions a rule kept out that would stand near the top: public id, rule, place.
    blocked: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default="[]")
    pool_size: Mapped[int]


class Match(Public, Stamped, Versioned, Base):
    """A need and a solution that may belong together."""

    __tablename__ = "match"
    __table_args__ = (UniqueConstraint("need_id", "solution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    solution_id: Mapped[int] = mapped_column(ForeignKey("solution.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))
    state: Mapped[MatchState] = mapped_column(
        Word(MatchState), default=MatchState.SUGGESTED, index=True
    )
    #: For order only, never shown; a verdict never rewrites it.
    score: Mapped[float]
    probability: Mapped[float]
    band: Mapped[Band] = mapped_column(Word(Band))
    signals: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    #: Whether the last run still lists it.
    is_current: Mapped[bool] = mapped_column(default=True)
    #: Where staff want it in the list; a run never changes it.
    placing: Mapped[Placing] = mapped_column(
        Word(Placing), default=Placing.RANKED, server_default=Placing.RANKED
    )
    #: The hard rule that keeps the pair apart since: while it does, owners are not shown it.
    blocked_by: Mapped[Rule | None] = mapped_column(Word(Rule))
    #: Stands at the end of the list because its solution is new, not because of its score.
    newcomer_floor: Mapped[bool] = mapped_column(default=False, server_default=false())
    proposed_by: Mapped[Side | None] = mapped_column(Word(Side))
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    need_answer: Mapped[Ruling | None] = mapped_column(Word(Ruling))
    solution_answer: Mapped[Ruling | None] = mapped_column(Word(Ruling))
    proposed_at: Mapped[datetime | None]
    #: When the owners' answers are due; both sides see it.
    reply_due_at: Mapped[datetime | None]

    need: Mapped["Need"] = relationship()
    solution: Mapped["Solution"] = relationship()
    run: Mapped[MatchRun | None] = relationship()
    curator: Mapped["Member | None"] = relationship()
    judgements: Mapped[list["Judgement"]] = relationship(
        back_populates="match", order_by="Judgement.id"
    )

    @property
    def is_in_list(self) -> bool:
        """Whether officers see it among its need's matches: listed still, or decided on."""
        return self.is_current or self.state is not MatchState.SUGGESTED

    @property
    def is_kept_by_people(self) -> bool:
        """Whether it stays in the list although no run brings it in: pinned, hidden or added."""
        return self.placing is not Placing.RANKED or self.proposed_by is Side.STAFF


class Judgement(Base):
    """What a person said of a match; kept for ever, never overwritten by a machine."""

    __tablename__ = "judgement"

    id: Mapped[int] = mapped_column(primary_key=True)
    match_id: Mapped[int] = mapped_column(ForeignKey("match.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    side: Mapped[Side] = mapped_column(Word(Side))
    ruling: Mapped[Ruling] = mapped_column(Word(Ruling))
    reason: Mapped[Reason | None] = mapped_column(Word(Reason))
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    match: Mapped[Match] = relationship(back_populates="judgements")
    member: Mapped["Member"] = relationship()
