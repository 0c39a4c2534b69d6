"""The outbox of the index, and the vectors: the index itself is a shadow of these rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, event
from sqlalchemy import insert as sql_insert
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column

from matchmaker.domain.vocabulary import Language, Level, RecordKind
from matchmaker.models.base import Base, Stamped, Word, utc_now
from matchmaker.models.tags import Indexed


class IndexTask(Base):
    """A record was saved: its texts have to be read again. Written with the record itself."""

    __tablename__ = "index_task"
    __table_args__ = (Index(None, "record_kind", "record_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_kind: Mapped[RecordKind] = mapped_column(Word(RecordKind))
    record_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    #: Not before this time: a failed task waits longer each time.
    due_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    claimed_by: Mapped[str] = mapped_column(String(80), default="")
    claimed_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class Embedding(Stamped, Base):
    """One record's text and vectors at one level of disclosure.

    `vectors` holds float32 rows of width `dim`, the whole text first, its passages after it.
    `sequence` grows with every change, in order of commit: whoever remembers the last one he
    saw can catch up.
    """

    __tablename__ = "embedding"
    __table_args__ = (UniqueConstraint("record_kind", "record_id", "level"),)

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


class IndexSnapshot(Base):
    """What a snapshot file must be to be believed; anything else is rebuilt from the rows."""

    __tablename__ = "index_snapshot"

    shelf: Mapped[str] = mapped_column(String(80), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(80))
    dim: Mapped[int]
    size: Mapped[int]
    sequence: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=utc_now)


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
