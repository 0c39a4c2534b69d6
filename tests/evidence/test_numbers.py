from math import inf

import pytest

from matchmaker.evidence.numbers import parse_number, quantities
from matchmaker.evidence.reading import read

TH = "(metric_ton)/(hour)"
M3D = "(metre**3)/(day)"


def measured(text: str, language: str = "vi") -> list[tuple[float, float, str | None]]:
    found = quantities(read(text), language)
    return [(q.low, q.high, q.expression) for q in found if not q.outdated]


@pytest.mark.parametrize(
    ("digits", "language", "value"),
    [
        ("1.000,5", "vi", (1000.5, None)),
        ("1,000.5", "en", (1000.5, None)),
        ("1.200", "vi", (1200.0, None)),
        ("1,200", "en", (1200.0, None)),
        ("1,200", "vi", (1.2, 1200.0)),
        ("1.200", "en", (1.2, 1200.0)),
        ("0.125", "vi", (0.125, None)),
        ("1.234.567", "en", (1234567.0, None)),
        ("1 000 000", "vi", (1000000.0, None)),
        ("2,65e+07", "vi", (26500000.0, None)),
    ],
)
def test_number_is_read_as_its_language_writes_it(digits, language, value):
    assert parse_number(digits, language) == value


@pytest.mark.parametrize("digits", ["1.2.3", "1,2.3,4", "1.000.00"])
def test_number_with_muddled_separators_is_no_number(digits):
    assert parse_number(digits, "vi") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,5 tấn/giờ", [(1.5, 1.5, TH)]),
        ("1.200 m³/ngày đêm", [(1200, 1200, M3D)]),
        ("mỗi ngày trạm xử lý 1.200 m³", [(1200, 1200, M3D)]),
        ("mỗi tấn tiêu thụ 22 số điện", [(22, 22, "(kilowatt_hour)/(metric_ton)")]),
        ("mỗi ngày chạy 16 giờ", [(16, 16, "hour")]),
        ("lưu 60 tháng trên máy chủ", [(60, 60, "month")]),
        ("5 công nhân vận hành một ca", [(5, 5, "(person)/(shift)")]),
        ("tiêu thụ 15 mW", [(15, 15, "milliwatt")]),
        ("1.500 chai/giờ", [(1500, 1500, "(bottle)/(hour)")]),
        ("15-20 %", [(15, 20, "percent")]),
        ("từ 5 đến 8 tạ", [(5, 8, "quintal")]),
        ("tối thiểu 98 %", [(98, inf, "percent")]),
        ("không dưới 98 %", [(98, inf, "percent")]),
        ("98 % trở lên", [(98, inf, "percent")]),
        ("không quá 90 ngày", [(-inf, 90, "day")]),
        ("chưa đạt 5 tấn/giờ", [(-inf, 5, TH)]),
        ("sai số ±0,02 mm", [(0.02, 0.02, "millimetre")]),
        ("25 ± 2 °C", [(23, 27, "degC")]),
        ("−18 °C đến 25 °C", [(-18, 25, "degC")]),
        ("500 triệu đồng", [(5e8, 5e8, "vnd")]),
        ("giá 1,5 tỷ", [(1.5e9, 1.5e9, "vnd")]),
        ("từ 300 đến 500 triệu đồng", [(3e8, 5e8, "vnd")]),
        ("3 triệu cây giống", [(3e6, 3e6, "plant")]),
        ("2 ca/ngày", [(2, 2, "(shift)/(day)")]),
        ("hai năm", [(2, 2, "year")]),
        ("200 kg – 1 tấn mỗi giờ", [(0.2, 1, TH)]),
        ("2 tấn nguyên liệu/giờ", [(2, 2, TH)]),
        ("giảm tỷ lệ vỡ từ 15 % xuống còn 6 %", [(6, 6, "percent")]),
        ("toi thieu 2 tan/gio", [(2, inf, TH)]),
        ("theo ISO 9001, TCVN 6663 và năm 2023", []),
        ("cảm biến PM2.5, chuẩn RS-485, IP65", []),
    ],
)
def test_vietnamese_quantity(text, expected):
    assert measured(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("under 5 ppm", [(-inf, 5, "ppm_unit")]),
        ("between 6 and 9 bar", [(6, 9, "bar")]),
        ("1,200 kg of nuts per hour", [(1200, 1200, "(kilogram)/(hour)")]),
        ("12-month warranty", [(12, 12, "month")]),
        ("not more than 5 %", [(-inf, 5, "percent")]),
        ("cut from 12% to under 4%", [(-inf, 4, "percent")]),
        ("5 t/h or more", [(5, inf, TH)]),
        ("9 to 11 g/10 min", [(9, 11, None)]),
    ],
)
def test_english_quantity(text, expected):
    assert measured(text, "en") == expected


def test_composed_and_decomposed_text_give_the_same_figures_and_offsets_of_their_own():
    from unicodedata import normalize

    text = "Năng suất tối thiểu 1,5 tấn/giờ."
    apart = read(normalize("NFD", text))
    [quantity] = quantities(apart, "vi")

    found = apart.exact(quantity.start, quantity.end)

    assert (quantity.low, quantity.expression) == (1.5, TH)
    assert found in apart.text
    assert normalize("NFC", found) == "tối thiểu 1,5 tấn/giờ"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("tiết kiệm 30 % điện", True),
        ("reduces energy by 30%", True),
        ("30 % lower than today", True),
        ("vốn thấp hơn bể bê tông khoảng 40 %", True),
        ("tỷ lệ vỡ giảm còn 8 %", False),
        ("tỷ lệ vỡ 8 %", False),
        ("giảm 35–40 % mùi", True),
    ],
)
def test_difference_is_told_from_level(text, change):
    language = "en" if text.isascii() else "vi"
    [quantity] = quantities(read(text), language)

    assert quantity.change is change
