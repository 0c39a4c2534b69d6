import pytest

from matchmaker.evidence.units import known_units, line, unit_of


def factor(source: str, target: str) -> float | None:
    a, b = unit_of(source), unit_of(target)
    assert a is not None
    assert b is not None
    found = line(a[1], b[1])
    return None if found is None else found[0] * a[0] / b[0]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("tạ", "kg", 100),
        ("yến", "kg", 10),
        ("tấn/giờ", "kg/h", 1000),
        ("tấn/ngày đêm", "kg/giờ", 1000 / 24),
        ("khối/ngày", "m³/h", 1 / 24),
        ("triệu đồng", "đồng", 1e6),
        ("tỷ đồng", "triệu đồng", 1000),
        ("kWh/tấn", "kWh/kg", 0.001),
        ("%", "ppm", 1e4),
        ("mg/kg", "ppm", 1),
        ("MPa", "bar", 10),
        ("mm", "µm", 1000),
        ("năm", "tháng", 12),
        ("tuần", "ngày", 7),
        ("GB", "MB", 1000),
        ("kWp", "Wp", 1000),
        ("sản phẩm/phút", "pcs/hour", 60),
    ],
)
def test_unit_converts(source, target, expected):
    assert factor(source, target) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("tấn/ca", "tấn/giờ"),
        ("ngày làm việc", "ngày"),
        ("người", "bao"),
        ("mg/l", "mg/kg"),
        ("mg/Nm³", "mg/m³"),
        ("đồng", "USD"),
        ("%", "GB"),
        ("kVA", "kW"),
        ("sào", "m²"),
        ("vòng/phút", "Hz"),
    ],
)
def test_units_of_different_things_never_convert(source, target):
    assert factor(source, target) is None


def test_degrees_shift_as_well_as_scale():
    found = line("degF", "degC")

    assert found is not None
    assert found[0] * 212 + found[1] == pytest.approx(100)


@pytest.mark.parametrize("text", ["lạ hoắc", "", "g/10 phút"])
def test_unknown_unit_is_unknown(text):
    assert unit_of(text) is None


def test_every_listed_name_is_understood():
    assert [name for name in known_units() if unit_of(name) is None] == []
