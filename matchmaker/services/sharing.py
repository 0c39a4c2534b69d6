"""The shared shelves follow the vectors' rows: in the same transaction, or page by page.

A published record is therefore found by every worker at once and a withdrawn one never again.
With a replica for the searches (MATCHMAKER_SEARCH_DATABASE_URL) that holds for the primary, and
for the searches as soon as the replica has replayed the change: what a search finds is always
checked against the primary before it is shown, so a withdrawn record is not shown meanwhile, and
a published one may be found later by as much as the replica lags. Nothing is done about that
here: a primary with `synchronous_commit = remote_apply` for this replica has no such lag.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from matchmaker.migrations import shelves
from matchmaker.models import Embedding
from matchmaker.models.database import writing
from matchmaker.search.shared import upkeep
from matchmaker.search.shared.home import Key
from matchmaker.search.shared.tables import MARK
from matchmaker.search.shared.upkeep import ASIDE
from matchmaker.search.shared.writing import put
from matchmaker.services.numbering import hold
from matchmaker.services.stored import SEQUENCE, entry_of

#: Rows taken in by one transaction: those who wait for it wait a second or two.
PAGE = 200


def is_shared(session: Session) -> bool:
    """Whether this database holds the shelves itself."""
    return shelves.exists(session.connection())


def seen(session: Session) -> int:
    """The last change that the shelves have taken in."""
    row = session.execute(select(MARK.c.seen, MARK.c.reading)).one()
    return row.seen if row.reading == upkeep.READING else 0


def is_behind(session: Session) -> bool:
    """Whether there are rows that the shelves have not taken in."""
    return seen(session) < (session.scalar(select(func.max(Embedding.sequence))) or 0)


def take_in(session: Session) -> int:
    """Put the next changes on the shelves, a page at most; returns how many.

    The caller holds the change sequence: nobody else puts anything there meanwhile.
    """
    session.flush()
    connection = session.connection()
    if session.scalar(select(MARK.c.reading)) != upkeep.READING:
        upkeep.clear(connection)
    rows = _after(session, seen(session), PAGE)
    if rows:
        _put(session, rows)
        session.execute(update(MARK).values(seen=rows[-1].sequence))
    return len(rows)


def drop(session: Session, fingerprint: str) -> None:
    """Take down the shelves of a model that is no longer wanted."""
    upkeep.drop(session.connection(), fingerprint)


def fill(engine: Engine) -> int:
    """Take in all that is there, page by page; returns how many changes."""
    done = 0
    while True:
        with writing(engine) as session:
            hold(session, SEQUENCE)
            count = take_in(session)
        done += count
        if count < PAGE:
            return done


def refill(engine: Engine, on_progress: Callable[[int], None] = lambda _: None) -> int:
    """Build all shelves anew beside those that are asked, then put them in their place.

    Returns how many rows were read. Searches go on meanwhile, and so does the writing of vectors.
    """
    with writing(engine) as session:
        upkeep.sweep(session.connection())
    done = at = 0
    while True:
        with writing(engine) as session:
            rows = _after(session, at, PAGE)
            _put(session, rows, ASIDE)
        if not rows:
            break
        at = rows[-1].sequence
        done += len(rows)
        on_progress(len(rows))
    with writing(engine) as session:
        hold(session, SEQUENCE)
        rows = _after(session, at, None)
        _put(session, rows, ASIDE)
        upkeep.take_over(session.connection(), rows[-1].sequence if rows else at)
    with writing(engine) as session:
        upkeep.sweep(session.connection())
        upkeep.analyse(session.connection())
    return done + len(rows)


def _after(session: Session, number: int, limit: int | None) -> Sequence[Embedding]:
    query = select(Embedding).where(Embedding.sequence > number).order_by(Embedding.sequence)
    return session.scalars(query.limit(limit)).all()


def _put(session: Session, rows: Sequence[Embedding], prefix: str = "") -> None:
    """Put each row on the shelf of its own model, or take it off that one."""
    connection = session.connection()
    mine: dict[Key, list[Embedding]] = {}
    for row in rows:
        key = Key(str(row.record_kind), row.level, prefix + row.fingerprint)
        mine.setdefault(key, []).append(row)
    for key in sorted(mine, key=lambda k: (k.kind, k.level, k.fingerprint)):
        listed = [row for row in mine[key] if row.is_listed]
        put(connection, key, [entry_of(r) for r in listed], [r.record_id for r in mine[key]])
