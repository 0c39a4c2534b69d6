"""What two texts have in common, and whether they probably are one record posted twice.

Compared without diacritics and case, so a text typed again in a hurry is still the same text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from matchmaker.domain import text

#: From this share of words side by side a text was copied, whatever the model thinks.
COPIED = 0.4
#: Told again in other words: the model's cosine and the share of words side by side. On the
#: demonstration needs and texts written for the purpose 13 of 14 retold needs pass and none of
#: 1,900 other pairs; the best of those reach .92 with .09, and .915 with .14 (docs/related.md).
RETOLD_DENSE, RETOLD_WORDS = 0.90, 0.16
#: A text of fewer pairs of words says too little to be called a copy of anything.
LEAST_PAIRS = 12

#: Words of a phrase worth showing: Vietnamese words have two syllables, names of things up to five.
_SHORTEST, _LONGEST = 2, 5
#: A sentence counts as the same when so much of it, in rows of three words, stands in the other.
_SAME, _ROW = 0.7, 3
#: Shorter sentences are the same by chance.
_SAYS_SOMETHING = 4
_WORD = re.compile(r"[^\W_]+")
#: Words that stand side by side.
Rows = frozenset[tuple[str, ...]]
#: Folded words that say nothing at the end of a phrase.
_IDLE_VI = """
va cua cho cac co la de trong voi tai theo mot nhung duoc khong tu den khi o ve hoac bang nay do can
the hien dang moi rat con da se phai nen bi boi vi ma thi nhu sau truoc tren duoi ra vao len xuong
ngoai qua lai di hon nhat nhieu it chi cung deu tung cai chiec neu roi day kia khoang gan hay ngay
gio thang nam viec lam chung toi ta minh muon mong nguoi ai gi nao dau bao sao thuong luc lan cong
ty doanh nghiep don vi mg kg trieu dong
"""
_IDLE_EN = """
of and to in for a an on with by is are be as at or from that this it we our us they their you has
have had was were not no but more most than then when which each all any can need needs must may
will would should one two three four five six out up so its if do does who what how per without like
such other also about every new last end still work works want wants month months year years day
days week weeks time times people vnd looks look use used between within under over after before own
mg kg least comes leave moves shows
"""
_IDLE = {"vi": frozenset(_IDLE_VI.split()), "en": frozenset(_IDLE_EN.split())}
#: Phrases of every other record: true of both, and no reason to read the other. Folded.
_GENERIC = frozenset(
    {
        "phan mem", "he thong", "nha may", "xu ly", "ti le", "ty le", "trung binh", "kich thuoc",
        "ho so", "cam bien", "du lieu", "thiet bi", "hoa chat", "dien thoai", "san xuat",
        "san pham", "cong nghe", "bo sung", "so lieu", "gui so lieu", "van hanh", "quy trinh",
        "dao tao", "giai phap", "chi phi", "thoi gian", "ky thuat", "cong nhan", "sai so",
        "lap trinh", "doi chieu", "tinh tien",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Overlap:
    """How much of each text stands in the other, 0 to 1: words side by side."""

    ours: float
    theirs: float
    #: Pairs of words in the shorter of the two.
    size: int = LEAST_PAIRS

    @property
    def share(self) -> float:
        """Of the text of which more stands in the other: near 1 where one is a piece of it."""
        return max(self.ours, self.theirs)


def overlap(ours: str, theirs: str) -> Overlap:
    """The share of each text's pairs of neighbouring words that the other holds."""
    mine, other = _rows(_folded(ours), 2), _rows(_folded(theirs), 2)
    if not mine or not other:
        return Overlap(0.0, 0.0, 0)
    shared = len(mine & other)
    return Overlap(shared / len(mine), shared / len(other), min(len(mine), len(other)))


def is_same(found: Overlap, dense: float | None) -> bool:
    """Whether two records probably are one, told twice; `dense` None: nothing is known of it.

    Copying shows in the words alone. A text told anew must read alike to the model and keep some
    of its words side by side: needs of one trade do the one, needs full of set phrases the other.
    """
    if found.size < LEAST_PAIRS:
        return False
    if found.share >= COPIED:
        return True
    return dense is not None and dense >= RETOLD_DENSE and found.share >= RETOLD_WORDS


def phrases(ours: str, theirs: str, most: int = 4) -> list[str]:
    """The longest phrases both texts hold, as `theirs` writes them, in small letters.

    A phrase neither begins nor ends with a word that says nothing, and none is part of another.
    """
    known = _stretches(ours)
    found: dict[str, tuple[int, int, str]] = {}
    for sentence in text.sentences(theirs):
        idle = _IDLE[text.guess_language(sentence.text)]
        written = _written(sentence.text)
        folded = [text.fold_word(word) for word in written]
        at = 0
        while at < len(folded):
            length = _longest(folded, at, known, idle)
            if length:
                key = " ".join(folded[at : at + length])
                if key not in _GENERIC:
                    words = " ".join(written[at : at + length]).lower()
                    count, place, _ = found.get(key, (0, len(found), ""))
                    found[key] = (count + 1, place, words)
            at += max(length, 1)
    ranked = sorted(found.items(), key=lambda kv: (-len(kv[0].split()), -kv[1][0], kv[1][1]))
    told: dict[str, str] = {}
    for key, (_, _, words) in ranked:
        if not any(f" {key} " in f" {longer} " for longer in told):
            told[key] = words
    return list(told.values())[:most]


def same_sentences(ours: str, theirs: str) -> tuple[list[str], float]:
    """The sentences of `ours` that stand in `theirs` too, and their share of all of `ours`."""
    known = _rows(_folded(theirs), _ROW)
    telling = [s.text for s in text.sentences(ours) if len(_written(s.text)) >= _SAYS_SOMETHING]
    same = [one for one in telling if _stands_in(one, known)]
    return same, len(same) / len(telling) if telling else 0.0


def _stands_in(sentence: str, known: Rows) -> bool:
    rows = _rows(_folded(sentence), _ROW)
    return len(rows & known) >= _SAME * len(rows)


def _rows(words: Sequence[str], length: int) -> Rows:
    return frozenset(zip(*(words[at:] for at in range(length)), strict=False))


def _longest(words: Sequence[str], at: int, known: Rows, idle: frozenset[str]) -> int:
    if _says_nothing(words[at], idle):
        return 0
    for length in range(min(_LONGEST, len(words) - at), _SHORTEST - 1, -1):
        ends_well = not _says_nothing(words[at + length - 1], idle)
        if ends_well and tuple(words[at : at + length]) in known:
            return length
    return 0


def _says_nothing(word: str, idle: frozenset[str]) -> bool:
    return len(word) == 1 or word in idle or word.isdigit()


def _written(whole: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", whole))


# One text is held against several.
@lru_cache(maxsize=64)
def _folded(whole: str) -> tuple[str, ...]:
    return tuple(map(text.fold_word, _written(whole)))


@lru_cache(maxsize=16)
def _stretches(whole: str) -> Rows:
    lengths = range(_SHORTEST, _LONGEST + 1)
    return frozenset(row for length in lengths for row in _rows(_folded(whole), length))
