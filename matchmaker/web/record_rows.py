"""Every field of a record in one list, so that whoever publishes it has read all of it."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from matchmaker.domain import recipe
from matchmaker.domain.disclosure import level_of
from matchmaker.domain.vocabulary import Level, RecordKind, Scheme
from matchmaker.extensions import db
from matchmaker.queries.disclosed import View
from matchmaker.services import exclusions
from matchmaker.web import filters, phrases
from matchmaker.web.posting import in_words

#: Texts and rows in reading order; all other fields are short facts.
_TEXTS = (
    "summary", "problem", "problem_solved", "description", "requirements", "performances",
    "situation", "constraints", "advantage", "limits", "trl_evidence", "expected_benefit",
    "tried_before", "reference_cases", "support", "confidential_detail", "translation",
)  # fmt: skip
#: Said in the heading of the page.
_ELSEWHERE = frozenset(
    {"title", "status", "organisation", "anonymous", "budget_band", "kind", "language"}
)


@dataclass(frozen=True)
class Row:
    """One field: its name and label, who may read it, and its text, a line for each part."""

    name: str
    label: str
    level: Level
    text: str

    @property
    def is_long(self) -> bool:
        return self.name in _TEXTS


def rows(view: View) -> list[Row]:
    """The fields of a record, texts first in reading order; an empty one has an empty text."""
    kind = RecordKind(view.record_kind)
    facts = [name for name in phrases.FIELDS if name not in _TEXTS and name not in _ELSEWHERE]
    return [
        Row(
            name,
            str(phrases.field_label(name, kind)),
            level_of(kind, name, anonymous=bool(view.anonymous)),
            _words(kind, name, view[name]),
        )
        for name in (*_TEXTS, *facts)
        if name in view
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
    if name in {"trl", "trl_min"} and value:
        return f"TRL {value} – {filters.plain(value, Scheme.TRL)}".rstrip(" –")
    if name == "excluded":
        known = exclusions.named(db.session, value or ())
        return "\n".join(known.get(public_id, public_id) for public_id in value or ())
    return in_words(name, value)
