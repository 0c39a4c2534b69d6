"""The sentence of a record that best answers a search, word for word, with its words to mark."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from matchmaker.domain import text
from matchmaker.domain.recipe import Passage

#: Words so common that sharing them says nothing; folded.
_COMMON_WORDS = """
va cua cho cac co la de trong voi tai theo mot nhung duoc khong tu den khi o ve hoac bang nay do can
the of and to in for a an on with by is are be as at or from that this it
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Quote:
    """`text` is an exact substring of the passage of `field`; `words` are substrings of it."""

    field: str
    text: str
    words: tuple[str, ...]


def best_quote(passages: Sequence[Passage], query: str) -> Quote | None:
    """The first sentence that shares the most of the query's words; None: it shares none."""
    asked = [word for word in text.words(query) if word not in _COMMON]
    wanted, pairs = set(asked), set(pairwise(asked))
    best: tuple[float, Quote] | None = None
    for passage in passages:
        for sentence in _read(passage.text):
            shared = wanted & sentence.words
            if not shared:
                continue
            # Two syllables side by side make a Vietnamese word: they count as much again.
            score = len(shared) + 2 * len(pairs.intersection(pairwise(sentence.order)))
            if best is None or score > best[0]:
                quote = Quote(passage.field, sentence.text, _exact(sentence.text, shared))
                best = (score, quote)
    return best[1] if best else None


@dataclass(frozen=True)
class _Sentence:
    text: str
    #: Folded, in order.
    order: tuple[str, ...]
    words: frozenset[str]


# What answers one search answers others. Texts share most of their words: each is kept once.
@lru_cache(maxsize=4_000)
def _read(passage: str) -> tuple[_Sentence, ...]:
    found = []
    for sentence in text.sentences(passage):
        order = tuple(map(sys.intern, text.words(sentence.text)))
        found.append(_Sentence(sentence.text, order, frozenset(order)))
    return tuple(found)


def _exact(sentence: str, folded: set[str]) -> tuple[str, ...]:
    """The words as they are written in the sentence, whose folded forms are given."""
    found = []
    for word in sentence.split():
        bare = word.strip(".,;:!?()[]\"'“”…")
        if bare and text.fold(bare) in folded and bare not in found:
            found.append(bare)
    return tuple(found)
