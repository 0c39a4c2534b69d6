"""The worker's loop: the outbox, then needs whose shelf has changed, then what is due each day."""

import logging
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import indexing, matching, newcomers
from matchmaker.services.catalogue import Catalogue, worker_name
from matchmaker.services.learning import nightly

log = logging.getLogger(__name__)

#: Seconds between two looks at an empty outbox.
PAUSE = 0.5
#: Seconds to wait after a failure that is not ours to mend, such as a locked database.
LONG_PAUSE = 5.0
RANKED_AT_ONCE = 5


class Worker:
    """One worker; any number may run, in threads or processes of their own."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.name = worker_name()
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            try:
                busy = self.step()
            except OperationalError:
                log.warning("the database cannot be reached or is locked; trying again")
                self._stop.wait(LONG_PAUSE)
            except Exception:
                # One bad record must not end the worker: its task is put aside, with the reason.
                log.exception("a job failed")
                self._stop.wait(PAUSE)
            else:
                if not busy:
                    self._stop.wait(PAUSE)

    def step(self) -> bool:
        """Do one piece of work; says whether there was any."""
        with reading(self.engine) as session:
            self.catalogue.follow(session)
        if indexing.work_off(
            self.engine, self.catalogue.encoder, worker=self.name, live=self.catalogue.live
        ):
            return True
        if self._rank() > 0 or self._calibrate():
            return True
        return newcomers.run_daily(self.engine, self.catalogue, now=utc_now())

    def stop(self) -> None:
        self._stop.set()

    def start_thread(self) -> threading.Thread:
        """Run beside a server in the same process."""
        thread = threading.Thread(target=self.run, name="matchmaker-worker", daemon=True)
        thread.start()
        return thread

    def _calibrate(self) -> bool:
        """The nightly fit of the bands, if nobody has taken it up today."""
        now = utc_now()
        with reading(self.engine) as session:
            if not nightly.is_due(session, now):
                return False
        if not nightly.claim(self.engine, self.name, now):
            return False
        made = nightly.calibrate(self.engine, self.catalogue, now=now)
        if made is not None:
            log.info("bands fitted again: %s (%s)", made.state, made.reason)
        return True

    def _rank(self) -> int:
        with reading(self.engine) as session:
            self.catalogue.catch_up(session)
            ids = [need.id for need in matching.behind(session, self.catalogue, RANKED_AT_ONCE)]
        for need_id in ids:
            with writing(self.engine) as session:
                matching.refresh_by_id(session, self.catalogue, need_id, now=utc_now())
        return len(ids)
