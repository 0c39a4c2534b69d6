"""The whole batch at once: who may meet whom, and the limits a choice of meetings has to keep."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TypeAlias

from matchmaker.domain.rounds.settings import Slot
from matchmaker.domain.vocabulary import RoundRule

#: A need and a solution by their ids.
Key: TypeAlias = tuple[int, int]
#: Probabilities are summed as whole numbers, so that every machine adds them alike.
UNIT = 10_000


@dataclass(frozen=True)
class Ask:
    """A need: how many meetings it should get."""

    id: int
    code: str
    organisation: int
    least: int
    most: int


@dataclass(frozen=True)
class Offer:
    """A solution; `least` is 1 for a newcomer that is plausible for somebody."""

    id: int
    code: str
    organisation: int
    most: int
    least: int = 0


@dataclass(frozen=True)
class Party:
    """An organisation: the meetings it can give, by which rule, and the slots it is there for."""

    id: int
    code: str
    most: int
    rule: RoundRule
    present: frozenset[int]


@dataclass(frozen=True)
class Pair:
    """Two that may meet, and the probability that it is worth it."""

    need: int
    solution: int
    chance: float

    @property
    def key(self) -> Key:
        return self.need, self.solution

    @property
    def worth(self) -> int:
        """The probability in whole units."""
        return round(self.chance * UNIT)


@dataclass(frozen=True)
class Pin:
    """A meeting a person fixed; with its slot and table where it had them."""

    need: int
    solution: int
    slot: int | None = None
    table: int | None = None

    @property
    def key(self) -> Key:
        return self.need, self.solution


@dataclass(frozen=True)
class Batch:
    """All a plan is made from. The same batch gives the same plan.

    Pins stand among the pairs and outweigh every limit but time and tables. `blocked` are pairs
    that a rule keeps out, for telling why; they are never chosen.
    """

    asks: tuple[Ask, ...]
    offers: tuple[Offer, ...]
    parties: tuple[Party, ...]
    pairs: tuple[Pair, ...]
    slots: tuple[Slot, ...]
    tables: int
    pins: tuple[Pin, ...] = ()
    blocked: tuple[tuple[int, int, RoundRule], ...] = ()

    @cached_property
    def ask(self) -> dict[int, Ask]:
        return {a.id: a for a in self.asks}

    @cached_property
    def offer(self) -> dict[int, Offer]:
        return {o.id: o for o in self.offers}

    @cached_property
    def party(self) -> dict[int, Party]:
        return {p.id: p for p in self.parties}

    @cached_property
    def pinned(self) -> dict[Key, Pin]:
        return {p.key: p for p in self.pins}

    @cached_property
    def pair(self) -> dict[Key, Pair]:
        return {p.key: p for p in self.pairs}

    @property
    def places(self) -> int:
        """Meetings that fit into the slots at all."""
        return len(self.slots) * self.tables

    def sides(self, key: Key) -> tuple[int, int]:
        """The two organisations of a pair: who asks and who offers."""
        return self.ask[key[0]].organisation, self.offer[key[1]].organisation

    def total(self, keys: Iterable[Key]) -> float:
        """The probabilities of these meetings added up: how many of them may be expected to fit."""
        return sum(self.pair[key].worth for key in keys) / UNIT

    def open_slots(self, key: Key) -> list[int]:
        """The slots at which both sides are there; a pinned time is the only one."""
        pin = self.pinned.get(key)
        if pin is not None and pin.slot is not None:
            return [pin.slot]
        asks, offers = self.sides(key)
        both = self.party[asks].present & self.party[offers].present
        return sorted(both)

    def digest(self) -> str:
        """64 hex digits over everything the plan depends on."""
        told = asdict(self) | {
            "parties": [asdict(p) | {"present": sorted(p.present)} for p in self.parties]
        }
        text = json.dumps(told, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Load:
    """Meetings counted by everything that limits them; grows while a choice is made."""

    batch: Batch
    needs: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    solutions: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    given: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    busy: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    meetings: int = 0

    @classmethod
    def of(cls, batch: Batch, keys: Iterable[Key]) -> "Load":
        load = cls(batch)
        for key in keys:
            load.add(key)
        return load

    def add(self, key: Key) -> None:
        asks, offers = self.batch.sides(key)
        self.needs[key[0]] += 1
        self.solutions[key[1]] += 1
        self.given[offers] += 1
        self.busy[asks] += 1
        self.busy[offers] += 1
        self.meetings += 1

    def full(self, key: Key) -> list[tuple[RoundRule, int]]:
        """The limits that one more meeting of this pair would break, each with whose it is."""
        batch, (asks, offers) = self.batch, self.batch.sides(key)
        provider = batch.party[offers]
        found: list[tuple[RoundRule, int]] = []
        if self.solutions[key[1]] >= batch.offer[key[1]].most:
            found.append((RoundRule.SOLUTION_MOST, key[1]))
        if self.given[offers] >= provider.most:
            found.append((provider.rule, offers))
        found += [
            (RoundRule.PRESENCE, side)
            for side in (asks, offers)
            if self.busy[side] >= len(batch.party[side].present)
        ]
        if self.meetings >= batch.places:
            found.append((RoundRule.PLACES, 0))
        return found

    def takes(self, key: Key) -> bool:
        """Whether one more meeting of this pair breaks no limit."""
        return self.needs[key[0]] < self.batch.ask[key[0]].most and not self.full(key)
