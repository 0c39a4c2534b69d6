"""Many records at a glance: the few columns that rules and signals look at, without the texts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Result, String, select, type_coerce
from sqlalchemy.orm import Session

from matchmaker.domain.constraints import Party
from matchmaker.domain.ranking.signals import Side
from matchmaker.domain.vocabulary import HIDDEN_ORGANISATIONS, LISTED, Scheme, Verification
from matchmaker.models import Need, Organisation, Solution

Table = type[Need] | type[Solution]
#: Introductions under way, by the organisation that would serve them.
Taken = Mapping[int, int]
#: By record and the scheme's word: words need no turning into a scheme, row by row.
Codes = dict[tuple[int, str], set[str]]


def parties(
    session: Session, table: Table, taken: Taken, among: Collection[int] | None = None
) -> dict[int, Party]:
    """Every listed record, or the listed ones of `among`, as the rules see it, in order of id."""
    rows = _rows(
        session, table, among, table.id, table.excluded, Organisation.id.label("organisation_id"),
        Organisation.public_id, Organisation.status, Organisation.capacity,
    )  # fmt: skip
    return {
        row.id: Party(
            organisation=row.public_id,
            is_visible=row.status not in HIDDEN_ORGANISATIONS,
            excluded=frozenset(row.excluded or ()),
            capacity=row.capacity,
            taken=taken.get(row.organisation_id, 0),
        )
        for row in rows
    }


def sides(session: Session, table: Table, taken: Taken, ids: Collection[int]) -> dict[int, Side]:
    """The listed ones of `ids` as signals see them: an index never decides what is shown."""
    codes = _codes(session, table, ids)
    trl, own = (
        (Need.trl_min, Need.anonymous) if table is Need else (Solution.trl, Solution.confirmed_at)
    )
    rows = _rows(
        session, table, ids, table.id, trl.label("trl"), own.label("own"),
        Organisation.id.label("organisation_id"), Organisation.languages, Organisation.commune,
        Organisation.verification, Organisation.capacity,
    )  # fmt: skip
    return {row.id: _side(table, row, codes, taken) for row in rows}


def _rows(
    session: Session, table: Table, among: Collection[int] | None, *columns: Any
) -> Result[Any]:
    """Columns of the listed records, or of the listed ones of `among`, in order of id."""
    query = select(*columns).join(Organisation, table.organisation_id == Organisation.id)
    query = query.where(table.status.in_(LISTED)).order_by(table.id)
    return session.execute(query if among is None else query.where(table.id.in_(among)))


def _side(table: Table, row: Any, codes: Codes, taken: Taken) -> Side:
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
        taken=taken.get(row.organisation_id, 0),
    )


def _codes(session: Session, table: Table, ids: Collection[int]) -> Codes:
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
