"""Made-up batches, small enough to try every choice."""

from datetime import UTC, date, time
from itertools import combinations

from hypothesis import strategies as st

from matchmaker.domain.rounds.batch import Ask, Batch, Key, Load, Offer, Pair, Party, Pin
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import RoundRule

#: Four slots in two sittings.
HOURS = RoundSettings(
    days=(date(2026, 12, 12),), opens=time(8), pause_from=time(9), pause_to=time(13),
    closes=time(14),
)  # fmt: skip
SLOTS = HOURS.slots(UTC)
ALL = frozenset(slot.number for slot in SLOTS)


def batch(
    pairs: dict[Key, float], *, least: int = 0, most: int = 2, tables: int = 2,
    solution_most: int = 2, capacity: int = 9, newcomers: frozenset[int] = frozenset(),
    owners: dict[int, int] | None = None, away: dict[int, frozenset[int]] | None = None,
    pins: tuple[Pin, ...] = (),
) -> Batch:  # fmt: skip
    """Need n belongs to organisation n, solution s to 100 + s unless `owners` says otherwise."""
    owners, away = owners or {}, away or {}
    needs, solutions = sorted({n for n, _ in pairs}), sorted({s for _, s in pairs})
    offers = tuple(
        Offer(s, f"GP-{s}", owners.get(s, 100 + s), solution_most, int(s in newcomers))
        for s in solutions
    )
    parties = sorted({*needs, *(o.organisation for o in offers)})
    return Batch(
        tuple(Ask(n, f"NC-{n}", n, least, most) for n in needs),
        offers,
        tuple(
            Party(o, f"TC-{o}", capacity, RoundRule.CAPACITY, ALL - away.get(o, frozenset()))
            for o in parties
        ),
        tuple(Pair(n, s, p) for (n, s), p in sorted(pairs.items())),
        SLOTS,
        tables,
        pins,
    )


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Any small batch: some of it cannot be planned at all."""
    keys = [(n, s) for n in range(3) for s in range(3)]
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=7, unique=True))
    chances = draw(st.lists(st.integers(20, 99), min_size=len(chosen), max_size=len(chosen)))
    pinned = draw(st.lists(st.sampled_from(chosen), max_size=1))
    return batch(
        {key: chance / 100 for key, chance in zip(chosen, chances, strict=True)},
        least=draw(st.integers(0, 2)),
        most=2,
        tables=draw(st.integers(1, 2)),
        solution_most=draw(st.integers(1, 2)),
        capacity=draw(st.integers(1, 3)),
        newcomers=frozenset(draw(st.lists(st.integers(0, 2), max_size=1))),
        # One organisation may offer several solutions, or both ask and offer.
        owners=draw(st.sampled_from([{}, {0: 100, 1: 100}, {2: 0}, {0: 1}])),
        away=draw(st.sampled_from([{}, {0: ALL - {1}}, {100: frozenset({0, 1})}])),
        pins=tuple(Pin(*key) for key in pinned),
    )


def own_pairs_out(found: Batch) -> bool:
    """Whether nobody would meet himself."""
    return all(len(set(found.sides(key))) == 2 for key in found.pair)


def keeps_rules(found: Batch, keys: tuple[Key, ...]) -> bool:
    """Every limit and minimum of the choice, told anew: pins outweigh all but time."""
    load, pins = Load.of(found, keys), Load.of(found, found.pinned)
    return (
        set(found.pinned) <= set(keys)
        and len(keys) <= found.places
        and all(
            load.needs[a.id] >= a.least and load.needs[a.id] <= max(a.most, pins.needs[a.id])
            for a in found.asks
        )
        and all(
            o.least <= load.solutions[o.id] <= max(o.most, pins.solutions[o.id])
            for o in found.offers
        )
        and all(
            load.given[p.id] <= max(p.most, pins.given[p.id]) and load.busy[p.id] <= len(p.present)
            for p in found.parties
        )
    )


def has_timetable(found: Batch, keys: tuple[Key, ...]) -> bool:
    """Whether some placing has no clash, by trying them all."""

    def place(
        rest: tuple[Key, ...], taken: frozenset[tuple[int, int]], held: tuple[int, ...]
    ) -> bool:
        if not rest:
            return True
        sides = found.sides(rest[0])
        for slot in found.open_slots(rest[0]):
            mine = {(side, slot) for side in sides}
            if held[slot] < found.tables and not mine & taken:
                more = tuple(h + (i == slot) for i, h in enumerate(held))
                if place(rest[1:], taken | mine, more):
                    return True
        return False

    return place(keys, frozenset(), (0,) * len(found.slots))


def best_by_trying(found: Batch) -> float | None:
    """The highest total of any choice with a timetable; None: there is no such choice."""
    keys = sorted(found.pair)
    totals = [
        found.total(chosen)
        for size in range(len(keys) + 1)
        for chosen in combinations(keys, size)
        if keeps_rules(found, chosen) and has_timetable(found, chosen)
    ]
    return max(totals, default=None)
