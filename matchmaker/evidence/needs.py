"""A requirement as something to test: a limit with a unit and an indicator, or words alone."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

from matchmaker.evidence import cues
from matchmaker.evidence.kinds import Operator, Requirement
from matchmaker.evidence.lexicon import DURATION, INLET, SAVINGS, lexicon
from matchmaker.evidence.numbers import Quantity, quantities, spans
from matchmaker.evidence.reading import Reading, read
from matchmaker.evidence.terms import Term, Terms, terms
from matchmaker.evidence.units import unit_of


@dataclass(frozen=True)
class Limit:
    """What a value must satisfy, in `expression` (pint) or in a unit known by its text only."""

    operator: Operator
    low: float
    high: float
    expression: str | None
    unit_text: str
    scale: float = 1.0
    about: bool = False


@dataclass(frozen=True)
class Wanted:
    """A requirement read once: its words, and its limit where it has one.

    `measure` is the term among `terms` that names what the limit is a value of.
    `change`: the limit is on a difference ("giảm 30 %"); `inlet`: on what comes in, not out;
    `absent`: it asks for something not to be there ("không dùng hóa chất").
    """

    requirement: Requirement
    terms: Terms
    measure: Term | None
    limit: Limit | None
    change: bool
    inlet: bool
    absent: bool

    @cached_property
    def codes(self) -> Terms:
        """Names and codes that no other word can stand for: Modbus, ISO 9001, CE."""
        return self.terms.only(lambda t: t.code)

    @cached_property
    def objects(self) -> Terms:
        """What the limit is to hold for: the terms beside the measure."""
        return self.terms.only(lambda t: t is not self.measure and t.keys != {SAVINGS})

    @cached_property
    def measures(self) -> frozenset[str]:
        """The measures that the limit may be a value of."""
        return self.measure.measures if self.measure else frozenset()

    @cached_property
    def object_codes(self) -> Terms:
        return self.objects.only(lambda t: t.code)


# Asked again for every solution the need is held against.
@lru_cache(maxsize=2_000)
def understand(requirement: Requirement) -> Wanted:
    """Read a requirement; a structured value wins over the figures in its text."""
    reading = read(requirement.text)
    found = quantities(reading, requirement.language)
    words = terms(reading, requirement.language, spans(found))
    absent = bool(cues.negations(reading.plain, words))
    if requirement.indicator and requirement.indicator.strip():
        named = terms(read(requirement.indicator), requirement.language)
        words = named if named.items else words
    limit, chosen = _structured(requirement), None
    if limit is None:
        chosen = _chosen(found)
        limit = _from_text(chosen, words, reading) if chosen else None
    else:
        chosen = next((q for q in found if limit.low in (q.low, q.high)), None)
    savings = any(SAVINGS in t.keys for t in words.items)
    change = chosen.change if chosen else savings
    if not change:
        words = words.without(SAVINGS)
    inlet = any(INLET in t.keys for t in words.items)
    return Wanted(requirement, words, _head(words, requirement), limit, change, inlet, absent)


def _head(words: Terms, requirement: Requirement) -> Term | None:
    """The measure asked for: Vietnamese names it first ("sai số công suất"), English last."""
    named = [t for t in words.items if t.measures - {SAVINGS}]
    telling = [t for t in named if DURATION not in t.measures] or named
    if not telling:
        return None
    compound = requirement.language == "en" and requirement.indicator
    if compound and " of " not in f"{requirement.indicator}":
        return telling[-1]
    return telling[0]


def _structured(requirement: Requirement) -> Limit | None:
    if requirement.operator is None or requirement.value is None:
        return None
    if not math.isfinite(requirement.value):
        return None
    unit_text = (requirement.unit or "").strip()
    known = unit_of(unit_text) if unit_text else None
    scale, expression = known or (1.0, None)
    value = requirement.value * scale
    top = requirement.value if requirement.value_max is None else requirement.value_max
    return _limit(requirement.operator, value, top * scale, expression, unit_text, scale)


def _limit(
    operator: Operator,
    value: float,
    top: float,
    expression: str | None,
    unit_text: str,
    scale: float = 1.0,
    *,
    about: bool = False,
) -> Limit:
    match operator:
        case ">=":
            low, high = value, math.inf
        case "<=":
            low, high = -math.inf, value
        case "=":
            low, high = value, value
        case _:
            low, high = min(value, top), max(value, top)
    return Limit(operator, low, high, expression, unit_text, scale, about)


def _chosen(found: list[Quantity]) -> Quantity | None:
    """The figure that limits: one with a comparison, else one with a unit, else a bare one."""
    usable = [q for q in found if not q.outdated]
    compared = [q for q in usable if q.comparison]
    with_unit = [q for q in usable if q.expression]
    return next(iter(compared or with_unit or usable), None)


def _from_text(quantity: Quantity, words: Terms, reading: Reading) -> Limit:
    better = {lexicon().better.get(m) for m in words.measures} - {"", None}
    operator: Operator
    if quantity.spans:
        operator = "between"
    elif quantity.comparison in (">=", ">"):
        operator = ">="
    elif quantity.comparison in ("<=", "<", "±"):
        operator = "<="
    elif quantity.change or better == {"more"}:
        operator = ">="
    elif better == {"less"} or quantity.comparison == "upto":
        operator = "<="
    else:
        operator = "between" if quantity.low != quantity.high else "="
    value = quantity.high if math.isinf(quantity.low) else quantity.low
    unit_text = " ".join(quantity.tail.split()[:1]).strip(".,;:()")
    known = None
    if quantity.expression:
        unit_text = reading.exact(quantity.unit_start, quantity.end).strip(" -")
        known = unit_of(unit_text)
    return _limit(
        operator,
        value,
        quantity.high,
        quantity.expression,
        unit_text,
        known[0] if known else 1.0,
        about=quantity.about,
    )
