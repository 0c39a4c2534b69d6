"""From saved records to vectors: the outbox is worked off here, by any worker, any number of times.

A task is claimed, the record's texts are read, what changed is encoded outside any transaction,
and the vectors are written only while the record still reads the same: compare, repair, compare,
and only then forget.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, joinedload, selectinload

from embeddings import Encoder, Vectors
from matchmaker.domain import recipe
from matchmaker.domain.operations import cause_of
from matchmaker.domain.recipe import Recipe
from matchmaker.domain.vocabulary import (
    HIDDEN_ORGANISATIONS,
    LISTED,
    IndexRole,
    Level,
    RecordKind,
)
from matchmaker.models import (
    Embedding,
    Expert,
    IndexTask,
    Need,
    Organisation,
    Solution,
    utc_now,
)  # fmt: skip
from matchmaker.models.database import reading, writing
from matchmaker.queries import disclosed
from matchmaker.queries.queues import is_set_aside
from matchmaker.queries.records import TABLES
from matchmaker.search import entries
from matchmaker.search import query as questions
from matchmaker.services import index_models, outbox, sharing
from matchmaker.services.numbering import hold, last_value, next_value
from matchmaker.services.stored import SEQUENCE, asking_of, vectors_of

BATCH = 32
#: Records are matched by the text that members read.
ASKING_LEVEL = Level.MEMBERS
Key = outbox.Key
log = logging.getLogger(__name__)

#: What is matched by its own text; organisations and experts are only found.
_ASKING = {RecordKind.NEED, RecordKind.SOLUTION}


@dataclass(frozen=True)
class Prepared:
    """One record's text at one level, with the vectors it has or still needs."""

    key: Key
    level: Level
    recipe: Recipe
    text_hash: str
    vectors: Vectors | None
    #: The text as a question, shape (1, dim), where the record is matched by it.
    asking: Vectors | None = None

    @property
    def asks(self) -> bool:
        return self.level == ASKING_LEVEL and self.key[0] in _ASKING


def work_off(
    engine: Engine, encoder: Encoder, *, worker: str, limit: int = BATCH,
    on_progress: Callable[[int], None] | None = None, role: IndexRole = IndexRole.SERVING,
    opener: str = "",
) -> int:  # fmt: skip
    """Claim and finish up to `limit` due tasks; returns how many records were dealt with.

    Nothing is claimed or written unless `encoder` is the model of that role at that moment; the
    tasks wait for who has it. Where a batch fails, its records are tried one by one; the error is
    raised when not one of them went well. `opener` is how other processes open the encoder.
    """
    with writing(engine) as session:
        if not index_models.may_write(session, role, encoder.fingerprint):
            return 0
        keys = outbox.claim(session, worker, limit, now=utc_now(), role=role)
    if not keys:
        return 0
    mine = _Work(engine, encoder, worker, role, opener)
    try:
        try:
            mine.do(keys)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a model or a text may raise
            mine.one_by_one(keys, error)
    except OperationalError:
        _let_go(engine, worker)  # the database's fault, not the records'
        raise
    if on_progress:
        on_progress(len(keys))
    return len(keys)


def pending(session: Session) -> int:
    """Tasks of the model in use that wait or are worked on; what was set aside waits for people."""
    query = select(func.count()).select_from(IndexTask)
    query = query.where(IndexTask.role == IndexRole.SERVING, ~is_set_aside(utc_now()))
    return session.scalar(query) or 0


def due(session: Session, now: datetime) -> int:
    """Tasks of the model in use that nobody holds and that may be tried now."""
    query = select(func.count()).select_from(IndexTask)
    query = query.where(outbox.is_free(now), IndexTask.role == IndexRole.SERVING)
    return session.scalar(query) or 0


def sequence(session: Session) -> int:
    """The number of the latest change of the index."""
    return last_value(session, SEQUENCE)


def ask_for_all(session: Session) -> int:
    """Write a task for every record, to compare its vectors with its text; returns how many."""
    made = 0
    for kind, table in TABLES.items():
        ids = session.scalars(select(table.id)).all()
        outbox.ask(session, [(kind, i) for i in ids], IndexRole.SERVING)
        made += len(ids)
    return made


def prepare(session: Session, fingerprint: str, keys: Sequence[Key]) -> list[Prepared]:
    """Read the texts of these records; vectors of unchanged texts are taken as they are."""
    have = _embeddings(session, keys, fingerprint)
    prepared = []
    for key, record in _records(session, keys).items():
        for level in recipe.INDEXED_LEVELS:
            text = recipe.compose(key[0], disclosed.view_at(record, level))
            read = text_hash(text)
            row = have.get((*key, level))
            same = row and row.text_hash == read
            vectors = vectors_of(row) if row and same else None
            asking = asking_of(row) if row and same else None
            prepared.append(Prepared(key, level, text, read, vectors, asking))
    return prepared


def _encode(encoder: Encoder, prepared: Sequence[Prepared]) -> list[Prepared]:
    """Fill in missing vectors; equal texts of the two levels are encoded once."""
    asking = [p for p in prepared if p.asks and p.asking is None]
    rows = questions.encode([p.recipe.text for p in asking], encoder)
    asked = {p.key: rows[at : at + 1] for at, p in enumerate(asking)}
    missing = {p.text_hash: p.recipe for p in prepared if p.vectors is None}
    made = dict(
        zip(
            missing,
            entries.encode([(r.title, r.body) for r in missing.values()], encoder),
            strict=True,
        )
    )
    return [
        replace(
            p,
            vectors=made[p.text_hash] if p.vectors is None else p.vectors,
            asking=asked.get(p.key, p.asking) if p.asks else None,
        )
        for p in prepared
    ]


@dataclass(frozen=True)
class _Work:
    """Claimed records on their way from texts to rows."""

    engine: Engine
    encoder: Encoder
    worker: str
    role: IndexRole
    opener: str

    def do(self, keys: Sequence[Key]) -> None:
        with reading(self.engine) as session:
            prepared = prepare(session, self.encoder.fingerprint, keys)
        self.finish(keys, _encode(self.encoder, prepared))

    def one_by_one(self, keys: Sequence[Key], error: Exception) -> None:
        """After a batch has failed: only what fails by itself is put back with its error."""
        failed = []
        for key in keys:
            try:
                if len(keys) > 1:
                    self.do([key])
                    continue
            except OperationalError:
                raise
            except Exception as own:  # noqa: BLE001 - see above
                error = own
            failed.append(key)
            cause = cause_of(error, self._texts(key))
            with writing(self.engine) as session:
                outbox.put_back(session, self.worker, key, self.role, cause, utc_now())
            log.warning("could not index %s %s: %s", *key, type(error).__name__)
        if len(failed) == len(keys):
            raise error

    def _texts(self, key: Key) -> list[str] | None:
        """What must not stand in the cause of a failure; None where it cannot be read."""
        try:
            with reading(self.engine) as session:
                prepared = prepare(session, self.encoder.fingerprint, [key])
        except OperationalError:
            raise
        except Exception:  # noqa: BLE001 - reading it may be the very failure
            return None
        return [item.recipe.text for item in prepared]

    def finish(self, keys: Sequence[Key], prepared: Sequence[Prepared]) -> None:
        """Write what still reads the same, and only then forget the tasks."""
        with writing(self.engine) as session:
            # One writer of vectors at a time: what another has just written is compared with, and
            # no other model takes this one's place meanwhile.
            hold(session, SEQUENCE)
            if not index_models.may_write(session, self.role, self.encoder.fingerprint):
                outbox.let_go(session, self.worker)  # another model took its place meanwhile
                return
            if self.role is IndexRole.SERVING:
                index_models.note_serving(session, self.encoder.fingerprint, self.opener)
            records = _records(session, keys)
            stale = self._write_all(session, records, prepared)
            for key in set(keys) - set(records):
                _unlist(session, key)
            if sharing.is_shared(session):
                sharing.take_in(session)
            for key in set(keys) - stale:
                outbox.forget(session, self.worker, key, self.role)
            for key in stale:
                outbox.free(session, self.worker, key, self.role)

    def _write_all(
        self, session: Session, records: Mapping[Key, disclosed.Readable],
        prepared: Sequence[Prepared],
    ) -> set[Key]:  # fmt: skip
        """Write the rows; returns the records that were saved again meanwhile."""
        keys = sorted({item.key for item in prepared})
        have = _embeddings(session, keys, self.encoder.fingerprint)
        stale = set()
        for item in prepared:
            record = records.get(item.key)
            if record is None:
                continue
            now_reads = recipe.compose(item.key[0], disclosed.view_at(record, item.level))
            if text_hash(now_reads) != item.text_hash:
                stale.add(item.key)  # saved again meanwhile: the newer task will see to it
                continue
            row = have.get((*item.key, item.level))
            _write(session, row, item, self.encoder, _is_listed(record))
        return stale


def _write(
    session: Session, row: Embedding | None, item: Prepared, encoder: Encoder, is_listed: bool
) -> None:
    unchanged = (
        row is not None
        and row.text_hash == item.text_hash
        and row.is_listed == is_listed
        and (item.asking is None or row.asking is not None)
    )
    if unchanged:
        return
    number = next_value(session, SEQUENCE)
    if row is None:
        row = Embedding(record_kind=item.key[0], record_id=item.key[1], level=int(item.level))
    vectors = np.ascontiguousarray(item.vectors, dtype=np.float32)
    row.is_listed = is_listed
    row.sequence = number
    row.language = item.recipe.language
    row.title, row.body = item.recipe.title, item.recipe.body
    row.text_hash = item.text_hash
    row.fingerprint = encoder.fingerprint
    row.dim = vectors.shape[1]
    row.vectors = vectors.tobytes()
    row.asking = None if item.asking is None else item.asking.astype(np.float32).tobytes()
    session.add(row)


def _unlist(session: Session, key: Key) -> None:
    """A record that is gone leaves the shelves; its rows, of whatever model, tell every process."""
    mine = select(Embedding).where(Embedding.record_kind == key[0], Embedding.record_id == key[1])
    for row in session.scalars(mine):
        row.is_listed = False
        row.title = row.body = row.text_hash = ""
        row.vectors, row.asking = b"", None
        row.sequence = next_value(session, SEQUENCE)


def _let_go(engine: Engine, worker: str) -> None:
    try:
        with writing(engine) as session:
            outbox.let_go(session, worker)
    except OperationalError:
        return  # out of reach: the claims run out by themselves


def kept_question(
    session: Session, fingerprint: str, record: disclosed.Record, level: Level, text: Recipe
) -> Vectors | None:
    """The kept vector (1, dim) of a record's text as it reads now, None when there is none.

    At a level no record is matched by, the text's own vector stands for the question: it serves
    to find what reads alike.
    """
    row = session.scalar(
        select(Embedding).where(
            Embedding.record_kind == record.record_kind,
            Embedding.record_id == record.id,
            Embedding.level == int(level),
            Embedding.fingerprint == fingerprint,
        )
    )
    if row is None or row.text_hash != text_hash(text):
        return None
    asking = asking_of(row)
    return vectors_of(row)[:1] if asking is None else asking


def _embeddings(
    session: Session, keys: Sequence[Key], fingerprint: str
) -> dict[tuple[RecordKind, int, int], Embedding]:
    """The rows of these records by one model, by kind, id and level."""
    found = {}
    for kind in {k for k, _ in keys}:
        ids = [i for k, i in keys if k is kind]
        query = select(Embedding).where(
            Embedding.record_kind == kind, Embedding.record_id.in_(ids),
            Embedding.fingerprint == fingerprint,
        )  # fmt: skip
        found.update({(r.record_kind, r.record_id, r.level): r for r in session.scalars(query)})
    return found


def _records(session: Session, keys: Sequence[Key]) -> dict[Key, disclosed.Readable]:
    found: dict[Key, disclosed.Readable] = {}
    for kind in {k for k, _ in keys}:
        ids = [i for k, i in keys if k is kind]
        found |= {(kind, record.id): record for record in _load(session, kind, ids)}
    return found


def _load(session: Session, kind: RecordKind, ids: Sequence[int]) -> Sequence[disclosed.Readable]:
    if kind is RecordKind.NEED:
        return session.scalars(
            select(Need).where(Need.id.in_(ids)).options(
                selectinload(Need.tags), selectinload(Need.requirements),
                joinedload(Need.organisation), joinedload(Need.curator), joinedload(Need.author),
            )
        ).all()  # fmt: skip
    if kind is RecordKind.SOLUTION:
        return session.scalars(
            select(Solution).where(Solution.id.in_(ids)).options(
                selectinload(Solution.tags), selectinload(Solution.performances),
                selectinload(Solution.experts), joinedload(Solution.organisation),
                joinedload(Solution.author),
            )
        ).all()  # fmt: skip
    if kind is RecordKind.EXPERT:
        query = select(Expert).where(Expert.id.in_(ids))
        return session.scalars(query.options(joinedload(Expert.organisation))).all()
    return session.scalars(
        select(Organisation).where(Organisation.id.in_(ids)).options(
            selectinload(Organisation.tags), selectinload(Organisation.experts),
            selectinload(Organisation.contacts),
        )
    ).all()  # fmt: skip


def _is_listed(record: disclosed.Readable) -> bool:
    if isinstance(record, Expert):
        return True  # the database decides, by his organisation
    if isinstance(record, Organisation):
        return record.status not in HIDDEN_ORGANISATIONS
    return record.status in LISTED


def text_hash(text: Recipe) -> str:
    """What tells whether a record's vectors are those of the text it has now, 64 hex digits."""
    whole = f"{text.language}\n{text.title}\n\n{text.body}"
    return hashlib.sha256(whole.encode()).hexdigest()
