"""Finding records in one's own words: search with facets."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    introduced = disclosed.introduced_to(session, viewer)
    views = [disclosed.view(viewer, record, introduced) for record in found]
    shown = views[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    hits = [_hit(view, restored or text) for view in shown]
    return SearchPage(
        hits, len(found), page, pages, _facets(_counted(views), request), restored,
        by_words_alone=catalogue.is_wordless,
    )  # fmt: skip


def level_for(viewer: Viewer) -> Level:
    """The shelves a viewer may search: strangers the public ones, members theirs."""
    return Level.MEMBERS if viewer.is_member else Level.PUBLIC


def _by_words(
    session: Session, catalogue: Catalogue, viewer: Viewer, request: SearchRequest,
    kinds: Sequence[RecordKind], text: str,
) -> tuple[list[Record], str | None]:  # fmt: skip
    level = level_for(viewer)
    scored: list[tuple[float, Record]] = []
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
        found = records.by_ids(session, table, viewer, list(score))
        scored += [(score[record.id], record) for record in found]
    scored.sort(key=lambda pair: (-pair[0], pair[1].public_id))
    best = scored[0][0] if scored else 0.0
    return [record for value, record in scored if value >= best - FLOOR][:MOST_HITS], restored


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
    introduced = disclosed.introduced_to(session, viewer)
    hits = [_hit(disclosed.view(viewer, record, introduced), "") for record in found]
    return SearchPage(hits, total, page, pages, _facets(counts, request))


def _paged(asked: int, total: int) -> tuple[int, int]:
    """The page shown, the last where a later one was asked for, and how many there are."""
    pages = max(1, -(-total // PAGE_SIZE))
    return min(max(1, asked), pages), pages


def _newest(record: Record) -> tuple[bool, Any, int]:
    """People look for needs and solutions; organisations come after them."""
    if isinstance(record, Organisation):
        return False, record.created_at, record.id
    return True, record.published_at or record.created_at, record.id


def _filtered(
    table: Any, viewer: Viewer, request: SearchRequest, query: Select[Any]
) -> Select[Any]:
    """The listed rows that carry what was chosen; filters that a kind does not have shut it out."""
    schemes: dict[Scheme, Sequence[str]] = {
        Scheme.FIELD: request.fields,
        Scheme.INDUSTRY: request.industries,
    }
    conditions: list[ColumnElement[bool]] = [records.listed(table), records.visible(table, viewer)]
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


def _counted(views: Sequence[View]) -> dict[str, Counter[str]]:
    """How many of these carry each code: counts over what the reader may see."""
    counts = {name: Counter[str]() for name in _FACETS}
    for view in views:
        counts["kind"][str(view.record_kind)] += 1
        counts["field"].update(view.fields or ())
        counts["industry"].update(view.industries or ())
        counts["cooperation"].update(view.cooperation or ())
        if view.trl:
            counts["trl"][str(view.trl)] += 1
        if view.record_kind is RecordKind.SOLUTION and view.kind:
            counts["solution_kind"][str(view.kind)] += 1
        commune = view.commune or (view.organisation or {}).get("commune")
        if commune:
            counts["commune"][commune] += 1
    return counts


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
