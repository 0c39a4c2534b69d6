"""The set of meetings with the highest total probability, as a flow of least cost.

One unit of flow is one meeting: from the asking organisation through the need, the pair and the
solution to the organisation that offers it. Every limit is the width of an arc, so the best flow
is the best set: exact, proven, the same each time, and found in a fraction of a second. A minimum
is a first stretch of an arc that is worth more than all probabilities together; where flow leaves
it unused, no choice whatever keeps all the minimums, and what is unused is the least there can be.

Not in the flow: the hour of a meeting, and one organisation's time for both asking and offering.
Both are left to `arrange`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from matchmaker.domain.rounds.batch import UNIT, Batch, Key
from matchmaker.domain.rounds.reasons import Short, why_not, why_not_newcomer
from matchmaker.domain.vocabulary import RoundRule
from matchmaker.planning.solver import load_flow


@dataclass(frozen=True)
class Choice:
    """What was chosen, and the minimums that no choice keeps; without any, it is the best."""

    keys: tuple[Key, ...]
    short: tuple[Short, ...] = ()
    #: Pinned meetings that leave no time for one another.
    clash: bool = False


@dataclass
class _Arcs:
    """Arcs as they are added; the pair behind each that stands for one."""

    nodes: dict[tuple[str, int], int] = field(default_factory=dict)
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    pairs: dict[int, Key] = field(default_factory=dict)

    def node(self, kind: str, number: int = 0) -> int:
        return self.nodes.setdefault((kind, number), len(self.nodes))

    def add(self, tail: int, head: int, width: int, worth: int = 0, key: Key | None = None) -> None:
        if width <= 0:
            return
        if key is not None:
            self.pairs[len(self.tails)] = key
        self.tails.append(tail)
        self.heads.append(head)
        self.widths.append(width)
        self.costs.append(-worth)


def choose(batch: Batch) -> Choice:
    """The best set under every limit and minimum of the batch."""
    if _pins_clash(batch):
        return Choice(tuple(batch.pinned), clash=True)
    kept = tuple(sorted({*batch.pinned, *_best(batch)}))
    if not _short(batch, kept):
        return Choice(kept)
    # What is in the way shows where no meeting stands but for a minimum.
    lean = tuple(sorted({*batch.pinned, *_best(batch, lean=True)}))
    return Choice(lean, tuple(_short(batch, lean)))


def _best(batch: Batch, *, lean: bool = False) -> list[Key]:
    """What to add to the pinned meetings; `lean`: only what minimums ask for."""
    left = max(0, batch.places - len(batch.pinned))
    owed = sum(a.least for a in batch.asks) + sum(o.least for o in batch.offers)
    need_first = UNIT * (left + 1)
    minimum = need_first * (owed + 1)
    arcs = _network(batch, left, minimum, need_first, lean=lean)
    flow = load_flow().SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.array(arcs.tails, np.int32), np.array(arcs.heads, np.int32),
        np.array(arcs.widths, np.int64), np.array(arcs.costs, np.int64),
    )  # fmt: skip
    flow.set_node_supply(arcs.node("start"), left)
    flow.set_node_supply(arcs.node("end"), -left)
    ended = flow.solve()
    if ended != flow.OPTIMAL:  # a way around everything is always open
        raise AssertionError(f"flow: {ended}")
    return [key for number, key in arcs.pairs.items() if flow.flow(number)]


def _network(batch: Batch, left: int, minimum: int, need_first: int, *, lean: bool) -> _Arcs:
    """The arcs; pinned meetings have been taken off every width."""
    used = _Used.of(batch)
    arcs = _Arcs()
    start, end = arcs.node("start"), arcs.node("end")
    arcs.add(start, end, left)
    for party in batch.parties:
        free = max(0, len(party.present) - used.busy[party.id])
        arcs.add(start, arcs.node("asks", party.id), free)
        arcs.add(arcs.node("offers", party.id), end, min(free, party.most - used.given[party.id]))
    for ask in batch.asks:
        tail, head = arcs.node("asks", ask.organisation), arcs.node("need", ask.id)
        had = used.needs[ask.id]
        arcs.add(tail, head, max(0, ask.least - had), minimum + need_first)
        arcs.add(tail, head, ask.most - max(ask.least, had))
    for offer in batch.offers:
        tail, head = arcs.node("solution", offer.id), arcs.node("offers", offer.organisation)
        had = used.solutions[offer.id]
        arcs.add(tail, head, max(0, offer.least - had), minimum)
        arcs.add(tail, head, offer.most - max(offer.least, had))
    for key in sorted(batch.pair):
        if key not in batch.pinned:
            tail, head = arcs.node("need", key[0]), arcs.node("solution", key[1])
            arcs.add(tail, head, 1, -1 if lean else batch.pair[key].worth, key)
    return arcs


@dataclass(frozen=True)
class _Used:
    """What the pinned meetings take already."""

    needs: Counter[int]
    solutions: Counter[int]
    given: Counter[int]
    busy: Counter[int]

    @classmethod
    def of(cls, batch: Batch) -> "_Used":
        sides = [batch.sides(key) for key in batch.pinned]
        return cls(
            Counter(need for need, _ in batch.pinned),
            Counter(solution for _, solution in batch.pinned),
            Counter(offers for _, offers in sides),
            Counter(side for both in sides for side in both),
        )


def _pins_clash(batch: Batch) -> bool:
    """Whether the pinned meetings alone need more time or tables than there are."""
    busy = _Used.of(batch).busy
    return len(batch.pinned) > batch.places or any(
        busy[p.id] > len(p.present) for p in batch.parties
    )


def _short(batch: Batch, kept: Iterable[Key]) -> list[Short]:
    """The minimums that `kept` leaves open, each with what stands in its way."""
    kept = list(kept)
    needs: dict[int, int] = defaultdict(int)
    solutions: dict[int, int] = defaultdict(int)
    for need, solution in kept:
        needs[need] += 1
        solutions[solution] += 1
    return [
        *(
            Short(RoundRule.NEED_LEAST, a.code, a.least, needs[a.id], why_not(batch, kept, a.id))
            for a in batch.asks
            if needs[a.id] < a.least
        ),
        *(
            Short(
                RoundRule.NEWCOMER, o.code, o.least, solutions[o.id],
                why_not_newcomer(batch, kept, o.id),
            )
            for o in batch.offers
            if solutions[o.id] < o.least
        ),
    ]  # fmt: skip
