"""A plan of a round, from the batch to slots and tables, with what is proven about it.

First the best set is chosen by totals alone; then its meetings get slots. Nearly always all do,
and then the set is the best there is. Where they do not (people are away, or sit on both sides),
both are decided in one model. Slots come closer together afterwards; tables are given last.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from matchmaker.domain.rounds.batch import Batch, Key, Load
from matchmaker.domain.rounds.greedy import greedy
from matchmaker.domain.rounds.reasons import Reason, Short, why_not
from matchmaker.domain.rounds.tables import gaps, seat
from matchmaker.domain.rounds.timetable import fill, place
from matchmaker.domain.vocabulary import PlanStatus, RoundRule
from matchmaker.planning.arrange import Timetable, settle, tighten, together
from matchmaker.planning.choose import choose
from matchmaker.planning.solver import Limits, name

__all__ = ["Limits", "Placed", "Plan", "make_plan"]


@dataclass(frozen=True)
class Placed:
    """One meeting of a plan."""

    need: int
    solution: int
    chance: float
    slot: int
    table: int


@dataclass(frozen=True)
class Plan:
    """What came of a run. Without a solution, `short` tells which minimums cannot be kept."""

    status: PlanStatus
    solver: str
    seconds: float
    greedy: float
    meetings: tuple[Placed, ...] = ()
    total: float = 0.0
    #: No plan that keeps all rules can have more.
    bound: float = 0.0
    #: Slots that organisations wait between meetings, and whether fewer are impossible.
    waits: int = 0
    waits_proven: bool = False
    #: Needs of the batch that meet nobody, with the reasons.
    unserved: dict[int, tuple[Reason, ...]] = field(default_factory=dict)
    short: tuple[Short, ...] = ()

    @property
    def is_made(self) -> bool:
        return self.status in {PlanStatus.OPTIMAL, PlanStatus.FEASIBLE}


def make_plan(batch: Batch, limits: Limits | None = None) -> Plan:
    """Plan a batch; the same batch and limits give the same plan."""
    limits = limits or Limits()
    started = time.perf_counter()
    by_hand = batch.total(greedy(batch))

    def ended(status: PlanStatus, *short: Short) -> Plan:
        return Plan(status, name(), time.perf_counter() - started, by_hand, short=short)

    choice = choose(batch)
    if choice.clash:
        return ended(PlanStatus.INFEASIBLE, *_clash(batch))
    if choice.short:
        return ended(PlanStatus.INFEASIBLE, *choice.short)
    found = _timetable(batch, choice.keys, limits)
    if found.status is PlanStatus.INFEASIBLE:
        return ended(found.status, *_clash(batch))
    if found.status is PlanStatus.UNKNOWN:
        return ended(found.status)
    slots, proven = tighten(batch, found.slots, limits)
    tables = seat(batch, slots)
    met = {need for need, _ in slots}
    return Plan(
        found.status,
        name(),
        time.perf_counter() - started,
        by_hand,
        tuple(
            Placed(*key, batch.pair[key].chance, slots[key], tables[key])
            for key in sorted(slots, key=lambda k: (slots[k], tables[k]))
        ),
        batch.total(slots),
        found.bound,
        gaps(batch, slots),
        proven,
        {a.id: why_not(batch, slots, a.id) for a in batch.asks if a.id not in met},
    )


def _timetable(batch: Batch, keys: tuple[Key, ...], limits: Limits) -> Timetable:
    """Slots for the best set; where it has none, for the best set that does, as far as found."""
    best = batch.total(keys)
    placed = place(batch, keys)
    if len(placed) == len(keys) or (
        len(settled := settle(batch, keys, limits)) == len(keys) and (placed := settled)
    ):
        return Timetable(PlanStatus.OPTIMAL, placed, best)
    filled = fill(batch, placed)
    found = together(batch, filled, limits)
    bound = min(best, found.bound or best)
    behind = batch.total(found.slots) < batch.total(filled)
    if found.status is not PlanStatus.INFEASIBLE and behind and _keeps_minimums(batch, filled):
        return Timetable(PlanStatus.FEASIBLE, filled, bound)
    return replace(found, bound=bound)


def _keeps_minimums(batch: Batch, placed: Mapping[Key, int]) -> bool:
    load = Load.of(batch, placed)
    return (
        batch.pinned.keys() <= placed.keys()
        and all(load.needs[a.id] >= a.least for a in batch.asks)
        and all(load.solutions[o.id] >= o.least for o in batch.offers)
    )


def _clash(batch: Batch) -> list[Short]:
    """Pinned meetings, or minimums, that no timetable can hold: told by whose time runs out."""
    pins: list[Key] = list(batch.pinned)
    placed = place(batch, pins)
    left = [key for key in pins if key not in placed]
    return [
        Short(
            RoundRule.CLASH, batch.ask[need].code, 1, 0,
            (Reason(RoundRule.CLASH, (batch.offer[solution].code,), 1),),
        )
        for need, solution in left
    ] or [Short(RoundRule.CLASH, "", batch.places, len(placed), ())]  # fmt: skip
