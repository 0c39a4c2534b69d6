"""The order of a record's counterparts, and who a hard rule keeps out of it.

The way of a value: the rules say who may be suggested; the record's text asks the other kind's
shelf for the best of those; the fused score and the small signals order them; each gets the
probability that it answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.signals import WEIGHTS, Side, Signal, all_signals
from matchmaker.domain.vocabulary import Level, Rule, Scheme, Verification
from matchmaker.models import Need, Solution
from matchmaker.queries import outlines
from matchmaker.search import meters
from matchmaker.search.query import Query
from matchmaker.search.shelf import Candidate, Shelf
from matchmaker.services import eligibility
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.eligibility import Sifted
from matchmaker.services.learning.serving import Serving, serving

#: How many candidates the signals may reorder.
CANDIDATES = 200


@dataclass(frozen=True)
class Ranked:
    """A counterpart with what its place in the order is made of."""

    candidate: Candidate
    signals: list[Signal]
    score: float
    #: The language the record asks in.
    asked: str
    probability: float = 0.0
    rule: Rule | None = None

    @property
    def id(self) -> int:
        return self.candidate.id


@dataclass(frozen=True)
class Ranking:
    """The counterparts of a record in order, and those that a rule keeps out of the order."""

    allowed: list[Ranked]
    blocked: list[Ranked]

    def place_of(self, item: Ranked) -> int:
        """Where it stands, or would stand if no rule spoke; from 1."""
        return 1 + sum(_order(other) < _order(item) for other in self.allowed)


@meters.searching("ranking")
def rank(
    session: Session, catalogue: Catalogue, record: Need | Solution, *, now: datetime,
    also: Sequence[int] = (), first: int | None = None,
) -> Ranking:  # fmt: skip
    """All counterparts in order, by their members' texts: both sides are members.

    With `first`, those that cannot stand among the first so many are left out: signals move a hit
    by little, and most of what a ranking costs is looking at the signals of two hundred.
    `also` names counterparts by row number that are ranked however far down they stand. Rules
    come before texts: what one keeps out neither takes a place nor shapes a probability.
    """
    catalogue.catch_up(session)
    table: type[Need | Solution] = Solution if isinstance(record, Need) else Need
    shelf = catalogue.shelf(table.record_kind, Level.MEMBERS)
    query = catalogue.ask_as(session, record, Level.MEMBERS, shelf)
    learned = serving(session, catalogue.encoder.fingerprint)
    candidates, blocked = _found(session, record, shelf, query, learned)
    if further := {*also} - {c.id for c in (*candidates, *blocked)}:
        sifted = eligibility.sift(session, record, further)
        candidates += shelf.score(query, sifted.allowed, weights=learned.weights)
        blocked |= _with_rules(shelf.score(query, sifted.blocked, weights=learned.weights), sifted)
    chosen = candidates if first is None else _in_reach(candidates, first, learned)
    scored = _scored(session, record, [*chosen, *blocked], learned, query.language, now=now)
    allowed = [item for item in scored if item.candidate not in blocked]
    # A probability is told by how a hit stands to all others, also to those left out.
    left_out = {*candidates} - {*chosen}
    hits = [*(item.candidate for item in allowed), *left_out]
    chances = calibration.probabilities(hits, query.language, learned.fit)[: len(allowed)]
    kept_out = []
    for item in scored:
        if (rule := blocked.get(item.candidate)) is not None:
            among = calibration.probabilities([*hits, item.candidate], query.language, learned.fit)
            kept_out.append(replace(item, probability=among[-1], rule=rule))
    return Ranking(
        [replace(r, probability=p) for r, p in zip(allowed, chances, strict=True)], kept_out
    )


def _found(
    session: Session, record: Need | Solution, shelf: Shelf, query: Query, learned: Serving
) -> tuple[list[Candidate], dict[Candidate, Rule]]:
    """The best candidates that the rules allow, and those met on the way that they do not.

    The rules are asked about what was found, not about all there is: at 100,000 records the list
    of what is allowed takes longer to read than the whole search.
    """
    width = CANDIDATES
    while True:
        hits = shelf.search(query, limit=width, weights=learned.weights)
        sifted = eligibility.sift(session, record, [c.id for c in hits])
        allowed = {*sifted.allowed}
        candidates = [c for c in hits if c.id in allowed][:CANDIDATES]
        if len(candidates) == CANDIDATES or len(hits) < width:
            return candidates, _with_rules(hits, sifted)
        width *= 2


def _in_reach(candidates: Sequence[Candidate], first: int, learned: Serving) -> list[Candidate]:
    """Those that signals, at their best, could bring among the first so many."""
    if len(candidates) <= first:
        return [*candidates]
    fused = sorted((c.fused for c in candidates), reverse=True)
    least = fused[first - 1] - learned.weights.signals * sum(WEIGHTS.values())
    return [c for c in candidates if c.fused >= least]


def _with_rules(hits: Sequence[Candidate], sifted: Sifted) -> dict[Candidate, Rule]:
    return {hit: sifted.blocked[hit.id] for hit in hits if hit.id in sifted.blocked}


def _scored(
    session: Session, record: Need | Solution, candidates: Sequence[Candidate], learned: Serving,
    asked: str, *, now: datetime,
) -> list[Ranked]:  # fmt: skip
    """Candidates with their signals, in order."""
    table: type[Need | Solution] = Solution if isinstance(record, Need) else Need
    found = outlines.of_listed(session, table, [c.id for c in candidates])
    taken = eligibility.taken(session, {r.organisation_id for r in (*found.values(), record)})
    mine = _side(record, taken.get(record.organisation_id, 0))
    ranked = []
    for candidate in candidates:
        other = found.get(candidate.id)
        if other is None:
            continue
        theirs = replace(other.side, taken=taken.get(other.organisation_id, 0))
        pair = (mine, theirs) if isinstance(record, Need) else (theirs, mine)
        signals = all_signals(*pair, now=now)
        score = candidate.fused + learned.weights.signals * sum(s.part for s in signals)
        ranked.append(Ranked(candidate, signals, score, asked))
    return sorted(ranked, key=_order)


def _order(item: Ranked) -> tuple[float, int]:
    return -item.score, item.id


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
