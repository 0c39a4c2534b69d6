"""Many records at a glance: the few columns that signals look at, without the records' texts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, select, type_coerce
from sqlalchemy.orm import Session

from matchmaker.domain.ranking.signals import Side
from matchmaker.domain.vocabulary import LISTED, Scheme, Verification
from matchmaker.models import Need, Organisation, Solution

#: By record and the scheme's word: words need no turning into a scheme, row by row.
Codes = dict[tuple[int, str], set[str]]


@dataclass(frozen=True)
class Outline:
    """A listed record as signals see it, and whose it is; what is taken is counted elsewhere."""

    id: int
    organisation_id: int
    side: Side


def of_listed(
    session: Session, table: type[Need] | type[Solution], ids: Sequence[int]
) -> dict[int, Outline]:
    """The listed ones of `ids`, by id: an index never decides what is shown."""
    codes = _codes(session, table, ids)
    trl, own = (
        (Need.trl_min, Need.anonymous) if table is Need else (Solution.trl, Solution.confirmed_at)
    )
    rows = session.execute(
        select(
            table.id,
            table.organisation_id,
            trl.label("trl"),
            own.label("own"),
            Organisation.languages,
            Organisation.commune,
            Organisation.verification,
            Organisation.capacity,
        )
        .join(Organisation, table.organisation_id == Organisation.id)
        .where(table.id.in_(ids), table.status.in_(LISTED))
    )
    return {row.id: Outline(row.id, row.organisation_id, _side(table, row, codes)) for row in rows}


def _side(table: type[Need] | type[Solution], row: Any, codes: Codes) -> Side:
    is_need = table is Need
    return Side(
        fields=frozenset(codes[row.id, Scheme.FIELD]),
        industries=frozenset(codes[row.id, Scheme.INDUSTRY]),
        cooperation=frozenset(codes[row.id, Scheme.COOPERATION]),
        trl=row.trl,
        languages=frozenset(row.languages),
        # An anonymous need's place must not show through a reason.
        commune=None if is_need and row.own else row.commune,
        confirmed_at=None if is_need else row.own,
        is_verified=row.verification is not Verification.UNVERIFIED,
        capacity=row.capacity,
    )


def _codes(session: Session, table: type[Need] | type[Solution], ids: Sequence[int]) -> Codes:
    tag = table.tag_class
    wanted = {Scheme.FIELD, Scheme.INDUSTRY, Scheme.COOPERATION}
    found: Codes = defaultdict(set)
    rows = session.execute(
        select(tag.record_id, type_coerce(tag.scheme, String), tag.code).where(
            tag.record_id.in_(ids), tag.scheme.in_(wanted)
        )
    )
    for key, scheme, code in rows:
        found[key, scheme].add(code)
    return found
