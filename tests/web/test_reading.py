"""What people type is read as they meant it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.web.forms import reading


@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        ("5", 5.0),
        ("1,5", 1.5),
        ("1.5", 1.5),
        ("-18", -18.0),
        ("−18,5", -18.5),
        ("1.200", 1200.0),
        ("1.200.000", 1_200_000.0),
        ("1.200,5", 1200.5),
        ("0.125", 0.125),
        ("0,125", 0.125),
        ("1,125", 1.125),
        (" 12 ", 12.0),
        ("năm", None),
        ("5 tấn", None),
        ("1.2.3", None),
        ("1e400", None),
        ("9" * 50, None),
        ("", None),
        ("-", None),
    ],
)
def test_figure_in_vietnamese_notation(typed: str, figure: float | None) -> None:
    assert reading.read_figure(typed) == figure


def test_figure_in_english_notation_reads_the_point_as_decimal() -> None:
    assert reading.read_figure("1.200", point_is_decimal=True) == 1.2
    assert reading.read_figure("1,200", point_is_decimal=True) == 1200.0


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("27/11/2026", date(2026, 11, 27)),
        ("2026-11-27", date(2026, 11, 27)),
        ("27.11.2026", date(2026, 11, 27)),
        ("29/2/2028", date(2028, 2, 29)),
        ("29/02/2027", None),
        ("11/27/2026", None),
        ("1/1/26", None),
        ("hôm nay", None),
    ],
)
def test_day_is_read_as_written_here_or_iso(typed: str, day: date | None) -> None:
    assert reading.read_day(typed) == day


def test_words_are_split_cleaned_and_said_once() -> None:
    assert reading.read_words(" hạt điều, cắt tách;hạt điều,, ") == ("hạt điều", "cắt tách")


def test_clean_keeps_one_spelling_and_nothing_unseen() -> None:
    decomposed = "Biên Hòa"
    assert reading.clean(f"  {decomposed}\u200b \x00x\u202e ") == "Biên Hòa x"
    assert reading.clean("một\r\nhai \n", lines=True) == "một\nhai"


@given(st.text())
def test_readers_never_fail(text: str) -> None:
    reading.clean(text)
    reading.read_figure(text)
    reading.read_day(text)
    reading.read_words(text)
    count = reading.read_count(text)
    assert count is None or 0 <= count < 10**6
