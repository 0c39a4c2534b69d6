"""Folding, words, language and sentences, on what people really type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain import text

NEED = "Cần máy tách vỏ hạt điều, giảm tỉ lệ vỡ nhân xuống dưới 5 %."


def test_fold_drops_marks_case_and_the_stroke():
    assert text.fold("Đồng Nai: SẤY HẠT ĐIỀU") == "dong nai: say hat dieu"


def test_fold_reads_composed_and_decomposed_text_alike():
    assert text.fold(unicodedata.normalize("NFD", NEED)) == text.fold(NEED)


def test_words_are_folded_letters_and_digits():
    assert text.words("Công suất ≥ 0,5 t/giờ (PLC S7_1200)") == [
        "cong", "suat", "0", "5", "t", "gio", "plc", "s7", "1200",
    ]  # fmt: skip


def test_terms_add_each_pair_of_neighbours():
    assert text.terms("Hạt điều thô") == ["hat", "dieu", "tho", "hat_dieu", "dieu_tho"]
    assert text.terms("điều") == ["dieu"]
    assert text.terms("...") == []


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("sensors", "sensor"), ("batteries", "battery"), ("processes", "process"),
        ("switches", "switch"), ("gas", "gas"), ("glass", "glass"), ("analysis", "analysis"),
        ("apparatus", "apparatus"), ("nghieng", "nghieng"),
    ],
)  # fmt: skip
def test_singular_drops_only_a_plural_ending(many, one):
    assert text.singular(many) == one


def test_calm_lowers_shouted_lines_only():
    shouted = "PLC S7-1200\nCẦN MÁY SẤY HẠT ĐIỀU\nCần máy SẤY hạt điều"
    assert text.calm(shouted) == "PLC S7-1200\ncần máy sấy hạt điều\nCần máy SẤY hạt điều"


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        (NEED, "vi"),
        ("may say lanh", "vi"),
        ("xu ly nuoc thai det nhuom", "vi"),
        ("Ứng dụng machine learning", "vi"),
        ("Hệ thống SCADA cho PLC Siemens", "vi"),
        ("Cashew shelling machines", "en"),
        ("companies located in Đồng Nai province", "en"),
        ("A new process for the résumé of café owners", "en"),
        ("", "en"),
    ],
)
def test_language_is_guessed(typed, language):
    assert text.guess_language(typed) == language


@pytest.mark.parametrize(
    "typed",
    ["may tach vo hat dieu", "MAY SAY HAT DIEU", "Jared Allen co bao nhieu lan vat nga?",
     "phan mem quan ly kho", "Dong Nai"],
)  # fmt: skip
def test_unmarked_vietnamese_is_recognised(typed):
    assert text.looks_unaccented(typed)


@pytest.mark.parametrize(
    "typed",
    [NEED, "Tin can", "High speed method of primer drying", "may tách vỏ hạt điều",
     "need a machine de say hat dieu", "the man and the gun", "12 345", ""],
)  # fmt: skip
def test_marked_english_and_mixed_text_is_not_taken_for_unmarked(typed):
    assert not text.looks_unaccented(typed)


@pytest.mark.parametrize(
    ("stretch", "is_english"),
    [
        ("We need a machine that can dry cashew nuts", True),
        ("before they are sold", True),
        ("may tach vo hat dieu", False),
        ("can nang cap container va pallet", False),
        ("Jared Allen co bao nhieu lan vat nga", False),
        ("", False),
    ],
)
def test_a_stretch_of_english_is_told_from_unmarked_vietnamese(stretch, is_english):
    assert text.reads_english(stretch) is is_english


def test_sentences_end_at_stops_and_lines_but_not_at_abbreviations_or_decimals():
    whole = "TP. Biên Hòa cần 0.5 t/giờ. Giá 1,5 tỷ; giao sớm? Xong!\n- mục 1\n\n- mục 2"
    assert [s.text for s in text.sentences(whole)] == [
        "TP. Biên Hòa cần 0.5 t/giờ.", "Giá 1,5 tỷ;", "giao sớm?", "Xong!", "- mục 1", "- mục 2",
    ]  # fmt: skip


@given(st.text(st.sampled_from(' .!?;,\n"aĐếB1()'), max_size=1200))
def test_sentences_are_exact_pieces_and_lose_nothing_but_white_space(whole):
    found = text.sentences(whole)

    assert all(whole[s.start : s.end] == s.text == s.text.strip() and s.text for s in found)
    assert all(len(s.text) <= 400 for s in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))
    assert "".join("".join(s.text for s in found).split()) == "".join(whole.split())
