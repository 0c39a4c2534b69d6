"""Quantities in running text, Vietnamese and English: value or range, unit, comparison, place."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from matchmaker.evidence import phrases
from matchmaker.evidence.reading import Reading
from matchmaker.evidence.units import SCALES, is_counted, line, rate, unit_at

_NUMBER = r"(?:[0-9]{1,3}(?:[ \u00a0\u202f\u2009][0-9]{3})+(?:[.,][0-9]+)?(?![0-9])|[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]{1,2}(?![0-9]))?)"
_START = re.compile(rf"(?<![\w.,/])(?<![^\W\d_]-){_NUMBER}")
_NEXT = re.compile(rf"([-−–]?)({_NUMBER})")
_GROUPS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
_SCALE = re.compile(r"\s?([^\W\d_]+)\b")
_PLUS_MINUS = re.compile(r"\s*(?:±|\+/-|\+-)\s*")
#: Words for small numbers, only where a unit follows ("hai ca", "two years").
_SPELT = {
    "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "mười": 10,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12,
}  # fmt: skip
_SPELT_START = re.compile(rf"\b(?:{'|'.join(_SPELT)})(?=\s)")
#: A text holds no more measured facts than this; the rest is not read (bounds the time).
MOST = 100
_LOOK_BACK = 42


@dataclass(frozen=True)
class Quantity:
    """A measured value as an interval [low, high] in its unit, ends closed unless marked open.

    `expression` is a pint expression or None; `tail` is the text that follows a bare number.
    `other` is the second reading of an ambiguous number such as "1,200" in Vietnamese.
    `start` and `end` are offsets in the reading's `plain`; `core` is where the number starts,
    `unit_start` where its scale and unit do.
    """

    low: float
    high: float
    start: int
    core: int
    end: int
    expression: str | None
    tail: str = ""
    comparison: str = ""
    other: float | None = None
    scaled: bool = False
    low_open: bool = False
    high_open: bool = False
    spans: bool = False
    about: bool = False
    change: bool = False
    outdated: bool = False
    unit_start: int = 0


def parse_number(digits: str, language: str) -> tuple[float, float | None] | None:
    """The value of "1.000,5" or "1,000.5", and a second reading where the language leaves doubt.

    One separator before three digits is a thousands sign where the language writes it so, else a
    decimal sign that might be meant as the other: both readings are given.
    """
    digits, _, power = re.sub(r"\s", "", digits).partition("e")
    if power:
        base = parse_number(digits, language)
        return (base[0] * 10.0 ** int(power), None) if base else None
    separators = re.findall(r"[.,]", digits)
    if not separators:
        return float(digits), None
    if len(set(separators)) == 2:
        decimal = separators[-1]
        if separators.count(decimal) > 1:
            return None
        return float(digits.replace("," if decimal == "." else ".", "").replace(",", ".")), None
    joined = float(re.sub(r"[.,]", "", digits))
    if len(separators) > 1:
        return (joined, None) if _GROUPS.fullmatch(digits) else None
    decimal_value = float(digits.replace(",", "."))
    if not _GROUPS.fullmatch(digits) or digits.startswith("0"):
        return decimal_value, None
    usual = separators[0] == ("." if language == "vi" else ",")
    return (joined, None) if usual else (decimal_value, joined)


@dataclass
class _Part:
    """One number with its scale and unit, before comparison words are read."""

    value: float
    other: float | None
    expression: str | None
    scale: float
    number_end: int
    end: int


def quantities(reading: Reading, language: str, *, most: int = MOST) -> list[Quantity]:
    """Every quantity of a text, left to right, but no more than `most`."""
    found: list[Quantity] = []
    at = 0
    for start in _starts(reading.plain):
        if len(found) >= most:
            break
        if start < at or phrases.LABEL.search(reading.plain, max(0, start - 24), start):
            continue
        for quantity in _read_at(reading, start, language):
            found.append(_rated(reading, quantity))
            at = max(at, quantity.end)
    return found


def _rated(reading: Reading, quantity: Quantity) -> Quantity:
    """A figure whose "per" comes first: "mỗi giờ làm được 500 kg" is a rate in kg/giờ."""
    if quantity.expression is None:
        return quantity
    plain, exact = reading.plain, reading.text if reading.starts is None else reading.plain
    lead = phrases.EACH.search(plain, max(0, quantity.start - _LOOK_BACK), quantity.start)
    below = unit_at(plain, exact, lead.end()) if lead else None
    if below is None or below.end > quantity.start:
        return quantity
    return replace(quantity, expression=rate(quantity.expression, below.expression))


def spans(found: Iterable[Quantity]) -> list[tuple[int, int]]:
    """Where the figures stand: with their units, but for things counted, which are words too."""
    return [
        (q.start, q.unit_start if q.expression and is_counted(q.expression) else q.end)
        for q in found
    ]


def _starts(plain: str) -> Iterator[int]:
    places = {m.start() for m in _START.finditer(plain)}
    places |= {m.start() for m in _SPELT_START.finditer(plain)}
    yield from sorted(places)


def _read_at(reading: Reading, start: int, language: str) -> list[Quantity]:
    plain = reading.plain
    first = _part(reading, start, language)
    if first is None:
        return []
    sign = -1.0 if phrases.MINUS.search(plain, max(0, start - 5), start) else 1.0
    first.value *= sign
    second, join = _second(reading, first, language)
    end = second.end if second else first.end
    core = start - (sign < 0 and plain[start - 1] in "-−–")
    base = Quantity(
        first.value * first.scale,
        first.value * first.scale,
        core,
        core,
        end,
        first.expression,
        tail=plain[end : end + 40].lstrip(),
        other=None if first.other is None else sign * first.other * first.scale,
        scaled=first.scale != 1,
        unit_start=(second or first).number_end,
    )
    if second is None:
        before = plain[max(0, core - _LOOK_BACK) : core]
        dated = phrases.CHANGE_FOLLOWS.match(plain, end) and phrases.CHANGES.search(before)
        return [replace(base, outdated=True) if dated else _compared(plain, base)]
    if join == "±":
        spread = abs(second.value * second.scale)
        return [_compared(plain, replace(base, low=base.low - spread, high=base.low + spread))]
    last = second.value * second.scale
    before = plain[max(0, core - _LOOK_BACK) : core]
    falls = join == "to" and last < base.low
    if join == "change" or falls or (join == "to" and phrases.CHANGES.search(before)):
        old = replace(base, outdated=True, end=first.end)
        at = second.end - len(plain[first.end : second.end].lstrip())
        new = replace(base, low=last, high=last, start=at, core=at, other=None)
        return [old, new]
    if last < base.low:
        return [_compared(plain, replace(base, end=first.end))]
    opening = phrases.RANGE_OPENS.search(before)
    start = core - len(before) + opening.start() if opening else core
    change = phrases.is_change(before, plain[end : end + 24], "")
    return [replace(base, high=last, start=start, spans=True, other=None, change=change)]


def _part(reading: Reading, start: int, language: str) -> _Part | None:
    plain = reading.plain
    spelt = _SPELT_START.match(plain, start)
    if spelt:
        number: tuple[float, float | None] | None = (float(_SPELT[spelt[0]]), None)
        end = spelt.end()
    else:
        match = _START.match(plain, start)
        if match is None:
            return None
        number, end = parse_number(match[0], language), match.end()
    if number is None or not math.isfinite(number[0]):
        return None
    scale, expression, unit_end = _scale_and_unit(reading, end)
    if (spelt or plain[end : end + 1].isalpha()) and unit_end == end:
        return None
    return _Part(number[0], number[1], expression, scale, end, unit_end)


def _scale_and_unit(reading: Reading, end: int) -> tuple[float, str | None, int]:
    plain = reading.plain
    exact = reading.text if reading.starts is None else plain
    scale = 1.0
    word = _SCALE.match(plain, end)
    if word and word[1] in SCALES:
        scale, end = SCALES[word[1]], word.end()
    at = end
    while at < end + 2 and plain[at : at + 1] in (" ", "\u00a0", "\u202f", "-"):
        at += 1
    unit = unit_at(plain, exact, at)
    if unit:
        return scale, unit.expression, unit.end
    # "500 triệu" with nothing counted after it is money.
    if scale >= 1e6 and not plain[at : at + 1].isalpha():
        return scale, "vnd", end
    return scale, None, end


def _second(reading: Reading, first: _Part, language: str) -> tuple[_Part | None, str]:
    """The other end of a range, a tolerance or a change, and which of them it is."""
    plain = reading.plain
    joins = (("±", _PLUS_MINUS), ("change", phrases.CHANGE_JOIN), ("to", phrases.TO_JOIN))
    for kind, pattern in (*joins, ("dash", phrases.DASH_JOIN)):
        join = pattern.match(plain, first.end)
        number = _NEXT.match(plain, join.end()) if join else None
        if join is None or number is None or not _may_range(first, kind, number[2]):
            continue
        part = _part_after(reading, number, language)
        if part is None:
            continue
        if first.expression is None:
            if part.scale != 1 and first.scale == 1:
                first.scale = part.scale
            first.expression = part.expression
        elif part.expression is None:
            if part.scale == 1 and first.scale != 1:
                continue
            if kind == "dash":
                continue
        elif part.expression != first.expression and not _align(first, part):
            continue
        return part, kind
    return None, ""


def _may_range(first: _Part, kind: str, digits: str) -> bool:
    """A dash after a number with leading zeros or before a long one is a date or a code."""
    return kind != "dash" or not (digits.startswith("0") and len(digits) > 1 and digits.isdigit())


def _part_after(reading: Reading, number: re.Match[str], language: str) -> _Part | None:
    value = parse_number(number[2], language)
    if value is None or not math.isfinite(value[0]):
        return None
    scale, expression, end = _scale_and_unit(reading, number.end())
    if reading.plain[number.end() : number.end() + 1].isalpha() and end == number.end():
        return None
    sign = -1.0 if number[1] else 1.0
    return _Part(sign * value[0], None, expression, scale, number.end(), end)


def _align(first: _Part, second: _Part) -> bool:
    """Bring "200 kg" of "200 kg – 1 tấn" to the unit of the second end; False if they differ."""
    source, target = first.expression or "", second.expression or ""
    if "/(" in target and "/" not in source:
        # "200 kg – 1 tấn mỗi giờ": the rate is said once, at the end.
        source = f"({source})/({target.rsplit('/(', 1)[1]}"
    found = line(source, target)
    if found is None:
        return False
    first.value = first.value * first.scale * found[0] + found[1]
    first.scale, first.expression = 1.0, second.expression
    return True


def _compared(plain: str, quantity: Quantity) -> Quantity:
    """Read the words around a quantity: at least, under, about, or more, a cut of…"""
    before = plain[max(0, quantity.start - _LOOK_BACK) : quantity.start]
    after = plain[quantity.end : quantity.end + 24]
    kind, width = phrases.comparison_before(before)
    suffix = phrases.SUFFIX.match(after)
    end = quantity.end
    if suffix:
        kind = ">=" if suffix.lastgroup == "more" else "<="
        end += suffix.end()
    quantity = replace(
        quantity,
        start=quantity.start - width,
        end=end,
        comparison=kind,
        about=kind == "~",
        change=phrases.is_change(before[: len(before) - width] if width else before, after, kind),
    )
    infinite = math.inf
    match kind:
        case ">=" | ">":
            return replace(quantity, high=infinite, low_open=kind == ">")
        case "<=" | "<":
            return replace(quantity, low=-infinite, high_open=kind == "<")
        case _:
            return quantity
