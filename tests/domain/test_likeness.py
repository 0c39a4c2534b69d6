"""What two texts share: phrases, shares, and whether they are one record told twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain import likeness
from matchmaker.domain.text import fold
from tests.conftest import PROBLEM

OTHER = (
    "Nước thải của trạm chung vượt mức amoni nhiều lần, mương phía dưới bị phú dưỡng. "
    "Cần hầm kỵ khí phủ bạt, máy phát điện và công đoạn xử lý sau hầm đạt loại B."
)
TEXTS = st.lists(
    st.sampled_from(["vỡ", "nhân", "hạt", "điều", "lò", "sấy", "5", "của", "nước", "thải", ". "]),
    max_size=60,
).map(" ".join)


def test_a_text_typed_again_without_diacritics_is_the_same():
    found = likeness.overlap(fold(PROBLEM), PROBLEM)

    assert (found.ours, found.theirs) == (1.0, 1.0)
    assert likeness.is_same(found, None)


def test_a_piece_of_a_text_is_the_same():
    half = PROBLEM[: len(PROBLEM) // 2]

    assert likeness.is_same(likeness.overlap(half, PROBLEM), None)


def test_another_problem_is_not_the_same_however_alike_the_model_finds_it():
    assert not likeness.is_same(likeness.overlap(OTHER, PROBLEM), 0.99)


def test_told_in_other_words_takes_meaning_and_words_together():
    found = likeness.Overlap(0.2, 0.1)

    assert likeness.is_same(found, 0.93)
    assert not likeness.is_same(found, 0.89)
    assert not likeness.is_same(found, None)
    assert not likeness.is_same(likeness.Overlap(0.15, 0.1), 0.93)


def test_a_few_words_are_no_copy():
    assert not likeness.is_same(likeness.overlap("máy cắt vỏ", PROBLEM + " máy cắt vỏ"), 0.99)


def test_phrases_are_shown_as_the_other_writes_them_and_say_something():
    found = likeness.phrases("Xuong can giam vo nhan hat dieu", "Hạt điều của chúng tôi vỡ nhân.")

    assert found == ["hạt điều", "vỡ nhân"]


def test_words_of_every_record_are_no_reason():
    ours = "Phần mềm cho nhà máy của chúng tôi. We need a new machine."
    theirs = "Nhà máy cần phần mềm. We need a new line."

    assert likeness.phrases(ours, theirs) == []


def test_same_sentences_are_counted_against_all_that_say_something():
    ours = "Máy cắt sáu lưỡi mua từ năm 2016. Kho giấy cuộn ghi sổ bằng tay. Có."
    theirs = "may cat sau luoi mua tu nam 2016, chay tot"

    assert likeness.same_sentences(ours, theirs) == (["Máy cắt sáu lưỡi mua từ năm 2016."], 0.5)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_shares_lie_between_nought_and_one_and_are_seen_alike_from_both_sides(a, b):
    there, back = likeness.overlap(a, b), likeness.overlap(b, a)

    assert 0 <= there.ours <= 1
    assert (there.ours, there.theirs, there.size) == (back.theirs, back.ours, back.size)
    assert likeness.is_same(there, 0.95) == likeness.is_same(back, 0.95)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_every_phrase_stands_in_both_texts(a, b):
    for phrase in likeness.phrases(a, b):
        for text in (a, b):
            words = [fold(w) for w in text.replace(".", " ").split()]
            assert f" {fold(phrase)} " in f" {' '.join(words)} "
