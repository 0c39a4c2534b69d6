"""Checking the shadow against the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.recipe import INDEXED_LEVELS
from matchmaker.domain.vocabulary import RecordKind
from matchmaker.models import Embedding
from matchmaker.queries import records
from matchmaker.services import indexing
from matchmaker.services.catalogue import Catalogue

_PAGE = 200


@dataclass(frozen=True)
class Findings:
    """How the index differs from the records; `waiting` tasks are not yet worked off."""

    missing: int
    extra: int
    stale: int
    waiting: int

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.extra or self.stale)


def verify(session: Session, catalogue: Catalogue) -> Findings:
    """Compare every listed record's text with what stands on the shelves."""
    catalogue.catch_up(session)
    missing = extra = stale = 0
    for kind in records.TABLES:
        wanted = dict(_texts(session, catalogue, kind))
        rows = session.execute(
            select(
                Embedding.record_id,
                Embedding.level,
                Embedding.text_hash,
                Embedding.fingerprint,
                Embedding.sequence,
            ).where(Embedding.record_kind == kind, Embedding.is_listed)
        )
        have: dict[tuple[int, int], str] = {}
        others: set[tuple[int, int]] = set()
        changed: dict[int, dict[int, int]] = {level: {} for level in INDEXED_LEVELS}
        for record_id, level, text, mark, change in rows:
            if mark == catalogue.fingerprint:
                have[record_id, level] = text
                changed[level][record_id] = change
            else:
                others.add((record_id, level))  # of a model that is not searched by
        for key, text in wanted.items():
            if key not in have:
                stale += key in others
                missing += key not in others
            elif have[key] != text:
                stale += 1
        extra += len(set(have) - set(wanted))
        for level in INDEXED_LEVELS:
            on_shelf = catalogue.shelf(kind, level).changes()
            in_rows = changed[level]
            missing += len(in_rows.keys() - on_shelf.keys())
            extra += len(on_shelf.keys() - in_rows.keys())
            stale += sum(in_rows.get(i, change) != change for i, change in on_shelf.items())
    return Findings(missing, extra, stale, indexing.pending(session))


def _texts(
    session: Session, catalogue: Catalogue, kind: RecordKind
) -> Iterator[tuple[tuple[int, int], str]]:
    """The hash of every listed record's text at each level, read in pages."""
    table: Any = records.TABLES[kind]
    ids = session.scalars(select(table.id).where(records.listed(table)).order_by(table.id)).all()
    for start in range(0, len(ids), _PAGE):
        keys = [(table.record_kind, i) for i in ids[start : start + _PAGE]]
        for item in indexing.prepare(session, catalogue.fingerprint, keys):
            yield (item.key[1], int(item.level)), item.text_hash
