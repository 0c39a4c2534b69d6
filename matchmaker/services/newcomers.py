"""Once a day: every newcomer stands in some need's list this month, or it is kept why not.

Reading and deciding come first and take their time; writing is one short transaction.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from matchmaker.domain import newcomers
from matchmaker.domain.newcomers import Chance, Decision
from matchmaker.domain.vocabulary import (
    HIDDEN_ORGANISATIONS,
    LISTED,
    FloorOutcome,
    MatchState,
    Placing,
)
from matchmaker.models import (
    Engagement,
    Match,
    Need,
    NewcomerFloor,
    Organisation,
    Solution,
)
from matchmaker.models.database import reading, writing
from matchmaker.queries import matches
from matchmaker.services import audit, explaining, matching, ranking
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.clocks import LOCAL
from matchmaker.services.schedule import Finish

JOB = "newcomers"
#: What an owner or an officer said no to is not brought back by the floor.
_TURNED_DOWN = {MatchState.DISMISSED, MatchState.DECLINED, MatchState.LAPSED}


@dataclass(frozen=True)
class Plan:
    """What is to become of one newcomer; `found` is its place in the chosen need's ranking."""

    solution_id: int
    decision: Decision
    found: ranking.Ranked | None = None


def run(
    engine: Engine, catalogue: Catalogue, *, now: datetime, finish: Finish = lambda _: None
) -> Counter[FloorOutcome]:
    """Look at every newcomer now; returns how many came to which end."""
    with reading(engine) as session:
        plans = plan(session, catalogue, now=now)
    with writing(engine) as session:
        finish(session)
        return carry_out(session, plans, now=now)


def plan(session: Session, catalogue: Catalogue, *, now: datetime) -> list[Plan]:
    """Every newcomer with what is to become of it; writes nothing."""
    new = eligible(session, now)
    shown = _shown(session, [s.id for s in new], period_at(now))
    missing = [s.id for s in new if s.id not in shown]
    found = _stand(session, catalogue, missing, now=now) if missing else {}
    plans = []
    for solution in new:
        here = found.get(solution.id, {})
        decision = newcomers.decide(shown.get(solution.id), [chance for chance, _ in here.values()])
        placed = decision.outcome is FloorOutcome.PLACED and decision.need_id is not None
        item = here[decision.need_id][1] if placed else None  # type: ignore[index]
        plans.append(Plan(solution.id, decision, item))
    return plans


def carry_out(session: Session, plans: Sequence[Plan], *, now: datetime) -> Counter[FloorOutcome]:
    """Write the month's rows and the placements; the caller commits."""
    period = period_at(now)
    query = select(NewcomerFloor).where(NewcomerFloor.period == period)
    rows = {row.solution_id: row for row in session.scalars(query)}
    for one in plans:
        if one.found is not None:
            _place(session, one, now=now)
        row = rows.get(one.solution_id)
        if row is None:
            row = NewcomerFloor(period=period, solution_id=one.solution_id)
            session.add(row)
        elif _says_so(row, one.decision):
            continue
        row.outcome, row.need_id = one.decision.outcome, one.decision.need_id
        row.rule, row.made_at = one.decision.rule, now
    session.flush()
    _withdraw_old(session, period)
    counts = Counter(one.decision.outcome for one in plans)
    audit.record(
        session, "newcomers.run", now=now, actor_id=None,
        detail={"period": period, **{str(k): v for k, v in sorted(counts.items())}},
    )  # fmt: skip
    return counts


def period_at(now: datetime) -> str:
    return newcomers.period_of(now.astimezone(LOCAL).date())


def eligible(session: Session, now: datetime) -> list[Solution]:
    """Listed solutions that are new, of organisations never introduced to anybody."""
    other = aliased(Solution)
    introductions = (
        select(func.count())
        .select_from(Engagement)
        .join(Match, Engagement.match_id == Match.id)
        .join(other, Match.solution_id == other.id)
        .where(other.organisation_id == Solution.organisation_id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Solution, introductions)
        .join(Organisation, Solution.organisation_id == Organisation.id)
        .where(Solution.status.in_(LISTED), Organisation.status.not_in(HIDDEN_ORGANISATIONS))
        .order_by(Solution.id)
    )
    return [s for s, count in rows if newcomers.is_newcomer(s.published_at, count, now)]


def of_period(session: Session, period: str) -> list[NewcomerFloor]:
    """The month's newcomers for the desk: those shown nowhere first."""
    query = (
        select(NewcomerFloor)
        .where(NewcomerFloor.period == period)
        .options(
            selectinload(NewcomerFloor.solution).selectinload(Solution.organisation),
            selectinload(NewcomerFloor.need),
        )
        .order_by(NewcomerFloor.need_id.is_not(None), NewcomerFloor.outcome, NewcomerFloor.id)
    )
    return list(session.scalars(query))


def _shown(session: Session, solutions: Sequence[int], period: str) -> dict[int, int]:
    """The need in whose list each newcomer stands best, where it stands in one."""
    placed = select(NewcomerFloor.need_id).where(
        NewcomerFloor.period == period,
        NewcomerFloor.solution_id == Match.solution_id,
        NewcomerFloor.need_id == Match.need_id,
    )
    rows = session.execute(
        select(Match.solution_id, Match.need_id)
        .join(Need, Match.need_id == Need.id)
        .where(
            Match.solution_id.in_(solutions),
            Need.status.in_(LISTED),
            Match.is_current | (Match.state != MatchState.SUGGESTED),
            Match.state.not_in(_TURNED_DOWN),
            Match.placing != Placing.HIDDEN,
            Match.blocked_by.is_(None),
            ~Match.newcomer_floor | placed.exists(),
        )
        .order_by(Match.newcomer_floor, Match.probability.desc(), Match.need_id)
    )
    shown: dict[int, int] = {}
    for solution_id, need_id in rows:
        shown.setdefault(solution_id, need_id)
    return shown


Found = dict[int, tuple[Chance, ranking.Ranked | None]]


def _stand(
    session: Session, catalogue: Catalogue, solutions: Sequence[int], *, now: datetime
) -> dict[int, Found]:
    """By solution and need: how it stands there, whatever its place."""
    found: dict[int, Found] = {row_id: {} for row_id in solutions}
    decided = _turned_down(session, solutions)
    needs = session.scalars(select(Need).where(Need.status.in_(LISTED)).order_by(Need.id))
    for need in needs.all():
        ranked = ranking.rank(session, catalogue, need, now=now, also=solutions)
        for item in (*ranked.allowed, *ranked.blocked):
            if item.id in found:
                aside = (need.id, item.id) in decided
                chance = Chance(need.id, ranked.place_of(item), item.probability, item.rule, aside)
                found[item.id][need.id] = (chance, item)
    return found


def _turned_down(session: Session, solutions: Sequence[int]) -> set[tuple[int, int]]:
    rows = session.execute(
        select(Match.need_id, Match.solution_id).where(
            Match.solution_id.in_(solutions),
            Match.state.in_(_TURNED_DOWN) | (Match.placing == Placing.HIDDEN),
        )
    )
    return {(need_id, solution_id) for need_id, solution_id in rows}


def _says_so(row: NewcomerFloor, decision: Decision) -> bool:
    """Whether the month's row holds this already: what was placed is shown from then on."""
    if row.outcome is FloorOutcome.PLACED and decision.outcome is FloorOutcome.SHOWN:
        return row.need_id == decision.need_id
    return (row.outcome, row.need_id, row.rule) == (
        decision.outcome, decision.need_id, decision.rule,
    )  # fmt: skip


def _place(session: Session, one: Plan, *, now: datetime) -> None:
    """Put it at the end of the need's list; what people decided meanwhile stays."""
    need = session.get_one(Need, one.decision.need_id)
    match, run = (
        matches.of_pair(session, need.id, one.solution_id),
        matches.last_run(session, need.id),
    )
    if match is None:
        match = Match(need_id=need.id, solution_id=one.solution_id, created_at=now)
    elif match.state is not MatchState.SUGGESTED or match.is_kept_by_people or match.is_current:
        return
    assert one.found is not None
    match.newcomer_floor, match.is_current, match.blocked_by = True, True, None
    solution = session.get_one(Solution, one.solution_id)
    matching.write(
        match, run, explaining.for_members(need), explaining.for_members(solution), one.found
    )
    session.add(match)


def _withdraw_old(session: Session, period: str) -> None:
    """Placements of an earlier month end with it, unless somebody took them up."""
    current = select(NewcomerFloor.id).where(
        NewcomerFloor.period == period,
        NewcomerFloor.solution_id == Match.solution_id,
        NewcomerFloor.need_id == Match.need_id,
    )
    query = select(Match).where(Match.newcomer_floor, ~current.exists())
    for match in session.scalars(query):
        match.newcomer_floor = False
        if match.state is MatchState.SUGGESTED:
            match.is_current = match.is_kept_by_people
