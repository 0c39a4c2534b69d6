"""What a round is planned from: the ranked pairs as matching left them, and everybody's limits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.ranking.calibration import PLAUSIBLE
from matchmaker.domain.rounds.batch import Ask, Batch, Key, Offer, Pair, Party, Pin
from matchmaker.domain.rounds.reasons import Reason, why_not
from matchmaker.domain.rounds.settings import RoundSettings, Slot
from matchmaker.domain.vocabulary import (
    LISTED,
    Fix,
    MatchState,
    OrganisationKind,
    RoundRule,
)
from matchmaker.models import (
    Engagement,
    Match,
    MatchRun,
    Member,
    Need,
    Organisation,
    Round,
    Solution,
)
from matchmaker.queries.records import Owned
from matchmaker.services import eligibility, matching
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.clocks import LOCAL

#: What people decided about a match keeps the pair out of a round; they met, or will not.
DECIDED = {
    MatchState.DISMISSED: RoundRule.DISMISSED,
    MatchState.DECLINED: RoundRule.DECLINED,
    MatchState.INTRODUCED: RoundRule.INTRODUCED,
}


@dataclass(frozen=True)
class Candidates:
    """Pairs with their probability, those a decision keeps out, and the listed needs by id."""

    chances: Mapping[Key, float]
    kept_out: Mapping[Key, RoundRule]
    needs: Mapping[int, Need]
    solutions: Mapping[int, Solution]


def rank_missing(
    session: Session, catalogue: Catalogue, by: Member | None, *, now: datetime
) -> int:
    """Rank listed needs that never were; returns how many there were."""
    ranked = select(MatchRun.need_id).where(MatchRun.need_id.is_not(None))
    query = select(Need).where(Need.status.in_(LISTED), Need.id.not_in(ranked))
    missing = session.scalars(query.order_by(Need.id)).all()
    for need in missing:
        matching.refresh(session, catalogue, need, started_by=by, now=now)
    return len(missing)


def candidates(session: Session) -> Candidates:
    """Every pair that matching ranked and its hard rules allow today."""
    needs = _listed(session, Need)
    solutions = _listed(session, Solution)
    rows = session.execute(
        select(Match.need_id, Match.solution_id, Match.probability, Match.state)
        .where(
            Match.need_id.in_(needs), Match.solution_id.in_(solutions),
            Match.is_current | (Match.state != MatchState.SUGGESTED),
        )
        .order_by(Match.need_id, Match.solution_id)
    )  # fmt: skip
    allowed = {
        need.id: frozenset(eligibility.sift(session, need).allowed) for need in needs.values()
    }
    chances: dict[Key, float] = {}
    kept_out: dict[Key, RoundRule] = {}
    for need, solution, chance, state in rows:
        if solution not in allowed[need]:
            continue
        chances[need, solution] = chance
        if state in DECIDED:
            kept_out[need, solution] = DECIDED[state]
    return Candidates(chances, kept_out, needs, solutions)


def batch_of(session: Session, round_: Round) -> tuple[Batch, dict[str, tuple[Reason, ...]]]:
    """The batch of a round, and by code why listed needs are not even in it."""
    settings = RoundSettings.of(round_.settings)
    found = candidates(session)
    slots = settings.slots(LOCAL)
    fixes = {(f.need_id, f.solution_id): f for f in round_.fixes}
    pins = tuple(
        Pin(*key, _slot(slots, fix.starts_at), fix.table_number)
        for key, fix in sorted(fixes.items())
        if fix.fix is Fix.PIN and key in found.chances
    )
    pinned = {pin.key for pin in pins}
    kept_out = dict(found.kept_out)
    kept_out |= {key: RoundRule.FORBIDDEN for key, f in fixes.items() if f.fix is Fix.FORBID}
    likely = {k: c for k, c in found.chances.items() if round(c * 100, 2) >= settings.floor}
    pairs = tuple(
        Pair(*key, found.chances[key])
        for key in sorted(found.chances)
        if key in pinned or (key in likely and key not in kept_out)
    )
    batch = Batch(
        asks=_asks(found, pairs, settings),
        offers=(),
        parties=(),
        pairs=pairs,
        slots=slots,
        tables=settings.tables,
        pins=pins,
        blocked=tuple((*key, rule) for key, rule in sorted(kept_out.items()) if key in likely),
    )
    batch = _who_can_meet(_with_providers(session, batch, found, settings, round_))
    outside = {
        need.code: why_not(batch, (), need.id)
        for need in found.needs.values()
        if need.id not in batch.ask
    }
    return batch, outside


def _who_can_meet(batch: Batch) -> Batch:
    """Without pairs that are never there together: those are told as kept out, not chosen."""
    apart = {
        p.key for p in batch.pairs if p.key not in batch.pinned and not batch.open_slots(p.key)
    }
    pairs = tuple(p for p in batch.pairs if p.key not in apart)
    needs = {p.need for p in pairs}
    reachable = {p.solution for p in pairs}
    return replace(
        batch,
        asks=tuple(a for a in batch.asks if a.id in needs),
        offers=tuple(o for o in batch.offers if o.id in reachable),
        pairs=pairs,
        blocked=(*batch.blocked, *((*key, RoundRule.APART) for key in sorted(apart))),
    )


def _listed(session: Session, table: type[Owned]) -> dict[int, Owned]:
    query = (
        select(table)
        .where(table.status.in_(LISTED))
        .options(selectinload(table.organisation))
        .order_by(table.id)
    )
    return {row.id: row for row in session.scalars(query)}


def _asks(found: Candidates, pairs: Iterable[Pair], settings: RoundSettings) -> tuple[Ask, ...]:
    """Needs that have somebody to meet."""
    return tuple(
        Ask(
            need.id, need.code, need.organisation_id,
            0 if _is_waived(settings, RoundRule.NEED_LEAST, need.code) else settings.need_least,
            settings.need_most,
        )
        for need in (found.needs[i] for i in sorted({pair.need for pair in pairs}))
    )  # fmt: skip


def _with_providers(
    session: Session, batch: Batch, found: Candidates, settings: RoundSettings, round_: Round
) -> Batch:
    offering = [found.solutions[i] for i in sorted({pair.solution for pair in batch.pairs})]
    asking = [found.needs[ask.id] for ask in batch.asks]
    taken = eligibility.taken(session, {s.organisation_id for s in offering})
    met_before = _introduced(session)
    missed = away(round_, batch.slots)
    all_slots = frozenset(slot.number for slot in batch.slots)
    records: list[Need | Solution] = [*asking, *offering]
    organisations = {r.organisation_id: r.organisation for r in records}
    parties = {
        o.id: _party(o, taken.get(o.id, 0), settings, all_slots - missed[o.id])
        for o in organisations.values()
    }
    plausible = {
        p.solution for p in batch.pairs if p.chance >= PLAUSIBLE and p.key not in batch.pinned
    }
    offers = []
    for one in offering:
        most = min(settings.solution_most, one.capacity_per_quarter or settings.solution_most)
        party = parties[one.organisation_id]
        owed = (
            settings.newcomers
            and one.id in plausible
            and is_newcomer(one, met_before)
            and min(most, party.most, len(party.present)) > 0
            and not _is_waived(settings, RoundRule.NEWCOMER, one.code)
        )
        offers.append(Offer(one.id, one.code, one.organisation_id, most, int(owed)))
    return Batch(
        batch.asks, tuple(offers), tuple(parties[i] for i in sorted(parties)), batch.pairs,
        batch.slots, batch.tables, batch.pins, batch.blocked,
    )  # fmt: skip


def is_newcomer(solution: Solution, met_before: frozenset[int]) -> bool:
    """A startup that has not been introduced to anybody yet."""
    startup = solution.organisation.kind is OrganisationKind.STARTUP
    return startup and solution.organisation_id not in met_before


def _party(
    organisation: Organisation, taken: int, settings: RoundSettings, present: frozenset[int]
) -> Party:
    most, rule = settings.organisation_most, RoundRule.ORGANISATION_MOST
    if organisation.capacity is not None and organisation.capacity - taken < most:
        most, rule = max(0, organisation.capacity - taken), RoundRule.CAPACITY
    return Party(organisation.id, organisation.code, most, rule, present)


def _introduced(session: Session) -> frozenset[int]:
    query = (
        select(Solution.organisation_id)
        .join(Match, Match.solution_id == Solution.id)
        .join(Engagement, Engagement.match_id == Match.id)
    )
    return frozenset(session.scalars(query))


def away(round_: Round, slots: Iterable[Slot]) -> defaultdict[int, set[int]]:
    """The slots each organisation misses, in part or as a whole."""
    missed: defaultdict[int, set[int]] = defaultdict(set)
    for absence in round_.absences:
        missed[absence.organisation_id] |= {
            s.number for s in slots if s.starts < absence.to_at and absence.from_at < s.ends
        }
    return missed


def _slot(slots: Iterable[Slot], starts: datetime | None) -> int | None:
    """The slot that begins then; None: it had no time, or the hours have changed since."""
    return next((slot.number for slot in slots if slot.starts == starts), None)


def _is_waived(settings: RoundSettings, rule: RoundRule, code: str) -> bool:
    return (str(rule), code) in settings.waived
