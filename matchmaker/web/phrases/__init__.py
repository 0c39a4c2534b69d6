"""The phrase book: the one place where codes become sentences for people.

Every sentence is Vietnamese and lazy: it is put into the reader's language when a page prints it.
A code without words is a bug and looks like one: `phrase` raises `KeyError`.
"""

from collections import defaultdict
from collections.abc import Mapping
from enum import Enum
from typing import Any

from flask_babel import LazyString

from matchmaker.domain.errors import MatchmakerError, Problem
from matchmaker.domain.vocabulary import NoticeCode, RecordKind
from matchmaker.web.phrases import evidence, matching, money, notices, operations, records, rounds
from matchmaker.web.phrases.fields import FIELDS, HELP, OF_KIND, ROWS
from matchmaker.web.phrases.problems import ERRORS, PROBLEMS

__all__ = [
    "ERRORS",
    "FIELDS",
    "HELP",
    "PHRASES",
    "PROBLEMS",
    "error",
    "field_label",
    "notice",
    "phrase",
    "problem",
]

#: Words of every closed list that people see, by the name of the list and then by code.
PHRASES: Mapping[str, Mapping[str, LazyString]] = {
    **records.PHRASES,
    **matching.PHRASES,
    **evidence.PHRASES,
    **money.PHRASES,
    **rounds.PHRASES,
    **operations.PHRASES,
}


def phrase(value: Enum | str) -> LazyString:
    """The words for one value of a closed list.

    An enumeration's member is enough by itself; a plain code, out of a JSON column say, is given
    as "Verdict.met", with the name of its list.
    """
    if isinstance(value, Enum):
        return PHRASES[type(value).__name__][str(value)]
    group, _, code = value.partition(".")
    return PHRASES[group][code]


def problem(found: Problem) -> LazyString:
    """The sentence for one thing wrong with one field."""
    return _filled(PROBLEMS[found.code], found.facts)


def error(raised: MatchmakerError | type[MatchmakerError]) -> LazyString:
    """The sentence for an error of ours, by its code; says nothing of what its text logs."""
    return ERRORS[raised.code]


def notice(code: NoticeCode | str, facts: Mapping[str, Any]) -> LazyString:
    """The full sentence of a notice; `facts` are those left with it by the services."""
    return _filled(notices.NOTICES[str(code)], facts)


def field_label(name: str, kind: RecordKind | str | None = None) -> LazyString:
    """The label of a form field; `kind` says whose it is where the same name means two things.

    Fields of repeated rows are asked by their name on the page: "requirements-0-value" is
    "Yêu cầu 1: giá trị".
    """
    own = OF_KIND.get(f"{kind}.{name}") if kind is not None else None
    if own is not None:
        return own
    if name in FIELDS:
        return FIELDS[name]
    group, number, part = name.split("-")
    facts = {"number": int(number) + 1, "part": ROWS[f"{group}.{part}"]}
    return _filled(ROWS[group], facts)


def _filled(words: LazyString, facts: Mapping[str, Any]) -> LazyString:
    """The same sentence with its facts, still lazy; a fact that is missing leaves a blank.

    A fact that is a word of a closed list is put in words too.
    """
    told = {name: phrase(v) if isinstance(v, Enum) else v for name, v in facts.items()}
    known = defaultdict(str, told)
    return LazyString(lambda: str(words) % known)
