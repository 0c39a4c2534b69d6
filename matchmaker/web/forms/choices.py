"""Choices out of the vocabularies and the closed lists, in the language of the page."""

from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from flask import g
from flask_babel import gettext
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from matchmaker.domain.vocabulary import Scheme
from matchmaker.extensions import db
from matchmaker.models import Term
from matchmaker.queries import terms
from matchmaker.web import phrases
from matchmaker.web.context import language

Kind = TypeVar("Kind", bound=Enum)


def choice(value: str, label: str, group: str | None = None) -> SelectChoice:
    """One line to choose."""
    return SelectChoice(value=value, label=label, optgroup=group)


def of(kind: type[Kind], values: Iterable[Kind] | None = None) -> list[SelectChoice]:
    """The members of a closed list, in its own order."""
    return [choice(str(value.value), str(phrases.phrase(value))) for value in values or kind]


def optional(choices: list[SelectChoice], empty: str | None = None) -> list[SelectChoice]:
    """The same after a line that chooses nothing."""
    return [choice("", empty or gettext("— chọn —")), *choices]


def terms_of(scheme: Scheme) -> list[SelectChoice]:
    """The terms in use of a vocabulary, in its own order."""
    return [choice(term.code, _words(term)) for term in _in_use(scheme)]


def narrow_terms_of(scheme: Scheme) -> list[SelectChoice]:
    """The narrowest terms, under the broader ones that they belong to."""
    known = {term.code: term for term in _in_use(scheme)}
    broad = {term.broader for term in known.values()}
    return [
        choice(t.code, _words(t), _words(known[t.broader]) if t.broader in known else None)
        for t in known.values()
        if t.code not in broad
    ]


def levels(empty: str) -> list[SelectChoice]:
    """TRL 1 to 9, each with its plain words, after a line that says none of them."""
    known = [choice(t.code, f"{t.code} – {_plain(t)}") for t in _in_use(Scheme.TRL)]
    return optional(known, empty)


def must_or_should() -> list[SelectChoice]:
    return [choice("must", gettext("Bắt buộc")), choice("should", gettext("Nên có"))]


def languages() -> list[SelectChoice]:
    """Working languages of the firms and schools here."""
    return [
        choice("vi", gettext("Tiếng Việt")),
        choice("en", gettext("Tiếng Anh")),
        choice("ja", gettext("Tiếng Nhật")),
        choice("ko", gettext("Tiếng Hàn")),
        choice("zh", gettext("Tiếng Trung")),
        choice("fr", gettext("Tiếng Pháp")),
    ]


def _in_use(scheme: Scheme) -> list[Term]:
    if "terms" not in g:
        g.terms = terms.all_terms(db.session)
    return [t for (of_scheme, _), t in g.terms.items() if of_scheme is scheme and not t.replaced_by]


def _words(term: Term) -> str:
    return term.label_en if language() == "en" else term.label_vi


def _plain(term: Term) -> str:
    plain = term.plain_en if language() == "en" else term.plain_vi
    return plain or _words(term)
