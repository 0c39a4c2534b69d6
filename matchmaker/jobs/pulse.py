"""A worker's sign of life: while it works, what it has claimed stays its own."""

import logging
import threading
import time
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import outbox, schedule

log = logging.getLogger(__name__)

#: Seconds between two signs: three may fail before a claim runs out.
EVERY = outbox.CLAIM.total_seconds() / 4
#: Seconds after which one piece of work counts as stuck: then its claims are left to run out.
STUCK_AFTER = 3_600.0


class Pulse:
    """Extends the claims of one worker from a thread of its own."""

    def __init__(self, engine: Engine, worker: str, *, every: float | None = None) -> None:
        self._engine = engine
        self._worker = worker
        self._every = EVERY if every is None else every
        self._stop = threading.Event()
        self._since = time.monotonic()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="matchmaker-pulse", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give back whatever is still claimed."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(OperationalError), writing(self._engine) as session:
            outbox.let_go(session, self._worker)
            schedule.let_go(session, self._worker)

    def note(self) -> None:
        """A new piece of work begins."""
        self._since = time.monotonic()

    def beat(self) -> bool:
        """Extend the claims, if there are any; says whether there were."""
        with reading(self._engine) as session:
            if not (
                outbox.holds_any(session, self._worker) or schedule.holds_any(session, self._worker)
            ):
                return False
        with writing(self._engine) as session:
            outbox.extend(session, self._worker, utc_now())
            schedule.extend(session, self._worker, utc_now())
        return True

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            if time.monotonic() - self._since > STUCK_AFTER:
                continue
            try:
                self.beat()
            except OperationalError:
                log.warning("claims could not be extended: the database is busy or out of reach")
