import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embeddings import MAX_CHARACTERS, normalise
from embeddings.text import normalise_all


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        (" \t\r\n ", ""),
        ("  máy \u00a0\u2003 sấy\r\n\nhạt\u2028điều ", "máy sấy hạt điều"),
        ("kho\u200b lạnh\ufeff", "kho lạnh"),
        ("\u202eđảo\u202c chiều\u2066!\u2069", "đảo chiều!"),
        ("NUL\x00 và \x1b[31mđỏ\x7f", "NUL và [31mđỏ"),
        ("ｆｕｌｌ ｗｉｄｔｈ ①", "full width 1"),
        ("lone \ud800surrogate", "lone surrogate"),
        ("từ\u00adng", "từng"),
        # A zero-width space kept the letter and its mark apart.
        ("e\u200b\u0301", "é"),
        ("\U000e0041tag", "tag"),
    ],
)
def test_normalise_gives_what_is_read(typed: str, read: str) -> None:
    assert normalise(typed) == read


def test_normalise_reads_decomposed_vietnamese_as_composed() -> None:
    text = "Nghiên cứu xử lý nước thải chế biến mủ cao su ở Đồng Nai " * 60
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)
    assert len(normalise(text)) > 3_000


def test_normalise_caps_its_answer() -> None:
    assert normalise("ệ" * 10_000) == "ệ" * MAX_CHARACTERS
    assert len(normalise("\ufdfa" * 10_000)) <= MAX_CHARACTERS
    # The cut falls on the space after the last whole word.
    assert normalise("a" * (MAX_CHARACTERS - 1) + " b") == "a" * (MAX_CHARACTERS - 1)


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, "\ufdfa" * 1_000_000, "\u0301\u0323" * 500_000, " \u200b" * 500_000],
    ids=["plain", "expanding", "marks", "nothing"],
)
def test_normalise_is_quick_on_a_megabyte(text: str) -> None:
    start = time.process_time()
    normalise(text)
    assert time.process_time() - start < 2


# Letters that compose, marks out of order, what is invisible, what expands: and anything else.
TRICKY = st.text(
    st.sampled_from(
        "aeuođĐ \u0301\u0323\u0302\u031b\u0308\u200b\u00ad\ufe0f\u1100\u1161\u11a8\u3164\ufdfa"
        "\u00a8\n"
    )
    | st.characters(),
    max_size=60,
)


@settings(deadline=None)
@given(TRICKY)
def test_normalise_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode()  # no surrogate is left to trip the tokenizer


@settings(deadline=None)
@given(TRICKY)
def test_normalise_forgets_how_text_was_composed(text: str) -> None:
    assert normalise(unicodedata.normalize("NFD", text)) == normalise(text)


def test_normalise_all_refuses_a_lone_text() -> None:
    with pytest.raises(TypeError, match="one text"):
        normalise_all("máy sấy")
