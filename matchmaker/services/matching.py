"""Ranked solutions for a need, and needs for a solution, each with its reasons.

The order comes from `services/ranking.py`. The top ones get a band and, requirement by
requirement, the sentence that answers it; of a need they are kept, beside what people decided.
"""

import gc
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matchmaker import evidence
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.ranking import calibration
from matchmaker.domain.vocabulary import LISTED, Level, MatchState, RecordKind, Rule
from matchmaker.models import Match, MatchRun, Member, Need, Solution, utc_now
from matchmaker.queries import disclosed, matches, records
from matchmaker.search.shelf import Candidate
from matchmaker.services import audit, eligibility, explaining, locks, ranking, run_history
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.explaining import Half, Suggestion
from matchmaker.services.learning.serving import serving

#: How many of the best a run keeps.
KEPT = 20
_TABLES: tuple[type[Need | Solution], ...] = (Need, Solution)


@dataclass(frozen=True)
class Placed:
    """One solution in the ranking of a need: all that learning may know of it."""

    solution: int
    place: int
    candidate: Candidate
    #: The language the need asks in.
    asked: str
    features: calibration.Row | None
    #: The pair of languages whose fit tells it.
    pair: str
    #: What all small signals add together, before any learned factor.
    signals: float
    score: float


def warm(session: Session, catalogue: Catalogue) -> None:
    """Load what the first ranking would wait for: model, shelves, units, prepared statements."""
    catalogue.warm(session)
    evidence.assess(
        [evidence.Requirement("năng suất ≥ 1 tấn/giờ")],
        [evidence.Passage("summary", "Năng suất 2 tấn/giờ.")],
    )
    for table in _TABLES:
        ids = session.scalars(select(table.id).where(table.status.in_(LISTED)).limit(1)).all()
        for one in _load(session, table, ids).values():
            ranking.rank(session, catalogue, one, now=utc_now(), first=1)
    # Shelves, registry and model stay for good: walking them again in every full collection of
    # garbage took a fifth of a first ranking.
    gc.collect()
    gc.freeze()


def suggest(
    session: Session, catalogue: Catalogue, viewer: Viewer, record: Need | Solution,
    limit: int = 10, now: datetime | None = None,
) -> list[Suggestion]:  # fmt: skip
    """The best counterparts of a record, as `viewer` may see them; writes nothing.

    What staff set aside is not brought back to an owner by being computed anew.
    """
    aside = set() if viewer.is_staff else _set_aside(session, record)
    found = ranking.rank(session, catalogue, record, now=now or utc_now(), first=limit + len(aside))
    ranked = [item for item in found.allowed if item.id not in aside]
    return _suggestions(session, record, ranked[:limit], viewer)


def explain(
    session: Session, catalogue: Catalogue, viewer: Viewer, need: Need, solution: Solution,
    now: datetime | None = None,
) -> Suggestion:  # fmt: skip
    """Why one solution stands where it stands for a need, whether or not it is near the top.

    Raises NotFoundError for a solution that is not listed, or not indexed yet.
    """
    ranked = ranking.rank(session, catalogue, need, now=now or utc_now(), also=[solution.id])
    both = [*ranked.allowed, *ranked.blocked]
    found = _suggestions(session, need, [r for r in both if r.id == solution.id], viewer)
    if not found:
        raise NotFoundError(RecordKind.SOLUTION, solution.code)
    return found[0]


def profile(
    session: Session, catalogue: Catalogue, need: Need, also: Collection[int], *, now: datetime
) -> list[Placed]:
    """A need's solutions in order, as figures to learn from; writes nothing.

    Those of `also` are among them, kept out by a rule or not: who was introduced has taken up
    the capacity that a rule asks for, and still is what there is to learn from.
    """
    found = ranking.rank(session, catalogue, need, now=now, also=[*also])
    asked_for = {*also}
    kept_out = [item for item in found.blocked if item.id in asked_for]
    ranked = sorted([*found.allowed, *kept_out], key=lambda item: (-item.score, item.id))
    hits = [item.candidate for item in ranked]
    known = calibration.features(hits)
    told = calibration.pairs(hits, ranked[0].asked if ranked else "")
    rows: Sequence[calibration.Row | None] = known or [None] * len(ranked)
    return [
        Placed(
            item.id, place, item.candidate, item.asked, row, pair,
            sum(s.part for s in item.signals), item.score,
        )
        for place, (item, row, pair) in enumerate(zip(ranked, rows, told, strict=True))
    ]  # fmt: skip


def refresh(
    session: Session, catalogue: Catalogue, need: Need, *, started_by: Member | None,
    now: datetime,
) -> MatchRun:  # fmt: skip
    """Rank again and keep the result; what people decided is never written over.

    A state, a pin, a hiding and an added solution stay as people left them; what they stand on,
    the score and the evidence, is made new while nobody has decided.
    """
    started = utc_now()
    locks.hold(session, f"list of need {need.id}")
    known = session.scalars(select(Match).where(Match.need_id == need.id))
    have = {match.solution_id: match for match in known}
    stay = [i for i, match in have.items() if match.is_kept_by_people or match.newcomer_floor]
    ranked = ranking.rank(session, catalogue, need, now=now, also=stay)
    run = MatchRun(
        need_id=need.id,
        started_at=started,
        finished_at=utc_now(),
        started_by_id=started_by.id if started_by else None,
        model=f"{catalogue.encoder.name} {catalogue.encoder.fingerprint}",
        index_digest=catalogue.digest(RecordKind.SOLUTION, Level.MEMBERS),
        settings_hash=settings_hash(session, catalogue),
        rules_hash=eligibility.digest(session),
        pool_size=len(ranked.allowed),
        blocked=_kept_out(session, ranked),
    )
    session.add(run)
    session.flush()
    kept, asked = ranked.allowed[:KEPT], explaining.for_members(need)
    run_history.keep(session, run, [(r.id, r.score, r.probability) for r in kept])
    offered = _load(session, Solution, [item.id for item in kept])
    for item in kept:
        match = have.pop(item.id, None)
        if match is None:
            match = Match(need_id=need.id, solution_id=item.id, created_at=now)
            session.add(match)
        match.is_current, match.blocked_by, match.newcomer_floor = True, None, False
        write(match, run, asked, explaining.for_members(offered[item.id]), item)
    others = {item.id: item for item in (*ranked.allowed[KEPT:], *ranked.blocked)}
    for solution_id, match in have.items():
        _keep_or_drop(match, run, asked, others.get(solution_id))
    audit.record(
        session, "match.run", now=now, actor_id=started_by.id if started_by else None,
        kind=RecordKind.NEED, public_id=need.public_id, detail={"run": run.public_id},
    )  # fmt: skip
    return run


def write(
    match: Match, run: MatchRun | None, need: Half, solution: Half, item: ranking.Ranked
) -> None:
    """Put what the machine found into a match nobody has decided on; else leave it alone."""
    if match.state not in {None, MatchState.SUGGESTED}:
        return
    found = explaining.suggestion(item, need, solution)
    match.run_id = run.id if run else None
    match.score, match.probability, match.band = found.score, found.probability, found.band
    match.signals, match.evidence = found.signals, found.evidence


def _keep_or_drop(match: Match, run: MatchRun, need: Half, item: ranking.Ranked | None) -> None:
    """A match that its score does not bring into the list: does something else keep it there?"""
    match.blocked_by = Rule.NOT_LISTED if item is None else item.rule
    match.newcomer_floor = match.newcomer_floor and match.blocked_by is None
    match.is_current = match.is_kept_by_people or match.newcomer_floor
    if match.is_current and item is not None:
        write(match, run, need, explaining.for_members(match.solution), item)


def _kept_out(session: Session, ranked: ranking.Ranking) -> list[dict[str, Any]]:
    """Those that a rule keeps out of the list and that would stand in it, for the officers."""
    placed = [(ranked.place_of(item), item) for item in ranked.blocked]
    near = [(place, item) for place, item in placed if place <= KEPT]
    known = _load(session, Solution, [item.id for _, item in near])
    return [
        {"solution": known[item.id].public_id, "rule": str(item.rule), "place": place}
        for place, item in near
        if item.id in known
    ]


def refresh_by_id(
    session: Session, catalogue: Catalogue, need_id: int, *, now: datetime
) -> MatchRun | None:
    """The machine's own refresh; None when the need is gone or no longer listed."""
    need = session.get(Need, need_id)
    if need is None or need.status not in LISTED:
        return None
    return refresh(session, catalogue, need, started_by=None, now=now)


def take_behind(session: Session, catalogue: Catalogue, need_id: int) -> bool:
    """Keep a need for this transaction, unless another worker has it or has ranked it by now."""
    mine = (
        select(Need.id).where(Need.id == need_id).with_for_update(skip_locked=True, key_share=True)
    )
    if session.scalar(mine) is None:
        return False
    return bool(behind(session, catalogue, 1, among=need_id))


def behind(
    session: Session, catalogue: Catalogue, limit: int, *, among: int | None = None
) -> list[Need]:
    """Listed needs whose list is older than shelf, rules or text, the longest waiting first.

    `among`: only this one is asked about.
    """
    digest = catalogue.digest(RecordKind.SOLUTION, Level.MEMBERS)
    last = (
        select(MatchRun.need_id, func.max(MatchRun.id).label("id"))
        .group_by(MatchRun.need_id)
        .subquery()
    )
    query = (
        select(Need)
        .outerjoin(last, last.c.need_id == Need.id)
        .outerjoin(MatchRun, MatchRun.id == last.c.id)
        .where(
            Need.status.in_(LISTED),
            or_(
                MatchRun.id.is_(None),
                MatchRun.index_digest != digest,
                MatchRun.settings_hash != settings_hash(session, catalogue),
                MatchRun.rules_hash.is_(None),
                MatchRun.rules_hash != eligibility.digest(session),
                MatchRun.started_at < Need.updated_at,
            ),
        )
        .order_by(MatchRun.id.is_not(None), MatchRun.id, Need.id)
        .limit(limit)
    )
    if among is not None:
        query = query.where(Need.id == among)
    return list(session.scalars(query))


def settings_hash(session: Session, catalogue: Catalogue) -> str:
    """What shapes a ranking besides model and index: the constants, and what was learned."""
    return serving(session, catalogue.encoder.fingerprint).settings_hash()


def _set_aside(session: Session, record: Need | Solution) -> set[int]:
    """Counterparts, by row number, in pairs that staff hid or dismissed."""
    mine, theirs = Match.need_id, Match.solution_id
    if isinstance(record, Solution):
        mine, theirs = theirs, mine
    return set(session.scalars(select(theirs).where(mine == record.id, matches.is_set_aside())))


def _load(
    session: Session, table: type[Need] | type[Solution], ids: Sequence[int]
) -> dict[int, Need | Solution]:
    """Whole records by id, for the few that are shown."""
    staff = Viewer(member_id=0)
    if table is Need:
        return {r.id: r for r in records.by_ids(session, Need, staff, ids)}
    return {r.id: r for r in records.by_ids(session, Solution, staff, ids)}


def _suggestions(
    session: Session, record: Need | Solution, ranked: Sequence[ranking.Ranked], viewer: Viewer
) -> list[Suggestion]:
    introduced = disclosed.introduced_to(session, viewer)
    table = Solution if isinstance(record, Need) else Need
    others = _load(session, table, [item.id for item in ranked])
    mine = explaining.read(record, viewer, introduced)
    return [
        explaining.suggestion(item, mine, explaining.read(others[item.id], viewer, introduced))
        for item in ranked
        if item.id in others
    ]
