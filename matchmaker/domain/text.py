"""Reading Vietnamese and English: folding, words, language and sentences.

Texts are expected in the one normal form of `embeddings.text.normalise`; nothing here repeats it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from matchmaker.domain.syllables import AMBIGUOUS, ENGLISH, is_syllable

Language = Literal["vi", "en"]

_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")
#: A stop, the quotes or brackets that close with it, and room after it; or an end of line.
_STOP = re.compile(r"[.!?…;]+[\"'”’»)\]]*(?=\s|$)|\n+")
#: A dot after one of these, or after a lone capital or a number at the start, ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|\d{1,2}|tp|ts|ths|pgs|gs|ks|cn|bs|tt|tx|ubnd|vd|tel|đt|st|no|fig|vs|etc|e\.g|"
    r"i\.e|dr|mr|mrs|ms|prof|inc|ltd|co|corp|approx|u\.s)$",
    re.IGNORECASE,
)
#: Longer stretches without a stop are broken at a comma or a space, so a quotation stays readable.
_LONGEST_SENTENCE = 400
_SHORTEST_PLURAL = 4
_SHORTEST_STEMMED = 5
#: Capitals with fewer spaces between are taken for names, not for shouting.
_SHOUTED_SPACES = 2


class Sentence(NamedTuple):
    """An exact piece of a text: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


def fold(text: str) -> str:
    """Drop marks and case: NFD, combining marks out, đ to d, then casefolded."""
    return text.translate(_BARE).casefold()


class _Bare(dict[int, str]):
    """Characters without their marks, worked out when first met; rare scripts are not kept."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFD", chr(code))
        bare = "".join(c for c in apart if not unicodedata.combining(c))
        if code < _RARE:
            self[code] = bare
        return bare


#: Code points from here on are not Latin, Greek, Cyrillic or their marks and signs.
_RARE = 0x3000


_BARE = _Bare({ord("đ"): "d", ord("Đ"): "d"})


# A language has few words that come often, and each text is read several times.
fold_word = lru_cache(maxsize=50_000)(fold)


def words(text: str) -> list[str]:
    """Give the folded words and numbers of a text, in order."""
    return _WORD.findall(fold(text))


def terms(text: str) -> list[str]:
    """Give the folded words in the singular, then each pair of neighbours as `a_b`.

    Vietnamese words are mostly two syllables with a space between: the pairs tell
    *hạt điều* from *điều* (worth .02 nDCG@10 of words alone on Vietnamese questions). The
    singular is worth as much on English needs, and no Vietnamese syllable ends in s.
    """
    singles = list(map(singular, words(text)))
    return singles + [f"{a}_{b}" for a, b in zip(singles, singles[1:], strict=False)]


@lru_cache(maxsize=50_000)
def singular(folded: str) -> str:
    """Drop an English plural's ending, after Harman's weak stemmer (1991)."""
    if len(folded) < _SHORTEST_PLURAL or not folded.endswith("s"):
        return folded
    if folded.endswith(("ss", "us", "is")):
        return folded
    if folded.endswith("ies"):
        return folded[:-3] + "y"
    return folded[: -2 if folded.endswith(("sses", "shes", "ches", "xes")) else -1]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Drop the commonest English endings of a longer plain word; rough, the same on both sides."""
    if len(word) < _SHORTEST_STEMMED or not (word.isascii() and word.isalpha()):
        return word
    for ending in ("ing", "ed", "es", "s"):
        rest = len(word) - len(ending)
        if word.endswith(ending) and not word.endswith("ss") and rest >= _SHORTEST_PLURAL:
            return word[:rest].removesuffix("e")
    return word.removesuffix("e")


def calm(text: str) -> str:
    """Write lines typed in capitals in small letters.

    The model was trained on calm text: capitals cost it .035 nDCG@10 on English needs, and fill
    its window with twice the pieces. Short lines stay: a few capitals are names and models.
    """
    return "\n".join(
        line.lower() if line.isupper() and line.count(" ") >= _SHOUTED_SPACES else line
        for line in text.split("\n")
    )


@lru_cache(maxsize=50_000)
def is_marked(word: str) -> bool:
    """Whether a word carries Vietnamese marks: it folds to a syllable and is not that already."""
    folded = fold_word(word)
    return folded != word.casefold() and is_syllable(folded)


# The same text is asked about several times in a row.
@lru_cache(maxsize=16)
def _letters(text: str) -> list[str]:
    return _LETTERS.findall(text)


@lru_cache(maxsize=16)
def guess_language(text: str) -> Language:
    """Say whether a text is Vietnamese, with its marks or without, or English.

    Names weigh little on either side, so that an English text about Biên Hòa stays English.
    """
    vietnamese = 0.0
    english = 0.0
    for word in _letters(text):
        leans, weight = _leaning(word)
        if leans == "vi":
            vietnamese += weight
        else:
            english += weight
    return "vi" if vietnamese > english or looks_unaccented(text) else "en"


@lru_cache(maxsize=50_000)
def _leaning(word: str) -> tuple[Language, float]:
    """Which language a word speaks for, and how loudly."""
    low = word.casefold()
    if is_marked(word):
        return "vi", 1.0 if word == low else 0.4
    if low in ENGLISH or low == "the":
        return "en", 1.0
    if word != low:
        return "en", 0.0
    return "en", 0.25 if low in AMBIGUOUS else 0.5 * (not is_syllable(low))


@lru_cache(maxsize=50_000)
def _is_plain_syllable(word: str) -> bool | None:
    """Whether a word could be a syllable typed without its marks; None: it carries marks."""
    folded = fold_word(word)
    if folded != word.casefold():
        return None
    return is_syllable(folded) and folded not in ENGLISH


@lru_cache(maxsize=16)
def looks_unaccented(text: str) -> bool:
    """Whether a text reads as Vietnamese typed without its marks; no for English and mixtures."""
    found = _letters(text)
    shouted = text.isupper()
    marked = clear = shaped = foreign = 0
    for word in found:
        plain = _is_plain_syllable(word)
        if plain is None:
            marked += 1
            if marked * 10 > len(found):
                return False
        elif plain:
            shaped += 1
            clear += word.casefold() not in AMBIGUOUS
        else:
            # A capital stands for a name, which any language borrows.
            foreign += word[0].islower() or shouted
    return clear > 0 and shaped * 2 >= len(found) and clear * 4 >= shaped and foreign * 3 <= clear


def reads_english(stretch: str) -> bool:
    """Whether a stretch of an unmarked text rather is English, as a title or a citation in it is.

    Words that no syllable could be are held against those that nothing else could be; capitals
    say nothing.
    """
    foreign = clear = 0
    for word in _LETTERS.findall(stretch):
        if _is_plain_syllable(word):
            clear += word.casefold() not in AMBIGUOUS
        else:
            foreign += word[0].islower()
    return foreign > clear


def sentences(text: str) -> list[Sentence]:
    """Cut a text into sentences, each an exact piece of it without the white space around."""
    found: list[Sentence] = []
    start = 0
    for stop in _STOP.finditer(text):
        before = text[start : stop.start()]
        if stop.group().startswith(".") and _ABBREVIATION.search(before):
            continue
        found += _pieces(text, start, stop.end())
        start = stop.end()
    return found + _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> list[Sentence]:
    """Trim one stretch and break it where it is too long to quote."""
    found = []
    while start < end:
        cut = end
        if end - start > _LONGEST_SENTENCE:
            window = text[start : start + _LONGEST_SENTENCE]
            half = _LONGEST_SENTENCE // 2
            cut = start + (
                window.rfind(", ", half) + 1 or window.rfind(" ", half) + 1 or len(window)
            )
        piece = text[start:cut]
        left = start + len(piece) - len(piece.lstrip())
        right = cut - (len(piece) - len(piece.rstrip()))
        if left < right:
            found.append(Sentence(left, right, text[left:right]))
        start = cut
    return found
