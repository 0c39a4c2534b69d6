"""Units of measure as Vietnamese and English texts write them, converted by pint.

Counted things (people, bags, fruit, shifts…) are base units of their own, so that bags never turn
into people; a working day is no calendar day, a `sào` differs from region to region, and the normal
cubic metre of flue gas is no cubic metre: such units compare with themselves only.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

import pint

from matchmaker.domain.text import fold
from matchmaker.evidence.reading import read

#: pint expression: the ways people write it. Vietnamese forms are also known without diacritics.
_NAMES = {
    "kilogram": "kg kgs ký kí kilogram kilograms kilo kilos cân",
    "gram": "gram grams gam gr",
    "milligram": "mg milligram milligrams miligam",
    "microgram": "µg μg ug microgram micrograms",
    "nanogram": "ng",
    "metric_ton": "tấn ton tons tonne tonnes mt",
    "quintal": "tạ quintal quintals",
    "yen_mass": "yến",
    "litre": "lít lit litre litres liter liters ltr",
    "millilitre": "ml millilitre millilitres milliliter milliliters",
    "microlitre": "µl μl",
    "metre**3": "m3 m³ khối mét_khối cubic_metre cubic_metres cubic_meter cubic_meters",
    "centimetre**3": "cm3 cm³ cc",
    "metre": "mét metre metres meter meters",
    "millimetre": "mm milimét ly millimetre millimetres millimeter millimeters",
    "centimetre": "cm xentimét phân",
    "kilometre": "km kilomét cây_số kilometre kilometres kilometer kilometers",
    "micrometre": "µm μm um micron microns micromet",
    "nanometre": "nm",
    "inch": "inch inches",
    "metre**2": "m2 m² mét_vuông square_metre square_metres square_meter square_meters sqm",
    "centimetre**2": "cm2 cm²",
    "millimetre**2": "mm2 mm²",
    "kilometre**2": "km2 km²",
    "hectare": "ha hecta héc_ta hectare hectares",
    "sao_area": "sào",
    "second": "sec secs giây second seconds",
    "millisecond": "ms mili_giây millisecond milliseconds",
    "minute": "min mins phút minute minutes",
    "hour": "hr hrs giờ tiếng hour hours",
    "day": "ngày ngày_đêm day days",
    "workday": "ngày_làm_việc ngày_công working_day working_days business_day business_days workday",
    "week": "tuần week weeks",
    "month": "tháng month months",
    "year": "năm year years yr yrs vụ_năm",
    "crop_season": "vụ mùa_vụ crop crops season seasons",
    "shift": "ca ca_làm_việc shift shifts",
    "percent": "% phần_trăm percent pct per_cent",
    "permille": "‰",
    "ppm_unit": "ppm",
    "ppb_unit": "ppb",
    "degC": "°c ºc độ_c oc ℃ do_c degrees_celsius degree_celsius celsius deg_c độ_xê",
    "degF": "°f ºf fahrenheit",
    "kelvin": "kelvin",
    "arc": "° độ degree degrees",
    "vnd": "đồng đ ₫ vnd vnđ dong",
    "usd": "usd đô_la $ us$ dollars dollar đô",
    "eur": "eur euro euros €",
    "kilowatt_hour": "kwh kw·h kw.h số_điện",
    "watt_hour": "wh",
    "megawatt_hour": "mwh",
    "kilowatt": "kw",
    "watt": "watt watts",
    "megawatt": "mw",
    "watt_peak": "wp",
    "1000*watt_peak": "kwp",
    "1000000*watt_peak": "mwp",
    "1000*apparent_volt_ampere": "kva",
    "horsepower": "hp mã_lực horsepower",
    "volt": "volt volts vôn",
    "kilovolt": "kv",
    "millivolt": "mv",
    "ampere": "ampe amp amps",
    "milliampere": "ma",
    "ampere_hour": "ah",
    "hertz": "hz hertz",
    "kilohertz": "khz",
    "megahertz": "mhz",
    "gigahertz": "ghz",
    "pascal": "pa",
    "kilopascal": "kpa",
    "megapascal": "mpa",
    "gigapascal": "gpa",
    "bar": "bar bars",
    "millibar": "mbar",
    "newton": "newton",
    "kilonewton": "kn",
    "kilojoule": "kj",
    "megajoule": "mj",
    "gigajoule": "gj",
    "kilocalorie": "kcal",
    "megacalorie": "mcal",
    "turn/minute": "rpm vòng/phút",
    "turn": "vòng revolutions",
    "lux": "lux",
    "lumen": "lm lumen",
    "sound_level": "db dba db(a) decibel decibels đề_xi_ben",
    "datum*8e3": "kb",
    "datum*8e6": "mb megabyte megabytes",
    "datum*8e9": "gb gigabyte gigabytes",
    "datum*8e12": "tb terabyte terabytes",
    "datum*1e3/second": "kbps",
    "datum*1e6/second": "mbps mbit/s",
    "datum*1e9/second": "gbps gbit/s",
    "pixel_count*1e6": "mp megapixel megapixels",
    "pixel_count": "pixel pixels px điểm_ảnh",
    "pixels_per_inch": "dpi ppi",
    "frame/second": "fps",
    "frame": "khung_hình frame frames",
    "ntu": "ntu",
    "pt_co": "pt-co pt/co",
    "colony": "cfu khuẩn_lạc",
    "mpn": "mpn",
    "norm_cubic_metre": "nm3 nm³",
    "millisiemens/centimetre": "ms/cm",
    "microsiemens/centimetre": "µs/cm μs/cm us/cm",
    "tco2": "tco2e tco2 tấn_co2 tấn_co2e",
    "person": "người people person persons nhân_công lao_động công_nhân worker workers operators operator",
    "user": "người_dùng users user tài_khoản accounts account concurrent_users",
    "trainee": "học_viên trainees trainee students student sinh_viên",
    "household_count": "hộ hộ_dân households household",
    "animal": "con đầu_con head heads animals pigs heo lợn birds",
    "item": "cái chiếc sản_phẩm sp pcs piece pieces pc products product items item parts chi_tiết part",
    "set_count": "bộ sets set",
    "device": "thiết_bị devices device máy machines",
    "sensor_count": "cảm_biến sensors",
    "station": "trạm stations",
    "channel": "kênh channels channel",
    "camera_count": "camera cameras",
    "axis": "trục axes axis",
    "bag": "bao bags bag sacks túi",
    "box": "thùng hộp boxes cartons carton",
    "fruit": "quả trái fruits fruit",
    "plant": "cây plants trees cây_giống seedlings",
    "seed": "hạt kernels nuts",
    "invoice": "hóa_đơn invoices invoice",
    "page": "trang pages page",
    "document": "chứng_từ tài_liệu documents document hồ_sơ",
    "sample": "mẫu samples sample",
    "batch": "mẻ batches batch",
    "lot": "lô lots",
    "vehicle": "xe vehicles trucks",
    "trip": "chuyến trips",
    "order": "đơn_hàng orders",
    "image": "ảnh hình_ảnh images",
    "lesson": "buổi sessions",
    "course": "khóa lớp courses",
    "times": "lần times",
    "cycle": "chu_kỳ cycles cycle",
    "project": "dự_án projects project",
    "site": "điểm cơ_sở sites",
    "copy_part": "bản_sao copies copy",
}
#: Too short to be trusted in any case of letters: "5 a day" is no ampere.
_SYMBOLS = {
    "m": "metre", "g": "gram", "l": "litre", "L": "litre", "s": "second", "h": "hour",
    "t": "metric_ton", "T": "metric_ton", "A": "ampere", "V": "volt", "W": "watt",
    "N": "newton", "J": "joule", "C": "degC", "K": "kelvin", "mS/cm": "millisiemens/centimetre",
}  # fmt: skip
_COUNTED = [
    "person",
    "user",
    "trainee",
    "household_count",
    "animal",
    "item",
    "set_count",
    "device",
    "sensor_count",
    "station",
    "channel",
    "camera_count",
    "axis",
    "bag",
    "box",
    "fruit",
    "plant",
    "seed",
    "invoice",
    "page",
    "document",
    "sample",
    "batch",
    "lot",
    "vehicle",
    "trip",
    "order",
    "image",
    "lesson",
    "course",
    "times",
    "cycle",
    "project",
    "site",
    "copy_part",
]
_OWN_BASES = [
    "workday",
    "sao_area",
    "crop_season",
    "shift",
    "vnd",
    "usd",
    "eur",
    "watt_peak",
    "apparent_volt_ampere",
    "turn",
    "arc",
    "sound_level",
    "datum",
    "pixel_count",
    "pixels_per_inch",
    "frame",
    "ntu",
    "pt_co",
    "colony",
    "mpn",
    "norm_cubic_metre",
    "tco2",
]
_SCALES = {
    "nghìn": 1e3, "ngàn": 1e3, "k": 1e3, "thousand": 1e3,
    "triệu": 1e6, "tr": 1e6, "million": 1e6, "mn": 1e6,
    "tỷ": 1e9, "tỉ": 1e9, "billion": 1e9, "bn": 1e9,
}  # fmt: skip


def _with_folded(names: dict[str, str]) -> dict[str, str]:
    return {fold(k): v for k, v in names.items()} | names


_LOOKUP = _with_folded(
    {
        read(word.replace("_", " ")).plain: unit
        for unit, words in _NAMES.items()
        for word in words.split()
    }
)
#: Scale words and what they multiply by: triệu, tỷ, million…
SCALES = {fold(k): v for k, v in _SCALES.items()} | _SCALES

_WORD = re.compile(r"[^\W\d_]+[²³23]?(?:\(a\))?|[%‰₫$€℃]|[°º]\s?[^\W\d_]?")
_PER = re.compile(r"\s*/\s*|\s+(?:per|mỗi|moi|một|mot|trên|tren|a|an|every|each)\s+")
# "2 tấn nguyên liệu/giờ", "1,200 kg of nuts per hour": what is measured stands inside the unit.
_NOUN_GAP = re.compile(r"(?:\s+[^\W\d_]+){1,3}?(?=\s*/\s*[^\W\d]|\s+(?:per|mỗi|moi)\s)")
_ONE_WORD, _THREE_WORDS = 1, 3
#: How far a unit can reach after its number, in characters.
_REACH = 60

_lock = Lock()
_registries: list[Any] = []


class UnitSpan(NamedTuple):
    """A unit found in a text: its pint expression and where it ends."""

    expression: str
    end: int


def _registry() -> Any:
    """The one registry, built at first use (about 0.4 s)."""
    with _lock:
        if not _registries:
            registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
            for name in (*_OWN_BASES, *_COUNTED):
                registry.define(f"{name} = [{name}]")
            registry.define("quintal = 100 * kilogram")
            registry.define("yen_mass = 10 * kilogram")
            registry.define("permille = 0.001")
            registry.define("ppm_unit = 1e-6")
            registry.define("ppb_unit = 1e-9")
            _registries.append(registry)
        return _registries[0]


def _term_at(plain: str, exact: str, at: int) -> UnitSpan | None:
    """One name of a unit at `at`; the longest wins. `exact` has the letters' case."""
    ends: list[int] = []
    position = at
    while len(ends) < _THREE_WORDS and (word := _WORD.match(plain, position)):
        ends.append(word.end())
        position = word.end()
        if plain[position : position + 1] != " ":
            break
        position += 1
    for end in reversed(ends):
        if plain[end : end + 1].isalnum():
            continue
        if (name := exact[at:end].strip()) in _SYMBOLS:
            return UnitSpan(_SYMBOLS[name], end)
        if (known := _LOOKUP.get(plain[at:end].strip())) is not None:
            return UnitSpan(known, end)
    return None


def unit_at(plain: str, exact: str, at: int) -> UnitSpan | None:
    """The unit that starts at `at`, with its "per" parts, or None."""
    first = _slashed(plain, at) or _term_at(plain, exact, at)
    if first is None:
        return None
    expression, end = first
    for _ in range(2):
        gap = _NOUN_GAP.match(plain, end, at + _REACH)
        per = _PER.match(plain, gap.end() if gap else end)
        below = _term_at(plain, exact, per.end()) if per else None
        if below is None and per and (once := re.compile(r"1\s?").match(plain, per.end())):
            below = _term_at(plain, exact, once.end())
        if below is None:
            break
        expression, end = f"({expression})/({below.expression})", below.end
    return UnitSpan(expression, end)


_SLASHED = {name: unit for name, unit in _LOOKUP.items() if "/" in name or "-" in name}


def _slashed(plain: str, at: int) -> UnitSpan | None:
    for name, unit in _SLASHED.items():
        end = at + len(name)
        if plain.startswith(name, at) and not plain[end : end + 1].isalnum():
            return UnitSpan(unit, end)
    return None


@lru_cache(maxsize=4096)
def unit_of(text: str) -> tuple[float, str] | None:
    """Scale and pint expression of a whole unit text ("triệu đồng/ha"), None when unknown."""
    reading = read(text.strip())
    scale, at = 1.0, 0
    word = re.match(r"[^\W\d_]+", reading.plain)
    if word and word[0] in SCALES and word[0] not in ("k", "tr"):
        scale, at = SCALES[word[0]], word.end()
        at += len(reading.plain[at:]) - len(reading.plain[at:].lstrip())
        if at == len(reading.plain):
            return scale, "vnd"
    exact = reading.text if reading.starts is None else reading.plain
    found = unit_at(reading.plain, exact, at)
    if found is None:
        return None
    rest = reading.plain[found.end :].strip()
    return None if "/" in rest else (scale, found.expression)


@lru_cache(maxsize=4096)
def line(source: str, target: str) -> tuple[float, float] | None:
    """(a, b) with target = a·source + b, or None when the dimensions differ."""
    registry = _registry()
    try:
        zero = registry.Quantity(0.0, registry.Unit(source)).to(target).magnitude
        one = registry.Quantity(1.0, registry.Unit(source)).to(target).magnitude
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError, pint.UndefinedUnitError):
        return None
    except ValueError:
        # A scaling factor inside the expression is no plain unit: let pint multiply it out.
        return _scaled_line(registry, source, target)
    return float(one - zero), float(zero)


def _scaled_line(registry: Any, source: str, target: str) -> tuple[float, float] | None:
    try:
        ratio = registry.parse_expression(source) / registry.parse_expression(target)
        return float(ratio.to("dimensionless").magnitude), 0.0
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError):
        return None


@lru_cache(maxsize=4096)
def telling(expression: str) -> bool:
    """Whether the unit alone nearly says what is measured, as a flow or an energy per mass does.

    Shares, lengths, times, masses, temperatures, concentrations and money do not.
    """
    return "/" in expression and not re.search(
        r"gram\)?/\(?(litre|metre|kilogram|norm)|vnd|usd|eur|metre\)?/\(?second", expression
    )


def is_counted(expression: str) -> bool:
    """Whether the unit is a thing counted (people, channels): a word of its own."""
    return expression in _COUNTED


def known_units() -> Iterator[str]:
    """Every written form that is understood: for tests and for help pages."""
    yield from _LOOKUP
