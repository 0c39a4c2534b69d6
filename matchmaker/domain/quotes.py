"""The sentence of a record that best answers a search, word for word, with its words to mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.domain import text
from matchmaker.domain.recipe import Passage

#: Words so common that sharing them says nothing; folded.
_COMMON = frozenset(
    [
        "va",
        "cua",
        "cho",
        "cac",
        "co",
        "la",
        "de",
        "trong",
        "voi",
        "tai",
        "theo",
        "mot",
        "nhung",
        "duoc",
        "khong",
        "tu",
        "den",
        "khi",
        "o",
        "ve",
        "hoac",
        "bang",
        "nay",
        "do",
        "can",
        "the",
        "of",
        "and",
        "to",
        "in",
        "for",
        "a",
        "an",
        "on",
        "with",
        "by",
        "is",
        "are",
        "be",
        "as",
        "at",
        "or",
        "from",
        "that",
        "this",
        "it",
    ]
)


@dataclass(frozen=True)
class Quote:
    """`text` is an exact substring of the passage of `field`; `words` are substrings of it."""

    field: str
    text: str
    words: tuple[str, ...]


def best_quote(passages: Sequence[Passage], query: str) -> Quote | None:
    """The first sentence that shares the most of the query's words; None: it shares none."""
    wanted = [w for w in text.words(query) if w not in _COMMON]
    pairs = set(zip(wanted, wanted[1:], strict=False))
    best: tuple[float, Quote] | None = None
    for passage in passages:
        for sentence in text.sentences(passage.text):
            has = text.words(sentence.text)
            shared = set(has) & set(wanted)
            if not shared:
                continue
            # Two syllables side by side make a Vietnamese word: they count as much again.
            together = len(pairs & set(zip(has, has[1:], strict=False)))
            score = len(shared) + 2 * together
            if best is None or score > best[0]:
                quote = Quote(passage.field, sentence.text, _exact(sentence.text, shared))
                best = (score, quote)
    return best[1] if best else None


def _exact(sentence: str, folded: set[str]) -> tuple[str, ...]:
    """The words as they are written in the sentence, whose folded forms are given."""
    found = []
    for word in sentence.split():
        bare = word.strip(".,;:!?()[]\"'“”…")
        if bare and text.fold(bare) in folded and bare not in found:
            found.append(bare)
    return tuple(found)
