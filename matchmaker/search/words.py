"""Word coverage by tantivy: folded words and pairs of neighbours, in memory, one writer.

The engine neither folds đ nor composes marks reliably, so texts arrive as terms made by
`matchmaker.domain.text`, and the engine only splits them at spaces.
"""

from collections.abc import Iterable, Sequence

import tantivy

from matchmaker.domain import text
from matchmaker.domain.ranking import constants, fusion

_HEAP = 50_000_000


class WordIndex:
    """Texts by id. The owner keeps readers and its one writer apart (`Shelf` holds a lock)."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._removed = 0
        self._pending: dict[int, str] = {}
        self._must_rebuild = False
        self._start()

    @property
    def size(self) -> int:
        return len(self._texts)

    def upsert(self, texts: Iterable[tuple[int, str]]) -> None:
        """Put texts in, replacing those of the same ids; seen by the next search."""
        for key, value in texts:
            terms = " ".join(text.terms(value))
            if key in self._texts:
                self._forget(key)
            self._texts[key] = terms
            self._pending[key] = terms

    def remove(self, ids: Iterable[int]) -> None:
        for key in ids:
            if self._texts.pop(key, None) is not None:
                self._pending.pop(key, None)
                self._forget(key)

    def idfs(self, terms: Sequence[str]) -> dict[str, float]:
        """The weight of each distinct term, in nats."""
        searcher = self._current()
        total = searcher.num_docs
        return {t: fusion.idf(total, searcher.doc_freq("terms", t)) for t in dict.fromkeys(terms)}

    def coverage(
        self, terms: Sequence[str], *, limit: int, among: Sequence[int] | None = None
    ) -> dict[int, float]:
        """The best `limit` ids with their coverage in [0, 1); among these ids only, if given."""
        if not self._texts or not terms or limit < 1 or (among is not None and not len(among)):
            return {}
        weights = self.idfs(terms)
        query = self._query(list(weights), among)
        hits = self._searcher.search(query, limit, count=False).hits
        found = {}
        for score, address in hits:
            key = int(self._searcher.doc(address)["id"][0])
            found[key] = fusion.coverage(float(score), weights.values())
        return found

    def _query(self, terms: Sequence[str], among: Sequence[int] | None) -> tantivy.Query:
        any_term = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "terms", t, "freq"))
                for t in terms
            ]
        )
        if among is None:
            return any_term
        wanted = tantivy.Query.term_set_query(self._schema, "id", [int(i) for i in among])
        silent = tantivy.Query.const_score_query(wanted, 0.0)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, silent), (tantivy.Occur.Must, any_term)]
        )

    def _current(self) -> tantivy.Searcher:
        """A searcher over everything put in so far; commits are put off until somebody asks."""
        if self._must_rebuild:
            self._start()
            self._pending = dict(self._texts)
        if self._pending:
            for key in sorted(self._pending):
                self._writer.add_document(tantivy.Document(id=key, terms=self._pending[key]))
            self._commit()
        return self._searcher

    def _forget(self, key: int) -> None:
        self._removed += 1
        few = len(self._texts) <= constants.REBUILD_BELOW
        if few or self._removed > constants.REBUILD_SHARE * len(self._texts):
            self._must_rebuild = True
        else:
            self._writer.delete_documents("id", key)
            self._commit()

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._pending = {}

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
        self._removed = 0
        self._must_rebuild = False
