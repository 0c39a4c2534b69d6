"""Plans made-up rounds: how long it takes, and what is gained over choosing one by one.

    python benchmarks/bench_rounds.py --needs 200 --solutions 300

Needs and solutions belong to fields; within a field a pair is likelier to fit, good solutions are
good for many, and each need keeps its twenty best above the floor, as matching does. A row is one
made-up round. Where minimums cannot all be kept, they are lifted as an officer would, and counted.
"""

import argparse
import math
import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, date

from matchmaker.domain.rounds.batch import Ask, Batch, Offer, Pair, Party
from matchmaker.domain.rounds.greedy import greedy, plain
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import RoundRule
from matchmaker.planning import Plan, make_plan

FIELDS, KEPT, FLOOR = 12, 20, 0.2


@dataclass(frozen=True)
class Tightness:
    """Tables for each hundred needs, and the meetings a provider can give."""

    tables: int
    least: int
    capacity: tuple[int, int]


LEVELS = {
    "loose": Tightness(24, 1, (4, 12)),
    "middle": Tightness(13, 1, (2, 6)),
    "tight": Tightness(10, 1, (1, 4)),
}


def make(seed: int, needs: int, solutions: int, level: Tightness) -> Batch:
    """A made-up round; the same arguments give the same one."""
    dice = random.Random(seed)  # noqa: S311 - made-up data, not a secret
    slots = RoundSettings(days=(date(2026, 12, 12),)).slots(UTC)
    asking = [dice.randrange(FIELDS) for _ in range(needs)]
    offering = [dice.randrange(FIELDS) for _ in range(solutions)]
    good = [dice.gauss(0, 1) for _ in range(solutions)]
    seekers = [dice.randrange(max(1, needs * 7 // 10)) for _ in range(needs)]
    givers = [needs + dice.randrange(max(1, solutions // 4)) for _ in range(solutions)]
    pairs: list[Pair] = []
    for need in range(needs):
        chances = []
        for solution in range(solutions):
            at_home = asking[need] == offering[solution]
            z = (-1.0 if at_home else -4.5) + good[solution] + dice.gauss(0, 1)
            chances.append((round(1 / (1 + math.exp(-z)), 4), solution))
        best = sorted(chances, reverse=True)[:KEPT]
        pairs += [Pair(need, solution, p) for p, solution in best if p >= FLOOR]
    have_need = sorted({p.need for p in pairs})
    have_solution = sorted({p.solution for p in pairs})
    everywhere = frozenset(slot.number for slot in slots)
    organisations = sorted({seekers[n] for n in have_need} | {givers[s] for s in have_solution})
    return Batch(
        tuple(Ask(n, f"NC-{n}", seekers[n], level.least, 3) for n in have_need),
        tuple(Offer(s, f"GP-{s}", givers[s], 3, int(dice.random() < 0.1)) for s in have_solution),
        tuple(
            Party(o, f"TC-{o}", dice.randint(*level.capacity), RoundRule.CAPACITY, everywhere)
            for o in organisations
        ),
        tuple(pairs),
        slots,
        max(1, round(level.tables * needs / 100)),
    )


def plan_with_waivers(batch: Batch) -> tuple[Batch, Plan, int]:
    """Plan; lift what cannot be kept, as often as it takes."""
    lifted = 0
    while (plan := make_plan(batch)).short:
        codes = {(one.rule, one.code) for one in plan.short}
        lifted += len(codes)
        batch = replace(
            batch,
            asks=tuple(
                replace(a, least=0) if (RoundRule.NEED_LEAST, a.code) in codes else a
                for a in batch.asks
            ),
            offers=tuple(
                replace(o, least=0) if (RoundRule.NEWCOMER, o.code) in codes else o
                for o in batch.offers
            ),
        )
    return batch, plan, lifted


def row(name: str, seed: int, needs: int, solutions: int) -> str:
    batch = make(seed, needs, solutions, LEVELS[name])
    wall, work = time.perf_counter(), time.process_time()
    batch, plan, lifted = plan_with_waivers(batch)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    by_hand, best_first = greedy(batch), plain(batch)
    met = len({need for need, _ in by_hand})
    total = batch.total(by_hand)
    return (
        f"| {name} | {seed} | {len(batch.pairs)} | {batch.places} | {lifted} | {plan.status}"
        f" | {len(plan.meetings)} | {len({m.need for m in plan.meetings})} | {plan.waits}"
        f" | {wall:.1f} | {work:.1f} | {plan.total:.2f} | {plan.bound:.2f} | {total:.2f}"
        f" | {plan.total / total:.3f} | {met} | {batch.total(best_first):.2f}"
        f" | {len({need for need, _ in best_first})} |"
    )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--needs", type=int, default=200)
    parser.add_argument("--solutions", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args(argv)
    print(f"{asked.needs} needs, {asked.solutions} solutions")
    print(
        "| tightness | seed | pairs | places | lifted | status | meetings | needs met | waits"
        " | s | CPU s | total | bound | one by one | ratio | needs met | best first | needs met |"
    )
    print("|" + " --- |" * 18)
    for name in LEVELS:
        for seed in range(asked.seeds):
            print(row(name, seed, asked.needs, asked.solutions), flush=True)


if __name__ == "__main__":
    main()
