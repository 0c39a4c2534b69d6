"""Organisations of every kind, their contacts and their experts."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.vocabulary import (
    OrganisationKind,
    OrganisationStatus,
    Ownership,
    RecordKind,
    Size,
    Verification,
)
from matchmaker.models.base import Base, Public, Stamped, Versioned, Word
from matchmaker.models.tags import Indexed, Tag, Tagged

if TYPE_CHECKING:
    from matchmaker.models.member import Member


class OrganisationTag(Tag, Base):
    __tablename__ = "organisation_tag"
    __table_args__ = (UniqueConstraint("record_id", "scheme", "code"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class Organisation(Tagged, Public, Stamped, Versioned, Base):
    """An enterprise, a school, a startup or a support body."""

    __tablename__ = "organisation"
    record_kind = RecordKind.ORGANISATION
    tag_class = OrganisationTag

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(Word(OrganisationKind))
    status: Mapped[OrganisationStatus] = mapped_column(
        Word(OrganisationStatus), default=OrganisationStatus.UNCLAIMED
    )
    name_vi: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    short_name: Mapped[str] = mapped_column(String(200), default="")
    tax_code: Mapped[str | None] = mapped_column(String(14), unique=True)
    ownership: Mapped[Ownership] = mapped_column(Word(Ownership), default=Ownership.DOMESTIC)
    country: Mapped[str] = mapped_column(String(2), default="VN")
    size: Mapped[Size | None] = mapped_column(Word(Size))
    commune: Mapped[str | None] = mapped_column(String(10), index=True)
    park: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    about_vi: Mapped[str] = mapped_column(Text, default="")
    about_en: Mapped[str] = mapped_column(Text, default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    certificates: Mapped[list[str]] = mapped_column(default=list)
    founded: Mapped[int | None]
    #: Introductions it can take at once; None: it has not said.
    capacity: Mapped[int | None]
    verification: Mapped[Verification] = mapped_column(
        Word(Verification), default=Verification.UNVERIFIED
    )
    confirmed_at: Mapped[datetime | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    #: The parent or common owner: related organisations are never proposed to one another.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    members: Mapped[list["Member"]] = relationship(back_populates="organisation")
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", order_by="Contact.id"
    )
    experts: Mapped[list["Expert"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", order_by="Expert.id"
    )
    tags: Mapped[list[OrganisationTag]] = relationship(
        cascade="all, delete-orphan", order_by=OrganisationTag.id
    )


class Contact(Base):
    """A person to talk to, shown to introduced parties only."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    consent: Mapped[bool] = mapped_column(default=False)

    organisation: Mapped[Organisation] = relationship(back_populates="contacts")


class Expert(Indexed, Public, Stamped, Base):
    """A person of a school who can solve problems, listed by the school."""

    __tablename__ = "expert"
    record_kind = RecordKind.EXPERT

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    degree: Mapped[str] = mapped_column(String(200), default="")
    topics: Mapped[list[str]] = mapped_column(default=list)
    techniques: Mapped[list[str]] = mapped_column(default=list)
    orcid: Mapped[str] = mapped_column(String(19), default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    days_per_month: Mapped[int | None]
    not_wanted: Mapped[str] = mapped_column(String(200), default="")

    organisation: Mapped[Organisation] = relationship(back_populates="experts")
