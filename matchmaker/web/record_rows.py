"""Every field of a record in one list, so that whoever publishes it has read all of it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from matchmaker.domain import recipe
from matchmaker.domain.disclosure import level_of
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.queries.disclosed import View
from matchmaker.web import phrases
from matchmaker.web.posting import in_words

#: Said in the heading of the page, or no words of the owner's.
_ELSEWHERE = frozenset({"title", "status", "organisation", "budget_band", "kind", "language"})


@dataclass(frozen=True)
class Row:
    """One field: its name and label, who may read it, and its text, a line for each part."""

    name: str
    label: str
    level: Level
    text: str


def rows(view: View) -> list[Row]:
    """The fields of a record in the order of its form; an empty one has an empty text."""
    kind = RecordKind(view.record_kind)
    return [
        Row(
            name,
            str(phrases.field_label(name, kind)),
            level_of(kind, name, anonymous=bool(view.anonymous)),
            _words(kind, name, view[name]),
        )
        for name in phrases.FIELDS
        if name in view and name not in _ELSEWHERE
    ]


def _words(kind: RecordKind, name: str, value: Any) -> str:
    if name == "translation":
        told = (f"{phrases.field_label(field, kind)}: {text}" for field, text in value.items())
        return "\n".join(told)
    if name == "performances":
        return "\n".join(
            f"{recipe.describe_performance(row)} – "
            + str(gettext("đã đo") if row.measured else gettext("mới công bố"))
            for row in value
        )
    return in_words(name, value)
