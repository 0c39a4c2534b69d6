"""The worker's loop: what was saved, needs whose shelf has changed, the day's work, a new model."""

import logging
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from matchmaker.jobs import daily
from matchmaker.jobs.daily import Job
from matchmaker.jobs.pulse import Pulse
from matchmaker.models import utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import matching, reembedding, schedule
from matchmaker.services.catalogue import Catalogue, worker_name

log = logging.getLogger(__name__)

#: Seconds between two looks at an empty outbox.
PAUSE = 0.5
#: Seconds to wait after a failure that is not ours to mend, such as a locked database.
LONG_PAUSE = 5.0
RANKED_AT_ONCE = 5


class Worker:
    """One worker; any number may run, in threads or processes of their own."""

    def __init__(
        self, engine: Engine, catalogue: Catalogue, *, jobs: tuple[Job, ...] = daily.DAILY
    ) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.jobs = jobs
        self.name = worker_name()
        self._pulse = Pulse(engine, self.name)
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until told to stop; what is in hand is finished, what is not is given back."""
        self._pulse.start()
        try:
            while not self._stop.is_set():
                self._pulse.note()
                self._stop.wait(self._turn())
        finally:
            self._pulse.stop()

    def step(self) -> bool:
        """Do one piece of work; says whether there was any."""
        with reading(self.engine) as session:
            self.catalogue.follow(session)
        if self.catalogue.work_off(self.engine, self.name):
            return True
        # Without the index's model nothing can be ranked: lists stay as they are.
        if not self.catalogue.is_wordless and (self._rank() or self._daily()):
            return True
        return reembedding.step(self.engine, self.catalogue, self.name)

    def stop(self) -> None:
        self._stop.set()

    def start_thread(self) -> threading.Thread:
        """Run beside a server in the same process."""
        thread = threading.Thread(target=self.run, name="matchmaker-worker", daemon=True)
        thread.start()
        return thread

    def _turn(self) -> float:
        """One step, whatever it raises; returns the seconds to wait after it."""
        try:
            return 0.0 if self.step() else PAUSE
        except OperationalError:
            log.warning("the database cannot be reached or is locked; trying again")
            return LONG_PAUSE
        except Exception:
            # One bad record must not end the worker: its task waits, with the reason.
            log.exception("a job failed")
            return PAUSE

    def _daily(self) -> bool:
        """Do the first job of the day that nobody has taken up."""
        now = utc_now()
        for job in self.jobs:
            with reading(self.engine) as session:
                due = schedule.is_due(session, job.name, now, from_hour=job.from_hour)
            if due and daily.do(self.engine, self.catalogue, job, self.name, now):
                return True
        return False

    def _rank(self) -> bool:
        with reading(self.engine) as session:
            self.catalogue.catch_up(session)
            ids = [need.id for need in matching.behind(session, self.catalogue, RANKED_AT_ONCE)]
        for need_id in ids:
            with writing(self.engine) as session:
                if matching.take_behind(session, self.catalogue, need_id):
                    matching.refresh_by_id(session, self.catalogue, need_id, now=utc_now())
        return bool(ids)
