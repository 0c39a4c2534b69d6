"""Many records at a glance: the few columns that rules and signals look at, without the texts."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Select, String, Text, bindparam, cast, select, type_coerce
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

_SCHEMES = (Scheme.FIELD, Scheme.INDUSTRY, Scheme.COOPERATION)
_HIDDEN = frozenset(str(status) for status in HIDDEN_ORGANISATIONS)


def parties(
    session: Session, table: Table, taken: Taken, among: Collection[int] | None = None
) -> dict[int, Party]:
    """Every listed record, or the listed ones of `among`, as the rules see it, in order of id."""
    rows = session.execute(_of_parties(table, among is not None), _bound(among))
    return {
        key: Party(
            organisation=name,
            is_visible=status not in _HIDDEN,
            excluded=_words(excluded),
            capacity=capacity,
            taken=taken.get(owner, 0),
        )
        for key, excluded, owner, name, status, capacity in rows
    }


def sides(session: Session, table: Table, taken: Taken, ids: Collection[int]) -> dict[int, Side]:
    """The listed ones of `ids` as signals see them: an index never decides what is shown."""
    codes = _codes(session, table, ids)
    rows = session.execute(_of_sides(table), _bound(ids))
    return {row.id: _side(table, row, codes, taken) for row in rows}


# Asked for every ranking, and longer in the putting together than in the answering: once will do.
@cache
def _of_parties(table: Table, is_some: bool) -> Select[Any]:
    return _listed(
        table, is_some, table.id, _plain(table.excluded), Organisation.id,
        Organisation.public_id, type_coerce(Organisation.status, String), Organisation.capacity,
    )  # fmt: skip


@cache
def _of_sides(table: Table) -> Select[Any]:
    trl, own = (
        (Need.trl_min, Need.anonymous) if table is Need else (Solution.trl, Solution.confirmed_at)
    )
    return _listed(
        table, True, table.id, trl.label("trl"), own.label("own"),
        Organisation.id.label("organisation_id"),
        _plain(Organisation.languages).label("languages"), Organisation.commune,
        Organisation.verification, Organisation.capacity,
    )  # fmt: skip


@cache
def _of_codes(table: Table) -> Select[Any]:
    tag = table.tag_class
    columns: tuple[Any, ...] = (tag.record_id, type_coerce(tag.scheme, String), tag.code)
    return select(*columns).where(
        tag.record_id.in_(bindparam("among", expanding=True)), tag.scheme.in_(_SCHEMES)
    )


def _listed(table: Table, is_some: bool, *columns: Any) -> Select[Any]:
    """Columns of the listed records, or of the listed ones of `among`, in order of id."""
    query = select(*columns).join(Organisation, table.organisation_id == Organisation.id)
    query = query.where(table.status.in_(LISTED)).order_by(table.id)
    return query.where(table.id.in_(bindparam("among", expanding=True))) if is_some else query


def _bound(among: Collection[int] | None) -> dict[str, Any]:
    return {} if among is None else {"among": list(among)}


def _plain(column: Any) -> Any:
    """A list as its text: the same few come again and again, and need reading once."""
    return cast(column, Text)


@lru_cache(maxsize=4_096)
def _words(text: str | None) -> frozenset[str]:
    found: Iterable[str] = json.loads(text) if text else ()
    return frozenset(found or ())


def _side(table: Table, row: Any, codes: Codes, taken: Taken) -> Side:
    is_need = table is Need
    return Side(
        fields=frozenset(codes[row.id, Scheme.FIELD]),
        industries=frozenset(codes[row.id, Scheme.INDUSTRY]),
        cooperation=frozenset(codes[row.id, Scheme.COOPERATION]),
        trl=row.trl,
        languages=_words(row.languages),
        # An anonymous need's place must not show through a reason.
        commune=None if is_need and row.own else row.commune,
        confirmed_at=None if is_need else row.own,
        is_verified=row.verification is not Verification.UNVERIFIED,
        capacity=row.capacity,
        taken=taken.get(row.organisation_id, 0),
    )


def _codes(session: Session, table: Table, ids: Collection[int]) -> Codes:
    found: Codes = defaultdict(set)
    for key, scheme, code in session.execute(_of_codes(table), _bound(ids)):
        found[key, scheme].add(code)
    return found
