"""Real worker processes for tests: one process imports everything, and forks a worker when told.

Read from standard input, a line each: the database's address and the folder of the data, as JSON,
for which a worker is forked; the number of its process is printed. Workers
are the product's own, with short claims, slow encoders, and one job of their own beside the day's.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from embeddings import HashingEncoder, Role, Vectors
from matchmaker.jobs import daily, pulse
from matchmaker.jobs import worker as workers
from matchmaker.jobs.daily import Job
from matchmaker.models.database import open_engine, writing
from matchmaker.services import audit, outbox, schedule
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.schedule import Finish

#: How long a dead worker's claims outlive it here.
CLAIM = timedelta(seconds=1.5)
#: The model that takes the other one's place, as the settings would name it.
NEXT = "next"
NEXT_DIM = 64
#: The job of the tests: it writes one line into the audit chain.
JOB = "tests.job"


class Slow(HashingEncoder):
    """Takes its time, and writes down how many texts it has encoded."""

    def __init__(self, log: Path, dim: int = 256) -> None:
        super().__init__(dim)
        self._log = log

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        time.sleep(0.003 * len(texts))
        with self._log.open("a") as file:
            file.write("".join(f"{self.dim} {text[:60]!r}\n" for text in texts))
        return super().encode(texts, role=role)


def deed(engine: Engine, catalogue: Catalogue, now: datetime, finish: Finish) -> None:
    """Takes a moment, then writes one line and says that it is done, all at once."""
    del catalogue
    time.sleep(0.4)
    with writing(engine) as session:
        audit.record(session, JOB, now=now, actor_id=None)
        finish(session)


def catalogue(place: Path) -> Catalogue:
    log = place / "encoded"
    return Catalogue(
        Slow(log), place, opener="hashing", opens=lambda name: {NEXT: Slow(log, NEXT_DIM)}[name]
    )


def work(url: str, place: Path) -> None:
    outbox.CLAIM = schedule.CLAIM = CLAIM
    pulse.EVERY = CLAIM.total_seconds() / 4
    workers.PAUSE = 0.05
    jobs = (Job(JOB, deed), *daily.DAILY[1:])
    worker = workers.Worker(open_engine(url), catalogue(place), jobs=jobs)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin:
        url, place = json.loads(line)
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                work(url, Path(place))
            finally:
                os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
