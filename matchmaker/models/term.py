"""Vocabularies as data, and counters."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.vocabulary import Scheme
from matchmaker.models.base import Base, Word


class Term(Base):
    """One code of one list, with its words; a code never changes its meaning."""

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("scheme", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[Scheme] = mapped_column(Word(Scheme))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    label_vi: Mapped[str] = mapped_column(String(300))
    label_en: Mapped[str] = mapped_column(String(300))
    #: The same in plain words, where the label is an officer's word.
    plain_vi: Mapped[str] = mapped_column(String(300), default="")
    plain_en: Mapped[str] = mapped_column(String(300), default="")
    broader: Mapped[str | None] = mapped_column(String(40))
    replaced_by: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class Counter(Base):
    """Numbers handed out without gaps in order of commit: record codes, the change sequence."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]
