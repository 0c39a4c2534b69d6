"""Solutions that an officer brings into a need's list, whatever the ranking says of them."""

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem, WrongStateError
from matchmaker.domain.vocabulary import LISTED, MatchState, RecordKind, Ruling, Side
from matchmaker.models import Match, Member, Need, Solution
from matchmaker.queries import matches, records
from matchmaker.services import curation, discovery, eligibility, locks, matching
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.discovery import SearchRequest

FOUND = 8
_CODE = re.compile(r"GP-\d")


def find(session: Session, catalogue: Catalogue, viewer: Viewer, text: str) -> list[Solution]:
    """Listed solutions by their code, else by words of their title, else by what they are about."""
    typed = text.strip()
    if not typed:
        return []
    query = select(Solution.public_id).where(
        records.findable(Solution),
        (Solution.code == typed.upper())
        | func.lower(Solution.title).contains(typed.lower(), autoescape=True),
    )
    ids = list(session.scalars(query.order_by(Solution.code).limit(FOUND)))
    if len(ids) < FOUND and not _CODE.match(typed.upper()):
        request = SearchRequest(text=typed, kinds=(RecordKind.SOLUTION,))
        hits = discovery.search(session, catalogue, viewer, request).hits
        ids += [hit.view.public_id for hit in hits]
    return records.by_public_ids(session, Solution, viewer, list(dict.fromkeys(ids))[:FOUND])


def add(
    session: Session, catalogue: Catalogue, need: Need, solution: Solution, curator: Member, *,
    note: str = "", now: datetime,
) -> Match:  # fmt: skip
    """Put a solution into a need's list, with its true score and evidence; the caller commits.

    A match that is there already is given back: what was decided about it stays. Raises
    NotAllowedError, WrongStateError for a need that is not listed, or InvalidError where a hard
    rule keeps the two apart.
    """
    if not curator.viewer.is_curator:
        raise NotAllowedError("add a solution to a need's list")
    if need.status not in LISTED:
        raise WrongStateError(RecordKind.NEED, need.status, Ruling.ADD)
    rule = eligibility.rule_between(session, need, solution)
    if rule is not None:
        raise InvalidError([Problem("solution", "kept_apart", {"rule": rule})])
    locks.hold(session, f"list of need {need.id}")
    match = matches.of_pair(session, need.id, solution.id)
    if match is not None and match.is_in_list:
        return match
    found = matching.explain(session, catalogue, curator.viewer, need, solution, now=now)
    if match is None:
        match = Match(need=need, solution=solution, state=MatchState.SUGGESTED, created_at=now)
        session.add(match)
    match.score, match.probability, match.band = found.score, found.probability, found.band
    match.signals, match.evidence = found.signals, found.evidence
    match.proposed_by, match.is_current = Side.STAFF, True
    match.newcomer_floor, match.blocked_by = False, None
    session.flush()
    curation.keep(session, match, curator, Side.STAFF, Ruling.ADD, match.state, None, note, now=now)
    return match
