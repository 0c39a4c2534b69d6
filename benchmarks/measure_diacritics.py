"""Measures how well Vietnamese gets back the marks it was typed without.

    python benchmarks/measure_diacritics.py COLLECTION…

Each Vietnamese question is typed without marks and restored by the texts of its collection, of the
seed's records where none is given; so is each text by the texts of the other four fifths, which is
what a question about something new meets. English texts, and questions typed without marks that go
on in English, are restored too: no English word may change.
"""

import argparse
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from embeddings import normalise
from matchmaker.domain import text
from matchmaker.search import entries
from matchmaker.search.diacritics import Restorer
from matchmaker.services import collections, seeding

#: Texts are held out by stretches of so many: neighbours are often about the same thing.
STRETCH, FOLDS = 5, 5
#: What follows a question that goes on in English.
ENGLISH = "We need a machine that can dry and sort cashew nuts before they are sold."


@dataclass
class Count:
    """Words, and what became of them."""

    words: int = 0
    right: int = 0
    left: int = 0

    def add(self, meant: str, typed: str, got: str) -> None:
        """Take in a text as meant, as typed and as restored."""
        for a, b, c in zip(*(letters(t.casefold()) for t in (meant, typed, got)), strict=True):
            self.words += 1
            self.right += a == c
            self.left += a != c and b == c

    def __str__(self) -> str:
        wrong = self.words - self.right - self.left
        parts = (n / max(self.words, 1) for n in (self.right, self.left, wrong))
        return " | ".join([f"{self.words:,}", *(f"{part:.3f}" for part in parts)])


def letters(typed: str) -> list[str]:
    """The words of a text, without numbers."""
    return re.findall(r"[^\W\d_]+", typed)


def unmarked(meant: str) -> str:
    """A text as typed without marks."""
    apart = unicodedata.normalize("NFD", meant.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def spoken(texts: Iterable[str], language: str) -> list[str]:
    """What each text says in a language, sentence by sentence; many records say all in both."""
    parts = (
        " ".join(s.text for s in text.sentences(one) if text.guess_language(s.text) == language)
        for one in texts
    )
    return [part for part in parts if part]


def restored(restorer: Restorer, texts: Iterable[str]) -> Count:
    """What becomes of Vietnamese texts typed without their marks."""
    count = Count()
    for one in texts:
        typed = unmarked(one)
        count.add(one, typed, restorer.restore(typed))
    return count


def taught(texts: Iterable[str]) -> Restorer:
    restorer = Restorer()
    for one in texts:
        restorer.learn(one)
    return restorer


def held_out(texts: Sequence[str]) -> Count:
    """Each text restored by the texts of the other folds."""
    whole = Count()
    fold = [at // STRETCH % FOLDS for at in range(len(texts))]
    for k in range(FOLDS):
        others = taught(t for t, f in zip(texts, fold, strict=True) if f != k)
        part = restored(others, (t for t, f in zip(texts, fold, strict=True) if f == k))
        whole.words, whole.right = whole.words + part.words, whole.right + part.right
        whole.left += part.left
    return whole


def english_changed(restorer: Restorer, english: Iterable[str], asked: Iterable[str]) -> str:
    """How many words of English texts, and of the English half of mixed questions, change."""
    found = []
    pairs = ([("", one) for one in english], [(f"{unmarked(one)}. ", ENGLISH) for one in asked])
    for texts in pairs:
        words = changed = 0
        for before, one in texts:
            got = restorer.restore(before + one)[len(before) :]
            read = list(zip(letters(one), letters(got), strict=True))
            words += len(read)
            changed += sum(a != b for a, b in read)
        found.append(f"{changed} of {words:,}")
    return " | ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("collections", nargs="*", type=Path)
    given = parser.parse_args().collections
    print(
        "| texts | words | right | left | wrong | held out: words | right | left | wrong ", end=""
    )
    print("| English words changed | in mixed questions |")
    print("| --- " * 11 + "|")
    with TemporaryDirectory() as scratch:
        if not given:
            given = [Path(scratch) / "seed"]
            seeding.as_collection(given[0])
        for directory in given:
            found = collections.load(directory)
            told = [normalise(entries.whole(*both)) for both in found.documents.values()]
            put = [normalise(one) for one in found.queries.values()]
            shelf, asked = spoken(told, "vi"), spoken(put, "vi")
            english = spoken([*told, *put], "en")
            restorer = taught(shelf)
            print(f"| {found.name} | {restored(restorer, asked)} | {held_out(shelf)} ", end="")
            print(f"| {english_changed(restorer, english, asked)} |")


if __name__ == "__main__":
    main()
