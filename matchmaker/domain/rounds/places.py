"""Where a meeting can still go in a round whose owners were told: a free table at a free time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.rounds.settings import Slot


@dataclass(frozen=True)
class Place:
    """A table at one time of a round."""

    slot: Slot
    table: int


def open_places(
    slots: Iterable[Slot], tables: int, *, busy: Collection[datetime],
    held: Collection[tuple[datetime, int]], given_up: Collection[tuple[datetime, int]], table: int,
) -> list[Place]:  # fmt: skip
    """One place for each slot that suits, in order of time.

    `busy` are starts at which a side meets somebody else or is away, `held` the (start, table) of
    meetings that stand, `given_up` of cancelled ones. A meeting keeps its `table` where that is
    free, else takes the first; a cancelled meeting's table goes last, so that the timetable goes
    on showing who did not meet.
    """
    found = []
    for slot in slots:
        free = [t for t in range(1, tables + 1) if (slot.starts, t) not in held]
        if slot.starts in busy or not free:
            continue
        best = min(free, key=lambda t: ((slot.starts, t) in given_up, t != table, t))
        found.append(Place(slot, best))
    return found
