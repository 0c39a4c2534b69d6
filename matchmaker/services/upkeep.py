"""Checking the shadow against the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from embeddings import Manifest, SnapshotError, snapshot
from matchmaker.domain.recipe import INDEXED_LEVELS
from matchmaker.domain.vocabulary import RecordKind
from matchmaker.models import Embedding, IndexSnapshot, utc_now
from matchmaker.models.database import writing
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


def save_snapshots(engine: Engine, catalogue: Catalogue) -> int:
    """Write each shelf's vectors to disk and note in the database what the files must be.

    Shared shelves have no files, and none is noted.
    """
    folder = catalogue.data_dir / "index"
    noted = []
    with writing(engine) as session:
        catalogue.catch_up(session)
        for (kind, level), shelf in catalogue.shelves():
            name = f"{kind}-{int(level)}"
            saved = shelf.save(folder / name, catalogue.encoder.fingerprint, catalogue.seen)
            for language, made in saved.items():
                noted.append(f"{name}/{language}")
                session.merge(
                    IndexSnapshot(
                        shelf=f"{name}/{language}", sha256=made.sha256, dim=made.dim,
                        fingerprint=made.fingerprint, size=made.size, sequence=made.sequence,
                        made_at=utc_now(),
                    )
                )  # fmt: skip
        session.execute(delete(IndexSnapshot).where(IndexSnapshot.shelf.not_in(noted)))
    return len(catalogue.sizes())


def damaged_snapshots(session: Session, catalogue: Catalogue) -> list[str]:
    """Shelves whose snapshot file is not what the database says it must be."""
    found = []
    for row in session.scalars(select(IndexSnapshot)):
        told = Manifest(
            sha256=row.sha256, dim=row.dim, size=row.size, fingerprint=row.fingerprint,
            sequence=row.sequence,
        )  # fmt: skip
        try:
            snapshot.load(catalogue.data_dir / "index" / row.shelf, told)
        except SnapshotError:
            found.append(row.shelf)
    return sorted(found)


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
        have = {}
        changed: dict[int, dict[int, int]] = {level: {} for level in INDEXED_LEVELS}
        for i, level, text, mark, change in rows:
            have[i, level] = (text, mark)
            changed[level][i] = change
        for key, text in wanted.items():
            if key not in have:
                missing += 1
            elif have[key] != (text, catalogue.encoder.fingerprint):
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
        for item in indexing.prepare(session, catalogue.encoder.fingerprint, keys):
            yield (item.key[1], int(item.level)), item.text_hash
