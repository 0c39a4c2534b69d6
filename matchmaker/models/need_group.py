"""Needs of several firms that are one problem."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.models.base import Base, Public, utc_now

if TYPE_CHECKING:
    from matchmaker.models.member import Member
    from matchmaker.models.need import Need


class NeedGroup(Public, Base):
    """A problem several firms share, put together by a curator; for the staff only."""

    __tablename__ = "need_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
    made_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)

    made_by: Mapped["Member"] = relationship()
    places: Mapped[list["NeedGroupPlace"]] = relationship(
        back_populates="group", cascade="all, delete-orphan", order_by="NeedGroupPlace.need_id"
    )


class NeedGroupPlace(Base):
    """A need's place in the one group it may stand in."""

    __tablename__ = "need_group_place"

    need_id: Mapped[int] = mapped_column(
        ForeignKey("need.id"), primary_key=True, autoincrement=False
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("need_group.id"), index=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    added_at: Mapped[datetime] = mapped_column(default=utc_now)

    group: Mapped[NeedGroup] = relationship(back_populates="places")
    need: Mapped["Need"] = relationship()
