"""The search of one process: its shelves, and the encoder that fills them.

Where PostgreSQL holds the shelves for all (see `sharing`), the process only asks them. Elsewhere
it keeps its own in memory, a shadow of the rows in the database; before it answers it catches up
with the change sequence, so a published record is found by the next search of every worker.
"""

import os
import threading
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from embeddings import Encoder
from matchmaker.domain import recipe
from matchmaker.domain.recipe import INDEXED_KINDS, INDEXED_LEVELS
from matchmaker.domain.text import looks_unaccented
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Embedding, utc_now
from matchmaker.models.database import open_engine, reading
from matchmaker.queries import disclosed
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import Query, Recent, prepare
from matchmaker.search.shared.home import Key, Server
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.shelf import Shelf
from matchmaker.services import indexing, sharing
from matchmaker.services.learning.serving import live_encoder
from matchmaker.services.stored import entry_of

#: More waiting tasks than this are left to the worker; a few are done before answering.
INLINE_TASKS = 16
_PAGE = 500


class Catalogue:
    """The shelves by kind and level, and the encoder that fills them."""

    def __init__(
        self, encoder: Encoder, data_dir: Path, *, tuned: Callable[[str], Encoder] | None = None,
        search_url: str = "",
    ) -> None:  # fmt: skip
        """`tuned` opens a tuned model by its name; without it, only `encoder` is ever used.

        `search_url` is the address of a replica that shared shelves are asked on.
        """
        self.encoder = encoder
        self._settings_own = encoder
        self._tuned = tuned
        #: The tuned model in use; "": the settings' own. None: live versions are not followed.
        self.live: str | None = None if tuned is None else ""
        self._asker = Recent(encoder)
        self.data_dir = data_dir
        self._lock = threading.RLock()
        self._seen = 0
        self._shelves: dict[tuple[RecordKind, Level], Shelf] = {}
        self._pid = 0
        self._search_url = search_url
        self._replica: Engine | None = None
        self._home: Server | None = None
        self._is_met = False

    def shelf(self, kind: RecordKind, level: Level) -> Shelf:
        """The shelf of a kind that a reader of `level` may search."""
        self._after_fork()
        readable = max(lv for lv in INDEXED_LEVELS if lv <= level)
        return self._shelves[kind, readable]

    def catch_up(self, session: Session) -> int:
        """Take in every change up to now; returns how many rows were read.

        A few waiting tasks are worked off here first: a record published a moment ago is found
        although no worker came by yet.
        """
        self._after_fork()
        engine = self._meet(session)
        self.follow(session)
        writes = bool(engine.get_execution_options().get("writes", False))
        if not writes and 0 < indexing.due(session, utc_now()) <= INLINE_TASKS:
            # A caller that holds the writer's place himself would only wait for himself.
            self._help(engine)
        if self._home is not None and not writes:
            self._fill(engine)
        # Read afresh: the caller's transaction may have begun before those changes.
        with self._lock, reading(engine.execution_options(writes=False)) as fresh:
            return self._read(fresh)

    def take_in(self, session: Session) -> int:
        """Catch up by reading alone: no waiting task is worked off here."""
        self._after_fork()
        self._meet(session)
        self.follow(session)
        with self._lock:
            return self._read(session)

    def follow(self, session: Session) -> bool:
        """Change to the encoder that is live now; says whether it was another one.

        The shelves start empty then and fill as records are embedded again: vectors of two
        models never stand on one shelf.
        """
        if self._tuned is None:
            return False
        live = live_encoder(session)
        if live == self.live:
            return False
        encoder = self._tuned(live) if live else self._settings_own
        with self._lock:
            self.encoder, self._asker, self.live = encoder, Recent(encoder), live
            self._reset()
        return True

    def warm(self, session: Session) -> None:
        """Load model and shelves before the first question is asked."""
        self.catch_up(session)
        first = self.ask("khởi động")
        for _, shelf in self.shelves():
            shelf.warm()
            shelf.search(first, limit=1)

    def ask(self, text: str, shelf: Shelf | None = None) -> Query:
        """A text as a question; typed without diacritics, it is restored by the shelf's words."""
        return prepare(text, self._asker, shelf)

    def ask_as(
        self, session: Session, record: disclosed.Record, level: Level, shelf: Shelf
    ) -> Query:
        """A record as a question to a shelf, by the text that readers of `level` see.

        Its vector was kept when the record was indexed; only a text typed without diacritics,
        or not indexed yet, is encoded now.
        """
        told = recipe.compose(record.record_kind, disclosed.view_at(record, level))
        if looks_unaccented(told.text):
            return self.ask(told.text, shelf)
        kept = indexing.kept_question(session, self.encoder.fingerprint, record, level, told)
        return prepare(told.text, self._asker, vectors=kept)

    def rebuild(self, session: Session) -> int:
        """Forget the shelves and read all rows again; shared ones are built anew for everyone."""
        engine = self._meet(session)
        if self._home is not None:
            return sharing.refill(engine)
        with self._lock:
            self._reset()
            return self._read(session)

    def drain(self, engine: Engine, on_progress: Callable[[int], None] | None = None) -> int:
        """Work off every waiting task; returns how many records were dealt with."""
        done = 0
        name = worker_name()
        while count := indexing.work_off(
            engine, self.encoder, worker=name, on_progress=on_progress, live=self.live
        ):
            done += count
        return done

    def close(self) -> None:
        """Let go of the replica that searches were put to; the caller's own engine stays his."""
        if self._replica is not None:
            self._replica.dispose()

    def digest(self, kind: RecordKind, level: Level) -> str:
        """The content of a shelf as 64 hex digits; the same content, the same digits."""
        return self.shelf(kind, level).digest()

    @property
    def seen(self) -> int:
        """The last change this process has taken in."""
        return self._seen

    def shelves(self) -> list[tuple[tuple[RecordKind, Level], Shelf]]:
        """Every shelf with its kind and level."""
        self._after_fork()
        return list(self._shelves.items())

    def sizes(self) -> dict[str, int]:
        """How many records stand on each shelf."""
        self._after_fork()
        return {f"{kind}-{int(level)}": s.size for (kind, level), s in self._shelves.items()}

    def _help(self, engine: Engine) -> None:
        try:
            indexing.work_off(
                engine, self.encoder, worker=worker_name(), limit=INLINE_TASKS, live=self.live
            )
        except OperationalError:
            return  # somebody else is writing: the search goes on with what is there

    def _meet(self, session: Session) -> Engine:
        """Find out, once, whether this database holds the shelves itself."""
        bind = session.get_bind()
        engine = bind if isinstance(bind, Engine) else bind.engine
        if self._is_met:
            return engine
        with self._lock:
            if self._home is None and sharing.is_shared(session):
                if self._search_url:
                    self._replica = open_engine(self._search_url)
                self._home = Server(engine, self._replica)
                self._reset()
            self._is_met = True
        return engine

    def _fill(self, engine: Engine) -> None:
        """Have rows taken in that came past the outbox: copied, restored or older than a shelf."""
        try:
            with reading(engine) as session:
                if not sharing.is_behind(session):
                    return
            sharing.fill(engine)
        except OperationalError:
            return  # somebody else is at it: the search goes on with what is there

    def _read(self, session: Session) -> int:
        if self._home is not None:
            seen, self._seen = self._seen, sharing.seen(session)
            return self._seen - seen
        top = session.scalar(select(func.max(Embedding.sequence))) or 0
        count = 0
        while self._seen < top:
            rows = session.scalars(
                select(Embedding)
                .where(Embedding.sequence > self._seen)
                .order_by(Embedding.sequence)
                .limit(_PAGE)
            ).all()
            if not rows:
                break
            self._take_in(rows)
            self._seen = rows[-1].sequence
            count += len(rows)
            # All at once: expunging row by row was followed by corrupted memory (CPython 3.11.7,
            # SQLAlchemy 2.1.9) and a crash some pages later.
            session.expunge_all()
        return count

    def _take_in(self, rows: Sequence[Embedding]) -> None:
        for key, shelf in self._shelves.items():
            mine = [r for r in rows if r.shelf == key]
            usable = [r for r in mine if r.is_listed and self._fits(r)]
            keep = {r.record_id for r in usable}
            shelf.remove([r.record_id for r in mine if r.record_id not in keep])
            shelf.upsert([entry_of(r) for r in usable])

    def _fits(self, row: Embedding) -> bool:
        """Vectors of another model are never mixed in: their records wait to be encoded."""
        return row.fingerprint == self.encoder.fingerprint

    def _after_fork(self) -> None:
        """A process forked off a running one starts its own shelves."""
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():
                    self._pid = os.getpid()
                    self._reset()

    def _empty(self, kind: RecordKind, level: Level) -> Shelf:
        if self._home is None:
            return MemoryShelf(self.encoder)
        return SharedShelf(self._home, Key(str(kind), int(level), self.encoder.fingerprint))

    def _reset(self) -> None:
        self._seen = 0
        self._shelves = {
            (kind, level): self._empty(kind, level)
            for kind in INDEXED_KINDS
            for level in INDEXED_LEVELS
        }


def worker_name() -> str:
    """A name nobody else uses: claims of a dead worker must not look like ours."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
