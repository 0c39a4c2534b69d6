"""What posting and editing have in common, whatever the record: sending, merging, conflicts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from functools import partial
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext

from matchmaker.domain import recipe
from matchmaker.domain.drafts import (
    Contact,
    NeedDraft,
    OrganisationDraft,
    Performance,
    Requirement,
    SolutionDraft,
)
from matchmaker.domain.vocabulary import Help, RecordKind, Scheme
from matchmaker.web import filters, phrases

Draft = TypeVar("Draft", NeedDraft, SolutionDraft, OrganisationDraft)

_SCHEMES = {
    "cooperation": Scheme.COOPERATION,
    "industries": Scheme.INDUSTRY,
    "fields": Scheme.FIELD,
    "sdgs": Scheme.SDG,
    "ip_statuses": Scheme.IP_STATUS,
    "transfer_methods": Scheme.TRANSFER_METHOD,
    "commune": Scheme.COMMUNE,
    "country": Scheme.COUNTRY,
}
_MONEY = {"budget_min", "budget_max", "price_min", "price_max"}
#: A field, its label, the saved words and the typed words.
ConflictRow = tuple[str, str, str, str]


def wants_to_send() -> bool:
    """Whether "send for review" was pressed, not "save the draft"."""
    return request.form.get("do") == "send"


def merged(yours: Draft, theirs: Draft) -> tuple[Draft, bool]:
    """The typed draft with those fields of the saved one that were chosen on a conflict page.

    The second value says whether any was.
    """
    chosen = {name: getattr(theirs, name) for name in vars(theirs) if keeps_theirs(name)}
    return replace(yours, **chosen), bool(chosen)


def keeps_theirs(name: str) -> bool:
    """Whether the saved version of a field was chosen on a conflict page."""
    return request.form.get(f"keep-{name}") == "theirs"


def conflict_rows(
    kind: RecordKind, names: Iterable[str], theirs: Any, yours: Any,
    people: Mapping[str, str] | None = None,
) -> list[ConflictRow]:  # fmt: skip
    """Both versions of the fields in words; `people` names experts by public id."""
    return [
        (
            name,
            str(phrases.field_label(name, kind)),
            in_words(name, getattr(theirs, name), people or {}),
            in_words(name, getattr(yours, name), people or {}),
        )
        for name in names
    ]


def excluded_row(kind: RecordKind, theirs: Iterable[str], yours: Iterable[str]) -> ConflictRow:
    """Both versions of the organisations excluded, which no draft holds."""
    label = str(phrases.field_label("excluded", kind))
    return "excluded", label, "\n".join(theirs), "\n".join(yours)


def in_words(name: str, value: Any, people: Mapping[str, str] | None = None) -> str:
    """A draft's value as people read it, one line for each part of a list."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        return "\n".join(str(text) for text in value.values() if text)
    if isinstance(value, list | tuple):
        return "\n".join(in_words(name, part, people) for part in value)
    return _one(name, value, people or {})


def _one(name: str, value: Any, people: Mapping[str, str]) -> str:
    by_name: dict[str, Callable[[Any], str]] = {
        **{field: partial(filters.label, scheme=scheme) for field, scheme in _SCHEMES.items()},
        **dict.fromkeys(_MONEY, filters.vnd),
        "help": lambda code: str(phrases.phrase(Help(code)) if code in set(Help) else code),
        "experts": lambda public_id: people.get(public_id, public_id),
    }
    if name in by_name:
        return by_name[name](value)
    for kind, words in _BY_TYPE.items():
        if isinstance(value, kind):
            return words(value)
    return str(value)


def _requirement(row: Requirement) -> str:
    kind = gettext("bắt buộc") if row.must else gettext("nên có")
    return f"{recipe.describe_requirement(row)} ({kind})"


def _contact(person: Contact) -> str:
    return ", ".join(filter(None, (person.name, person.role, person.email, person.phone)))


_BY_TYPE: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: str(gettext("Có") if value else gettext("Không")),
    Requirement: _requirement,
    Performance: recipe.describe_performance,
    Contact: _contact,
    Enum: lambda value: str(phrases.phrase(value)),
    date: filters.day,
}
