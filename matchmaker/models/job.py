"""Work that is due once a day, and what became of it."""

from datetime import date, datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.models.base import Base, utc_now


class JobRun(Base):
    """One job on one day: the key lets it be done once, the claim by one worker at a time."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    #: Who has it, or had it last.
    worker: Mapped[str] = mapped_column(String(80))
    taken_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: Until then nobody else takes it up; None: nobody has it.
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Not before this time: what failed waits longer each time.
    due_at: Mapped[datetime] = mapped_column(default=utc_now)
    done_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
