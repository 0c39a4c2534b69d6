"""Word coverage by tantivy: folded words and pairs of neighbours, in memory, one writer.

The engine neither folds đ nor composes marks reliably, so texts arrive as terms made by
`matchmaker.domain.text`, and the engine only splits them at spaces.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import tantivy

from matchmaker.domain import text
from matchmaker.domain.ranking import constants, fusion

_HEAP = 50_000_000
#: Coverage is told to so many digits: sums of float32 differ beyond, by the order of upserts.
_DIGITS = 6


#: Questions kept ready: one search asks several times, and several at once are few.
_RECENT = 16


@dataclass(frozen=True)
class _Asked:
    """A question's heaviest terms with what they weigh, and the query for any of them."""

    weights: Mapping[str, float]
    any_term: tantivy.Query


class WordIndex:
    """Texts by id. The owner keeps readers and its one writer apart (`Shelf` holds a lock)."""

    def __init__(
        self,
        read: Callable[[str], Sequence[str]] = text.terms,
        cap: float = constants.COVERAGE_CAP,
    ) -> None:
        """`read` gives the terms of a text, none of which holds a space; see `fusion.reach`."""
        self._read = read
        self._cap = cap
        self._texts: dict[int, str] = {}
        self._pending: dict[int, str] = {}
        self._start()

    @property
    def size(self) -> int:
        return len(self._texts)

    def upsert(self, texts: Iterable[tuple[int, str]]) -> None:
        """Put texts in, replacing those of the same ids; seen by the next search."""
        for key, value in texts:
            terms = " ".join(self._read(value))
            if key in self._texts:
                self._forget(key)
            self._texts[key] = terms
            self._pending[key] = terms

    def remove(self, ids: Iterable[int]) -> None:
        """Take texts out; on a small index, scores are then as if they had never been in."""
        for key in ids:
            if key in self._texts:
                self._forget(key)
                del self._texts[key]

    def commit(self) -> None:
        """Make what was put in searchable now, so that the next search need not."""
        self._current()

    def idfs(self, terms: Iterable[str]) -> dict[str, float]:
        """What each term asked for weighs, in nats: the heaviest ones of a long question."""
        return dict(self._asked(tuple(terms)).weights)

    def _asked(self, terms: tuple[str, ...]) -> "_Asked":
        """A question's terms, weighed and made ready once for all that one search asks of them."""
        searcher = self._current()
        if (known := self._recent.get(terms)) is not None:
            return known
        # Texts gone from a large index still count among those holding a term, until a rebuild.
        total = searcher.num_docs + self._gone
        counted = fusion.counted(terms)
        weights = fusion.heaviest(
            {
                term: counts * fusion.idf(total, searcher.doc_freq("terms", term))
                for term, counts in counted.items()
            }
        )
        any_term = tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._term(term, counted[term])) for term in weights]
        )
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        return self._recent.setdefault(terms, _Asked(weights, any_term))

    def coverage(
        self,
        terms: Sequence[str],
        *,
        limit: int,
        among: Sequence[int] | None = None,
        of: Iterable[float] | None = None,
    ) -> dict[int, float]:
        """The best `limit` ids with their coverage in [0, 1]; among these ids only, if given.

        It is a share of what the terms could reach, or of what terms with the idfs `of` could.
        Equal coverage at the limit is decided by the smaller id.
        """
        if not self._texts or not terms or limit < 1 or (among is not None and not len(among)):
            return {}
        asked = self._asked(tuple(terms))
        most = fusion.reach(asked.weights.values() if of is None else of, self._cap)
        query = asked.any_term if among is None else self._among(asked.any_term, among)
        fetched = limit + 1
        while True:
            hits = self._searcher.search(query, fetched, count=False).hits
            told = [round(fusion.coverage(s, most), _DIGITS) for s, _ in hits]
            if len(hits) < fetched or told[-1] < told[limit - 1]:
                break
            fetched *= 2
        ids = [self._id_at(address) for _, address in hits]
        ranked = sorted(zip(ids, told, strict=True), key=lambda hit: (-hit[1], hit[0]))
        return dict(ranked[:limit])

    def _id_at(self, address: tantivy.DocAddress) -> int:
        """The id of the text at an address; reading it back is slow, and the same are asked for."""
        place = address.segment_ord, address.doc
        known = self._ids.get(place)
        if known is None:
            known = self._ids[place] = int(self._searcher.doc(address)["id"][0])
        return known

    def _among(self, any_term: tantivy.Query, among: Sequence[int]) -> tantivy.Query:
        wanted = tantivy.Query.term_set_query(self._schema, "id", [int(i) for i in among])
        silent = tantivy.Query.const_score_query(wanted, 0.0)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, silent), (tantivy.Occur.Must, any_term)]
        )

    def _term(self, term: str, counts: float) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, "terms", term, "freq")
        return query if counts == 1.0 else tantivy.Query.boost_query(query, counts)

    def _current(self) -> tantivy.Searcher:
        """A searcher over everything put in so far; commits are put off until somebody asks."""
        if self._must_rebuild:
            self._start()
            self._pending = dict(self._texts)
        if self._pending or self._must_commit:
            # What is deleted goes before what is added, so a replaced text leaves its old self.
            for key in sorted(self._pending):
                self._writer.add_document(tantivy.Document(id=key, terms=self._pending[key]))
            self._commit()
        return self._searcher

    def _forget(self, key: int) -> None:
        if self._pending.pop(key, None) is not None:
            return  # the engine never saw it
        self._gone += 1
        few = len(self._texts) <= constants.REBUILD_BELOW
        if few or self._gone > constants.REBUILD_SHARE * len(self._texts):
            self._must_rebuild = True
        else:
            self._writer.delete_documents_by_term("id", key)
            self._must_commit = True

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._recent.clear()
        self._ids.clear()
        self._pending = {}
        self._must_commit = False

    def _start(self) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("id", stored=True, indexed=True, fast=True)
        builder.add_text_field("terms", tokenizer_name="spaces", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema)
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaces", spaces)
        self._writer = self._index.writer(_HEAP, 1)
        self._searcher = self._index.searcher()
        self._recent: dict[tuple[str, ...], _Asked] = {}
        #: Ids by segment and place, as the searcher counts them.
        self._ids: dict[tuple[int, int], int] = {}
        self._gone = 0
        self._must_rebuild = False
        self._must_commit = False
