"""The words of a text that carry its meaning: concepts, names and codes, and other words."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from matchmaker.domain.text import fold, stem
from matchmaker.evidence.lexicon import SAVINGS, lexicon
from matchmaker.evidence.reading import Reading

_WORD = re.compile(r"[^\W_]+")
GENERIC_WEIGHT, WORD_WEIGHT, CONCEPT_WEIGHT, CODE_WEIGHT = 0.25, 1.0, 1.5, 2.0


class Term(NamedTuple):
    """A word or phrase: the concepts it may stand for, or itself, with its place in `plain`."""

    keys: frozenset[str]
    folded: frozenset[str]
    start: int
    end: int
    weight: float
    code: bool = False

    @property
    def measures(self) -> frozenset[str]:
        return frozenset(k for k in self.keys if k.startswith("measure."))


@dataclass(frozen=True)
class Terms:
    """The terms of a text in order; `accented` says whether its diacritics can be trusted."""

    items: tuple[Term, ...]
    accented: bool
    english: bool = False

    def only(self, keep: Callable[[Term], bool]) -> "Terms":
        return self.holding(tuple(t for t in self.items if keep(t)))

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        return [t.start for t in self.items], [t.end for t in self.items]

    def within(self, start: int, end: int) -> "Terms":
        """The terms that lie between two offsets; terms are in order and never overlap."""
        starts, ends = self._bounds
        return self.holding(self.items[bisect_left(starts, start) : bisect_right(ends, end)])

    def holding(self, items: tuple[Term, ...]) -> "Terms":
        """Other terms of the same text."""
        return Terms(items, self.accented, self.english)

    def without(self, concept: str) -> "Terms":
        return self.only(lambda t: concept not in t.keys)

    def keys(self, *, folded: bool) -> frozenset[str]:
        return self._folded if folded else self._keys

    @cached_property
    def weight(self) -> float:
        return sum(t.weight for t in self.items)

    @property
    def measures(self) -> set[str]:
        return {k for t in self.items for k in t.measures} - {SAVINGS}

    # A sentence is held against every demand of every need: what it holds is gathered once.
    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(k for t in self.items for k in t.keys)

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(k for t in self.items for k in t.folded)


def terms(reading: Reading, language: str, skip: Iterable[tuple[int, int]] = ()) -> Terms:
    """Read the terms of a text; the spans to skip (its quantities) give none."""
    accented, shouted = reading.accented, reading.text.isupper()
    places = [word.span() for word in _WORD.finditer(reading.plain)]
    words = [_word(reading.plain[start:end], language, accented) for start, end in places]
    stems = [word.stem for word in words]
    hidden = _hidden(reading.plain, skip)
    forms = lexicon().forms(language, accented=accented)
    found: list[Term] = []
    at = 0
    while at < len(words):
        word, (start, end) = words[at], places[at]
        if hidden[start]:
            at += 1
            continue
        length, concepts = forms.longest(stems, at, word.reach) if word.reach else (0, None)
        if concepts:
            end = places[at + length - 1][1]
            found.append(Term(concepts, concepts, start, end, CONCEPT_WEIGHT))
            at += length
            continue
        meaning = word.meaning
        if meaning is not None:
            is_code = meaning.code or (not shouted and _is_name(reading, start, end))
            weight = CODE_WEIGHT if is_code else meaning.weight
            found.append(Term(meaning.keys, meaning.folded, start, end, weight, is_code))
        at += 1
    english = language == "en"
    return Terms(tuple(found), accented or english, english)


def _is_name(reading: Reading, start: int, end: int) -> bool:
    """Whether a word stands in capitals: a name or a code."""
    return end - start > 1 and reading.exact(start, end).isupper()


def _hidden(plain: str, skip: Iterable[tuple[int, int]]) -> bytearray:
    hidden = bytearray(len(plain) + 1)
    for start, end in skip:
        hidden[start:end] = b"\x01" * (end - start)
    return hidden


class _Meaning(NamedTuple):
    keys: frozenset[str]
    folded: frozenset[str]
    weight: float
    code: bool


class _Word(NamedTuple):
    """A word wherever it stands: how far forms reach that begin with it, and what it means."""

    stem: str
    reach: int
    meaning: _Meaning | None


@lru_cache(maxsize=20_000)
def _word(text: str, language: str, accented: bool) -> _Word:
    """The same words come again and again."""
    stemmed = stem(text)
    reach = lexicon().forms(language, accented=accented).reach.get(stemmed, 0)
    return _Word(stemmed, reach, _meaning(text, stemmed, language, accented=accented))


def _meaning(text: str, stemmed: str, language: str, *, accented: bool) -> _Meaning | None:
    """What one word counts for, None for a stop word."""
    folded = fold(text)
    if _is_stop(text, folded, language, accented=accented):
        return None
    code = any(c.isdigit() for c in text)
    if len(text) == 1 and not code:
        return None
    plain = {text, stemmed} if accented or language == "en" else {text, stemmed, folded}
    generic = bool(plain & lexicon().generic)
    weight = CODE_WEIGHT if code else GENERIC_WEIGHT if generic else WORD_WEIGHT
    return _Meaning(frozenset((stemmed,)), frozenset((fold(stemmed),)), weight, code)


def _is_stop(text: str, folded: str, language: str, *, accented: bool) -> bool:
    """English "in" says nothing; Vietnamese "in" is to print."""
    words = lexicon()
    if language == "en":
        return text in words.stop_en
    return text in words.stop_vi or (not accented and folded in words.stop_vi)


def coverage(wanted: Terms, given: Terms) -> float:
    """The share of the weight of the wanted terms that the given terms hold, 0 to 1."""
    if not wanted.weight:
        return 0.0
    return sum(t.weight for t in matched(wanted, given)) / wanted.weight


def words_of(reading: Reading, given: Terms, wanted: Terms) -> tuple[str, ...]:
    """What of a text speaks of the wanted terms, as written; words side by side are one piece."""
    spans: list[list[int]] = []
    for term in matched(given, wanted):
        if spans and not reading.plain[spans[-1][1] : term.start].strip():
            spans[-1][1] = term.end
        else:
            spans.append([term.start, term.end])
    return tuple(dict.fromkeys(reading.exact(start, end) for start, end in spans))


def matched(wanted: Terms, given: Terms) -> list[Term]:
    """The wanted terms that the given terms hold; without diacritics on one side, folded."""
    folded = not (wanted.accented and given.accented)
    held = given.keys(folded=folded)
    if held.isdisjoint(wanted.keys(folded=folded)):
        return []  # of the sentences held against a demand, most speak of something else
    return [t for t in wanted.items if not held.isdisjoint(t.folded if folded else t.keys)]
