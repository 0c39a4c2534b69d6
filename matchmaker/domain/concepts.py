"""What texts of two languages have in common: concepts, read off a small bilingual lexicon.

Words never meet across languages, and a small model places a language's texts together; the
lexicon gives a Vietnamese need and an English solution something to share beside their vectors
(dictionary-based cross-language retrieval, Pirkola, SIGIR 1998: the forms of one concept count as
one term).
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from matchmaker.domain.text import fold, looks_unaccented, singular, stem

Codes = tuple[str, ...]

_WORD = re.compile(r"[^\W_]+")


@dataclass
class Node:
    """Forms that begin with the same words: what follows these, and what they mean so far."""

    then: dict[str, "Node"]
    codes: Codes = ()


@dataclass(frozen=True)
class Lexicon:
    """Concepts by their forms, each form a path of words as `concepts` reads them."""

    marked: Node
    unmarked: Node
    english: Node


def concepts(text: str, language: str) -> list[str]:
    """The codes of the concepts a text names, in order, each as often as it is named.

    The longest form counts: *nước thải* is wastewater, not water. A Vietnamese text may hold
    English words, not the reverse. One typed without diacritics is read by folded forms.
    """
    known = lexicon()
    text = unicodedata.normalize("NFC", text)
    read = list(map(_reading, _WORD.findall(text)))
    english = [one.english for one in read]
    ways = [(known.english.then, english)]
    if language == "vi" and looks_unaccented(text):
        ways.insert(0, (known.unmarked.then, [one.folded for one in read]))
    elif language == "vi":
        ways.insert(0, (known.marked.then, [one.marked for one in read]))
    found: list[str] = []
    at = 0
    while at < len(english):
        length, codes = 0, Codes()
        for begins, words in ways:
            if words[at] in begins:
                longest, meant = _longest(begins, words, at)
                if longest > length:
                    length, codes = longest, meant
        found += codes
        at += length or 1
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
    marked, unmarked, plain = Node({}), Node({}), Node({})
    for name, vietnamese, english in entries:
        code = name.replace("_", "-")  # to the word index, "_" joins a pair of neighbours
        for form in vietnamese.split("|"):
            _add(marked, [word.marked for word in _form(form)], code)
            _add(unmarked, [word.folded for word in _form(form)], code)
        for form in english.split("|"):
            _add(plain, [word.english for word in _form(form)], code)
    return Lexicon(marked, unmarked, plain)


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


def _add(root: Node, form: Sequence[str], code: str) -> None:
    node = root
    for word in form:
        node = node.then.setdefault(word, Node({}))
    node.codes = tuple(dict.fromkeys((*node.codes, code)))


def _longest(begins: Mapping[str, Node], words: Sequence[str], at: int) -> tuple[int, Codes]:
    """How many words the longest form takes that begins here, and its concepts; 0 of none."""
    length, codes = 0, Codes()
    for reached in range(at, len(words)):
        node = begins.get(words[reached])
        if node is None:
            break
        if node.codes:
            length, codes = reached - at + 1, node.codes
        begins = node.then
    return length, codes
