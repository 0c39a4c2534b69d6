"""Organisations that are related: never proposed to one another, in neither direction."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import RelationKind
from matchmaker.models.base import Base, Public, Word, utc_now

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.organisation import Organisation


class Relation(Public, Base):
    """What `other` is to `organisation`, noted by an officer; for the staff's eyes only."""

    __tablename__ = "relation"
    __table_args__ = (
        UniqueConstraint("organisation_id", "other_id", "kind"),
        CheckConstraint("organisation_id <> other_id", name="two_organisations"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[RelationKind] = mapped_column(Word(RelationKind))
    note: Mapped[str] = mapped_column(Text, default="")
    #: None: it came with the demonstration data.
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    organisation: Mapped["Organisation"] = relationship(foreign_keys=organisation_id)
    other: Mapped["Organisation"] = relationship(foreign_keys=other_id)
    noted_by: Mapped["Member | None"] = relationship()
