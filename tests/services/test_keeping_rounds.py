"""Rounds on real rows: planned from matches, kept by people, told to owners."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from matchmaker.domain.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    WrongStateError,
)
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import (
    Fix,
    MatchState,
    MeetingState,
    OrganisationKind,
    PlanStatus,
    RoundKind,
    RoundState,
)
from matchmaker.models import (
    AuditEntry,
    Match,
    Meeting,
    Member,
    Need,
    Notice,
    Organisation,
    Round,
    RoundRun,
    Solution,
)
from matchmaker.models.database import writing
from matchmaker.services import audit, clocks, moving, round_inputs, round_plans, rounds
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.web.people import MakeNeed, MakeSolution, suggest

SETTINGS = RoundSettings(days=(date(2026, 12, 12),))


class Hall:
    """Two needs of Alice's and Mallory's, two solutions of Bob's, all four pairs ranked."""

    def __init__(self, needs: list[Need], solutions: list[Solution], matches: list[Match]) -> None:
        self.needs, self.solutions, self.matches = needs, solutions, matches


@pytest.fixture
def hall(
    session: Session, alice: Member, bob: Member, carol: Member, mallory: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> Hall:  # fmt: skip
    needs = [
        make_need(alice, curator=carol),
        make_need(mallory, curator=carol, title="Sấy nhân điều ít vỡ", anonymous=False),
    ]
    solutions = [
        make_solution(bob, curator=carol),
        make_solution(bob, curator=carol, title="Buồng sấy nhân điều"),
    ]
    chances = {(0, 0): 0.9, (0, 1): 0.3, (1, 0): 0.6, (1, 1): 0.1}
    matches = [
        suggest(session, needs[n], solutions[s], probability=p, score=p)
        for (n, s), p in chances.items()
    ]
    return Hall(needs, solutions, matches)


@pytest.fixture
def make_round(session: Session, carol: Member) -> Callable[..., Round]:
    def make(**changes: Any) -> Round:
        values = RoundSettings(**(vars(SETTINGS) | changes))
        made = rounds.create(
            session, carol, name="Ngày kết nối", kind=RoundKind.DAY, venue="Biên Hòa",
            settings=values, now=NOON,
        )  # fmt: skip
        session.commit()
        return made

    return make


def plan(session: Session, catalogue: Catalogue, round_: Round, by: Member) -> RoundRun:
    thought = round_plans.think(round_plans.prepare(session, catalogue, round_, now=NOON))
    run = round_plans.keep(session, round_, thought, by=by, now=NOON)
    session.commit()
    session.expire_all()
    return run


def pairs(round_: Round) -> set[tuple[int, int]]:
    return {(m.need_id, m.solution_id) for m in round_.meetings}


def test_plan_is_made_of_ranked_pairs_above_the_floor_and_recorded(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()

    run = plan(session, catalogue, round_, carol)

    ids = [(n.id, s.id) for n in hall.needs for s in hall.solutions]
    assert pairs(round_) == {ids[0], ids[1], ids[2]}
    assert (run.status, run.meetings, run.total) == (PlanStatus.OPTIMAL, 3, pytest.approx(1.8))
    assert run.total == run.bound >= run.greedy
    assert catalogue.encoder.fingerprint in run.model
    assert round_.state is RoundState.PLANNED
    assert round_.code == "DOT-2026-00001"
    deeds = [e.action for e in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    assert deeds[-2:] == ["round.create", "round.plan"]
    assert audit.first_broken(session) is None


def test_same_inputs_give_the_same_plan_and_keep_the_rows(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    first = plan(session, catalogue, round_, carol)
    before = {m.public_id: (m.starts_at, m.table_number) for m in round_.meetings}

    second = plan(session, catalogue, round_, carol)

    assert second.inputs_hash == first.inputs_hash
    assert {m.public_id: (m.starts_at, m.table_number) for m in round_.meetings} == before
    hall.matches[1].probability = 0.31
    session.commit()
    assert plan(session, catalogue, round_, carol).inputs_hash != first.inputs_hash


@pytest.mark.parametrize(
    ("state", "told"),
    [(MatchState.DISMISSED, "dismissed"), (MatchState.INTRODUCED, "introduced")],
)
def test_what_people_decided_keeps_a_pair_out_and_is_told(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round], state: MatchState, told: str,
) -> None:  # fmt: skip
    hall.matches[2].state = state
    session.commit()
    round_ = make_round()

    run = plan(session, catalogue, round_, carol)

    assert hall.needs[1].id not in {need for need, _ in pairs(round_)}
    [unserved] = run.unserved
    assert unserved["code"] == hall.needs[1].code
    assert [r["rule"] for r in unserved["reasons"]] == [told]


def test_excluded_and_related_organisations_never_meet(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall, alice: Member,
    mallory: Member, bob: Member, make_round: Callable[..., Round],
) -> None:  # fmt: skip
    assert alice.organisation
    assert mallory.organisation
    for solution in hall.solutions:
        solution.excluded = [alice.organisation.public_id]
    mallory.organisation.parent_id = bob.organisation_id
    session.commit()
    round_ = make_round()
    rounds.fix(session, round_, carol, hall.matches[0], Fix.PIN, now=NOON)

    run = plan(session, catalogue, round_, carol)

    assert pairs(round_) == set()
    assert len(run.unserved) == 2


def test_capacity_of_the_provider_is_kept_and_named(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall, bob: Member,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    assert bob.organisation
    bob.organisation.capacity = 1
    session.commit()
    round_ = make_round()

    run = plan(session, catalogue, round_, carol)

    assert run.status is PlanStatus.INFEASIBLE
    assert (round_.state, pairs(round_)) == (RoundState.DRAFT, set())
    [short] = run.short
    assert short["reasons"] == [{"rule": "capacity", "codes": [bob.organisation.code], "count": 1}]

    assert rounds.waive(session, round_, carol, now=NOON) == 1
    session.commit()
    assert plan(session, catalogue, round_, carol).meetings == 1


def test_pinned_and_forbidden_pairs_survive_every_plan(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    plan(session, catalogue, round_, carol)
    pinned = next(m for m in round_.meetings if m.probability == 0.3)
    was = (pinned.public_id, pinned.starts_at, pinned.table_number)
    rounds.fix(session, round_, carol, hall.matches[1], Fix.PIN, now=NOON)
    rounds.fix(session, round_, carol, hall.matches[0], Fix.FORBID, now=NOON)
    # Below the floor, and still: a person wants it.
    rounds.fix(session, round_, carol, hall.matches[3], Fix.PIN, now=NOON)
    session.commit()

    plan(session, catalogue, round_, carol)

    ids = [(n.id, s.id) for n in hall.needs for s in hall.solutions]
    assert pairs(round_) == {ids[1], ids[2], ids[3]}
    kept = next(m for m in round_.meetings if m.need_id == pinned.need_id)
    assert (kept.public_id, kept.starts_at, kept.table_number) == was
    rounds.fix(session, round_, carol, hall.matches[0], None, now=NOON)
    session.commit()
    plan(session, catalogue, round_, carol)
    assert ids[0] in pairs(round_)


def test_two_people_planning_at_once_keep_one_plan(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    first = round_plans.think(round_plans.prepare(session, catalogue, round_, now=NOON))
    second = round_plans.think(round_plans.prepare(session, catalogue, round_, now=NOON))
    round_plans.keep(session, round_, first, by=carol, now=NOON)
    session.commit()

    with pytest.raises(ConflictError):
        round_plans.keep(session, round_, second, by=carol, now=NOON)

    session.rollback()
    assert len(session.scalars(select(RoundRun)).all()) == 1
    assert len(session.scalars(select(Meeting)).all()) == 3


def test_absent_organisations_meet_when_they_are_there(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall, bob: Member,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    assert bob.organisation
    begins = SETTINGS.slots(rounds.clocks.LOCAL)[0].starts
    rounds.mark_absent(
        session, round_, carol, bob.organisation, from_at=begins,
        to_at=begins + timedelta(hours=4), now=NOON,
    )  # fmt: skip
    session.commit()

    plan(session, catalogue, round_, carol)

    assert min(m.starts_at for m in round_.meetings) >= begins + timedelta(hours=4)


def test_startups_without_an_introduction_are_newcomers(
    session: Session, hall: Hall, bob: Member, make_round: Callable[..., Round]
) -> None:
    assert bob.organisation
    round_ = make_round()
    batch, _ = round_inputs.batch_of(session, round_)
    assert [o.least for o in batch.offers] == [0, 0]

    bob.organisation.kind = OrganisationKind.STARTUP
    session.commit()

    batch, _ = round_inputs.batch_of(session, round_)
    assert [o.least for o in batch.offers] == [1, 1]


def test_publishing_tells_both_owners_of_their_own_record_alone(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall, alice: Member, bob: Member,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    plan(session, catalogue, round_, carol)

    assert rounds.publish(session, round_, carol, now=NOON) == 3
    session.commit()

    told = [n for n in session.scalars(select(Notice)) if n.record_public_id == round_.public_id]
    mine = [n for n in told if n.member_id == alice.id]
    assert len(told) == 6
    assert {n.facts["code"] for n in mine} == {hall.needs[0].code}
    assert {n.facts["round"] for n in mine} == {"Ngày kết nối"}
    assert all(n.facts["when"].startswith("12/12/2026 0") for n in mine)
    assert not any("GP-" in str(n.facts) for n in mine)
    with pytest.raises(WrongStateError):
        round_plans.prepare(session, catalogue, round_, now=NOON)
    with pytest.raises(WrongStateError):
        rounds.fix(session, round_, carol, hall.matches[0], Fix.FORBID, now=NOON)


def test_a_round_closes_once_every_meeting_is_noted(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    plan(session, catalogue, round_, carol)
    rounds.publish(session, round_, carol, now=NOON)
    first, *others = round_.meetings
    rounds.mark(session, round_, first, carol, MeetingState.HELD, outcome="Hẹn khảo sát", now=NOON)
    with pytest.raises(WrongStateError):
        rounds.close(session, round_, carol, now=NOON)
    for met in others:
        rounds.mark(session, round_, met, carol, MeetingState.CANCELLED, outcome="", now=NOON)

    rounds.close(session, round_, carol, now=NOON)
    session.commit()

    assert round_.state is RoundState.CLOSED
    cancelled = session.scalars(select(Notice).where(Notice.code == "meeting_cancelled")).all()
    assert len(cancelled) == 2 * len(others)


def test_only_curators_keep_rounds(
    session: Session, alice: Member, catalogue: Catalogue, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    thought = round_plans.think(round_plans.prepare(session, catalogue, round_, now=NOON))
    for deed in (
        lambda: round_plans.keep(session, round_, thought, by=alice, now=NOON),
        lambda: rounds.fix(session, round_, alice, hall.matches[0], Fix.PIN, now=NOON),
        lambda: rounds.publish(session, round_, alice, now=NOON),
        lambda: rounds.create(
            session, alice, name="x", kind=RoundKind.DAY, venue="", settings=SETTINGS, now=NOON
        ),
    ):
        with pytest.raises(NotAllowedError):
            deed()


def test_unknown_organisations_and_faulty_hours_are_told(
    session: Session, carol: Member, bob: Member, make_round: Callable[..., Round]
) -> None:
    round_ = make_round()
    assert isinstance(bob.organisation, Organisation)
    found = rounds.organisation_by_code(session, f" {bob.organisation.code.lower()} Đại học")
    assert found is bob.organisation
    with pytest.raises(InvalidError):
        rounds.organisation_by_code(session, "TC-2026-99999")
    with pytest.raises(InvalidError):
        rounds.mark_absent(
            session, round_, carol, bob.organisation, from_at=NOON, to_at=NOON, now=NOON
        )


def test_a_meeting_moves_to_a_time_free_for_both_and_they_are_told(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round(tables=1)
    plan(session, catalogue, round_, carol)
    rounds.publish(session, round_, carol, now=NOON)
    met, *others = round_.meetings
    free = moving.places(round_, met, now=NOON)
    # Bob offers both solutions: wherever he sits already, nothing of his can go.
    assert not {p.slot.starts for p in free} & {m.starts_at for m in round_.meetings}
    with pytest.raises(InvalidError):
        moving.move(session, round_, met, carol, others[0].starts_at, now=NOON)

    moving.move(session, round_, met, carol, free[-1].slot.starts, now=NOON)
    session.commit()

    assert (met.starts_at, met.ends_at) == (free[-1].slot.starts, free[-1].slot.ends)
    told = session.scalars(select(Notice).where(Notice.code == "meeting_moved")).all()
    owners = select(Member.organisation_id).where(Member.id.in_([n.member_id for n in told]))
    sides = {met.need.organisation_id, met.solution.organisation_id}
    assert set(session.scalars(owners)) == sides
    deeds = [e.action for e in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    assert deeds[-1] == "meeting.move"
    assert audit.first_broken(session) is None


def test_a_cancelled_meeting_takes_place_again_where_it_is_moved_to(
    session: Session, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    plan(session, catalogue, round_, carol)
    rounds.publish(session, round_, carol, now=NOON)
    met = round_.meetings[0]
    rounds.mark(session, round_, met, carol, MeetingState.CANCELLED, outcome="", now=NOON)
    # Its own time and table are free: the one who could not come can after all.
    first = moving.places(round_, met, now=NOON)[0]
    assert (first.slot.starts, first.table) == (met.starts_at, met.table_number)

    moving.move(session, round_, met, carol, first.slot.starts, now=NOON)

    assert met.state is MeetingState.PLANNED
    rounds.mark(session, round_, met, carol, MeetingState.HELD, outcome="", now=NOON)
    with pytest.raises(WrongStateError):
        moving.move(session, round_, met, carol, first.slot.starts, now=NOON)


def test_nobody_is_moved_into_hours_of_absence_or_times_gone_by(
    session: Session, catalogue: Catalogue, carol: Member, alice: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    round_ = make_round()
    slots = SETTINGS.slots(clocks.LOCAL)
    afternoon = next(s for s in slots if s.sitting)
    bob = hall.solutions[0].organisation
    rounds.mark_absent(
        session, round_, carol, bob, from_at=afternoon.starts, to_at=slots[-1].ends, now=NOON
    )
    plan(session, catalogue, round_, carol)
    rounds.publish(session, round_, carol, now=NOON)
    met = round_.meetings[0]
    second = slots[1].starts

    free = [p.slot.starts for p in moving.places(round_, met, now=second)]

    assert free
    assert second < min(free) <= max(free) < afternoon.starts
    with pytest.raises(NotAllowedError):
        moving.move(session, round_, met, alice, free[0], now=NOON)


def test_of_two_moves_at_once_the_second_is_not_kept(
    session: Session, engine: Engine, catalogue: Catalogue, carol: Member, hall: Hall,
    make_round: Callable[..., Round],
) -> None:  # fmt: skip
    """Each looked for a free place before the other had taken one: it may be the same."""
    round_ = make_round(tables=1)
    plan(session, catalogue, round_, carol)
    rounds.publish(session, round_, carol, now=NOON)
    session.commit()
    met, other = round_.meetings[:2]
    last, later = moving.places(round_, met, now=NOON)[-1].slot.starts, NOON + timedelta(minutes=1)
    session.commit()

    with writing(engine) as first:
        mine, his = first.get_one(Round, round_.id), first.get_one(Meeting, other.id)
        moving.move(first, mine, his, first.get_one(Member, carol.id), last, now=later)

    with pytest.raises(StaleDataError):
        moving.move(session, round_, met, carol, last, now=later + timedelta(seconds=1))
        session.commit()
    session.rollback()
    session.refresh(met)
    assert met.starts_at != last
