"""Finding: one box for everyday words, lists to narrow by, and no way to ask wrongly."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from typing import Any, TypeVar

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from matchmaker.domain.vocabulary import RecordKind, Scheme, SolutionKind
from matchmaker.extensions import catalogue, db
from matchmaker.services import discovery
from matchmaker.services.discovery import FacetCount, SearchPage, SearchRequest
from matchmaker.web import current, filters, phrases

bp = Blueprint("search", __name__)

TEXT_MAX = 2000
#: More codes of one list than this are nobody's choice.
CODES_MAX = 30
PAGE_MAX = 10_000
SORTS = ("relevance", "newest")
#: The lists to narrow by, in the order of the page, with where their words come from.
FACETS: dict[str, Scheme | str] = {
    "kind": "RecordKind",
    "field": Scheme.FIELD,
    "industry": Scheme.INDUSTRY,
    "solution_kind": "SolutionKind",
    "trl": Scheme.TRL,
    "commune": Scheme.COMMUNE,
    "cooperation": Scheme.COOPERATION,
}
Args = MultiDict[str, str]
Word = TypeVar("Word", RecordKind, SolutionKind)


@bp.get("/search")
def index() -> ResponseReturnValue:
    """Records that answer, with what can be narrowed and what was."""
    asked = read(request.args)
    found = discovery.search(db.session, catalogue, current.viewer(), asked)
    args = clean(request.args)
    return render_template(
        "search/index.html",
        asked=asked,
        found=found,
        groups=[_group(name, found.facets.get(name, []), args) for name in FACETS],
        chosen=list(_chips(found, args)),
        clear=_address(MultiDict([("q", asked.text)] if asked.text else [])),
        pager=_pager(found, args),
        sorts=[
            (_sort_words(sort), _address(_with(args, "sort", sort)), asked.sort == sort)
            for sort in SORTS
        ],
        kept={"sort": asked.sort} if asked.sort != SORTS[0] else {},
    )


def read(args: Args) -> SearchRequest:
    """What was asked for; whatever cannot be read is left out."""
    return SearchRequest(
        text=args.get("q", "").replace("\0", "")[:TEXT_MAX].strip(),
        kinds=tuple(k for k in _words(RecordKind, args, "kind") if k in discovery.KINDS),
        fields=_codes(args, "field"),
        industries=_codes(args, "industry"),
        trl_min=_figure(args.get("trl", ""), 9) or None,
        communes=_codes(args, "commune"),
        cooperation=_codes(args, "cooperation"),
        solution_kinds=_words(SolutionKind, args, "solution_kind"),
        page=max(1, _figure(args.get("page", ""), PAGE_MAX)),
        sort=args["sort"] if args.get("sort") in SORTS else SORTS[0],
    )


def clean(args: Args) -> Args:
    """The parameters that mean something, without the page: links that change the question."""
    kept: Args = MultiDict()
    for name in ("q", *FACETS, "sort"):
        values = [v for v in dict.fromkeys(args.getlist(name)) if v.strip() and "\0" not in v]
        kept.setlist(name, values[: 1 if name in {"q", "trl", "sort"} else CODES_MAX])
    return kept


def _codes(args: Args, name: str) -> tuple[str, ...]:
    return tuple(clean(args).getlist(name))


def _words(words: type[Word], args: Args, name: str) -> tuple[Word, ...]:
    known = set(words)
    return tuple(words(code) for code in _codes(args, name) if code in known)


def _figure(text: str, most: int) -> int:
    """A whole number up to `most`; 0 for anything else."""
    if not (text.isascii() and text.isdigit()):
        return 0
    return min(int(text[:9]), most)


def _address(args: Args) -> str:
    return url_for("search.index", **args.to_dict(flat=False))  # type: ignore[arg-type]


def _with(args: Args, name: str, value: str) -> Args:
    changed = args.copy()
    changed.setlist(name, [value])
    return changed


def _without(args: Args, name: str, value: str) -> Args:
    changed = args.copy()
    changed.setlist(name, [v for v in args.getlist(name) if v != value])
    return changed


def _toggled(args: Args, name: str, item: FacetCount) -> Args:
    if item.chosen:
        return _without(args, name, item.code)
    if name == "trl":
        return _with(args, name, item.code)
    changed = args.copy()
    changed.add(name, item.code)
    return changed


def _group(name: str, items: list[FacetCount], args: Args) -> dict[str, Any]:
    """One list of the side: its title, and (words, count, address, chosen) of its items."""
    if name == "trl":
        items = _at_least(items)
    return {
        "title": _title(name),
        "items": [
            (_item_words(name, i.code), i.count, _address(_toggled(args, name, i)), i.chosen)
            for i in items
        ],
    }  # fmt: skip


def _at_least(items: list[FacetCount]) -> list[FacetCount]:
    """Levels in order, each with the records that reach it: that is what choosing one gives."""
    ordered = sorted(items, key=lambda item: item.code, reverse=True)
    sums = accumulate(item.count for item in ordered)
    return [replace(item, count=reached) for item, reached in zip(ordered, sums, strict=True)]


def _chips(found: SearchPage, args: Args) -> Iterator[tuple[str, str]]:
    for name in FACETS:
        for item in found.facets.get(name, []):
            if item.chosen:
                words = f"{_title(name)}: {_item_words(name, item.code)}"
                yield words, _address(_without(args, name, item.code))


def _title(name: str) -> str:
    titles: dict[str, str] = {
        "kind": gettext("Tìm trong"),
        "field": gettext("Lĩnh vực"),
        "industry": gettext("Ngành"),
        "solution_kind": gettext("Loại giải pháp"),
        "trl": gettext("TRL từ"),
        "commune": gettext("Xã, phường"),
        "cooperation": gettext("Hợp tác"),
    }
    return titles[name]


def _item_words(name: str, code: str) -> str:
    source = FACETS[name]
    if name == "trl":
        return f"TRL {code} – {filters.plain(code, Scheme.TRL)}".rstrip(" –")
    if isinstance(source, Scheme):
        return filters.label(code, source)
    return str(phrases.PHRASES[source].get(code, code))


def _sort_words(sort: str) -> str:
    return str(gettext("Phù hợp nhất") if sort == SORTS[0] else gettext("Mới nhất"))


def _pager(found: SearchPage, args: Args) -> dict[str, Any]:
    def at(number: int) -> str | None:
        return _address(_with(args, "page", str(number))) if 1 <= number <= found.pages else None

    return {
        "number": found.page,
        "pages": found.pages,
        "previous": at(found.page - 1),
        "next": at(found.page + 1),
    }
