"""Word coverage: what counts, in which order, and that what is gone leaves no trace."""

import math
from collections import Counter

import pytest

from matchmaker.domain import text
from matchmaker.domain.ranking import constants, fusion
from matchmaker.search.words import WordIndex

TEXTS = {
    1: "Máy tách vỏ hạt điều, giảm tỉ lệ vỡ nhân",
    2: "Máy sấy bơm nhiệt cho hồ tiêu và hạt điều",
    3: "Nước thải dệt nhuộm: keo tụ và lọc màng",
    4: "Heat pump dryers for pepper",
    5: "Vỏ điều làm chất đốt, khói thải đạt quy chuẩn",
}


def index(texts: dict[int, str]) -> WordIndex:
    made = WordIndex()
    made.upsert(texts.items())
    return made


def bm25(texts: dict[int, str], asked: str) -> dict[int, float]:
    """The textbook formula, with exact lengths."""
    held = {key: text.terms(value) for key, value in texts.items()}
    mean = sum(map(len, held.values())) / len(held)
    wanted = Counter(text.terms(asked))
    idf = {}
    for term, times in wanted.items():
        n = sum(term in terms for terms in held.values())
        weight = constants.PAIRS if "_" in term else 1
        weight *= (constants.REPEATS + 1) * times / (constants.REPEATS + times)
        idf[term] = weight * math.log(1 + (len(held) - n + 0.5) / (n + 0.5))
    scores = {}
    for key, terms in held.items():
        counts = Counter(terms)
        room = constants.BM25_K1 * (1 - constants.BM25_B + constants.BM25_B * len(terms) / mean)
        reached = sum(idf[t] * counts[t] / (counts[t] + room) for t in wanted)
        if reached:
            scores[key] = reached / min(sum(idf.values()), constants.COVERAGE_CAP)
    return scores


@pytest.mark.parametrize(
    "asked",
    [
        "máy tách vỏ hạt điều",
        "may say ho tieu",
        "heat pump dryer",
        "keo tụ",
        "hạt điều vỡ, vỏ hạt điều dày, hạt tiêu",
    ],
)
def test_coverage_is_bm25_as_a_share_of_what_could_be_reached(asked):
    found = index(TEXTS).coverage(text.terms(asked), limit=10)

    # The engine keeps lengths up to 40 terms exactly.
    assert found == pytest.approx(bm25(TEXTS, asked), abs=1e-5)


def test_best_come_first_and_equal_ones_by_id():
    made = index(dict.fromkeys((9, 3, 7, 5), "hạt điều") | {8: "hạt điều hạt điều hạt điều"})

    assert list(made.coverage(["hat", "dieu"], limit=3)) == [8, 3, 5]


def test_pairs_of_neighbours_tell_order_apart():
    made = index({1: "điều khiển hạt giống", 2: "hạt điều khiển giống"})

    assert list(made.coverage(text.terms("hạt điều"), limit=2)) == [2, 1]


def test_only_allowed_ids_are_found():
    made = index(TEXTS)

    assert set(made.coverage(text.terms("hạt điều"), limit=10, among=[2, 5, 77])) == {2, 5}
    assert made.coverage(text.terms("hạt điều"), limit=10, among=[]) == {}
    assert made.coverage(text.terms("hạt điều"), limit=0) == {}
    assert made.coverage([], limit=10) == {}


def test_a_long_query_is_capped_and_stays_within_one():
    made = index({n: f"từ{n} " + " ".join(f"w{n}x{k}" for k in range(200)) for n in range(30)})
    asked = [f"w3x{k}" for k in range(200)]

    found = made.coverage(asked, limit=5)

    assert 0 < found[3] <= 1


def test_of_a_long_question_only_the_heaviest_terms_find_anything(monkeypatch):
    monkeypatch.setattr(fusion, "MOST_TERMS", 2)
    made = index(TEXTS)

    # "may" is in two texts of five, the others in one.
    assert set(made.coverage(["nuoc", "may", "pepper"], limit=9)) == {3, 4}
    assert set(made.idfs(["nuoc", "may", "pepper"])) == {"nuoc", "pepper"}


@pytest.mark.parametrize("few", [5_000, 0])
def test_removed_texts_leave_scores_as_if_never_there(few, monkeypatch):
    monkeypatch.setattr(constants, "REBUILD_BELOW", few)
    monkeypatch.setattr(constants, "REBUILD_SHARE", 0.0)
    kept = {k: v for k, v in TEXTS.items() if k != 2}
    made = index(TEXTS)
    made.coverage(["hat"], limit=1)

    made.remove([2, 77])

    asked = text.terms("máy tách vỏ hạt điều")
    assert made.size == 4
    assert made.coverage(asked, limit=10) == index(kept).coverage(asked, limit=10)


def test_a_large_index_forgets_at_once_and_rebuilds_later(monkeypatch):
    monkeypatch.setattr(constants, "REBUILD_BELOW", 0)
    monkeypatch.setattr(constants, "REBUILD_SHARE", 0.3)
    texts = {n: f"máy số {n}" for n in range(20)}
    made = index(texts)
    made.coverage(["may"], limit=1)

    made.remove([4])
    made.upsert([(5, "bơm nhiệt")])

    found = made.coverage(["may"], limit=50)
    assert set(found) == set(range(20)) - {4, 5}
    assert set(made.coverage(["bom"], limit=50)) == {5}
    made.remove(range(6, 14))
    rest = {k: v for k, v in texts.items() if k not in range(4, 14)} | {5: "bơm nhiệt"}
    assert made.coverage(["may"], limit=50) == index(rest).coverage(["may"], limit=50)


def test_growing_and_building_at_once_give_the_same():
    grown = WordIndex()
    for key in (5, 3, 1, 2, 4):
        grown.upsert([(key, "văn bản cũ")])
        grown.coverage(["may"], limit=3)
    grown.upsert((key, TEXTS[key]) for key in (2, 4, 1, 5, 3))

    asked = text.terms("vỏ hạt điều")
    assert grown.coverage(asked, limit=9) == index(TEXTS).coverage(asked, limit=9)
