"""The order of a record's counterparts, and who a hard rule keeps out of it.

The way of a value: the rules say who may be suggested; the record's text asks the other kind's
shelf for the best of those; the fused score and the small signals order them; each gets the
probability that it answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.signals import WEIGHTS, Side, Signal, all_signals
from matchmaker.domain.vocabulary import Level, Rule, Scheme, Verification
from matchmaker.models import Need, Solution
from matchmaker.queries import outlines
from matchmaker.queries.outlines import Taken
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
    shelf = catalogue.shelf(_other(record).record_kind, Level.MEMBERS)
    query = catalogue.ask_as(session, record, Level.MEMBERS, shelf)
    learned = serving(session, catalogue.encoder.fingerprint)
    busy = eligibility.taken(session)
    candidates, blocked = _found(session, record, shelf, query, learned, busy)
    if further := {*also} - {c.id for c in (*candidates, *blocked)}:
        sifted = eligibility.sift(session, record, further, busy)
        candidates += shelf.score(query, sifted.allowed, weights=learned.weights)
        blocked |= _with_rules(shelf.score(query, sifted.blocked, weights=learned.weights), sifted)

    def scored(some: Sequence[Candidate]) -> list[Ranked]:
        return _scored(session, record, some, learned, busy, query.language, now=now)

    enough = len(candidates) if first is None else first
    allowed, left_out = _in_reach(candidates, enough, learned, scored)
    # A probability is told by how a hit stands to all others, also to those left out.
    hits = [*(item.candidate for item in allowed), *left_out]
    chances = calibration.probabilities(hits, query.language, learned.fit, first=len(allowed))
    kept_out = []
    for item in scored([*blocked]):
        among = [item.candidate, *hits]
        [chance] = calibration.probabilities(among, query.language, learned.fit, first=1)
        kept_out.append(replace(item, probability=chance, rule=blocked[item.candidate]))
    return Ranking(
        [replace(r, probability=p) for r, p in zip(allowed, chances, strict=True)], kept_out
    )


def _found(
    session: Session, record: Need | Solution, shelf: Shelf, query: Query, learned: Serving,
    busy: Taken,
) -> tuple[list[Candidate], dict[Candidate, Rule]]:  # fmt: skip
    """The best candidates that the rules allow, and those met on the way that they do not.

    The rules are asked about what was found, not about all there is: at 100,000 records the list
    of what is allowed takes longer to read than the whole search.
    """
    width = CANDIDATES
    while True:
        hits = shelf.search(query, limit=width, weights=learned.weights)
        sifted = eligibility.sift(session, record, [c.id for c in hits], busy)
        allowed = {*sifted.allowed}
        candidates = [c for c in hits if c.id in allowed][:CANDIDATES]
        if len(candidates) == CANDIDATES or len(hits) < width:
            return candidates, _with_rules(hits, sifted)
        width *= 2


def _in_reach(
    candidates: Sequence[Candidate], first: int, learned: Serving,
    scored: Callable[[Sequence[Candidate]], list[Ranked]],
) -> tuple[list[Ranked], list[Candidate]]:  # fmt: skip
    """Those that may stand among the first so many, in order, and the others.

    Once so many have their signals, whoever would not reach the last of them with the best of
    signals needs none.
    """
    by_text = sorted(candidates, key=lambda c: (-c.fused, c.id))
    best = scored(by_text[:first])
    if len(by_text) <= first:
        return best, []
    least = best[-1].score - learned.weights.signals * sum(WEIGHTS.values())
    near = [c for c in by_text[first:] if c.fused >= least]
    return sorted([*best, *scored(near)], key=_order), by_text[first + len(near) :]


def _with_rules(hits: Sequence[Candidate], sifted: Sifted) -> dict[Candidate, Rule]:
    return {hit: sifted.blocked[hit.id] for hit in hits if hit.id in sifted.blocked}


def _scored(
    session: Session, record: Need | Solution, candidates: Sequence[Candidate], learned: Serving,
    busy: Taken, asked: str, *, now: datetime,
) -> list[Ranked]:  # fmt: skip
    """Candidates with their signals, in order."""
    if not candidates:
        return []
    found = outlines.sides(session, _other(record), busy, [c.id for c in candidates])
    mine = _side(record, busy.get(record.organisation_id, 0))
    ranked = []
    for candidate in candidates:
        theirs = found.get(candidate.id)
        if theirs is None:
            continue
        pair = (mine, theirs) if isinstance(record, Need) else (theirs, mine)
        signals = all_signals(*pair, now=now)
        score = candidate.fused + learned.weights.signals * sum(s.part for s in signals)
        ranked.append(Ranked(candidate, signals, score, asked))
    return sorted(ranked, key=_order)


def _other(record: Need | Solution) -> type[Need] | type[Solution]:
    return Solution if isinstance(record, Need) else Need


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
