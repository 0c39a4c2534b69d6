"""Slots for meetings: nobody in two places at once, no more meetings in a slot than tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matchmaker.domain.rounds.batch import UNIT, Batch, Key
from matchmaker.domain.rounds.tables import gaps
from matchmaker.domain.vocabulary import PlanStatus
from matchmaker.planning.solver import Limits, load, run

Held = dict[tuple[Key, int], Any]
#: Meetings times slots up to which the solver tries to shorten waits: above it, a minute of
#: effort gained nothing over the swaps of `domain/rounds/timetable.py`.
POLISHED = 1_500


@dataclass(frozen=True)
class Timetable:
    """Meetings with their slots; `bound` is what no plan can exceed."""

    status: PlanStatus
    slots: Mapping[Key, int] = field(default_factory=dict)
    bound: float = 0.0


def settle(batch: Batch, keys: Iterable[Key], limits: Limits) -> dict[Key, int]:
    """Slots for exactly these meetings; empty where none were found."""
    model = load().CpModel()
    held: Held = {}
    for key in keys:
        for slot in batch.open_slots(key):
            held[key, slot] = model.new_bool_var(f"at_{key[0]}_{key[1]}_{slot}")
        model.add_exactly_one(held[key, slot] for slot in batch.open_slots(key))
    _no_clash(model, batch, held)
    solver, status = run(model, effort=limits.polish, clock=limits.clock)
    return _placed(solver, held) if status is PlanStatus.OPTIMAL else {}


def together(batch: Batch, near: Mapping[Key, int], limits: Limits) -> Timetable:
    """Choose and place in one model: for a choice whose meetings do not all find a slot.

    `near` is as much of it as did; the search begins there.
    """
    model = load().CpModel()
    meet = {
        key: 1 if key in batch.pinned else model.new_bool_var(f"meet_{key[0]}_{key[1]}")
        for key in sorted(batch.pair)
    }
    _keep_limits(model, batch, meet)
    held: Held = {}
    for key, x in meet.items():
        mine = []
        for slot in batch.open_slots(key):
            held[key, slot] = model.new_bool_var(f"at_{key[0]}_{key[1]}_{slot}")
            model.add_hint(held[key, slot], near.get(key) == slot)
            mine.append(held[key, slot])
        model.add(sum(mine) == x)
    _no_clash(model, batch, held)
    model.maximize(sum(batch.pair[key].worth * x for key, x in meet.items()))
    for key, x in meet.items():
        if key not in batch.pinned:
            model.add_hint(x, key in near)
    solver, status = run(model, effort=limits.effort, clock=limits.clock)
    if status not in {PlanStatus.OPTIMAL, PlanStatus.FEASIBLE}:
        return Timetable(status)
    return Timetable(status, _placed(solver, held), solver.best_objective_bound / UNIT)


def tighten(batch: Batch, placed: Mapping[Key, int], limits: Limits) -> tuple[dict[Key, int], bool]:
    """The same meetings with as little waiting between them as the effort allows.

    Returns the slots, and whether no placing has less. Never worse than what it was given.
    """
    if not gaps(batch, placed):
        return dict(placed), True
    if sum(len(batch.open_slots(key)) for key in placed) > POLISHED:
        return dict(placed), False
    model = load().CpModel()
    held: Held = {
        (key, slot): model.new_bool_var(f"at_{key[0]}_{key[1]}_{slot}")
        for key in placed
        for slot in batch.open_slots(key)
    }
    for key, slot in placed.items():
        model.add_exactly_one(held[key, s] for s in batch.open_slots(key))
        for other in batch.open_slots(key):
            model.add_hint(held[key, other], other == slot)
    _no_clash(model, batch, held)
    model.minimize(sum(_waits(model, batch, held, placed)))
    solver, status = run(model, effort=limits.polish, clock=limits.clock)
    if status not in {PlanStatus.OPTIMAL, PlanStatus.FEASIBLE}:
        return dict(placed), False
    better = _placed(solver, held)
    if gaps(batch, better) > gaps(batch, placed):
        return dict(placed), False
    return better, status is PlanStatus.OPTIMAL


def _keep_limits(model: Any, batch: Batch, meet: Mapping[Key, Any]) -> None:
    """Every minimum and maximum of the choice; what a person pinned outweighs the latter."""
    of: dict[tuple[str, int], list[Key]] = defaultdict(list)
    for key in meet:
        of["need", key[0]].append(key)
        of["solution", key[1]].append(key)
        of["given", batch.sides(key)[1]].append(key)

    def between(keys: list[Key], least: int, most: int) -> None:
        most = max(most, sum(key in batch.pinned for key in keys))
        if len(keys) > most:
            model.add(sum(meet[key] for key in keys) <= most)
        if least:
            model.add(sum(meet[key] for key in keys) >= least)

    for ask in batch.asks:
        between(of["need", ask.id], ask.least, ask.most)
    for offer in batch.offers:
        between(of["solution", offer.id], offer.least, offer.most)
    for party in batch.parties:
        between(of["given", party.id], 0, party.most)


def _no_clash(model: Any, batch: Batch, held: Held) -> None:
    at: dict[int, list[Any]] = defaultdict(list)
    of: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for (key, slot), x in held.items():
        at[slot].append(x)
        for side in batch.sides(key):
            of[side, slot].append(x)
    for found in at.values():
        if len(found) > batch.tables:
            model.add(sum(found) <= batch.tables)
    for found in of.values():
        if len(found) > 1:
            model.add_at_most_one(found)


def _waits(model: Any, batch: Batch, held: Held, placed: Mapping[Key, int]) -> list[Any]:
    """The empty slots of each organisation between its first and last meeting of a sitting."""
    sittings: dict[int, list[int]] = defaultdict(list)
    for slot in batch.slots:
        sittings[slot.sitting].append(slot.number)
    of: dict[int, list[Key]] = defaultdict(list)
    for key in placed:
        for side in batch.sides(key):
            of[side].append(key)
    waits = []
    for side, keys in sorted(of.items()):
        if len(keys) < 2:
            continue
        for sitting, slots in sorted(sittings.items()):
            # began[s]: some meeting at s or before; goes[s]: some meeting at s or after.
            here = [[held[k, s] for k in keys if (k, s) in held] for s in slots]
            began = [model.new_bool_var(f"began_{side}_{sitting}_{s}") for s in slots]
            goes = [model.new_bool_var(f"goes_{side}_{sitting}_{s}") for s in slots]
            for i, meetings in enumerate(here):
                for x in meetings:
                    model.add_implication(x, began[i])
                    model.add_implication(x, goes[i])
                if i:
                    model.add_implication(began[i - 1], began[i])
                    model.add_implication(goes[i], goes[i - 1])
                wait = model.new_bool_var(f"wait_{side}_{sitting}_{slots[i]}")
                model.add(wait >= began[i] + goes[i] - 1 - sum(meetings))
                waits.append(wait)
    return waits


def _placed(solver: Any, held: Held) -> dict[Key, int]:
    return {key: slot for (key, slot), x in held.items() if solver.value(x)}
