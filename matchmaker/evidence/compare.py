"""A stated quantity against a limit, after unit conversion."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.domain.text import fold
from matchmaker.evidence.needs import Limit
from matchmaker.evidence.numbers import Quantity
from matchmaker.evidence.units import line

#: Rounding of units and of typed figures; far below any difference that matters.
_TINY = 1e-6
#: "About 5" may be this much off, either way.
_ABOUT = 0.05
#: An "=" is met within this share, and plainly missed beyond the other.
_EQUAL, _NEAR = 0.005, 0.05
_CREW = re.compile(r"^\(person\)/\((?:shift|batch|device)\)$")
_EACH = re.compile(r"/\((?:trip|batch|times|device|item)\)$")


class Outcome(StrEnum):
    """How a stated quantity stands to a limit."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    STRADDLES = "straddles"
    AMBIGUOUS = "ambiguous"
    DIFFERENT_UNIT = "different_unit"


@dataclass(frozen=True)
class Comparison:
    """The outcome, and the stated interval in the limit's unit where it could be converted."""

    outcome: Outcome
    low: float = math.nan
    high: float = math.nan


def compare(limit: Limit, quantity: Quantity, *, covering: bool = False) -> Comparison:
    """Compare, in the limit's unit; different dimensions are never compared.

    `covering` says that a stated range is one of use (works from −10 to 60 °C), which meets a wanted
    range by holding it; else a stated range must lie inside the wanted one.
    """
    found = _conversion(limit, quantity)
    if found is None:
        return Comparison(Outcome.DIFFERENT_UNIT)
    factor, offset = found
    low, high = quantity.low * factor + offset, quantity.high * factor + offset
    outcome = _outcome(limit, low, high, quantity, covering=covering)
    if quantity.other is not None and math.isfinite(quantity.other):
        second = quantity.other * factor + offset
        shifted = (
            second if math.isfinite(low) else low,
            second if math.isfinite(high) else high,
        )
        if _outcome(limit, *shifted, quantity, covering=covering) is not outcome:
            outcome = Outcome.AMBIGUOUS
    return Comparison(outcome, low / limit.scale, high / limit.scale)


def _conversion(limit: Limit, quantity: Quantity) -> tuple[float, float] | None:
    if limit.expression and quantity.expression:
        wanted, given = _people(limit.expression), _people(quantity.expression)
        found = line(given, wanted)
        whole = _EACH.sub("", quantity.expression)
        # "500 kg mỗi chuyến" is a load of 500 kg; "500 kg/giờ" is none.
        if found is None and whole != quantity.expression:
            found = line(whole, wanted)
        return found
    if limit.expression or quantity.expression:
        return None
    unit = fold(limit.unit_text)
    if unit and not re.match(rf"{re.escape(unit)}(?!\w)", fold(quantity.tail)):
        return None
    return 1.0, 0.0


def _people(expression: str) -> str:
    """People a shift and people are the same number of people."""
    return _CREW.sub("person", expression)


def _outcome(
    limit: Limit, low: float, high: float, quantity: Quantity, *, covering: bool
) -> Outcome:
    if quantity.about:
        spread = _ABOUT * abs(low)
        low, high = low - spread, high + spread
    slack = _TINY * max(abs(v) for v in (limit.low, limit.high) if math.isfinite(v))
    if limit.operator == "=":
        return _equal(limit, low, high)
    if quantity.comparison == "upto" and math.isinf(limit.low):
        # "Up to 5" against "at most 4": the bound is what counts, the rest is unknown.
        return Outcome.INSIDE if high <= limit.high + slack else Outcome.STRADDLES
    below = high < limit.low - slack or (quantity.high_open and high <= limit.low + slack)
    above = low > limit.high + slack or (quantity.low_open and low >= limit.high - slack)
    if below or above:
        return Outcome.OUTSIDE
    if limit.operator == "between" and covering and quantity.spans:
        covers = low <= limit.low + slack and high >= limit.high - slack
        return Outcome.INSIDE if covers else Outcome.STRADDLES
    within = low >= limit.low - slack and high <= limit.high + slack
    return Outcome.INSIDE if within else Outcome.STRADDLES


def _equal(limit: Limit, low: float, high: float) -> Outcome:
    target = limit.low
    near = max(abs(target), _TINY) * (_NEAR if not limit.about else 2 * _NEAR)
    exact = near if limit.about else max(abs(target), _TINY) * _EQUAL
    if abs(low - target) <= exact and abs(high - target) <= exact:
        return Outcome.INSIDE
    if high < target - near or low > target + near:
        return Outcome.OUTSIDE
    return Outcome.STRADDLES
