"""People who sign in."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.vocabulary import Language, Role
from matchmaker.models.base import Base, Public, Stamped, Word

if TYPE_CHECKING:
    from matchmaker.models.organisation import Organisation


class Member(Public, Stamped, Base):
    """Somebody of an organisation, or of the department's staff."""

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Kept in lower case, so that one person cannot have two accounts by spelling.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(Word(Role), default=Role.MEMBER)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    locale: Mapped[Language | None] = mapped_column(Word(Language))
    is_active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None]

    organisation: Mapped["Organisation | None"] = relationship(back_populates="members")

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.id, self.organisation_id, self.role)
