"""The hard rules over the records: who may be suggested for whom, and which rule says no."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, func, select, union
from sqlalchemy.orm import Session

from matchmaker.domain import constraints, lifecycle
from matchmaker.domain.constraints import Party
from matchmaker.domain.vocabulary import (
    HIDDEN_ORGANISATIONS,
    LISTED,
    MatchState,
    Rule,
    Stage,
)
from matchmaker.models import Engagement, Match, Need, Organisation, Relation, Solution
from matchmaker.queries import outlines, relations
from matchmaker.queries.outlines import Taken

#: A proposal and an introduction take up a place at the provider until they end.
_ASKED = {MatchState.PROPOSED, MatchState.BOTH_INTERESTED}
_OPEN = {stage for stage in Stage if lifecycle.is_open(stage)}


@dataclass(frozen=True)
class Sifted:
    """The listed counterparts of a record, by row number."""

    allowed: list[int]
    blocked: Mapping[int, Rule]


def sift(
    session: Session, record: Need | Solution, among: Collection[int] | None = None,
    busy: Taken | None = None,
) -> Sifted:  # fmt: skip
    """Ask the rules about every listed counterpart, or about those of `among`.

    Only the listing is left to the database. `busy` is what `taken` counted, where it has.
    """
    busy = taken(session) if busy is None else busy
    mine = party(session, record, busy)
    table: type[Need | Solution] = Solution if isinstance(record, Need) else Need
    found = Sifted([], blocked := {})
    for row_id, theirs in outlines.parties(session, table, busy, among).items():
        pair = (mine, theirs) if isinstance(record, Need) else (theirs, mine)
        rule = constraints.blocking(*pair)
        if rule is None:
            found.allowed.append(row_id)
        else:
            blocked[row_id] = rule
    return found


def rule_between(session: Session, need: Need, solution: Solution) -> Rule | None:
    """The rule that keeps these two apart now; None: they may be proposed to each other."""
    return constraints.blocking(party(session, need), party(session, solution))


def party(session: Session, record: Need | Solution, busy: Taken | None = None) -> Party:
    """One side as the rules see it."""
    busy = taken(session, [record.organisation_id]) if busy is None else busy
    organisation = record.organisation
    return Party(
        organisation=organisation.public_id,
        is_listed=record.status in LISTED,
        is_visible=organisation.status not in HIDDEN_ORGANISATIONS,
        related=relations.related_to(session, organisation),
        excluded=frozenset(record.excluded or ()),
        capacity=organisation.capacity,
        taken=busy.get(organisation.id, 0),
    )


def is_full(session: Session, organisation: Organisation) -> bool:
    """Whether a provider has all the introductions it can take at once."""
    busy = taken(session, [organisation.id]).get(organisation.id, 0)
    return constraints.is_full(organisation.capacity, busy)


def taken(session: Session, organisations: Collection[int] | None = None) -> dict[int, int]:
    """Proposals and introductions under way, by the organisation that would serve them."""
    # Two short lists that an index leads to: there are twenty matches to every need.
    under_way = union(
        select(Match.id).where(Match.state.in_(_ASKED)),
        select(Engagement.match_id).where(Engagement.stage.in_(_OPEN)),
    )
    query = (
        select(Solution.organisation_id, func.count())
        .join(Match, Match.solution_id == Solution.id)
        .where(Match.id.in_(under_way))
        .group_by(Solution.organisation_id)
    )
    if organisations is not None:
        query = query.where(Solution.organisation_id.in_(organisations))
    return {row[0]: row[1] for row in session.execute(query)}


def digest(session: Session) -> str:
    """All that the rules read as 64 hex digits: where it changes, lists have to be made anew."""
    busy = taken(session)
    capacities = session.execute(
        select(Organisation.id, Organisation.capacity).where(Organisation.capacity.is_not(None))
    )
    read: dict[str, Any] = {
        "full": sorted(i for i, most in capacities if constraints.is_full(most, busy.get(i, 0))),
        "hidden": sorted(
            session.scalars(
                select(Organisation.id).where(Organisation.status.in_(HIDDEN_ORGANISATIONS))
            )
        ),
        "parents": _pairs(
            session, select(Organisation.id, Organisation.parent_id)
            .where(Organisation.parent_id.is_not(None)),
        ),
        "related": _pairs(session, select(Relation.organisation_id, Relation.other_id)),
    }  # fmt: skip
    for table in (Need, Solution):
        named = select(table.id, table.excluded).where(
            table.status.in_(LISTED), cast(table.excluded, Text) != "[]"
        )
        read[table.record_kind] = _pairs(session, named)
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def _pairs(session: Session, query: Any) -> list[list[Any]]:
    return sorted([*row] for row in session.execute(query))
