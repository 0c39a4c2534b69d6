"""Ranked solutions for a need, and needs for a solution, each with its reasons.

The way of a value: the record's text asks the other kind's shelf; hits are filtered in the
database; the fused score and the small signals order them; the top ones get a probability, a band
and, requirement by requirement, the sentence that answers it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matchmaker import evidence
from matchmaker.domain import lifecycle
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.ranking import calibration, constants
from matchmaker.domain.ranking.signals import WEIGHTS, Side, Signal, all_signals
from matchmaker.domain.vocabulary import (
    LISTED,
    Band,
    Level,
    MatchState,
    RecordKind,
    Scheme,
    Stage,
    Verification,
)
from matchmaker.models import (
    Engagement,
    Match,
    MatchRun,
    Member,
    Need,
    Organisation,
    Solution,
    utc_now,
)
from matchmaker.queries import disclosed, records
from matchmaker.queries.disclosed import View
from matchmaker.search.shelf import Candidate
from matchmaker.services import audit, run_history
from matchmaker.services.catalogue import Catalogue

#: How many candidates the signals may reorder, and how many a run keeps.
CANDIDATES = 200
KEPT = 20


@dataclass(frozen=True)
class Suggestion:
    """One pair as its reader may see it, with why."""

    need: View
    solution: View
    score: float
    probability: float
    band: Band
    signals: list[dict[str, Any]]
    evidence: list[dict[str, Any]]

    @property
    def fits(self) -> bool:
        return self.band is not Band.WEAK


@dataclass(frozen=True)
class _Ranked:
    candidate: Candidate
    record: Need | Solution
    signals: list[Signal]
    score: float
    probability: float = 0.0


def warm(session: Session, catalogue: Catalogue) -> None:
    """Load what the first ranking would wait for: model, shelves, units of measure."""
    catalogue.warm(session)
    evidence.assess(
        [evidence.Requirement("năng suất ≥ 1 tấn/giờ")],
        [evidence.Passage("summary", "Năng suất 2 tấn/giờ.")],
    )


def suggest(
    session: Session, catalogue: Catalogue, viewer: Viewer, record: Need | Solution,
    limit: int = 10, now: datetime | None = None,
) -> list[Suggestion]:  # fmt: skip
    """The best counterparts of a record, as `viewer` may see them; writes nothing."""
    ranked = _rank(session, catalogue, record, now=now or utc_now())[:limit]
    introduced = disclosed.introduced_to(session, viewer)
    return [_suggestion(record, item, viewer, introduced) for item in ranked]


def explain(
    session: Session, catalogue: Catalogue, viewer: Viewer, need: Need, solution: Solution,
    now: datetime | None = None,
) -> Suggestion:  # fmt: skip
    """Why one solution stands where it stands for a need, whether or not it is near the top."""
    ranked = _rank(session, catalogue, need, now=now or utc_now(), also=solution)
    item = next(r for r in ranked if r.record.id == solution.id)
    return _suggestion(need, item, viewer, disclosed.introduced_to(session, viewer))


def refresh(
    session: Session, catalogue: Catalogue, need: Need, *, started_by: Member | None,
    now: datetime,
) -> MatchRun:  # fmt: skip
    """Rank again and keep the result; what people decided is never written over."""
    started = utc_now()
    ranked = _rank(session, catalogue, need, now=now)
    run = MatchRun(
        need_id=need.id,
        started_at=started,
        finished_at=utc_now(),
        started_by_id=started_by.id if started_by else None,
        model=f"{catalogue.encoder.name} {catalogue.encoder.fingerprint}",
        index_digest=catalogue.digest(RecordKind.SOLUTION, Level.MEMBERS),
        settings_hash=settings_hash(),
        pool_size=len(ranked),
    )
    session.add(run)
    session.flush()
    run_history.keep(session, run, [(r.record.id, r.score, r.probability) for r in ranked[:KEPT]])
    known = session.scalars(select(Match).where(Match.need_id == need.id))
    have = {m.solution_id: m for m in known}
    staff = Viewer(role=None, member_id=0)
    for item in ranked[:KEPT]:
        found = _suggestion(need, item, staff, frozenset())
        match = have.pop(item.record.id, None)
        if match is None:
            match = Match(need_id=need.id, solution_id=item.record.id, created_at=now)
            session.add(match)
        elif match.state is not MatchState.SUGGESTED:
            match.is_current = True
            continue
        match.run_id = run.id
        match.is_current = True
        match.score, match.probability, match.band = found.score, found.probability, found.band
        match.signals, match.evidence = found.signals, found.evidence
    for match in have.values():
        match.is_current = False
    audit.record(
        session, "match.run", now=now, actor_id=started_by.id if started_by else None,
        kind=RecordKind.NEED, public_id=need.public_id, detail={"run": run.public_id},
    )  # fmt: skip
    return run


def refresh_by_id(
    session: Session, catalogue: Catalogue, need_id: int, *, now: datetime
) -> MatchRun | None:
    """The machine's own refresh; None when the need is gone or no longer listed."""
    need = session.get(Need, need_id)
    if need is None or need.status not in LISTED:
        return None
    return refresh(session, catalogue, need, started_by=None, now=now)


def behind(session: Session, catalogue: Catalogue, limit: int) -> list[Need]:
    """Listed needs never ranked over the shelf as it stands now, the longest waiting first."""
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
                MatchRun.settings_hash != settings_hash(),
                MatchRun.started_at < Need.updated_at,
            ),
        )
        .order_by(MatchRun.id.is_not(None), MatchRun.id, Need.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def settings_hash() -> str:
    """What shapes a ranking besides model and index."""
    table = {
        "weights": dict(WEIGHTS),
        "constants": constants.as_table(),
        "calibration": calibration.as_table(),
    }
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def _rank(
    session: Session, catalogue: Catalogue, record: Need | Solution, *, now: datetime,
    also: Need | Solution | None = None,
) -> list[_Ranked]:  # fmt: skip
    """All counterparts in order, by their members' texts: both sides are members."""
    catalogue.catch_up(session)
    table: type[Need | Solution] = Solution if isinstance(record, Need) else Need
    allowed = _eligible(session, table, record)
    shelf = catalogue.shelf(table.record_kind, Level.MEMBERS)
    query = catalogue.ask_as(session, record, Level.MEMBERS, shelf)
    candidates = shelf.search(query, limit=CANDIDATES, allowed=allowed)
    if also is not None and also.id not in {c.id for c in candidates}:
        candidates = [*candidates, *shelf.score(query, [also.id])]
    found = {r.id: r for r in _load(session, table, [c.id for c in candidates])}
    taken = _taken(session, found.values())
    mine = _side(record, 0)
    ranked = []
    for candidate in candidates:
        other = found.get(candidate.id)
        if other is None:
            continue
        theirs = _side(other, taken.get(other.organisation_id, 0))
        pair = (mine, theirs) if isinstance(record, Need) else (theirs, mine)
        signals = all_signals(*pair, now=now)
        score = candidate.fused + sum(s.part for s in signals)
        ranked.append(_Ranked(candidate, other, signals, score))
    ranked.sort(key=lambda r: (-r.score, r.record.id))
    chances = calibration.probabilities([r.candidate for r in ranked])
    return [replace(r, probability=p) for r, p in zip(ranked, chances, strict=True)]


def _eligible(
    session: Session, table: type[Need] | type[Solution], record: Need | Solution
) -> Sequence[int]:
    """Hard rules: listed, never the asker's own or a related organisation, nobody excluded."""
    own = record.organisation
    related = select(Organisation.id).where(
        or_(
            Organisation.id == own.id,
            Organisation.parent_id == own.id,
            Organisation.id == own.parent_id,
            (Organisation.parent_id == own.parent_id) & Organisation.parent_id.is_not(None),
        )
    )
    query = select(table.id).where(table.status.in_(LISTED), table.organisation_id.not_in(related))
    if isinstance(record, Solution):
        if record.excluded:
            shut = select(Organisation.id).where(Organisation.public_id.in_(record.excluded))
            query = query.where(table.organisation_id.not_in(shut))
        return session.scalars(query).all()
    ids = set(session.scalars(query))
    shut_out = session.execute(select(Solution.id, Solution.excluded).where(Solution.id.in_(ids)))
    return sorted(ids - {i for i, excluded in shut_out if own.public_id in (excluded or [])})


def _load(
    session: Session, table: type[Need] | type[Solution], ids: Sequence[int]
) -> Sequence[Need | Solution]:
    staff = Viewer(member_id=0)
    if table is Need:
        return records.by_ids(session, Need, staff, ids)
    return records.by_ids(session, Solution, staff, ids)


def _taken(session: Session, others: Any) -> dict[int, int]:
    """Proposals and introductions under way, by the organisation that would serve them."""
    ids = {o.organisation_id for o in others}
    rows = session.execute(
        select(Solution.organisation_id, func.count())
        .join(Match, Match.solution_id == Solution.id)
        .outerjoin(Engagement, Engagement.match_id == Match.id)
        .where(
            Solution.organisation_id.in_(ids),
            or_(
                Match.state.in_({MatchState.PROPOSED, MatchState.BOTH_INTERESTED}),
                Engagement.stage.in_({stage for stage in Stage if lifecycle.is_open(stage)}),
            ),
        )
        .group_by(Solution.organisation_id)
    )
    return {row[0]: row[1] for row in rows}


def _side(record: Need | Solution, taken: int) -> Side:
    organisation = record.organisation
    is_need = isinstance(record, Need)
    return Side(
        fields=frozenset(record.codes(Scheme.FIELD)),
        industries=frozenset(record.codes(Scheme.INDUSTRY)),
        cooperation=frozenset(record.codes(Scheme.COOPERATION)),
        trl=record.trl_min if is_need else record.trl,  # type: ignore[union-attr]
        languages=frozenset(organisation.languages),
        # An anonymous need's place must not show through a reason.
        commune=None if is_need and record.anonymous else organisation.commune,  # type: ignore[union-attr]
        confirmed_at=None if is_need else record.confirmed_at,  # type: ignore[union-attr]
        is_verified=organisation.verification is not Verification.UNVERIFIED,
        capacity=organisation.capacity,
        taken=taken,
    )


def _suggestion(
    record: Need | Solution, item: _Ranked, viewer: Viewer, introduced: disclosed.Introduced,
) -> Suggestion:  # fmt: skip
    pair = {type(record): record, type(item.record): item.record}
    need, solution = pair[Need], pair[Solution]
    assert isinstance(need, Need)
    need_view = disclosed.view(viewer, need, introduced)
    solution_view = disclosed.view(viewer, solution, introduced)
    # What is quoted is kept and shown to both owners: members' text, whoever is asking.
    shown = disclosed.view_at(solution, Level.MEMBERS)
    return Suggestion(
        need=need_view,
        solution=solution_view,
        score=round(item.score, 6),
        probability=round(item.probability, 4),
        band=calibration.band(item.probability),
        signals=[_told(s) for s in item.signals],
        evidence=assess(need, shown),
    )


def assess(need: Need, solution: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a solution says about each demand of a need, as plain values to keep and show."""
    wanted = [
        evidence.Requirement(
            text=r.text, must=r.must, indicator=r.indicator or None,
            operator=r.operator.value if r.operator else None, value=r.value,
            value_max=r.value_max, unit=r.unit or None, language=need.language.value,
        )
        for r in disclosed.requirements_of(need)
    ]  # fmt: skip
    passages = [
        evidence.Passage(p.field, p.text)
        for p in disclosed.passages(solution, RecordKind.SOLUTION)
        if p.field != "keywords"
    ]
    return [
        {
            "text": found.requirement.text,
            "must": found.requirement.must,
            "verdict": str(found.verdict),
            "field": found.field,
            "quote": found.quote,
            "found": found.found,
            "words": list(found.words),
            "question": str(found.question),
        }
        for found in evidence.assess(wanted, passages)
    ]


def _told(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "value": signal.value,
        "weight": signal.weight,
        "facts": dict(signal.facts),
    }
