"""The small bilingual lexicon: what Vietnamese and English words have in common."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from matchmaker.domain.text import fold, stem
from matchmaker.evidence.reading import read

#: The measures of change; a figure that is a difference belongs to one of them.
SAVINGS = "measure.savings"
#: A time says little: of what, the other words must tell.
DURATION = "measure.duration"
INLET, OUTLET = "thing.inlet", "thing.outlet"

Table = dict[tuple[str, ...], frozenset[str]]


@dataclass(frozen=True)
class Forms:
    """Forms of one script as tuples of words, each with the concepts it can stand for."""

    concepts: Table
    #: By the first word of a form, how many words the longest of these has.
    reach: dict[str, int]

    @classmethod
    def of(cls, table: Mapping[tuple[str, ...], Iterable[str]]) -> "Forms":
        reach: dict[str, int] = {}
        for form in table:
            reach[form[0]] = max(reach.get(form[0], 0), len(form))
        return cls({form: frozenset(concepts) for form, concepts in table.items()}, reach)

    def longest(self, words: Sequence[str], at: int, reach: int) -> tuple[int, frozenset[str]]:
        """The longest form that begins at a word that reaches so far, and what it stands for."""
        for length in range(min(reach, len(words) - at), 0, -1):
            found = self.concepts.get(tuple(words[at : at + length]))
            if found:
                return length, found
        return 0, frozenset()


@dataclass(frozen=True)
class Lexicon:
    """What words stand for, by script, and which say little or nothing."""

    marked: Forms
    unmarked: Forms
    english: Forms
    better: dict[str, str]
    shared: frozenset[str]
    stop_vi: frozenset[str]
    stop_en: frozenset[str]
    generic: frozenset[str]

    def forms(self, language: str, *, accented: bool) -> Forms:
        """The forms to look for: a Vietnamese text may hold English words, not the reverse."""
        if language == "en":
            return self.english
        return self.marked if accented else self.unmarked


def _key(form: str, *, folded: bool) -> tuple[str, ...]:
    words = read(form).plain.replace("-", " ").replace("'", " ").split()
    return tuple(stem(fold(w) if folded else w) for w in words)


@cache
def lexicon() -> Lexicon:
    """Read the shipped lexicon, once."""
    text = files("matchmaker.domain").joinpath("lexicon.toml").read_text(encoding="utf-8")
    data: dict[str, dict[str, Any]] = tomllib.loads(text)
    marked: dict[tuple[str, ...], set[str]] = {}
    unmarked: dict[tuple[str, ...], set[str]] = {}
    english: dict[tuple[str, ...], set[str]] = {}

    def add(concept: str, vietnamese: str, english_forms: str) -> None:
        for form in vietnamese.split("|"):
            marked.setdefault(_key(form, folded=False), set()).add(concept)
            unmarked.setdefault(_key(form, folded=True), set()).add(concept)
        for form in english_forms.split("|"):
            english.setdefault(_key(form, folded=False), set()).add(concept)

    for name, entry in data["measure"].items():
        add(f"measure.{name}", entry["vi"], entry["en"])
    for name, both in data["thing"].items():
        vietnamese, english_forms = both.split(" || ")
        add(f"thing.{name.strip('_')}", vietnamese, english_forms)
    return Lexicon(
        marked=Forms.of(english | marked),
        unmarked=Forms.of(english | unmarked),
        english=Forms.of(english),
        better={f"measure.{n}": e.get("better", "") for n, e in data["measure"].items()},
        shared=frozenset(f"measure.{n}" for n, e in data["measure"].items() if e.get("shared")),
        stop_vi=_both(data["plain"]["stop_vi"]),
        stop_en=frozenset(data["plain"]["stop_en"].split()),
        generic=_both(data["plain"]["generic"]),
    )


def _both(words: str) -> frozenset[str]:
    """The words as written and without diacritics."""
    return frozenset(words.split()) | frozenset(fold(words).split())
