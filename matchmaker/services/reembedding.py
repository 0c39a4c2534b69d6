"""A change of model: its vectors are made beside those in use, then take their place at once.

While it goes on, everything is searched by the old model; what is saved meanwhile is embedded by
it at once, and by the next one before the change.
When every text has its vectors, one transaction makes the next model the one in use; each process
follows before its next answer. Old vectors are removed afterwards, a few at a time. Each step can
be cut off anywhere: tasks say what is still to do, and vectors of an unchanged text are kept.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Engine,
    Integer,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from embeddings import EmbeddingError, Encoder
from matchmaker.domain.vocabulary import IndexRole, Level
from matchmaker.models import Embedding, IndexModel, IndexTask
from matchmaker.models.database import reading, writing
from matchmaker.services import index_models, indexing, outbox, sharing
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.numbering import hold
from matchmaker.services.outbox import Key
from matchmaker.services.stored import SEQUENCE

#: Rows of an old model removed in one transaction: other writers wait no longer than that.
SWEPT_AT_ONCE = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far the change to the next model is, counted in records."""

    opener: str
    began_at: datetime
    done: int
    total: int
    #: Records set aside after five failures: the change waits for somebody to look at them.
    set_aside: int
    #: On average since it began.
    per_minute: int
    #: Why no worker could open the model, "" where one did.
    error: str


def begin(session: Session, opener: str, *, now: datetime) -> None:
    """Want another model, in place of one wanted earlier; the caller commits.

    The first worker that can open it writes the tasks.
    """
    hold(session, SEQUENCE)
    wanted = index_models.in_role(session, IndexRole.NEXT)
    if wanted is not None and wanted.opener == opener:
        return  # it goes on where it was
    abandon(session)
    session.add(IndexModel(role=IndexRole.NEXT, opener=opener, began_at=now))
    session.flush()


def abandon(session: Session) -> bool:
    """Stay with the model in use; what was made of the next one is removed. Says if there was."""
    wanted = index_models.in_role(session, IndexRole.NEXT)
    if wanted is None:
        return False
    session.execute(delete(IndexTask).where(IndexTask.role == IndexRole.NEXT))
    if wanted.fingerprint:
        wanted.role = None
    else:
        session.delete(wanted)
    session.flush()
    return True


def is_served(session: Session, opener: str, catalogue: Catalogue) -> bool:
    """Whether that very model is in use, and no other one wanted. Raises EmbeddingError."""
    served = index_models.in_role(session, IndexRole.SERVING)
    if served is None or index_models.in_role(session, IndexRole.NEXT) is not None:
        return False
    return catalogue.open(opener).fingerprint == served.fingerprint


def progress(session: Session, *, now: datetime) -> Progress | None:
    """None: no change of model is going on."""
    wanted = index_models.in_role(session, IndexRole.NEXT)
    served = index_models.in_role(session, IndexRole.SERVING)
    if wanted is None:
        return None
    total = _records(session, served.fingerprint) if served else 0
    left = outbox.waiting(session, IndexRole.NEXT) if wanted.fingerprint else total
    aside = sum(task.role is IndexRole.NEXT for task in outbox.set_aside(session))
    done = max(0, total - left)
    minutes = max((now - wanted.began_at) / timedelta(minutes=1), 1 / 60)
    return Progress(
        wanted.opener, wanted.began_at, done, total, aside, round(done / minutes), wanted.error
    )


def step(engine: Engine, catalogue: Catalogue, worker: str) -> bool:
    """One piece of the change, or of clearing up after one; says whether there was any."""
    with reading(engine) as session:
        wanted = index_models.in_role(session, IndexRole.NEXT)
        if wanted is None:
            has_old = session.scalar(
                select(IndexModel.id).where(IndexModel.role.is_(None)).limit(1)
            )
            waits = False
        else:
            has_old, waits = None, outbox.has_any(session, IndexRole.NEXT)
    if wanted is None:
        return has_old is not None and sweep(engine)
    try:
        encoder = catalogue.open(wanted.opener)
        if not wanted.fingerprint:
            return _prepare(engine, wanted, encoder, catalogue.opener)
    except EmbeddingError as error:
        _note(engine, wanted, str(error))
        return False
    if waits:
        done = indexing.work_off(engine, encoder, worker=worker, role=IndexRole.NEXT)
        return done > 0
    return switch(engine)


def switch(engine: Engine) -> bool:
    """Put the next model in use if every text has its vectors; asks for those that have not."""
    with writing(engine) as session:
        hold(session, SEQUENCE)
        wanted = index_models.in_role(session, IndexRole.NEXT)
        served = index_models.in_role(session, IndexRole.SERVING)
        if wanted is None or not wanted.fingerprint or outbox.has_any(session, IndexRole.NEXT):
            return False
        if served is not None:
            missing = _missing(session, served.fingerprint, wanted.fingerprint)
            outbox.ask(session, missing, IndexRole.NEXT)
            if missing:
                return True
            served.role = None
            session.flush()
        wanted.role, wanted.error = IndexRole.SERVING, ""
    log.info("the index is searched by model %r from now on", wanted.opener)
    return True


def sweep(engine: Engine) -> bool:
    """Remove some vectors of a model that is not wanted any more; says whether there were any."""
    with writing(engine) as session:
        old = session.scalars(select(IndexModel).where(IndexModel.role.is_(None)).limit(1)).first()
        if old is None:
            return False
        rows = select(Embedding.id).where(Embedding.fingerprint == old.fingerprint)
        ids = session.scalars(rows.limit(SWEPT_AT_ONCE)).all()
        if ids:
            session.execute(delete(Embedding).where(Embedding.id.in_(ids)))
        else:
            if sharing.is_shared(session):
                sharing.drop(session, old.fingerprint)
            session.delete(old)
    return True


def _prepare(engine: Engine, asked: IndexModel, encoder: Encoder, own: str) -> bool:
    """Note the model's fingerprint and write a task for every record that has vectors.

    `own` is what the settings of this process name: from now on it is the same for all.
    """
    fingerprint = encoder.fingerprint
    with writing(engine) as session:
        hold(session, SEQUENCE)
        wanted = session.get(IndexModel, asked.id)
        if wanted is None or wanted.role is not IndexRole.NEXT or wanted.fingerprint:
            return True  # another worker was first
        served = index_models.in_role(session, IndexRole.SERVING)
        if served is not None and served.fingerprint == fingerprint:
            session.delete(wanted)  # it is in use already
            return True
        # One that was left a while ago is wanted again: what is left of its vectors serves.
        old = IndexModel.role.is_(None), IndexModel.fingerprint == fingerprint
        session.execute(delete(IndexModel).where(*old))
        wanted.fingerprint, wanted.opener, wanted.error = fingerprint, wanted.opener or own, ""
        if served is not None:
            # What readers find comes first.
            mine = (
                select(Embedding.record_kind, Embedding.record_id)
                .where(Embedding.fingerprint == served.fingerprint)
                .group_by(Embedding.record_kind, Embedding.record_id)
                .order_by(func.max(cast(Embedding.is_listed, Integer)).desc(), Embedding.record_id)
            )
            outbox.ask(session, [(kind, i) for kind, i in session.execute(mine)], IndexRole.NEXT)
    return True


def _missing(session: Session, served: str, wanted: str) -> list[Key]:
    """Records whose vectors of the next model are missing, or of another text.

    Texts are still to be embedded by both where a task of the model in use waits: after the
    change it is the next model's.
    """
    other = aliased(Embedding)
    same_place = and_(
        other.record_kind == Embedding.record_kind, other.record_id == Embedding.record_id,
        other.level == Embedding.level, other.fingerprint == wanted,
    )  # fmt: skip
    differs = or_(other.text_hash != Embedding.text_hash, other.is_listed != Embedding.is_listed)
    rows = session.execute(
        select(Embedding.record_kind, Embedding.record_id)
        .outerjoin(other, same_place)
        .where(
            Embedding.fingerprint == served,
            or_(other.id.is_(None), and_(differs, ~_waits_itself())),
        )
        .distinct()
    )
    return [(kind, record_id) for kind, record_id in rows]


def _waits_itself() -> ColumnElement[bool]:
    return exists().where(
        IndexTask.record_kind == Embedding.record_kind,
        IndexTask.record_id == Embedding.record_id,
        IndexTask.role == IndexRole.SERVING,
    )


def _records(session: Session, fingerprint: str) -> int:
    """How many records have vectors of a model; each has some at every level."""
    query = select(func.count()).select_from(Embedding)
    query = query.where(Embedding.fingerprint == fingerprint, Embedding.level == int(Level.PUBLIC))
    return session.scalar(query) or 0


def _note(engine: Engine, wanted: IndexModel, error: str) -> None:
    """Write down why the model could not be opened, once."""
    if wanted.error == error:
        return
    log.error("the next model %r cannot be opened: %s", wanted.opener, error)
    with writing(engine) as session:
        found = session.get(IndexModel, wanted.id)
        if found is not None:
            found.error = error
