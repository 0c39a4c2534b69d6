"""Learned weights reach the shelf; the fixed ones change nothing."""

from embeddings import HashingEncoder
from matchmaker.domain.ranking import constants
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import prepare

TEXTS = {
    n: (language, f"{word} máy thiết bị số {n}")
    for n, (language, word) in enumerate(
        [("vi", "điều"), ("vi", "tiêu"), ("en", "cashew"), ("en", "pepper")] * 8
    )
}


def stocked() -> MemoryShelf:
    encoder = HashingEncoder()
    shelf = MemoryShelf(encoder)
    rows = entries.encode([("", text) for _, text in TEXTS.values()], encoder)
    shelf.upsert(
        Entry(n, "", text, language, vectors)
        for (n, (language, text)), vectors in zip(TEXTS.items(), rows, strict=True)
    )
    return shelf


def test_the_fixed_weights_are_those_of_the_table_and_change_nothing():
    shelf = stocked()
    asked = prepare("máy điều", HashingEncoder())
    assert FIXED.words == FIXED.words_across == constants.WORDS
    assert shelf.search(asked) == shelf.search(asked, weights=FIXED)


def test_words_count_for_what_the_weights_say():
    shelf = stocked()
    asked = prepare("máy điều", HashingEncoder())
    heavier = Weights(words=0.4)
    plain = {hit.id: hit for hit in shelf.search(asked)}
    moved = {hit.id: hit for hit in shelf.search(asked, weights=heavier)}
    own = [n for n, hit in plain.items() if hit.language == asked.language and hit.words > 0]
    assert own
    for n in own:
        added = (0.4 - constants.WORDS) * plain[n].words
        assert abs(moved[n].fused - plain[n].fused - added) < 2e-6


def test_a_step_for_the_other_language_moves_those_texts_only():
    shelf = stocked()
    asked = prepare("máy điều", HashingEncoder())
    plain = {hit.id: hit.fused for hit in shelf.score(asked, TEXTS)}
    moved = {
        hit.id: hit.fused for hit in shelf.score(asked, TEXTS, weights=Weights(other_language=0.03))
    }
    for n, (language, _) in TEXTS.items():
        step = 0.0 if language == asked.language else 0.03
        assert abs(moved[n] - plain[n] - step) < 2e-6
