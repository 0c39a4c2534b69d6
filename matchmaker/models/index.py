"""The outbox of the index, and the vectors: the index itself is a shadow of these rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, event
from sqlalchemy import insert as sql_insert
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from matchmaker.domain.vocabulary import IndexRole, Language, Level, RecordKind
from matchmaker.models.base import Base, Stamped, Word, utc_now
from matchmaker.models.tags import Indexed


class IndexTask(Base):
    """A record was saved: its texts have to be read again. Written with the record itself."""

    __tablename__ = "index_task"
    #: Every answer asks what is due for the model in use: tasks for the next one are not walked.
    __table_args__ = (Index(None, "record_kind", "record_id"), Index(None, "role", "due_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    record_kind: Mapped[RecordKind] = mapped_column(Word(RecordKind))
    record_id: Mapped[int]
    #: Whose vectors are wanted: the model's in use, or the one's that is to take its place.
    role: Mapped[IndexRole] = mapped_column(Word(IndexRole), default=IndexRole.SERVING)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    #: Not before this time: a failed task waits longer each time.
    due_at: Mapped[datetime] = mapped_column(default=utc_now)
    claimed_by: Mapped[str] = mapped_column(String(80), default="")
    claimed_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class Embedding(Stamped, Base):
    """One record's text and vectors at one level of disclosure, by one model.

    `vectors` holds float32 rows of width `dim`, the whole text first, its passages after it.
    `sequence` grows with every change, in order of commit: whoever remembers the last one he
    saw can catch up.
    """

    __tablename__ = "embedding"
    __table_args__ = (UniqueConstraint("record_kind", "record_id", "level", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_kind: Mapped[RecordKind] = mapped_column(Word(RecordKind))
    record_id: Mapped[int]
    level: Mapped[int]
    #: Whether it stands on the shelf; drafts keep their vectors but are not found.
    is_listed: Mapped[bool]
    sequence: Mapped[int] = mapped_column(index=True)
    language: Mapped[Language] = mapped_column(Word(Language))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    #: Model, revision, prefixes and normaliser: vectors of two fingerprints never mix.
    fingerprint: Mapped[str] = mapped_column(String(80))
    dim: Mapped[int]
    vectors: Mapped[bytes] = mapped_column(LargeBinary)
    #: The whole text as a question to the other side: one row, for needs and solutions only.
    asking: Mapped[bytes | None] = mapped_column(LargeBinary)

    @property
    def shelf(self) -> tuple[RecordKind, Level]:
        return self.record_kind, Level(self.level)


class IndexModel(Base):
    """A model of which there are vectors: the one searched by, the next one, and old ones.

    Every process searches by the one that is `SERVING`, whatever its own settings name: so the
    change from one model to the next is a change of these rows, in one transaction.
    """

    __tablename__ = "index_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Unique while it has one; None: its vectors are no longer wanted and are being removed.
    role: Mapped[IndexRole | None] = mapped_column(Word(IndexRole), unique=True)
    #: As settings name it, or a tuned model's name; "": whatever the settings of a process name.
    opener: Mapped[str] = mapped_column(Text)
    #: Empty until a worker has opened it.
    fingerprint: Mapped[str] = mapped_column(String(80), default="")
    began_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: Why it could not be opened when last tried.
    error: Mapped[str] = mapped_column(Text, default="")


@event.listens_for(Session, "after_flush")
def _note_what_was_saved(session: Session, context: UOWTransaction) -> None:
    """Write an index task for every record of this flush, in the same transaction.

    Listening to the session leaves no entrance through which a record could slip unindexed.
    """
    del context
    changed = [r for r in session.new if isinstance(r, Indexed)]
    changed += [r for r in session.dirty if isinstance(r, Indexed) and session.is_modified(r)]
    changed += [r for r in session.deleted if isinstance(r, Indexed)]
    rows: dict[tuple[RecordKind, int], dict[str, Any]] = {
        (record.record_kind, record.id): {"record_kind": record.record_kind, "record_id": record.id}  # type: ignore[attr-defined]
        for record in changed
    }
    if rows:
        session.execute(sql_insert(IndexTask), list(rows.values()))
