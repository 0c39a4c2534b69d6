"""Tables: whoever offers keeps a table where that can be; and how long people wait between."""

from collections import defaultdict
from collections.abc import Mapping

from matchmaker.domain.rounds.batch import Batch, Key


def seat(batch: Batch, slots: Mapping[Key, int]) -> dict[Key, int]:
    """A table from 1 for every meeting; no table twice in a slot. Pinned tables stay.

    Each provider gets the table that is free in most of its slots, those with the most meetings
    first. It is a good seating, not a proven best one.
    """
    taken: dict[int, set[int]] = defaultdict(set)
    seated: dict[Key, int] = {}
    for key, pin in batch.pinned.items():
        if key in slots and pin.table and pin.slot == slots[key] and pin.table <= batch.tables:
            seated[key] = pin.table
            taken[slots[key]].add(pin.table)
    of_provider: dict[int, list[Key]] = defaultdict(list)
    for key in sorted(slots):
        if key not in seated:
            of_provider[batch.sides(key)[1]].append(key)
    for _, keys in sorted(of_provider.items(), key=lambda item: (-len(item[1]), item[0])):
        held = {slots[key] for key in keys}
        home = max(
            range(1, batch.tables + 1),
            key=lambda table: (sum(table not in taken[slot] for slot in held), -table),
        )
        for key in sorted(keys, key=lambda k: slots[k]):
            free = [t for t in range(1, batch.tables + 1) if t not in taken[slots[key]]]
            table = home if home in free else free[0]
            seated[key] = table
            taken[slots[key]].add(table)
    return seated


def gaps(batch: Batch, slots: Mapping[Key, int]) -> int:
    """Slots that organisations wait between two of their meetings of one sitting."""
    sitting = {slot.number: slot.sitting for slot in batch.slots}
    held: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key, slot in slots.items():
        for side in set(batch.sides(key)):
            held[side, sitting[slot]].append(slot)
    return sum(max(at) - min(at) + 1 - len(at) for at in held.values())
