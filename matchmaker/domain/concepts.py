"""What texts of two languages have in common: concepts, read off a small bilingual lexicon.

Words never meet across languages, and a small model places a language's texts together; the
lexicon gives a Vietnamese need and an English solution something to share beside their vectors
(dictionary-based cross-language retrieval, Pirkola, SIGIR 1998: the forms of one concept count as
one term).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from matchmaker.domain.text import fold, looks_unaccented, singular, stem

Form = tuple[str, ...]
Codes = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Lexicon:
    """Concepts by their forms, each form a tuple of words as `concepts` reads them."""

    marked: Mapping[Form, Codes]
    unmarked: Mapping[Form, Codes]
    english: Mapping[Form, Codes]
    #: The longest form that begins with a word: where none begins, nothing is looked up.
    longest: Mapping[str, int]


def concepts(text: str, language: str) -> list[str]:
    """The codes of the concepts a text names, in order, each as often as it is named.

    The longest form counts: *nước thải* is wastewater, not water. A Vietnamese text may hold
    English words, not the reverse. One typed without diacritics is read by folded forms.
    """
    known = lexicon()
    text = unicodedata.normalize("NFC", text)
    read = [_reading(word) for word in _WORD.findall(text)]
    english = [one.english for one in read]
    tables = [(known.english, english)]
    if language == "vi" and looks_unaccented(text):
        tables.insert(0, (known.unmarked, [one.folded for one in read]))
    elif language == "vi":
        tables.insert(0, (known.marked, [one.marked for one in read]))
    begins = known.longest.get
    # Most words begin no form: they are passed over before anything is looked up.
    reach = [begins(word, 0) for word in english]
    if len(tables) > 1:
        reach = [max(most, begins(word, 0)) for most, word in zip(reach, tables[0][1], strict=True)]
    found: list[str] = []
    at = 0
    while at < len(english):
        if not reach[at]:
            at += 1
            continue
        length, codes = _longest(tables, reach[at], at)
        found += codes
        at += length
    return found


@cache
def lexicon() -> Lexicon:
    """Read the shipped lexicon, once."""
    content = files("matchmaker.domain").joinpath("lexicon.toml").read_text(encoding="utf-8")
    data: dict[str, dict[str, Any]] = tomllib.loads(content)
    entries = [(f"measure.{name}", row["vi"], row["en"]) for name, row in data["measure"].items()]
    for table in ("thing", "word"):
        for name, both in data[table].items():
            vietnamese, english = both.split(" || ")
            entries.append((f"{table}.{name}", vietnamese, english))
    marked: dict[Form, list[str]] = {}
    unmarked: dict[Form, list[str]] = {}
    plain: dict[Form, list[str]] = {}
    for name, vietnamese, english in entries:
        code = name.replace("_", "-")  # to the word index, "_" joins a pair of neighbours
        for form in vietnamese.split("|"):
            read = _form(form)
            marked.setdefault(tuple(w.marked for w in read), []).append(code)
            unmarked.setdefault(tuple(w.folded for w in read), []).append(code)
        for form in english.split("|"):
            plain.setdefault(tuple(w.english for w in _form(form)), []).append(code)
    longest: dict[str, int] = {}
    for form in (*marked, *unmarked, *plain):
        longest[form[0]] = max(len(form), longest.get(form[0], 0))
    return Lexicon(_frozen(marked), _frozen(unmarked), _frozen(plain), longest)


class _Word(NamedTuple):
    """One word in the three ways forms are written."""

    marked: str
    folded: str
    english: str


# A language has few words that come often, and each text is read several times.
@lru_cache(maxsize=50_000)
def _reading(word: str) -> _Word:
    """Read a word; its marks come last and in one order, so that *hóa* and *hoá* are the same."""
    folded = fold(word)
    low = word.casefold()
    marks = sorted(c for c in unicodedata.normalize("NFD", low) if unicodedata.combining(c))
    return _Word(folded + "".join(marks) + "đ" * low.count("đ"), folded, stem(singular(folded)))


def _form(text: str) -> list[_Word]:
    return [_reading(word) for word in _WORD.findall(text)]


def _longest(
    tables: list[tuple[Mapping[Form, Codes], list[str]]], most: int, at: int
) -> tuple[int, Codes]:
    """The concepts of the longest form that begins here, and how many words it takes."""
    for length in range(most, 0, -1):
        for forms, read in tables:
            codes = forms.get(tuple(read[at : at + length]))
            if codes:
                return length, codes
    return 1, ()


def _frozen(forms: Mapping[Form, list[str]]) -> Mapping[Form, Codes]:
    return {form: tuple(dict.fromkeys(codes)) for form, codes in forms.items()}
