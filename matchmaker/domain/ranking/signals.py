"""Small, explained reasons beside the fused score.

Each signal is a pure function of the two records; it returns a strength from 0 to 1 and the facts
people read. Signals may reorder what the texts found, never invent it: all weights together stay
below the step between neighbouring hits of different worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """What the signals need to know of a need or a solution."""

    fields: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    cooperation: frozenset[str] = frozenset()
    trl: int | None = None
    languages: frozenset[str] = frozenset()
    commune: str | None = None
    confirmed_at: datetime | None = None
    is_verified: bool = False
    capacity: int | None = None
    taken: int = 0


class Signal(NamedTuple):
    """One reason: its name, strength (0 to 1), weight in the score, and the facts to word it."""

    # A ranking makes a thousand of these: a named tuple costs a third of a frozen data class.
    name: str
    value: float
    weight: float
    facts: Facts

    @property
    def part(self) -> float:
        """What it adds to the score."""
        return self.value * self.weight


def field_overlap(need: Side, solution: Side) -> tuple[float, Facts]:
    """The same field of science is worth 1, the same broad area (first digit) a half."""
    shared = need.fields & solution.fields
    if shared:
        return 1.0, {"codes": sorted(shared)}
    areas = {f[0] for f in need.fields} & {f[0] for f in solution.fields}
    return (0.5 if areas else 0.0), {}


def industry_overlap(need: Side, solution: Side) -> tuple[float, Facts]:
    """Whether the solution was made for the need's industry."""
    shared = need.industries & solution.industries
    return (1.0 if shared else 0.0), ({"codes": sorted(shared)} if shared else {})


def readiness(need: Side, solution: Side) -> tuple[float, Facts]:
    """TRL against the lowest acceptable: met is 1, one level short a half; unsaid counts half."""
    if need.trl is None or solution.trl is None:
        return 0.5, ({"trl": solution.trl} if solution.trl else {})
    short = need.trl - solution.trl
    facts = {"trl": solution.trl, "wanted": need.trl}
    return (1.0 if short <= 0 else 0.5 if short == 1 else 0.0), facts


def cooperation_overlap(need: Side, solution: Side) -> tuple[float, Facts]:
    """Ways of working together that both named; unsaid counts half."""
    if not need.cooperation or not solution.cooperation:
        return 0.5, {}
    shared = need.cooperation & solution.cooperation
    return (1.0 if shared else 0.0), ({"codes": sorted(shared)} if shared else {})


def common_language(need: Side, solution: Side) -> tuple[float, Facts]:
    """Whether the two sides can talk to each other without an interpreter."""
    shared = need.languages & solution.languages
    return (1.0 if shared or not (need.languages and solution.languages) else 0.0), {}


def same_place(need: Side, solution: Side) -> tuple[float, Facts]:
    """Neighbours meet more easily; far ones lose nothing."""
    same = need.commune is not None and need.commune == solution.commune
    return (1.0 if same else 0.0), ({"commune": need.commune} if same else {})


def freshness(solution: Side, now: datetime) -> tuple[float, Facts]:
    """Confirmed in the last 90 days is worth 1, in the last year a half."""
    if solution.confirmed_at is None:
        return 0.0, {}
    age = now - solution.confirmed_at
    value = 1.0 if age <= timedelta(days=90) else 0.5 if age <= timedelta(days=365) else 0.0
    return value, {"days": age.days}


def verified(solution: Side) -> tuple[float, Facts]:
    """Whether the department has checked who offers it."""
    return (1.0 if solution.is_verified else 0.0), {}


def spare_capacity(solution: Side) -> tuple[float, Facts]:
    """What is left of the introductions the provider can take at once; unsaid counts half."""
    if solution.capacity is None:
        return 0.5, {}
    left = max(0, solution.capacity - solution.taken)
    return (1.0 if left else 0.0), {"left": left}


#: Weights in units of the fused score, in which neighbouring hits lie about 0.01 apart.
#: Together they move a hit by at most 0.03: they settle near ties and no more.
WEIGHTS: Mapping[str, float] = {
    "field": 0.006,  # the best single hint in the demo data, but officers set it with care only
    "industry": 0.004,  # a technique often crosses industries
    "readiness": 0.006,  # a firm that needs TRL 7 cannot use TRL 3
    "cooperation": 0.003,
    "language": 0.002,
    "place": 0.001,  # one province: an hour's drive at most
    "freshness": 0.003,
    "verified": 0.002,
    "capacity": 0.003,
}


def all_signals(need: Side, solution: Side, *, now: datetime) -> list[Signal]:
    """Every signal of a pair, in the order of the weight table."""
    found: dict[str, tuple[float, Facts]] = {
        "field": field_overlap(need, solution),
        "industry": industry_overlap(need, solution),
        "readiness": readiness(need, solution),
        "cooperation": cooperation_overlap(need, solution),
        "language": common_language(need, solution),
        "place": same_place(need, solution),
        "freshness": freshness(solution, now),
        "verified": verified(solution),
        "capacity": spare_capacity(solution),
    }
    return [
        Signal(name, found[name][0], weight, found[name][1]) for name, weight in WEIGHTS.items()
    ]
