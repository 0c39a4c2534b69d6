"""Diacritics put back by what the indexed texts say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.text import fold
from matchmaker.search.diacritics import Restorer

TEXTS = [
    "Máy tách vỏ hạt điều, giảm tỉ lệ vỡ nhân xuống 5 %.",
    "Máy sấy hạt điều tiết kiệm điện. Tủ điều khiển PLC của máy sấy.",
    "Hệ thống điều khiển lò sấy; hạt giống cây trồng được bảo quản lạnh.",
    "May đo đồng phục bảo hộ lao động cho công nhân may.",
    "A cashew shelling machine for small plants.",
]


@pytest.fixture
def restorer() -> Restorer:
    learned = Restorer()
    for text in TEXTS:
        learned.learn(text)
    return learned


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("may tach vo hat dieu", "máy tách vỏ hạt điều"),
        ("cong nhan may dong phuc", "công nhân may đồng phục"),
        ("he thong dieu khien may say", "hệ thống điều khiển máy sấy"),
        ("Ti le vo nhan, 5 % (hat dieu)?", "Tỉ lệ vỡ nhân, 5 % (hạt điều)?"),
        ("TIET KIEM DIEN cho Lo Say", "TIẾT KIỆM ĐIỆN cho Lò Sấy"),
        ("Hat dieu cua Jared Allen", "Hạt điều của Jared Allen"),
    ],
)
def test_marks_come_back_by_the_neighbours(restorer, typed, meant):
    assert restorer.restore(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["máy tách vỏ hạt dieu", "cashew shelling machine", "need a machine de say hat dieu",
     "the man can say it", "xyz 123", ""],
)  # fmt: skip
def test_marked_english_and_mixed_text_stays(restorer, typed):
    assert restorer.restore(typed) == typed


def test_english_beside_unmarked_vietnamese_stays(restorer):
    typed = "may tach vo hat dieu, may say hat dieu, giam ti le vo nhan. They say the may is dry."

    assert restorer.restore(typed) == (
        "máy tách vỏ hạt điều, máy sấy hạt điều, giảm tỉ lệ vỡ nhân. They say the may is dry."
    )


def test_unknown_words_stay(restorer):
    assert restorer.restore("hat tieu ngon tuyet") == "hạt tieu ngon tuyet"


def test_english_and_unmarked_texts_teach_nothing():
    learned = Restorer()
    for text in ("A cashew shelling machine for small plants.", "may tach vo hat dieu"):
        learned.learn(text)
    assert learned.restore("vo hat dieu lanh") == "vo hat dieu lanh"
    assert vars(learned) == vars(Restorer())


def test_order_of_learning_does_not_matter_and_forgetting_leaves_no_trace(restorer):
    other = Restorer()
    other.learn("Điếu thuốc và hát điệu lý, một điều rất khác.")
    for text in reversed(TEXTS):
        other.learn(text)
    assert other.restore("ly hat dieu") != restorer.restore("ly hat dieu")

    other.forget("Điếu thuốc và hát điệu lý, một điều rất khác.")

    typed = "may say hat dieu, dong phuc cong nhan"
    assert other.restore(typed) == restorer.restore(typed)
    for text in TEXTS:
        other.forget(text)
    assert other.restore(typed) == typed


@given(st.text(st.sampled_from("aAhHđĐ iếeuUtmyn.,5\n"), max_size=60))
def test_restoring_changes_nothing_but_marks(typed):
    learned = Restorer()
    for text in TEXTS:
        learned.learn(text)
    assert fold(learned.restore(typed)) == fold(typed)
    assert len(learned.restore(typed)) == len(typed)
