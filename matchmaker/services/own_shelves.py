"""The shelves of one process, in its memory: a shadow of the rows in the database."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from embeddings import Encoder
from matchmaker.domain.recipe import INDEXED_KINDS, INDEXED_LEVELS
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Embedding
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.no_encoder import NO_VECTORS
from matchmaker.services.stored import entry_of

Place = tuple[RecordKind, Level]

PLACES: list[Place] = [(kind, level) for kind in INDEXED_KINDS for level in INDEXED_LEVELS]
_PAGE = 500


class OwnShelves:
    """One shelf for each kind and level, filled with the rows of one model.

    Whoever reads rows in does so alone; any number of threads may search meanwhile.
    """

    def __init__(self, asker: Encoder) -> None:
        """Empty ones, whose questions `asker` encodes."""
        self.shelves = {place: MemoryShelf(asker) for place in PLACES}
        #: The last change that was taken in.
        self.seen = 0
        #: By shelf, the text each record stands there with.
        self._hashes: dict[Place, dict[int, str]] = {place: {} for place in PLACES}

    def read(self, session: Session, fingerprint: str) -> int:
        """Take in what changed since the last time; returns how many rows were read."""
        count = 0
        for rows in self._pages(session, fingerprint):
            self._take_in(rows)
            count += len(rows)
        return count

    def beside(self, session: Session, asker: Encoder, fingerprint: str) -> "OwnShelves":
        """The same texts with another model's vectors, to stand in place of these.

        Whoever is searching meanwhile keeps the shelf and the encoder he began with. The words
        are had in common: these shelves are not read into any more, or from the beginning.
        """
        self.seen = 0
        other = OwnShelves(asker)
        other.shelves = {key: shelf.beside(asker) for key, shelf in self.shelves.items()}
        other._hashes = self._hashes
        left = {key: dict(hashes) for key, hashes in self._hashes.items()}
        for rows in other._pages(session, fingerprint):
            same = {
                r.id for r in rows
                if r.is_listed and left[r.shelf].pop(r.record_id, None) == r.text_hash
            }  # fmt: skip
            for key, shelf in other.shelves.items():
                shelf.place([_entry(r, shelf) for r in rows if r.id in same and r.shelf == key])
            other._take_in([r for r in rows if r.id not in same])
        for key, hashes in left.items():
            other.shelves[key].remove(hashes)
            for record_id in hashes:
                other._hashes[key].pop(record_id, None)
        return other

    def _pages(self, session: Session, fingerprint: str) -> Iterator[Sequence[Embedding]]:
        """The rows of a model that changed since the last one seen, page by page."""
        top = session.scalar(select(func.max(Embedding.sequence))) or 0
        while self.seen < top:
            rows = session.scalars(
                select(Embedding)
                .where(Embedding.sequence > self.seen, Embedding.fingerprint == fingerprint)
                .order_by(Embedding.sequence)
                .limit(_PAGE)
            ).all()
            if rows:
                yield rows
                self.seen = rows[-1].sequence
            else:
                self.seen = top  # the rest is of other models
            # All at once: expunging row by row was followed by corrupted memory (CPython 3.11.7,
            # SQLAlchemy 2.1.9) and a crash some pages later.
            session.expunge_all()

    def _take_in(self, rows: Sequence[Embedding]) -> None:
        for key, shelf in self.shelves.items():
            mine = [r for r in rows if r.shelf == key]
            usable = [r for r in mine if r.is_listed]
            keep = {r.record_id for r in usable}
            gone = [r.record_id for r in mine if r.record_id not in keep]
            shelf.remove(gone)
            shelf.upsert([_entry(r, shelf) for r in usable])
            hashes = self._hashes[key]
            for record_id in gone:
                hashes.pop(record_id, None)
            hashes.update((r.record_id, r.text_hash) for r in usable)


def _entry(row: Embedding, shelf: MemoryShelf) -> Entry:
    """A row as it stands on a shelf: vectors of another model than the shelf's stay away."""
    entry = entry_of(row)
    fits = row.fingerprint == shelf.encoder.fingerprint
    return entry if fits else replace(entry, vectors=NO_VECTORS)
