"""Choosing as a careful person would: what is owed first, then the best that is left.

The solver starts from it, and the benchmark tells how much there is to gain over it.
"""

from collections.abc import Iterable

from matchmaker.domain.rounds.batch import Batch, Key, Load, Pair


def greedy(batch: Batch) -> list[Key]:
    """Meetings that break no limit; minimums are kept as far as going one by one can."""
    load = Load.of(batch, batch.pinned)
    chosen = dict.fromkeys(batch.pinned)
    best = sorted(batch.pairs, key=lambda p: (-p.worth, p.key))

    def take(pairs: Iterable[Pair], most: int | None = None) -> None:
        for pair in pairs:
            if most is not None and most <= 0:
                return
            if pair.key not in chosen and load.takes(pair.key):
                chosen[pair.key] = None
                load.add(pair.key)
                most = None if most is None else most - 1

    of_need: dict[int, list[Pair]] = {}
    of_solution: dict[int, list[Pair]] = {}
    for pair in best:
        of_need.setdefault(pair.need, []).append(pair)
        of_solution.setdefault(pair.solution, []).append(pair)
    # Who has the fewest to meet comes first: the others find somebody later too.
    for need in sorted(of_need, key=lambda n: (len(of_need[n]), n)):
        take(of_need[need], batch.ask[need].least - load.needs[need])
    for solution in sorted(of_solution, key=lambda s: (len(of_solution[s]), s)):
        take(of_solution[solution], batch.offer[solution].least - load.solutions[solution])
    take(best)
    return sorted(chosen)


def plain(batch: Batch) -> list[Key]:
    """The best pair first, whatever is owed to anybody."""
    load = Load.of(batch, batch.pinned)
    chosen = list(batch.pinned)
    for pair in sorted(batch.pairs, key=lambda p: (-p.worth, p.key)):
        if pair.key not in batch.pinned and load.takes(pair.key):
            load.add(pair.key)
            chosen.append(pair.key)
    return sorted(chosen)
