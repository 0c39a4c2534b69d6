"""How well whole needs get their marks back: a floor, measured on the seed's own texts.

`benchmarks/measure_diacritics.py` tells the same of any collection.
"""

import re
import unicodedata

import pytest

from matchmaker.domain import text
from matchmaker.search.diacritics import Restorer
from matchmaker.services import collections, seeding

#: Read alone, many of its words are syllables too.
ENGLISH = "We need a machine that can dry and sort cashew nuts before they are sold."
_WORD = re.compile(r"[^\W\d_]+")


@pytest.fixture(scope="module")
def seed(tmp_path_factory) -> collections.Collection:
    folder = tmp_path_factory.mktemp("seed")
    seeding.as_collection(folder)
    return collections.load(folder)


@pytest.fixture(scope="module")
def restorer(seed) -> Restorer:
    """One that knows the words of the seed's solutions."""
    learned = Restorer()
    for title, body in seed.documents.values():
        learned.learn(said(f"{title}\n{body}", "vi"))
    return learned


def said(whole: str, language: str) -> str:
    """What a text says in one language: many records say everything in both."""
    found = [s.text for s in text.sentences(whole) if text.guess_language(s.text) == language]
    return " ".join(found)


def unmarked(meant: str) -> str:
    apart = unicodedata.normalize("NFD", meant.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def test_most_words_of_a_need_get_their_marks_back(seed, restorer):
    words = right = 0
    for need in seed.queries.values():
        meant = unicodedata.normalize("NFC", said(need, "vi"))
        got = restorer.restore(unmarked(meant))
        pairs = list(zip(_WORD.findall(meant), _WORD.findall(got), strict=True))
        words += len(pairs)
        right += sum(a.casefold() == b.casefold() for a, b in pairs)

    assert words > 10_000
    # .855 of them when this was written, .74 without what stands beside a word.
    assert right / words > 0.84


def test_no_english_word_changes_alone_or_after_unmarked_vietnamese(seed, restorer):
    texts = [*seed.queries.values(), *(body for _, body in seed.documents.values())]
    english = [part for one in texts if (part := said(one, "en"))]
    assert len(english) > 50
    for part in english:
        assert restorer.restore(part) == part
    for need in seed.queries.values():
        mixed = f"{unmarked(said(need, 'vi'))}. {ENGLISH}"
        assert restorer.restore(mixed).endswith(ENGLISH)
