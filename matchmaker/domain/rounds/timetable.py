"""Slots for chosen meetings: nobody in two places at once, no more in a slot than tables.

Meetings are edges between organisations and slots are colours. Where askers and offerers are two
groups, and everybody is there all the time, a slot is found for every meeting as soon as nobody
has more of them than there are slots (König 1916), and no slot needs more tables than the average
(de Werra 1971): swapping two slots along a chain of meetings always helps. People who are away,
pinned times and organisations on both sides may break a chain; then some meetings are left out,
and the solver takes over.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from matchmaker.domain.rounds.batch import Batch, Key, Load

#: Rounds of swaps that shorten waits; the gain of later ones is small.
SWEEPS = 12


def place(batch: Batch, keys: Iterable[Key]) -> dict[Key, int]:
    """A slot for as many of these meetings as chains of swaps find room for."""
    keys = sorted(keys)
    table = _Timetable(batch)
    degree: dict[int, int] = {}
    for key in keys:
        for side in batch.sides(key):
            degree[side] = degree.get(side, 0) + 1
    order = sorted(
        keys,
        key=lambda k: (
            k not in batch.pinned, len(batch.open_slots(k)),
            -sum(degree[side] for side in batch.sides(k)), k,
        ),
    )  # fmt: skip
    for key in order:
        table.insert(key)
    table.balance()
    table.tighten()
    return table.slots


def fill(batch: Batch, placed: Mapping[Key, int]) -> dict[Key, int]:
    """The same meetings and, best first, every other pair that still finds a free slot."""
    table = _Timetable(batch)
    for key, slot in placed.items():
        table.seat(key, slot)
    load = Load.of(batch, placed)
    for pair in sorted(batch.pairs, key=lambda p: (-p.worth, p.key)):
        if pair.key in table.slots or not load.takes(pair.key):
            continue
        free = table.free(pair.key)
        if free:
            table.seat(pair.key, free[0])
            load.add(pair.key)
    table.tighten()
    return table.slots


@dataclass
class _Timetable:
    batch: Batch
    slots: dict[Key, int] = field(default_factory=dict)
    #: Which meeting an organisation has in a slot.
    at: dict[tuple[int, int], Key] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    open: dict[Key, set[int]] = field(default_factory=dict)

    def insert(self, key: Key) -> None:
        """Put a meeting where both sides are free, swapping others' slots if need be."""
        self.open[key] = set(self.batch.open_slots(key))
        asks, offers = self.batch.sides(key)
        both = [
            s for s in self.open[key] if (asks, s) not in self.at and (offers, s) not in self.at
        ]
        if both:
            self._put(key, min(both, key=lambda s: (self._is_full(s), self._apart(key, s), s)))
            return
        for mine in sorted(self.open[key]):
            if (asks, mine) in self.at:
                continue
            for theirs in sorted(s for s in self.open[key] if (offers, s) not in self.at):
                chain = list(self._chain(offers, mine, theirs))
                if self._swap(chain, mine, theirs):
                    if (asks, mine) not in self.at and (offers, mine) not in self.at:
                        self._put(key, mine)
                        return
                    self._swap(chain, mine, theirs)

    def seat(self, key: Key, slot: int) -> None:
        """Put a meeting into a slot that is known to be free."""
        self.open[key] = set(self.batch.open_slots(key))
        self._put(key, slot)

    def free(self, key: Key) -> list[int]:
        """Slots with a table at which both sides are there and free, the nearest first."""
        found = [
            slot
            for slot in self.batch.open_slots(key)
            if not self._is_full(slot)
            and all((side, slot) not in self.at for side in self.batch.sides(key))
        ]
        return sorted(found, key=lambda slot: (self._apart(key, slot), slot))

    def balance(self) -> None:
        """Move meetings from slots with too few tables to others; what cannot move is left out."""
        for slot in sorted(s.number for s in self.batch.slots):
            while self._excess(slot) > 0 and self._relieve(slot):
                pass
            here = [k for k, s in self.slots.items() if s == slot]
            here.sort(key=lambda k: (k not in self.batch.pinned, -self.batch.pair[k].worth, k))
            for key in here[self.batch.tables :]:
                self._take(key)

    def tighten(self) -> None:
        """Swap slots along chains as long as that shortens the waits between meetings."""
        sitting = {slot.number: slot.sitting for slot in self.batch.slots}
        for _ in range(SWEEPS):
            better = False
            for key in sorted(self.slots):
                for other in sorted(self.open[key]):
                    better |= other != self.slots[key] and self._shortens(key, other, sitting)
            if not better:
                return

    def _shortens(self, key: Key, other: int, sitting: Mapping[int, int]) -> bool:
        """Swap where the tables allow it and people wait less; else leave all as it was."""
        slot = self.slots[key]
        chain = self._whole_chain(key, slot, other)
        surplus = sum(1 if self.slots[k] == slot else -1 for k in chain)
        if self._excess(other) + surplus > 0 or self._excess(slot) - surplus > 0:
            return False
        if any(k in self.batch.pinned and self.batch.pinned[k].slot is not None for k in chain):
            return False
        sides = {side for k in chain for side in self.batch.sides(k)}
        before = self._waits(sides, sitting)
        if not self._swap(chain, slot, other):
            return False
        if self._waits(sides, sitting) < before:
            return True
        self._swap(chain, slot, other)
        return False

    def _waits(self, sides: Iterable[int], sitting: Mapping[int, int]) -> int:
        total = 0
        for side in sides:
            held: dict[int, list[int]] = {}
            for slot in sitting:
                if (side, slot) in self.at:
                    held.setdefault(sitting[slot], []).append(slot)
            total += sum(at[-1] - at[0] + 1 - len(at) for at in held.values())
        return total

    def _relieve(self, full: int) -> bool:
        free = sorted(s.number for s in self.batch.slots if self._excess(s.number) < 0)
        for other in sorted(free, key=lambda s: (abs(s - full), s)):
            for key in sorted(k for k, s in self.slots.items() if s == full):
                chain = self._whole_chain(key, full, other)
                surplus = sum(1 if self.slots[k] == full else -1 for k in chain)
                if surplus == 1 and self._swap(chain, full, other):
                    return True
        return False

    def _whole_chain(self, key: Key, one: int, other: int) -> list[Key]:
        """Every meeting linked to `key` through people busy in both slots."""
        asks, offers = self.batch.sides(key)
        forth = list(self._chain(offers, other, one, begin=key))
        return (
            forth
            if forth and forth[-1] == key
            else [key, *forth, *self._chain(asks, other, one, begin=key)]
        )

    def _chain(self, side: int, first: int, second: int, begin: Key | None = None) -> Iterator[Key]:
        """Meetings from one organisation on, in the two slots by turns."""
        seen = set() if begin is None else {begin}
        slot = first
        while (key := self.at.get((side, slot))) is not None and key not in seen:
            seen.add(key)
            yield key
            asks, offers = self.batch.sides(key)
            side = offers if side == asks else asks
            slot = second if slot == first else first

    def _swap(self, chain: Iterable[Key], one: int, other: int) -> bool:
        """Exchange two slots along a chain, where everybody is there for it."""
        moves = {key: other if self.slots[key] == one else one for key in chain}
        if any(slot not in self.open[key] for key, slot in moves.items()):
            return False
        for key in moves:
            self._take(key)
        for key, slot in moves.items():
            self._put(key, slot)
        return True

    def _put(self, key: Key, slot: int) -> None:
        self.slots[key] = slot
        self.held[slot] = self.held.get(slot, 0) + 1
        for side in self.batch.sides(key):
            self.at[side, slot] = key

    def _take(self, key: Key) -> None:
        slot = self.slots.pop(key)
        self.held[slot] -= 1
        for side in self.batch.sides(key):
            del self.at[side, slot]

    def _excess(self, slot: int) -> int:
        return self.held.get(slot, 0) - self.batch.tables

    def _is_full(self, slot: int) -> bool:
        return self._excess(slot) >= 0

    def _apart(self, key: Key, slot: int) -> int:
        """How far a slot lies from the nearest meeting of each side; who has none does not mind."""
        total = 0
        for side in self.batch.sides(key):
            near = [abs(s.number - slot) for s in self.batch.slots if (side, s.number) in self.at]
            total += min(near, default=0)
        return total
