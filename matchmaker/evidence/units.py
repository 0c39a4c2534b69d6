"""Units of measure as Vietnamese and English texts write them, converted by pint.

Counted things (people, bags, fruit, shifts…) are base units of their own, so that bags never turn
into people; a working day is no calendar day, a `sào` differs from region to region, and the normal
cubic metre of flue gas is no cubic metre: such units compare with themselves only.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any, NamedTuple

import pint

from matchmaker.domain.text import fold
from matchmaker.evidence.reading import read


def _with_folded(names: dict[str, str]) -> dict[str, str]:
    return {fold(k): v for k, v in names.items()} | names


_DATA: dict[str, Any] = tomllib.loads(
    files("matchmaker.evidence").joinpath("units.toml").read_text(encoding="utf-8")
)
_NAMES: dict[str, str] = _DATA["names"]
_SYMBOLS: dict[str, str] = _DATA["symbols"]
_SCALES: dict[str, float] = _DATA["scales"]
_COUNTED = frozenset(_DATA["counted"].split())
_OWN_BASES = (*_DATA["own"].split(), *sorted(_COUNTED))
_LOOKUP = _with_folded(
    {
        read(word.replace("_", " ")).plain: unit
        for unit, words in _NAMES.items()
        for word in words.split()
    }
)
#: Scale words and what they multiply by: triệu, tỷ, million…
SCALES = {fold(k): float(v) for k, v in _SCALES.items()} | _SCALES

_WORD = re.compile(r"us\$|tco2e|[^\W\d_]+[²³23]?(?:\(a\))?|[%‰₫$€℃]|[°º]\s?[^\W\d_]?")
_PER = re.compile(r"\s*/\s*|\s+(?:per|mỗi|moi|một|mot|(?P<on>trên|tren)|a|an|every|each)\s+")
# "2 tấn nguyên liệu/giờ", "1,200 kg of nuts per hour": what is measured stands inside the unit.
_NOUN_GAP = re.compile(r"(?:\s+[^\W\d_]+){1,3}?(?=\s*/\s*[^\W\d]|\s+(?:per|mỗi|moi|một|mot)\s)")
_ONE = re.compile(r"1\s?")
_PER_FIGURE = re.compile(r"\s*/\s*[0-9]")
_THREE_WORDS = 3
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
            registry: Any = pint.UnitRegistry(
                autoconvert_offset_to_baseunit=True,
                on_redefinition="ignore",  # a bag and a turn are counted here, not measured
            )
            for name in _OWN_BASES:
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
        if below is None and per and (once := _ONE.match(plain, per.end())):
            below = _term_at(plain, exact, once.end())
        # "60 tháng trên máy chủ" is no rate; "20 g trên kg" is.
        if below is None or (per and per["on"] and is_counted(below.expression)):
            break
        expression, end = f"({expression})/({below.expression})", below.end
    # "g/10 min" is no unit we know: half of it would be a wrong one.
    return None if _PER_FIGURE.match(plain, end) else UnitSpan(expression, end)


#: Names with a slash or a dash inside, by their first letter, in the order of the table.
_SLASHED: dict[str, list[tuple[str, str]]] = {}
for _name, _unit in _LOOKUP.items():
    if "/" in _name or "-" in _name:
        _SLASHED.setdefault(_name[0], []).append((_name, _unit))


def _slashed(plain: str, at: int) -> UnitSpan | None:
    for name, unit in _SLASHED.get(plain[at : at + 1], ()):
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
    if _differ(source, target):
        return None
    try:
        zero = registry.Quantity(0.0, registry.Unit(source)).to(target).magnitude
        one = registry.Quantity(1.0, registry.Unit(source)).to(target).magnitude
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError, pint.UndefinedUnitError):
        return None
    except ValueError:
        # A scaling factor inside the expression is no plain unit: let pint multiply it out.
        return _scaled_line(registry, source, target)
    return float(one - zero), float(zero)


def _differ(source: str, target: str) -> bool:
    """Whether two units are known to measure different things: most pairs do."""
    one, other = _dimensions(source), _dimensions(target)
    return one is not None and other is not None and one != other


@lru_cache(maxsize=4096)
def _dimensions(expression: str) -> Any:
    """What a unit measures; None where pint takes it for no plain unit."""
    try:
        return _registry().Unit(expression).dimensionality
    except (pint.UndefinedUnitError, ValueError):
        return None


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


#: What amounts to something by the hour, by the tonne, by the hectare; and what it is counted by.
_AMOUNTS = frozenset(
    [
        "kilogram",
        "gram",
        "metric_ton",
        "quintal",
        "yen_mass",
        "litre",
        "millilitre",
        "metre**3",
        "kilowatt_hour",
        "watt_hour",
        "megawatt_hour",
        "vnd",
        "usd",
        "eur",
    ]
)
_BASES = frozenset(
    [
        "hour",
        "minute",
        "day",
        "week",
        "month",
        "year",
        "shift",
        "crop_season",
        "metric_ton",
        "kilogram",
        "quintal",
        "metre**3",
        "litre",
        "hectare",
        "metre**2",
    ]
)


def rate(amount: str, base: str) -> str:
    """An amount by a base as one unit; the amount alone where the two make no rate."""
    known = amount in _AMOUNTS or amount in _COUNTED
    return f"({amount})/({base})" if known and base in _BASES and amount != base else amount


def is_counted(expression: str) -> bool:
    """Whether the unit is a thing counted (people, people a shift): a word of its own."""
    return expression.removeprefix("(").split(")/(")[0] in _COUNTED


def known_units() -> Iterator[str]:
    """Every written form that is understood: for tests and for help pages."""
    yield from _LOOKUP
