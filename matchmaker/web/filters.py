"""How facts are worded in templates: dates, money, figures, terms, phrases."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Flask, g
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from matchmaker.domain import money, recipe
from matchmaker.domain.vocabulary import Scheme
from matchmaker.extensions import db
from matchmaker.models import Term
from matchmaker.queries import terms
from matchmaker.services.clocks import LOCAL
from matchmaker.web import phrases
from matchmaker.web.context import language


def register(app: Flask) -> None:
    for function in (day, moment, vnd, number, label, plain, phrase, marked, name):
        app.add_template_filter(_each_time(function), function.__name__)


def _each_time(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is asked at every printing.

    What stands in a template as a constant is filtered once, when the template is read, in the
    language of whoever came first; what takes the context is not.
    """

    @pass_context
    def asked(context: Context, *args: Any, **kwargs: Any) -> Any:
        del context
        return function(*args, **kwargs)

    return asked


def day(value: date | datetime | None) -> str:
    """27/11/2026, on the wall calendar of Vietnam."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(LOCAL).date()
    return f"{value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """27/11/2026 14:05."""
    return "" if value is None else f"{value.astimezone(LOCAL):%d/%m/%Y %H:%M}"


def vnd(amount: int | None) -> str:
    return "" if amount is None else money.format_vnd(amount, language())


def number(value: float | None) -> str:
    text = recipe.number(value)
    return text.replace(",", ".") if language() == "en" else text


def label(code: str | None, scheme: str) -> str:
    """The words of a vocabulary term; an unknown code stands for itself."""
    term = _term(code, scheme)
    if term is None:
        return code or ""
    return term.label_en if language() == "en" else term.label_vi


def plain(code: str | int | None, scheme: str) -> str:
    """A term in plain words, where it has them."""
    term = _term(str(code or ""), scheme)
    if term is None:
        return ""
    return (term.plain_en if language() == "en" else term.plain_vi) or ""


def phrase(value: Any) -> str:
    return str(phrases.phrase(value)) if value else ""


def name(organisation: dict[str, Any] | None) -> str:
    """An organisation's name in the language of the page."""
    if not organisation:
        return ""
    return str(organisation["name_en" if language() == "en" else "name_vi"])


def marked(text: str, words: list[str] | None) -> Markup:
    """`text` with the given words marked wherever they stand whole; everything else is escaped."""
    parts: list[str | Markup] = [text]
    for word in sorted(set(words or []), key=len, reverse=True):
        if word:
            parts = [piece for part in parts for piece in _cut(part, word)]
    return Markup("").join(p if isinstance(p, Markup) else escape(p) for p in parts)


def _cut(part: str | Markup, word: str) -> list[str | Markup]:
    if isinstance(part, Markup) or word not in part:
        return [part]
    pieces: list[str | Markup] = []
    for i, piece in enumerate(re.split(rf"(?<!\w){re.escape(word)}(?!\w)", part)):
        if i:
            pieces.append(Markup("<mark>{}</mark>").format(word))
        pieces.append(piece)
    return pieces


def _term(code: str | None, scheme: str) -> Term | None:
    if "terms" not in g:
        g.terms = terms.all_terms(db.session)
    found: Term | None = g.terms.get((Scheme(scheme), code or ""))
    return found
