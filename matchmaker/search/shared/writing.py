"""Putting texts on a shared shelf and taking them off, with all that is counted over them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from embeddings import normalise
from matchmaker.domain import text as texts
from matchmaker.domain.concepts import concepts
from matchmaker.search import bm25, diacritics
from matchmaker.search.entries import MOST_PASSAGES, Entry
from matchmaker.search.shared import tables
from matchmaker.search.shared.home import Key, State, state_of
from matchmaker.search.shared.tables import SHELF, any_of
from matchmaker.search.shared.words import cut
from matchmaker.search.vectors import DIGEST, digest_of

Terms = Counter[tuple[bool, str]]


@dataclass(frozen=True)
class _Read:
    """An entry as it will be kept; terms are cut and say whether they are concepts."""

    entry: Entry
    text: str
    terms: Terms
    digest: int

    @classmethod
    def of(cls, entry: Entry) -> "_Read":
        text = normalise(entry.text)
        terms: Terms = Counter((False, cut(term)) for term in texts.terms(text))
        terms.update((True, cut(term)) for term in concepts(text, str(entry.language)))
        rows = entry.vectors[: MOST_PASSAGES + 1]
        return cls(entry, text, terms, digest_of(entry.id, str(entry.language), rows))

    def length(self, *, is_concept: bool) -> int:
        return sum(often for (which, _), often in self.terms.items() if which is is_concept)

    def row(self, numbers: Mapping[tuple[bool, str], int]) -> dict[str, Any]:
        lexemes: dict[bool, list[str]] = {False: [], True: []}
        counts: dict[bool, dict[int, int]] = {False: {}, True: {}}
        for (which, term), often in self.terms.items():
            lexemes[which].append(term)
            counts[which][numbers[which, term]] = often
        return {
            "record_id": self.entry.id,
            "change": self.entry.change,
            "language": str(self.entry.language),
            "text": self.text,
            "length": self.length(is_concept=False),
            "concept_length": self.length(is_concept=True),
            "digest": f"{self.digest:064x}",
            "lexemes": lexemes[False],
            "concept_lexemes": lexemes[True],
            "whole": self.entry.vectors[0],
            "passages": self.entry.vectors[1 : MOST_PASSAGES + 1],
            "counts": bm25.counted(counts[False]),
            "concept_counts": bm25.counted(counts[True]),
        }


def put(
    connection: Connection, key: Key, entries: Sequence[Entry], gone: Iterable[int] = ()
) -> None:
    """Put entries on the shelf, replacing those of the same ids, and take `gone` off it.

    Whoever else writes on this shelf waits until the transaction ends.
    """
    latest = {entry.id: entry for entry in entries}
    state = _held(connection, key, latest)
    if state is None:
        return
    entry = state.tables.entry
    ids = sorted({*latest, *gone})
    old = connection.execute(select(entry).where(entry.c.record_id == any_of(ids))).all()
    if not old and not latest:
        return
    read = [_Read.of(one) for one in latest.values()]
    if lost := [row.record_id for row in old if row.record_id not in latest]:
        connection.execute(delete(entry).where(entry.c.record_id == any_of(lost)))
    fewer = _forget_terms(connection, state.tables.term, old)
    numbers = _note_terms(connection, state.tables.term, read)
    _drop_unheld(connection, state.tables.term, fewer)
    if read:
        _keep(connection, entry, [one.row(numbers) for one in read])
    spoken = _note_spoken(connection, state, [one.text for one in read], [r.text for r in old])
    told = sum(one.digest for one in read) - sum(int(row.digest, 16) for row in old)
    connection.execute(
        update(SHELF)
        .where(SHELF.c.id == state.id)
        .values(
            texts=SHELF.c.texts + len(read) - len(old),
            terms=SHELF.c.terms
            + sum(one.length(is_concept=False) for one in read)
            - sum(row.length for row in old),
            concepts=SHELF.c.concepts
            + sum(one.length(is_concept=True) for one in read)
            - sum(row.concept_length for row in old),
            spoken=SHELF.c.spoken + spoken,
            changed=SHELF.c.changed + 1,
            digest=f"{(int(state.digest or '0', 16) + told) % DIGEST:064x}",
        )
    )


def _held(connection: Connection, key: Key, entries: Mapping[int, Entry]) -> State | None:
    """The shelf, locked; made when the first entry comes."""
    state = state_of(connection, key, locked=True)
    if state is not None or not entries:
        return state
    dim = next(iter(entries.values())).vectors.shape[1]
    made = insert(SHELF).values(
        kind=key.kind, level=key.level, fingerprint=key.fingerprint, dim=dim
    )
    number = connection.scalar(made.on_conflict_do_nothing().returning(SHELF.c.id))
    if number is not None:
        tables.of(number, dim).create(connection)
    return state_of(connection, key, locked=True)


def _keep(connection: Connection, entry: Table, rows: list[dict[str, Any]]) -> None:
    plain = set(rows[0]) - {"lexemes", "concept_lexemes"}
    new = insert(entry).values(
        {name: bindparam(name, type_=entry.c[name].type) for name in plain}
        | {
            "terms": func.array_to_tsvector(bindparam("lexemes", type_=ARRAY(Text))),
            "concepts": func.array_to_tsvector(bindparam("concept_lexemes", type_=ARRAY(Text))),
        }
    )
    replaced = {c.name: new.excluded[c.name] for c in entry.c if c.name != "record_id"}
    connection.execute(
        new.on_conflict_do_update(index_elements=[entry.c.record_id], set_=replaced), rows
    )


def _forget_terms(connection: Connection, term: Table, old: Sequence[Any]) -> list[int]:
    """Count each text no longer for its terms; gives the terms' numbers."""
    gone: Counter[int] = Counter()
    for row in old:
        gone.update(bm25.numbers(row.counts))
        gone.update(bm25.numbers(row.concept_counts))
    if not gone:
        return []
    less = _columns({"id": Integer, "texts": Integer}, sorted(gone.items()))
    connection.execute(
        update(term).where(term.c.id == less.c.id).values(texts=term.c.texts - less.c.texts)
    )
    return list(gone)


def _drop_unheld(connection: Connection, term: Table, numbers: Sequence[int]) -> None:
    if numbers:
        connection.execute(delete(term).where(term.c.id == any_of(numbers), term.c.texts <= 0))


def _note_terms(
    connection: Connection, term: Table, read: Sequence[_Read]
) -> dict[tuple[bool, str], int]:
    """Count each text once for each of its terms; gives the terms' numbers."""
    came = Counter(term for one in read for term in one.terms)
    numbers = {}
    if came:
        kinds = {"is_concept": Boolean, "term": Text, "texts": Integer}
        rows = [(*key, often) for key, often in sorted(came.items())]
        new = insert(term).from_select(list(kinds), select(_columns(kinds, rows)))
        counted = new.on_conflict_do_update(
            index_elements=[term.c.term, term.c.is_concept],
            set_={"texts": term.c.texts + new.excluded.texts},
        ).returning(term.c.is_concept, term.c.term, term.c.id)
        numbers = {(which, word): at for which, word, at in connection.execute(counted)}
    return numbers


def _note_spoken(
    connection: Connection, state: State, came: Iterable[str], gone: Iterable[str]
) -> int:
    """Count forms and pairs of neighbours; gives by how much all forms together grew."""
    forms: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for sign, some in ((1, came), (-1, gone)):
        for text in some:
            its_forms, its_pairs = diacritics.taught(text)
            for form, often in its_forms.items():
                forms[cut(form)] += sign * often
            for (first, second), often in its_pairs.items():
                pairs[cut(first), cut(second)] += sign * often
    _add_up(
        connection, state.tables.form, {"form": Text, "folded": Text, "seen": Integer},
        [(form, texts.fold_word(form), often) for form, often in sorted(forms.items()) if often],
    )  # fmt: skip
    _add_up(
        connection, state.tables.pair, {"first": Text, "second": Text, "seen": Integer},
        [(*pair, often) for pair, often in sorted(pairs.items()) if often],
    )  # fmt: skip
    return forms.total()


def _add_up(
    connection: Connection, table: Table, kinds: dict[str, Any], rows: Sequence[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    new = insert(table).from_select(list(kinds), select(_columns(kinds, rows)))
    added = {"seen": table.c.seen + new.excluded.seen}
    connection.execute(new.on_conflict_do_update(index_elements=[*table.primary_key], set_=added))
    if fewer := {row[0] for row in rows if row[-1] < 0}:
        first = next(iter(table.primary_key))
        connection.execute(delete(table).where(first == any_of(fewer), table.c.seen <= 0))


def _columns(kinds: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> Any:
    """Rows sent as one array for each column."""
    arrays = [
        cast(bindparam(None, [row[at] for row in rows], ARRAY(kind), unique=True), ARRAY(kind))
        for at, kind in enumerate(kinds.values())
    ]
    return func.unnest(*arrays).table_valued(*kinds, name="given").render_derived()
