"""Planning a round: gather and let the database go, think, then keep the result in one step.

Thinking may take seconds. It holds no lock, so others go on writing; whoever changed the round
meanwhile wins, and the plan that was thought out for the old one is not kept.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker import planning
from matchmaker.domain.errors import ConflictError, InvalidError, NotAllowedError, WrongStateError
from matchmaker.domain.rounds.batch import Batch
from matchmaker.domain.rounds.reasons import Reason
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import RecordKind, RoundState
from matchmaker.models import Meeting, Member, Round, RoundRun, utc_now
from matchmaker.planning import Limits, Plan
from matchmaker.services import audit, round_inputs
from matchmaker.services.catalogue import Catalogue

#: A round whose owners were told is not planned anew behind their backs.
OPEN = frozenset({RoundState.DRAFT, RoundState.PLANNED})


@dataclass(frozen=True)
class Thought:
    """What a plan was made from, and what came of it."""

    version: int
    model: str
    started: datetime
    batch: Batch
    outside: dict[str, tuple[Reason, ...]]
    plan: Plan | None = None


def prepare(session: Session, catalogue: Catalogue, round_: Round, *, now: datetime) -> Thought:
    """Everything the plan depends on, as values: the session is not needed to think.

    Raises WrongStateError for a round that was published, InvalidError for faulty settings.
    """
    if round_.state not in OPEN:
        raise WrongStateError(RecordKind.ROUND, round_.state, "plan")
    problems = RoundSettings.of(round_.settings).problems()
    if problems:
        raise InvalidError(problems)
    batch, outside = round_inputs.batch_of(session, round_)
    model = f"{catalogue.encoder.name} {catalogue.encoder.fingerprint}"[:80]
    return Thought(round_.version, model, now, batch, outside)


def think(thought: Thought, limits: Limits | None = None) -> Thought:
    """Make the plan, apart from the process that serves."""
    plan = planning.plan_apart(thought.batch, limits)
    return Thought(
        thought.version, thought.model, thought.started, thought.batch, thought.outside, plan
    )


def keep(
    session: Session, round_: Round, thought: Thought, *, by: Member | None, now: datetime
) -> RoundRun:
    """Record the run; its meetings, where there are any, take the place of the former ones.

    Raises NotAllowedError, and ConflictError when the round changed while the plan was made.
    """
    if by is not None and not by.viewer.is_curator:
        raise NotAllowedError("plan a round")
    if round_.version != thought.version or round_.state not in OPEN:
        raise ConflictError(RecordKind.ROUND, round_.public_id, {})
    plan = thought.plan
    if plan is None:
        raise ValueError("nothing was thought out")
    run = _run_of(round_, thought, plan, by)
    session.add(run)
    session.flush()
    before = round_.state
    if plan.is_made:
        _replace_meetings(session, round_, run, thought.batch, plan, now)
        round_.state = RoundState.PLANNED
    round_.updated_at = now
    audit.record(
        session, "round.plan", now=now, actor_id=by.id if by else None, kind=RecordKind.ROUND,
        public_id=round_.public_id, from_state=before, to_state=round_.state,
        reason=str(plan.status),
        detail={"run": run.public_id, "meetings": run.meetings, "inputs": run.inputs_hash},
    )  # fmt: skip
    return run


def _run_of(round_: Round, thought: Thought, plan: Plan, by: Member | None) -> RoundRun:
    codes = thought.batch.ask
    unserved = {codes[i].code: reasons for i, reasons in plan.unserved.items()} | thought.outside
    return RoundRun(
        round_id=round_.id,
        started_at=thought.started,
        finished_at=utc_now(),
        started_by_id=by.id if by else None,
        model=thought.model,
        solver=plan.solver,
        inputs_hash=thought.batch.digest(),
        status=plan.status,
        total=plan.total,
        bound=plan.bound,
        greedy=plan.greedy,
        seconds=plan.seconds,
        needs=len(thought.batch.asks),
        pairs=len(thought.batch.pairs),
        meetings=len(plan.meetings),
        waits=plan.waits,
        waits_proven=plan.waits_proven,
        unserved=[
            {"code": code, "reasons": [r.as_json() for r in reasons]}
            for code, reasons in sorted(unserved.items())
        ],
        short=[one.as_json() for one in plan.short],
    )


def _replace_meetings(
    session: Session, round_: Round, run: RoundRun, batch: Batch, plan: Plan, now: datetime
) -> None:
    """A pair that meets again keeps its row, so that its calendar entry stays the same one."""
    known = {(m.need_id, m.solution_id): m for m in round_.meetings}
    for placed in plan.meetings:
        slot = batch.slots[placed.slot]
        met = known.pop((placed.need, placed.solution), None)
        if met is None:
            met = Meeting(
                round_id=round_.id, need_id=placed.need, solution_id=placed.solution,
                created_at=now,
            )  # fmt: skip
            session.add(met)
        met.run_id = run.id
        met.starts_at, met.ends_at = slot.starts, slot.ends
        met.table_number = placed.table
        met.probability = placed.chance
        met.updated_at = now
    for gone in known.values():
        session.delete(gone)
    session.flush()
    session.expire(round_, ["meetings"])
