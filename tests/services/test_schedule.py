"""What is due once a day is done once, by whoever comes first, and tried again when it fails."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from matchmaker.jobs import daily
from matchmaker.jobs.daily import Job
from matchmaker.jobs.pulse import Pulse
from matchmaker.jobs.worker import Worker
from matchmaker.models import AuditEntry, JobRun, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import audit, schedule
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.schedule import Finish
from tests.conftest import NOON

pytestmark = pytest.mark.databases

WORKERS = 6


class BrokenError(Exception):
    """What a failing job raises here."""


def noting(engine: Engine, catalogue: Catalogue, now: object, finish: Finish) -> None:
    """One line, written together with the word that it is done."""
    with writing(engine) as session:
        audit.record(session, "tests.job", now=NOON, actor_id=None)
        finish(session)


def failing(*_: object) -> None:
    raise BrokenError("no paper")


NOTING = Job("noting", noting)
FAILING = Job("failing", failing)


def lines(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(AuditEntry).where(AuditEntry.action == "tests.job")).all())


def row(session: Session) -> JobRun:
    session.rollback()
    session.expunge_all()
    return session.scalars(select(JobRun)).one()


def test_many_at_once_do_it_once(engine: Engine, session: Session, catalogue: Catalogue) -> None:
    start = threading.Barrier(WORKERS)

    def begin(number: int) -> bool:
        start.wait()
        return daily.do(engine, catalogue, NOTING, f"w{number}", NOON)

    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(begin, range(WORKERS)))

    assert sorted(done) == [False] * (WORKERS - 1) + [True]
    assert lines(session) == 1
    assert (row(session).attempts, row(session).error) == (1, "")
    assert row(session).done_at is not None
    with reading(engine) as own:
        assert not schedule.is_due(own, NOTING.name, NOON)
        assert schedule.is_due(own, NOTING.name, NOON + timedelta(days=1))
    assert daily.do(engine, catalogue, NOTING, "w0", NOON + timedelta(days=1))


def test_it_waits_for_its_hour_by_the_clock_of_vietnam(engine: Engine, session: Session) -> None:
    night = NOON.replace(hour=18)  # one in the morning there
    assert not schedule.is_due(session, "job", night, from_hour=2)
    assert schedule.claim(engine, "job", "w", night, from_hour=2) is None

    taken = schedule.claim(engine, "job", "w", NOON.replace(hour=19), from_hour=2)

    assert taken is not None
    assert taken.day == NOON.date() + timedelta(days=1)


def test_another_takes_over_when_the_claim_of_a_dead_worker_runs_out(
    engine: Engine, session: Session, catalogue: Catalogue
) -> None:
    dead = schedule.claim(engine, NOTING.name, "dead", NOON)
    assert dead is not None
    assert not daily.do(engine, catalogue, NOTING, "other", NOON + schedule.CLAIM)

    later = NOON + schedule.CLAIM + timedelta(seconds=1)
    assert daily.do(engine, catalogue, NOTING, "other", later)

    assert (row(session).worker, row(session).attempts) == ("other", 2)
    # The one thought dead comes to its end after all: it must not write a second time.
    with pytest.raises(schedule.LostClaimError):
        noting(engine, catalogue, NOON, dead.finish)
    assert lines(session) == 1


def test_claim_of_a_living_worker_holds_on(
    engine: Engine, session: Session, catalogue: Catalogue
) -> None:
    assert schedule.claim(engine, NOTING.name, "slow", utc_now())
    with writing(engine) as own:
        own.execute(update(JobRun).values(claimed_until=utc_now() + timedelta(seconds=1)))
    pulse = Pulse(engine, "slow")

    assert pulse.beat()

    until = row(session).claimed_until
    assert until is not None
    assert until > utc_now() + schedule.CLAIM * 0.9
    assert not Pulse(engine, "nobody").beat()
    pulse.stop()
    assert (row(session).claimed_until, row(session).attempts) == (None, 0)
    assert daily.do(engine, catalogue, NOTING, "other", utc_now())


def test_failure_is_noted_and_each_try_waits_longer_until_it_is_set_aside(
    engine: Engine, session: Session, catalogue: Catalogue
) -> None:
    waits = []
    for attempt in range(1, schedule.MAX_ATTEMPTS + 1):
        with writing(engine) as own:
            own.execute(update(JobRun).values(due_at=NOON))
        with pytest.raises(BrokenError):
            daily.do(engine, catalogue, FAILING, "w", NOON)
        now = row(session)
        assert (now.attempts, now.claimed_until, now.done_at) == (attempt, None, None)
        assert now.error == "BrokenError: no paper"
        waits.append((now.due_at - utc_now()).total_seconds())
        assert not daily.do(engine, catalogue, FAILING, "w", NOON)  # not before its time

    assert all(later > 1.9 * sooner > 0 for sooner, later in pairwise(waits))
    with writing(engine) as own:
        own.execute(update(JobRun).values(due_at=NOON))
    assert not daily.do(engine, catalogue, FAILING, "w", NOON)
    today = NOON.date()
    [aside] = schedule.set_aside(session, since=today)
    assert (aside.name, aside.day, aside.error) == (FAILING.name, today, "BrokenError: no paper")
    assert schedule.set_aside(session, since=today + timedelta(days=1)) == []

    with writing(engine) as own:
        assert schedule.try_again(own, [(FAILING.name, today)], now=NOON) == 1
        assert schedule.try_again(own, [(FAILING.name, today)], now=NOON) == 0

    session.rollback()
    assert schedule.set_aside(session, since=today) == []
    with pytest.raises(BrokenError):
        daily.do(engine, catalogue, FAILING, "w", NOON)


def test_one_failing_job_does_not_keep_the_worker_from_the_others(
    engine: Engine, session: Session, catalogue: Catalogue
) -> None:
    worker = Worker(engine, catalogue, jobs=(FAILING, NOTING))

    with pytest.raises(BrokenError):
        worker.step()
    while worker.step():
        pass

    assert lines(session) == 1
