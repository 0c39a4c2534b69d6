"""Finding records in one's own words: search with facets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from matchmaker.domain import quotes
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.recipe import Passage
from matchmaker.domain.vocabulary import Level, RecordKind, Scheme, SolutionKind
from matchmaker.models import Engagement, Need, Organisation, Solution
from matchmaker.queries import disclosed, listing, records
from matchmaker.queries.disclosed import Record, View
from matchmaker.search import meters
from matchmaker.services.catalogue import Catalogue

PAGE_SIZE = 20
#: How many hits a search in words gives at most: beyond them nobody reads.
MOST_HITS = 100
#: Hits this far below the best one answer something else (fused scores span about 0.3).
FLOOR = 0.14
KINDS = (RecordKind.NEED, RecordKind.SOLUTION, RecordKind.ORGANISATION)
_FACETS = ("kind", "field", "industry", "trl", "commune", "cooperation", "solution_kind")


@dataclass(frozen=True)
class SearchRequest:
    """What was asked for; codes that no record has give an empty answer, not an error."""

    text: str = ""
    kinds: tuple[RecordKind, ...] = ()
    fields: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    trl_min: int | None = None
    communes: tuple[str, ...] = ()
    cooperation: tuple[str, ...] = ()
    solution_kinds: tuple[SolutionKind, ...] = ()
    page: int = 1
    sort: str = "relevance"

    @property
    def has_filters(self) -> bool:
        return bool(
            self.fields or self.industries or self.trl_min or self.communes or self.cooperation
            or self.solution_kinds
        )  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """A record as its reader may see it, with the sentence that answers best."""

    view: View
    kind: RecordKind
    quote: str | None = None
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FacetCount:
    code: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class SearchPage:
    """One page of hits, and counts over all of them."""

    hits: list[Hit]
    total: int
    page: int
    pages: int
    facets: Mapping[str, list[FacetCount]]
    #: The query with its diacritics put back, where it had none.
    restored: str | None = None
    #: Whether the meaning could not be compared, for want of the index's model.
    by_words_alone: bool = False


@dataclass(frozen=True)
class _Found:
    """A record that answers, before it is read."""

    key: listing.Key
    score: float
    public_id: str
    at: datetime


@meters.searching("typed")
def search(
    session: Session, catalogue: Catalogue, viewer: Viewer, request: SearchRequest
) -> SearchPage:
    """Records in order of how well they answer, or the newest first when nothing is asked."""
    kinds = request.kinds or KINDS
    catalogue.catch_up(session)
    text = request.text.strip()
    if not text:
        return _newest_page(session, viewer, request, kinds)
    found, restored = _by_words(session, catalogue, viewer, request, kinds, text)
    if request.sort == "newest":
        found.sort(key=_newest, reverse=True)
    page, pages = _paged(request.page, len(found))
    shown = [one.key for one in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    hits = _hits(session, viewer, listing.whole(session, viewer, shown), restored or text)
    counts = listing.counts(session, viewer, _chosen(found))
    return SearchPage(
        hits, len(found), page, pages, _facets(counts, request), restored,
        by_words_alone=catalogue.is_wordless,
    )  # fmt: skip


def level_for(viewer: Viewer) -> Level:
    """The shelves a viewer may search: strangers the public ones, members theirs."""
    return Level.MEMBERS if viewer.is_member else Level.PUBLIC


def _by_words(
    session: Session, catalogue: Catalogue, viewer: Viewer, request: SearchRequest,
    kinds: Sequence[RecordKind], text: str,
) -> tuple[list[_Found], str | None]:  # fmt: skip
    """What answers, the best first; only a page of it is read whole."""
    level = level_for(viewer)
    found: list[_Found] = []
    restored = None
    for kind in kinds:
        table: Any = records.TABLES[kind]
        shelf = catalogue.shelf(kind, level)
        query = catalogue.ask(text, shelf)
        restored = restored or query.restored
        allowed = None
        if request.has_filters:
            allowed = session.scalars(_filtered(table, viewer, request, select(table.id))).all()
        candidates = shelf.search(query, limit=MOST_HITS, allowed=allowed)
        score = {c.id: c.fused for c in candidates}
        known = listing.outlines(session, viewer, kind, list(score))
        found += [_Found((kind, row), score[row], name, at) for row, name, at in known]
    found.sort(key=lambda one: (-one.score, one.public_id))
    best = found[0].score if found else 0.0
    return [one for one in found if one.score >= best - FLOOR][:MOST_HITS], restored


def _chosen(found: Sequence[_Found]) -> dict[RecordKind, Select[Any]]:
    ids: dict[RecordKind, list[int]] = {}
    for one in found:
        kind, row = one.key
        ids.setdefault(kind, []).append(row)
    tables: dict[RecordKind, Any] = {kind: records.TABLES[kind] for kind in ids}
    return {kind: select(t.id).where(t.id.in_(ids[kind])) for kind, t in tables.items()}


def _newest_page(
    session: Session, viewer: Viewer, request: SearchRequest, kinds: Sequence[RecordKind]
) -> SearchPage:
    """A page of all that is listed: no more is read than it shows."""
    chosen: dict[RecordKind, Select[Any]] = {}
    for kind in kinds:
        table: Any = records.TABLES[kind]
        chosen[kind] = _filtered(table, viewer, request, select(table.id))
    counts = listing.counts(session, viewer, chosen)
    total = counts["kind"].total()
    page, pages = _paged(request.page, total)
    found = listing.newest(
        session, viewer, chosen, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )  # fmt: skip
    hits = _hits(session, viewer, found, "")
    return SearchPage(hits, total, page, pages, _facets(counts, request))


def _paged(asked: int, total: int) -> tuple[int, int]:
    """The page shown, the last where a later one was asked for, and how many there are."""
    pages = max(1, -(-total // PAGE_SIZE))
    return min(max(1, asked), pages), pages


def _newest(one: _Found) -> tuple[bool, datetime, int]:
    """People look for needs and solutions; organisations come after them."""
    kind, row = one.key
    return kind is not RecordKind.ORGANISATION, one.at, row


def _filtered(
    table: Any, viewer: Viewer, request: SearchRequest, query: Select[Any]
) -> Select[Any]:
    """The listed rows that carry what was chosen; filters that a kind does not have shut it out."""
    schemes: dict[Scheme, Sequence[str]] = {
        Scheme.FIELD: request.fields,
        Scheme.INDUSTRY: request.industries,
    }
    conditions: list[ColumnElement[bool]] = [
        records.findable(table),
        records.visible(table, viewer),
    ]
    if request.cooperation:
        if table is Organisation:
            return query.where(Organisation.id < 0)
        schemes[Scheme.COOPERATION] = request.cooperation
    conditions += records.with_codes(table, schemes)
    if request.trl_min:
        if table is not Solution:
            return query.where(table.id < 0)
        conditions.append(Solution.trl >= request.trl_min)
    if request.solution_kinds:
        if table is not Solution:
            return query.where(table.id < 0)
        conditions.append(Solution.kind.in_(request.solution_kinds))
    if request.communes:
        conditions.append(_in_communes(table, viewer, request.communes))
    return query.where(*conditions)


def _in_communes(table: Any, viewer: Viewer, communes: Iterable[str]) -> ColumnElement[bool]:
    """By place; an anonymous need has none, except for those who may know its owner."""
    there = select(Organisation.id).where(Organisation.commune.in_(list(communes)))
    if table is Organisation:
        return Organisation.id.in_(there)
    condition: ColumnElement[bool] = table.organisation_id.in_(there)
    if table is Need and not viewer.is_staff:
        condition &= listing.is_placed(viewer)
    return condition


def _hits(session: Session, viewer: Viewer, found: Sequence[Record], text: str) -> list[Hit]:
    introduced = disclosed.introduced_to(session, viewer)
    return [_hit(disclosed.view(viewer, record, introduced), text) for record in found]


def _hit(view: View, text: str) -> Hit:
    if not text:
        return Hit(view, view.record_kind)
    kind: RecordKind = view.record_kind
    shown = {"title", "summary", "name_vi", "name_en"}
    body = [p for p in disclosed.passages(view, kind) if p.field not in shown]
    quote = quotes.best_quote(body, text)
    title = str(view.title or view.name_vi or "")
    heading = quotes.best_quote([Passage("title", title)], text)
    words = [*(quote.words if quote else ()), *(heading.words if heading else ())]
    return Hit(view, kind, quote.text if quote else None, words)


def _facets(
    counts: Mapping[str, Counter[str]], request: SearchRequest
) -> dict[str, list[FacetCount]]:
    """What can be narrowed by, the most frequent first, and what was."""
    chosen: dict[str, set[str]] = {
        "kind": {str(k) for k in request.kinds},
        "field": set(request.fields),
        "industry": set(request.industries),
        "trl": {str(request.trl_min)} if request.trl_min else set(),
        "commune": set(request.communes),
        "cooperation": set(request.cooperation),
        "solution_kind": {str(k) for k in request.solution_kinds},
    }
    return {
        name: [
            FacetCount(code, counts[name][code], code in chosen[name])
            for code in sorted(
                set(counts[name]) | chosen[name], key=lambda c: (-counts[name][c], c)
            )
        ]
        for name in _FACETS
    }


def figures(session: Session) -> dict[str, int]:
    """The figures of the home page, all of them countable by anybody."""
    return {
        "needs": records.count_listed(session, Need),
        "solutions": records.count_listed(session, Solution),
        "organisations": records.count_listed(session, Organisation),
        "engagements": session.scalar(select(func.count()).select_from(Engagement)) or 0,
    }
