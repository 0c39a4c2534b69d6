"""The search of one process: its shelves, and the encoder that fills them.

Where PostgreSQL holds the shelves for all (see `sharing`), the process only asks them. Elsewhere
it keeps its own in memory, a shadow of the rows in the database; before it answers it catches up
with the change sequence, so a published record is found by the next search of every worker.
"""

import logging
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from embeddings import EmbeddingError, Encoder
from matchmaker.domain import recipe
from matchmaker.domain.recipe import INDEXED_LEVELS
from matchmaker.domain.text import looks_unaccented
from matchmaker.domain.vocabulary import IndexRole, Level, RecordKind
from matchmaker.models import IndexModel, utc_now
from matchmaker.models.database import open_engine, reading
from matchmaker.models.moments import Moments, moments_of
from matchmaker.queries import disclosed
from matchmaker.search.no_encoder import NoEncoder
from matchmaker.search.query import Query, Recent, prepare
from matchmaker.search.shared.home import Key, Server
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.shelf import Shelf
from matchmaker.services import index_models, indexing, sharing
from matchmaker.services.own_shelves import PLACES, OwnShelves, Place
from matchmaker.services.remembered import Remembered

log = logging.getLogger(__name__)

#: More waiting tasks than this are left to the worker; a few are done before answering.
INLINE_TASKS = 16


class Catalogue:
    """The shelves by kind and level, and the encoder that fills them."""

    def __init__(
        self, encoder: Encoder, data_dir: Path, *, opens: Callable[[str], Encoder] | None = None,
        opener: str = "", search_url: str = "",
    ) -> None:  # fmt: skip
        """`encoder` is what the settings name, `opener` how: "bundled" and so on.

        `opens` gives the encoder of another name. With it the catalogue follows whatever model
        the index is searched by; without it, only `encoder` is ever used. `search_url` is the
        address of a replica that shared shelves are asked on.
        """
        self.encoder = encoder
        self.opener = opener
        self._settings_own = encoder
        self._opens = opens
        #: The fingerprint that was followed last; "": none was.
        self._followed = ""
        #: Of the rows that are read, where it is not the encoder's own.
        self._fingerprint = ""
        self._asker = Recent(encoder)
        self.data_dir = data_dir
        self._lock = threading.RLock()
        self._seen = 0
        #: This process's own; None where the database holds them for all.
        self._own: OwnShelves | None = None
        self._shared: dict[Place, SharedShelf] = {}
        self._pid = 0
        self._search_url = search_url
        self._replica: Engine | None = None
        self._home: Server | None = None
        self._is_met = False
        self._moments: Moments | None = None
        #: When everything was taken in, as `Moments` tell it.
        self._caught_up: str | None = None
        #: The nearest of records, looked up again only when a shelf has changed.
        self.remembered: Remembered[dict[int, float]] = Remembered()

    def shelf(self, kind: RecordKind, level: Level) -> Shelf:
        """The shelf of a kind that a reader of `level` may search."""
        self._after_fork()
        readable = max(lv for lv in INDEXED_LEVELS if lv <= level)
        return self._standing[kind, readable]

    def catch_up(self, session: Session) -> int:
        """Take in every change up to now; returns how many rows were read.

        A few waiting tasks are worked off here first: a record published a moment ago is found
        although no worker came by yet.
        """
        engine = self._meet(session)
        # Asked first: what is written from here on is for the next time.
        moment = self._moments.now() if self._moments else None
        if moment is not None and moment == self._caught_up:
            return 0
        self.follow(session)
        self._after_fork()
        # A caller that holds the writer's place himself would only wait for himself.
        writes = bool(engine.get_execution_options().get("writes", False))
        is_done = not writes and self._help(engine) and self._fill(engine)
        # Read afresh: the caller's transaction may have begun before those changes.
        with self._lock, reading(engine.execution_options(writes=False)) as fresh:
            count = self._read(fresh)
        self._caught_up = moment if is_done else None
        return count

    def work_off(
        self, engine: Engine, worker: str, *, limit: int = indexing.BATCH,
        on_progress: Callable[[int], None] | None = None,
    ) -> int:  # fmt: skip
        """Finish up to `limit` waiting tasks; returns how many records were dealt with."""
        return indexing.work_off(
            engine, self.encoder, worker=worker, limit=limit, on_progress=on_progress,
            opener=self.opener,
        )  # fmt: skip

    def take_in(self, session: Session) -> int:
        """Catch up by reading alone: no waiting task is worked off here."""
        self._meet(session)
        self.follow(session)
        self._after_fork()
        with self._lock:
            return self._read(session)

    def follow(self, session: Session) -> bool:
        """Change to the model that the index is searched by; says whether it was another one.

        What this process holds of words stays as it is: only vectors are read, of that model
        alone. A model that cannot be opened here leaves the words.
        """
        if self._opens is None:
            return False
        served = index_models.in_role(session, IndexRole.SERVING)
        if served is None or served.fingerprint == self._followed:
            return False
        with self._lock:
            if served.fingerprint == self._followed:
                return False  # another thread did it while we waited
            encoder = self._model_of(served)
            changes = encoder is not self.encoder
            if changes and self._own and self._is_ours:
                engine = _engine_of(session)
                asker = Recent(encoder)
                with reading(engine.execution_options(writes=False)) as fresh:
                    own = self._own.beside(fresh, asker, served.fingerprint)
                self.encoder, self._asker, self._fingerprint = encoder, asker, served.fingerprint
                self._own, self._seen = own, own.seen
            else:
                self.encoder, self._fingerprint = encoder, served.fingerprint
                self._asker = Recent(encoder) if changes else self._asker
                self._share()
            self._followed = served.fingerprint
        return changes

    def open(self, opener: str) -> Encoder:
        """The encoder of a name; "" is the settings' own. Raises EmbeddingError."""
        if opener in {"", self.opener} or self._opens is None:
            return self._settings_own
        return self._opens(opener)

    @property
    def fingerprint(self) -> str:
        """Of the model that the index is searched by."""
        return self._fingerprint or self.encoder.fingerprint

    @property
    def is_wordless(self) -> bool:
        """Whether the index's model is missing here, so that only words are searched by."""
        return isinstance(self.encoder, NoEncoder)

    def warm(self, session: Session) -> None:
        """Load model and shelves before the first question is asked."""
        self.catch_up(session)
        first = self.ask("khởi động")
        for _, shelf in self.shelves():
            shelf.warm()
            shelf.search(first, limit=1)

    def ask(self, text: str, shelf: Shelf | None = None) -> Query:
        """A text as a question; typed without diacritics, it is restored by the shelf's words."""
        return prepare(text, shelf.encoder if shelf else self._asker, shelf)

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
        kept = indexing.kept_question(session, shelf.encoder.fingerprint, record, level, told)
        return prepare(told.text, shelf.encoder, vectors=kept)

    def rebuild(self, session: Session) -> int:
        """Forget the shelves and read all rows again; shared ones are built anew for everyone."""
        engine = self._meet(session)
        if self._home is not None:
            return sharing.refill(engine)
        self._after_fork()
        with self._lock:
            self._reset()
            return self._read(session)

    def drain(self, engine: Engine, on_progress: Callable[[int], None] | None = None) -> int:
        """Work off every waiting task; returns how many records were dealt with."""
        done = 0
        name = worker_name()
        while count := self.work_off(engine, name, on_progress=on_progress):
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
    def state(self) -> tuple[str, int]:
        """What the shelves hold: the same, and the same question has the same answer."""
        return self.fingerprint, self._seen

    @property
    def seen(self) -> int:
        """The last change this process has taken in."""
        return self._seen

    def shelves(self) -> list[tuple[Place, Shelf]]:
        """Every shelf with its kind and level."""
        self._after_fork()
        return list(self._standing.items())

    def sizes(self) -> dict[str, int]:
        """How many records stand on each shelf."""
        return {f"{kind}-{int(level)}": s.size for (kind, level), s in self.shelves()}

    def _help(self, engine: Engine) -> bool:
        """Work off what waits, where it is little; False where it was refused."""
        with reading(engine) as session:
            waiting = indexing.due(session, utc_now())
        try:
            if 0 < waiting <= INLINE_TASKS:
                self.work_off(engine, worker_name(), limit=INLINE_TASKS)
        except OperationalError:
            return False  # somebody else is writing: the search goes on with what is there
        return True

    def _meet(self, session: Session) -> Engine:
        """Find out, once, whether this database holds the shelves itself."""
        engine = _engine_of(session)
        if self._is_met:
            return engine
        with self._lock:
            if self._home is None and sharing.is_shared(session):
                if self._search_url:
                    self._replica = open_engine(self._search_url)
                self._home = Server(engine, self._replica)
                self._reset()
            self._moments = moments_of(engine)
            self._is_met = True
        return engine

    def _fill(self, engine: Engine) -> bool:
        """Have rows taken in that came past the outbox: copied, restored or older than a shelf."""
        if self._home is None:
            return True
        try:
            with reading(engine) as session:
                if not sharing.is_behind(session):
                    return True
            sharing.fill(engine)
        except OperationalError:
            return False  # somebody else is at it: the search goes on with what is there
        return True

    def _read(self, session: Session) -> int:
        if self._home is not None:
            seen, self._seen = self._seen, sharing.seen(session)
            return self._seen - seen
        assert self._own is not None
        try:
            return self._own.read(session, self.fingerprint)
        finally:
            self._seen = self._own.seen

    def _model_of(self, served: IndexModel) -> Encoder:
        """The encoder that made the index's vectors, or one that leaves only the words."""
        try:
            encoder = self.open(served.opener)
            if encoder.fingerprint == served.fingerprint:
                return encoder
            why = "it is not the one that the index was made with"
        except EmbeddingError as error:
            why = str(error)
        log.error("search goes on by words alone: model %r: %s", served.opener, why)
        return NoEncoder()

    def _after_fork(self) -> None:
        """A process forked off a running one starts its own shelves."""
        if not self._is_ours:
            with self._lock:
                if not self._is_ours:
                    self._pid = os.getpid()
                    self._reset()

    @property
    def _standing(self) -> Mapping[Place, Shelf]:
        return self._shared if self._own is None else self._own.shelves

    @property
    def _is_ours(self) -> bool:
        """Whether this very process has put its shelves up."""
        return self._pid == os.getpid()

    def _reset(self) -> None:
        self._seen = 0
        self._caught_up = None
        self._share()
        if self._home is None:
            self._own = OwnShelves(self._asker)

    def _share(self) -> None:
        """Ask the shelves of the model that is searched by, where the database holds them."""
        if self._home is None:
            return
        self._own = None
        self._shared = {
            (kind, level): SharedShelf(
                self._home, Key(str(kind), int(level), self.fingerprint), self._asker
            )
            for kind, level in PLACES
        }


def worker_name() -> str:
    """A name nobody else uses: claims of a dead worker must not look like ours."""
    return f"{os.getpid()}-{uuid.uuid4().hex[:12]}"


def _engine_of(session: Session) -> Engine:
    bind = session.get_bind()
    return bind if isinstance(bind, Engine) else bind.engine
