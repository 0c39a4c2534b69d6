"""The newcomer floor over real rows: who is shown in addition, where, and who is not and why."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from matchmaker.domain.newcomers import NEWCOMER_DAYS
from matchmaker.domain.vocabulary import FloorOutcome, MatchState, Rule, Ruling
from matchmaker.jobs import daily
from matchmaker.jobs.worker import Worker
from matchmaker.models import JobRun, Match, NewcomerFloor
from matchmaker.queries import matches
from matchmaker.services import curation, matching, newcomers, schedule
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.web.people import introduce, suggest

pytestmark = pytest.mark.databases

LATER = NOON + timedelta(days=40)
FAR = {"title": "Nuôi cấy mô hoa lan", "summary": "Cây giống hoa lan.",
       "description": "Nhân giống hoa lan trong phòng sạch."}  # fmt: skip


def ready(session, engine, catalogue, *needs, now=NOON):
    session.commit()
    catalogue.drain(engine)
    for need in needs:
        matching.refresh(session, catalogue, need, started_by=None, now=now)
    session.commit()


def rows(session):
    session.rollback()
    session.expire_all()
    found = session.scalars(select(NewcomerFloor).order_by(NewcomerFloor.id))
    return {(r.period, r.solution_id): (r.outcome, r.need_id, r.rule) for r in found}


def test_a_newcomer_out_of_every_list_is_put_at_the_end_of_the_best_one(
    session, engine, catalogue, alice, bob, mallory, carol, make_need, make_solution, monkeypatch
):
    monkeypatch.setattr(matching, "KEPT", 1)
    need = make_need(alice, curator=carol)
    known = make_solution(bob, curator=carol)
    new = make_solution(mallory, curator=carol, **FAR)
    ready(session, engine, catalogue, need)
    assert [m.solution_id for m in matches.of_need(session, alice.viewer, need.id)] == [known.id]

    counts = newcomers.run(engine, catalogue, now=NOON)

    assert counts == {FloorOutcome.SHOWN: 1, FloorOutcome.PLACED: 1}
    assert rows(session) == {
        ("2026-11", known.id): (FloorOutcome.SHOWN, need.id, None),
        ("2026-11", new.id): (FloorOutcome.PLACED, need.id, None),
    }
    shown = matches.of_need(session, alice.viewer, need.id)
    assert [(m.solution_id, m.newcomer_floor) for m in shown] == [(known.id, False), (new.id, True)]
    told = matching.explain(session, catalogue, carol.viewer, need, new, now=NOON)
    assert (shown[1].score, shown[1].band) == (told.score, told.band)
    # A refresh leaves it where it is; a second look in the month changes nothing.
    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.commit()
    newcomers.run(engine, catalogue, now=NOON + timedelta(days=2))
    assert rows(session)["2026-11", new.id] == (FloorOutcome.PLACED, need.id, None)
    assert matches.of_need(session, alice.viewer, need.id)[1].newcomer_floor


def test_the_next_month_decides_anew_and_old_age_ends_it(
    session, engine, catalogue, alice, bob, mallory, carol, make_need, make_solution, monkeypatch
):
    monkeypatch.setattr(matching, "KEPT", 1)
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    new = make_solution(mallory, curator=carol, **FAR)
    ready(session, engine, catalogue, need)
    newcomers.run(engine, catalogue, now=NOON)

    newcomers.run(engine, catalogue, now=LATER)
    assert rows(session)["2027-01", new.id][0] is FloorOutcome.PLACED
    new.published_at = LATER - timedelta(days=NEWCOMER_DAYS)
    session.commit()
    newcomers.run(engine, catalogue, now=LATER + timedelta(days=40))

    assert ("2027-02", new.id) not in rows(session)
    match = matches.of_pair(session, need.id, new.id)
    assert (match.newcomer_floor, match.is_current) == (False, False)


def test_the_reason_is_kept_where_a_newcomer_is_shown_nowhere(
    session, engine, catalogue, alice, bob, mallory, carol, make_need, make_solution, monkeypatch
):
    monkeypatch.setattr(matching, "KEPT", 1)
    new = make_solution(mallory, curator=carol, **FAR)
    ready(session, engine, catalogue)

    def look():
        newcomers.run(engine, catalogue, now=NOON)
        return rows(session)["2026-11", new.id]

    assert look() == (FloorOutcome.NO_NEED, None, None)
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    need.excluded = [mallory.organisation.public_id]
    ready(session, engine, catalogue, need)
    assert look() == (FloorOutcome.BLOCKED, None, Rule.EXCLUDED_BY_NEED)
    need.excluded = []
    session.commit()
    monkeypatch.setattr("matchmaker.domain.newcomers.FLOOR_PROBABILITY", 0.99)
    assert look() == (FloorOutcome.TOO_WEAK, None, None)
    monkeypatch.undo()
    monkeypatch.setattr(matching, "KEPT", 1)
    assert look() == (FloorOutcome.PLACED, need.id, None)
    match = matches.of_pair(session, need.id, new.id)
    curation.judge(session, match, carol, Ruling.HIDE, note="Không hợp", now=NOON)
    session.commit()
    assert look() == (FloorOutcome.SET_ASIDE, None, None)
    assert matches.of_need(session, alice.viewer, need.id)[-1].solution_id != new.id


def test_whoever_was_introduced_is_no_newcomer(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    other = make_solution(bob, curator=carol, **FAR)
    assert newcomers.eligible(session, NOON) == [solution, other]

    introduce(session, suggest(session, need, solution), carol, alice, bob)

    assert newcomers.eligible(session, NOON) == []


def test_of_several_workers_one_does_it_each_day(
    session, engine, catalogue, settings, alice, bob, carol, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    ready(session, engine, catalogue, need)
    [job] = [job for job in daily.DAILY if job.name == newcomers.JOB]
    other = Catalogue(catalogue.encoder, settings.data_dir)
    session.rollback()

    assert daily.do(engine, catalogue, job, "one", NOON)
    first = session.scalars(select(NewcomerFloor.made_at)).all()
    session.rollback()
    assert not daily.do(engine, other, job, "other", NOON + timedelta(hours=1))

    assert session.scalars(select(NewcomerFloor.made_at)).all() == first
    assert len(first) == 1
    session.rollback()
    assert daily.do(engine, catalogue, job, "one", NOON + timedelta(days=1))


def test_who_lost_the_claim_while_planning_writes_nothing(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    ready(session, engine, catalogue, need)
    session.rollback()
    slow = schedule.claim(engine, newcomers.JOB, "slow", NOON)
    later = NOON + schedule.CLAIM + timedelta(seconds=1)
    assert schedule.claim(engine, newcomers.JOB, "quick", later)

    with pytest.raises(schedule.LostClaimError):
        newcomers.run(engine, catalogue, now=later, finish=slow.finish)

    assert session.scalars(select(NewcomerFloor)).all() == []
    run = session.scalars(select(JobRun)).one()
    assert (run.worker, run.done_at, run.attempts) == ("quick", None, 2)


def test_the_worker_does_it_once_the_lists_are_made(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    worker, steps = Worker(engine, catalogue), 0
    while worker.step():
        steps += 1
        assert steps < 20

    # By the worker's own clock they may be new or not yet born; the lists stand either way.
    assert session.scalars(select(Match)).one().state is MatchState.SUGGESTED
    runs = session.scalars(select(JobRun).where(JobRun.name == newcomers.JOB)).all()
    assert [(run.attempts, run.error, run.done_at is None) for run in runs] == [(1, "", False)]
