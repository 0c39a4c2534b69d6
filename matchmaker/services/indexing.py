"""From saved records to vectors: the outbox is worked off here, by any worker, any number of times.

A task is claimed, the record's texts are read, what changed is encoded outside any transaction,
and the vectors are written only while the record still reads the same: compare, repair, compare,
and only then forget.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, Engine, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from embeddings import Encoder, Vectors
from matchmaker.domain import recipe
from matchmaker.domain.recipe import Recipe
from matchmaker.domain.vocabulary import LISTED, Level, OrganisationStatus, RecordKind
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
from matchmaker.queries.records import TABLES
from matchmaker.search import entries
from matchmaker.search import query as questions
from matchmaker.services import sharing
from matchmaker.services.learning.serving import live_encoder
from matchmaker.services.numbering import hold, last_value, next_value
from matchmaker.services.stored import SEQUENCE, asking_of, vectors_of

BATCH = 32
#: Records are matched by the text that members read.
ASKING_LEVEL = Level.MEMBERS
#: How long a worker keeps a task for itself; a killed one frees it by being silent.
CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 5
Key = tuple[RecordKind, int]
#: What is matched by its own text; organisations and experts are only found.
_ASKING = {RecordKind.NEED, RecordKind.SOLUTION}
_HIDDEN = {OrganisationStatus.SUSPENDED, OrganisationStatus.MERGED, OrganisationStatus.ARCHIVED}


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
    on_progress: Callable[[int], None] | None = None, live: str | None = None,
) -> int:  # fmt: skip
    """Claim and finish up to `limit` due tasks; returns how many records were dealt with.

    `live` names the tuned model that the caller took `encoder` for ("": the settings' own): once
    another is live, nothing is claimed and nothing written, and the tasks wait for who has it.
    """
    keys = _claim(engine, worker, limit, live)
    if not keys:
        return 0
    try:
        with reading(engine) as session:
            prepared = prepare(session, encoder.fingerprint, keys)
        _finish(engine, encoder, worker, keys, _encode(encoder, prepared), live)
    except Exception as error:
        _put_back(engine, worker, error)
        raise
    if on_progress:
        on_progress(len(keys))
    return len(keys)


def pending(session: Session) -> int:
    """Tasks that wait or are being worked on."""
    return session.scalar(select(func.count()).select_from(IndexTask)) or 0


def due(session: Session, now: datetime) -> int:
    """Tasks that nobody holds and that may be tried now."""
    query = select(func.count()).select_from(IndexTask).where(_is_free(now))
    return session.scalar(query) or 0


def sequence(session: Session) -> int:
    """The number of the latest change of the index."""
    return last_value(session, SEQUENCE)


def ask_for_all(session: Session) -> int:
    """Write a task for every record, as after a change of model; returns how many."""
    made = 0
    for kind, table in TABLES.items():
        ids = session.scalars(select(table.id)).all()
        session.add_all(IndexTask(record_kind=kind, record_id=i) for i in ids)
        made += len(ids)
    return made


def _is_free(now: datetime, task: type[IndexTask] = IndexTask) -> ColumnElement[bool]:
    free = or_(task.claimed_until.is_(None), task.claimed_until < now)
    return and_(task.due_at <= now, free, task.attempts < MAX_ATTEMPTS)


def _claim(engine: Engine, worker: str, limit: int, live: str | None = None) -> list[Key]:
    """Mark free tasks as this worker's, all of one record together.

    A record is had by whoever locks its first free task: on PostgreSQL, workers that come at the
    same moment pass over each other's and take the next ones.
    """
    now = utc_now()
    earlier = aliased(IndexTask)
    has_earlier = exists().where(
        earlier.record_kind == IndexTask.record_kind, earlier.record_id == IndexTask.record_id,
        earlier.id < IndexTask.id, _is_free(now, earlier),
    )  # fmt: skip
    with writing(engine) as session:
        if live is not None and live_encoder(session) != live:
            return []
        first = select(IndexTask.record_kind, IndexTask.record_id)
        first = first.where(_is_free(now), ~has_earlier).order_by(IndexTask.id).limit(limit)
        locking = first.with_for_update(skip_locked=True, of=IndexTask)
        keys: list[Key] = [(kind, record_id) for kind, record_id in session.execute(locking)]
        for kind, record_id in keys:
            session.execute(
                update(IndexTask)
                .where(
                    IndexTask.record_kind == kind, IndexTask.record_id == record_id, _is_free(now)
                )
                .values(
                    claimed_by=worker, claimed_until=now + CLAIM, attempts=IndexTask.attempts + 1
                )
            )
    return keys


def prepare(session: Session, fingerprint: str, keys: Sequence[Key]) -> list[Prepared]:
    """Read the texts of these records; vectors of unchanged texts are taken as they are."""
    have = _embeddings(session, keys)
    prepared = []
    for key, record in _records(session, keys).items():
        for level in recipe.INDEXED_LEVELS:
            text = recipe.compose(key[0], disclosed.view_at(record, level))
            text_hash = _hash(text)
            row = have.get((*key, level))
            same = row and row.text_hash == text_hash and row.fingerprint == fingerprint
            vectors = vectors_of(row) if row and same else None
            asking = asking_of(row) if row and same else None
            prepared.append(Prepared(key, level, text, text_hash, vectors, asking))
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


def _finish(
    engine: Engine, encoder: Encoder, worker: str, keys: Sequence[Key],
    prepared: Sequence[Prepared], live: str | None = None,
) -> None:  # fmt: skip
    with writing(engine) as session:
        if live is not None and live_encoder(session) != live:
            _let_go(session, worker)  # another model went live meanwhile
            return
        # One writer of vectors at a time: what another has just written is compared with, too.
        hold(session, SEQUENCE)
        records = _records(session, keys)
        have = _embeddings(session, keys)
        stale = set()
        for item in prepared:
            record = records.get(item.key)
            if record is None:
                continue
            now_reads = recipe.compose(item.key[0], disclosed.view_at(record, item.level))
            if _hash(now_reads) != item.text_hash:
                stale.add(item.key)  # saved again meanwhile: the newer task will see to it
                continue
            _write(session, have.get((*item.key, item.level)), item, encoder, _is_listed(record))
        for key in set(keys) - set(records):
            _unlist(session, key)
        if sharing.is_shared(session):
            sharing.take_in(session)
        for key in set(keys) - stale:
            session.execute(
                delete(IndexTask).where(
                    IndexTask.record_kind == key[0],
                    IndexTask.record_id == key[1],
                    IndexTask.claimed_by == worker,
                )
            )
        for key in stale:
            session.execute(
                update(IndexTask)
                .where(
                    IndexTask.record_kind == key[0],
                    IndexTask.record_id == key[1],
                    IndexTask.claimed_by == worker,
                )
                .values(claimed_by="", claimed_until=None)
            )


def _write(
    session: Session, row: Embedding | None, item: Prepared, encoder: Encoder, is_listed: bool
) -> None:
    unchanged = (
        row is not None
        and row.text_hash == item.text_hash
        and row.fingerprint == encoder.fingerprint
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
    """A record that is gone leaves the shelves; its row tells every process so."""
    for row in _embeddings(session, [key]).values():
        row.is_listed = False
        row.title = row.body = row.text_hash = ""
        row.vectors, row.asking = b"", None
        row.sequence = next_value(session, SEQUENCE)


def _let_go(session: Session, worker: str) -> None:
    """Free this worker's tasks for whoever comes next."""
    session.execute(
        update(IndexTask)
        .where(IndexTask.claimed_by == worker)
        .values(claimed_by="", claimed_until=None, attempts=IndexTask.attempts - 1)
    )


def _put_back(engine: Engine, worker: str, error: Exception) -> None:
    """Free this worker's tasks; each try waits longer than the one before."""
    try:
        with writing(engine) as session:
            for task in session.scalars(select(IndexTask).where(IndexTask.claimed_by == worker)):
                task.claimed_by, task.claimed_until = "", None
                task.due_at = utc_now() + timedelta(seconds=2**task.attempts)
                task.error = f"{type(error).__name__}: {error}"[:500]
    except OperationalError:
        return  # the database is out of reach: the claims run out by themselves


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
        )
    )
    if row is None or row.fingerprint != fingerprint or row.text_hash != _hash(text):
        return None
    asking = asking_of(row)
    return vectors_of(row)[:1] if asking is None else asking


def _embeddings(
    session: Session, keys: Sequence[Key]
) -> dict[tuple[RecordKind, int, int], Embedding]:
    found = {}
    for kind in {k for k, _ in keys}:
        ids = [i for k, i in keys if k is kind]
        query = select(Embedding).where(Embedding.record_kind == kind, Embedding.record_id.in_(ids))
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
        return record.status not in _HIDDEN
    return record.status in LISTED


def _hash(text: Recipe) -> str:
    whole = f"{text.language}\n{text.title}\n\n{text.body}"
    return hashlib.sha256(whole.encode()).hexdigest()
