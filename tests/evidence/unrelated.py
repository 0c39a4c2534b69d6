"""Demands held against solutions that have nothing to do with them: pairs out of the demo data.

`python tests/evidence/unrelated.py` prints the verdicts; with `-v`, all that is not "not said".
"""

import sys
from collections import Counter
from collections.abc import Iterator

from matchmaker.domain import disclosure, recipe
from matchmaker.domain.drafts import NeedDraft
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.evidence import Assessment, Passage, Requirement, assess
from matchmaker.services.seeding.demo_files import read_demo
from matchmaker.services.seeding.gold import gold

#: Steps through the solutions, coprime to their number: each need meets others than its neighbour.
_STEP, _FIRST = 29, 7


def pairs(
    per_need: int = 1, *, near: bool = False
) -> Iterator[tuple[str, str, Requirement, list[Passage]]]:
    """(need, solution, demand, texts): the solution is in no graded pair with the need.

    Far ones share neither field of science nor industry with it; near ones share one of them.
    """
    demo = read_demo()
    graded = {(p.need, p.solution) for p in gold()}
    solutions = demo.solutions
    for number, need in enumerate(demo.needs):
        draft = need.draft
        if not isinstance(draft, NeedDraft) or not draft.requirements:
            continue
        far = [
            s
            for step in range(len(solutions))
            for s in [solutions[(_FIRST + number * 11 + step * _STEP) % len(solutions)]]
            if (need.key, s.key) not in graded
            and near
            is bool(
                set(s.draft.fields) & set(draft.fields)
                or set(s.draft.industries) & set(draft.industries)
            )
        ]
        for turn, solution in enumerate(far[:per_need]):
            row = draft.requirements[(number + turn) % len(draft.requirements)]
            values = disclosure.readable(RecordKind.SOLUTION, vars(solution.draft), Level.MEMBERS)
            texts = [
                Passage(p.field, p.text)
                for p in recipe.passages(RecordKind.SOLUTION, values)
                if p.field != "keywords"
            ]
            demand = Requirement(
                row.text, row.must, row.indicator or None,
                row.operator.value if row.operator else None, row.value, row.value_max,
                row.unit or None, draft.language.value,
            )  # fmt: skip
            yield need.key, solution.key, demand, texts


def judged(per_need: int = 1, *, near: bool = False) -> list[tuple[str, str, Assessment]]:
    return [
        (n, s, assess([demand], texts)[0]) for n, s, demand, texts in pairs(per_need, near=near)
    ]


if __name__ == "__main__":
    for many, near in ((1, False), (5, False), (5, True)):
        told = judged(many, near=near)
        sort = "the same field or industry" if near else "another field and industry"
        sys.stdout.write(
            f"{len(told)} pairs, {sort}: {dict(Counter(str(a.verdict) for _, _, a in told))}\n"
        )
        if "-v" in sys.argv:
            for need, solution, one in told:
                if one.verdict != "not_said":
                    line = f"{need} {solution} {one.verdict}: {one.requirement.text} | {one.quote}"
                    sys.stdout.write(f"  {line} | {dict(one.facts)}\n")
