"""The day's work among real processes: done once, and taken over from a worker that was killed."""

import time

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.models import AuditEntry, JobRun
from tests.jobs import crew as crews
from tests.jobs.conftest import Crew, wait_for

pytestmark = pytest.mark.databases


def lines(session: Session) -> int:
    session.rollback()
    return len(session.scalars(select(AuditEntry).where(AuditEntry.action == crews.JOB)).all())


def run(session: Session) -> JobRun | None:
    session.rollback()
    session.expunge_all()
    return session.scalars(select(JobRun).where(JobRun.name == crews.JOB)).one_or_none()


def is_taken(session: Session) -> bool:
    found = run(session)
    return found is not None and found.claimed_until is not None


def is_done(session: Session) -> bool:
    found = run(session)
    return found is not None and found.done_at is not None


def test_two_processes_do_it_once(engine: Engine, session: Session, crew: Crew) -> None:
    crew.hire()
    crew.hire()

    wait_for(lambda: is_done(session), "nobody does it")
    time.sleep(1)  # whoever would do it again has the time to

    assert lines(session) == 1
    found = run(session)
    assert found is not None
    assert (found.attempts, found.error) == (1, "")


def test_killed_in_the_middle_it_is_taken_over_and_written_once(
    engine: Engine, session: Session, crew: Crew
) -> None:
    first = crew.hire()
    wait_for(lambda: is_taken(session), "nobody takes it up")
    assert lines(session) == 0
    crew.kill(first)
    found = run(session)
    assert found is not None
    dead = found.worker

    crew.hire()
    wait_for(lambda: is_done(session), "nobody takes it over")

    found = run(session)
    assert found is not None
    assert found.worker != dead
    assert (found.attempts, lines(session)) == (2, 1)


def test_asked_to_stop_a_worker_leaves_no_claim(
    engine: Engine, session: Session, crew: Crew
) -> None:
    pid = crew.hire()
    wait_for(lambda: is_taken(session), "nobody takes it up")

    crew.dismiss(pid)

    found = run(session)
    assert found is not None
    assert (found.claimed_until, lines(session)) == (None, 1)
