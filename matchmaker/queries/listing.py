"""Long lists: one page of them, and counts over all of them, without reading them all.

Each kind of record comes as a query of its ids: who may see what, and what was chosen, is already
in it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.vocabulary import RecordKind, Scheme
from matchmaker.models import Need, Organisation, Solution
from matchmaker.queries import records
from matchmaker.queries.disclosed import Record

#: Ids of the records of one kind that a list holds.
Chosen = Mapping[RecordKind, Select[Any]]
#: The kind and row of a record.
Key = tuple[RecordKind, int]
#: The schemes that lists are narrowed by, by the name of their facet.
SCHEMES = {
    "field": Scheme.FIELD,
    "industry": Scheme.INDUSTRY,
    "cooperation": Scheme.COOPERATION,
}


def total(session: Session, chosen: Chosen) -> dict[RecordKind, int]:
    """How many records of each kind a list holds."""
    return {
        kind: session.scalar(select(func.count()).select_from(ids.subquery())) or 0
        for kind, ids in chosen.items()
    }


def newest(
    session: Session, viewer: Viewer, chosen: Chosen, *, limit: int, offset: int
) -> list[Record]:
    """One page of a list, the newest first; organisations come after what people look for."""
    keys: list[tuple[bool, Any, int, RecordKind]] = []
    for kind, ids in chosen.items():
        table: Any = records.TABLES[kind]
        moment = _moment(table)
        rows = session.execute(
            ids.with_only_columns(table.id, moment)
            .order_by(moment.desc(), table.id.desc())
            .limit(offset + limit)
        )
        keys += [(table is not Organisation, at, row, kind) for row, at in rows]
    wanted = nlargest(offset + limit, keys)[offset:]
    return whole(session, viewer, [(kind, row) for _, _, row, kind in wanted])


def outlines(
    session: Session, viewer: Viewer, kind: RecordKind, ids: Sequence[int]
) -> list[tuple[int, str, datetime]]:
    """Row, public id and moment of those of `ids` that are listed and visible, in any order."""
    table: Any = records.TABLES[kind]
    query = select(table.id, table.public_id, func.coalesce(_moment(table), table.created_at))
    query = query.where(table.id.in_(ids), records.findable(table), records.visible(table, viewer))
    return [(row, public_id, at) for row, public_id, at in session.execute(query)]


def whole(session: Session, viewer: Viewer, keys: Sequence[Key]) -> list[Record]:
    """The visible ones of these records, in that order, with all that a page shows of them."""
    found: dict[Key, Record] = {}
    for kind in {kind for kind, _ in keys}:
        table: Any = records.TABLES[kind]
        ids = [row for k, row in keys if k is kind]
        found |= {(kind, one.id): one for one in records.by_ids(session, table, viewer, ids)}
    return [found[key] for key in keys if key in found]


def counts(session: Session, viewer: Viewer, chosen: Chosen) -> dict[str, Counter[str]]:
    """How many records of a list carry each code, by the name of the facet."""
    found: dict[str, Counter[str]] = {
        "kind": Counter({str(kind): n for kind, n in total(session, chosen).items() if n})
    }
    found |= {name: Counter() for name in (*SCHEMES, "trl", "solution_kind", "commune")}
    for kind, ids in chosen.items():
        table: Any = records.TABLES[kind]
        tag = table.tag_class
        rows = session.execute(
            select(tag.scheme, tag.code, func.count())
            .where(tag.record_id.in_(ids), tag.scheme.in_(SCHEMES.values()))
            .group_by(tag.scheme, tag.code)
        )
        carried = {(scheme, code): n for scheme, code, n in rows}
        for name, scheme in SCHEMES.items():
            found[name].update({code: n for (s, code), n in carried.items() if s is scheme})
        found["commune"].update(_communes(session, viewer, table, ids))
    if RecordKind.SOLUTION in chosen:
        offered = chosen[RecordKind.SOLUTION]
        found["trl"] = _grouped(session, offered, Solution.trl)
        found["solution_kind"] = _grouped(session, offered, Solution.kind)
    return found


def is_placed(viewer: Viewer) -> ColumnElement[bool]:
    """Needs whose place this viewer may know: an anonymous one's would give its owner away."""
    known: ColumnElement[bool] = Need.anonymous.is_(False)
    if viewer.organisation_id is not None:
        known |= Need.organisation_id == viewer.organisation_id
    return known


def _communes(session: Session, viewer: Viewer, table: Any, ids: Select[Any]) -> dict[str, int]:
    if table is not Organisation:
        ids = ids.join(Organisation, Organisation.id == table.organisation_id)
    if table is Need and not viewer.is_staff:
        ids = ids.where(is_placed(viewer))
    return dict(_grouped(session, ids, Organisation.commune))


def _grouped(session: Session, ids: Select[Any], column: Any) -> Counter[str]:
    rows = session.execute(ids.with_only_columns(column, func.count()).group_by(column))
    return Counter({str(code): n for code, n in rows if code})


def _moment(table: Any) -> Any:
    """When a record came before people."""
    return table.created_at if table is Organisation else table.published_at
