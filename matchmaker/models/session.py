"""Server-side sessions and the brake on guessing passwords."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.models.base import Base, utc_now


class WebSession(Base):
    """A browser's session, kept here so that signing out really ends it."""

    __tablename__ = "session"

    #: SHA-256 of the token in the cookie: who reads the table cannot become anybody.
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("member.id", ondelete="CASCADE"), index=True
    )
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class SignInTry(Base):
    """A failed sign-in, counted per account and per address across all workers."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Hash of the e-mail typed, or of the address it came from.
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
