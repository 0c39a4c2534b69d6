"""Measures the related views on the demonstration data: duplicates, and experts for a need.

    MATCHMAKER_DATA_DIR=… python benchmarks/measure_related.py

The data folder holds an indexed demonstration (`matchmaker demo`). Texts of `duplicates/*.toml` are
put to the rule as drafts would be; every listed record is held against its nearest others; each
is typed again without diacritics. Experts: those whom a need's fitting solutions name.
"""

import math
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.app import encoder_for
from matchmaker.config import read_settings
from matchmaker.domain import likeness, recipe
from matchmaker.domain.text import fold
from matchmaker.domain.vocabulary import LISTED, Level, RecordKind
from matchmaker.models import Expert, Need, Solution
from matchmaker.models.database import open_engine, reading
from matchmaker.queries import disclosed
from matchmaker.search.shelf import Shelf
from matchmaker.services import alike, experts
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.seeding.demo_files import DemoFiles, read_demo
from matchmaker.services.seeding.gold import gold

HERE = Path(__file__).parent / "duplicates"
KINDS = {RecordKind.NEED: (Need, "needs.toml"), RecordKind.SOLUTION: (Solution, "solutions.toml")}


class _Rule:
    """The rule over one shelf: the ids called the same as a text."""

    def __init__(self, catalogue: Catalogue, shelf: Shelf, texts: dict[int, str]) -> None:
        self._catalogue, self._shelf, self._texts = catalogue, shelf, texts

    def __call__(self, text: str) -> set[int]:
        near = self._shelf.search(self._catalogue.ask(text, self._shelf), limit=alike.NEAREST)
        known = self._texts
        return {
            c.id
            for c in near
            if c.id in known and likeness.is_same(likeness.overlap(text, known[c.id]), c.dense)
        }

    def besides(self, text: str, own: int) -> set[int]:
        return self(text) - {own}


def duplicates(session: Session, catalogue: Catalogue, demo: DemoFiles) -> None:
    """Counts of texts called duplicates, by where they come from."""
    for kind, (table, name) in KINDS.items():
        rows: dict[int, Any] = {
            r.id: r for r in session.scalars(select(table)) if r.status in LISTED
        }
        texts = {
            i: recipe.compose(kind, disclosed.view_at(r, Level.MEMBERS)).text
            for i, r in rows.items()
        }
        by_title = {r.title: i for i, r in rows.items()}
        shelf = catalogue.shelf(kind, Level.MEMBERS)
        told: Counter[tuple[str, str]] = Counter()

        called = _Rule(catalogue, shelf, texts)
        for row in tomllib.loads((HERE / name).read_text("utf-8"))["text"]:
            target = by_title[demo.records[row["of"]].draft.title]
            found = called(f"{row['title']}\n{row['summary']}\n{row['problem']}")
            sort = "told in other words" if row["same"] else "same trade, other matter"
            told[sort, "called the same" if target in found else "not"] += 1
            told[sort, "a third record called the same"] += len(found - {target})
        for i, text in texts.items():
            told["record against all others", "pairs called the same"] += len(
                called.besides(text, i)
            )
            told[
                "typed without diacritics", "called the same" if i in called(fold(text)) else "not"
            ] += 1
            half = text[: len(text) // 2]
            told["its first half alone", "called the same" if i in called(half) else "not"] += 1
        print(kind, len(texts))
        for (sort, verdict), count in sorted(told.items()):
            print(f"  {sort:28} {verdict:32} {count}")


def people(session: Session, catalogue: Catalogue, demo: DemoFiles) -> None:
    """nDCG@5 of the experts named by fitting solutions, with and without the solutions' help."""
    ids = {e.name: e.id for e in session.scalars(select(Expert))}
    needs = {n.title: n for n in session.scalars(select(Need))}
    names = {key: one.draft.name for key, one in demo.experts.items()}
    grades: dict[str, dict[int, int]] = {}
    for pair in gold():
        draft = demo.records[pair.solution].draft
        for key in getattr(draft, "experts", ()) if pair.grade else ():
            mine = grades.setdefault(pair.need, {})
            mine[ids[names[key]]] = max(pair.grade, mine.get(ids[names[key]], 0))
    for label, kept in (("all items", None), ("without named solutions", RecordKind.SOLUTION)):
        values, first = [], 0
        for key, wanted in grades.items():
            items = experts.items_of(session, catalogue, needs[demo.records[key].draft.title])
            left = {i: [one for one in mine if one.kind is not kept] for i, mine in items.items()}
            order = [fit.id for fit in experts.ranking.rank(left)]
            first += order[0] in wanted
            ideal = sorted(wanted.values(), reverse=True)
            values.append(_dcg([wanted.get(i, 0) for i in order]) / _dcg(ideal))
        low, high = _interval(np.array(values))
        print(
            f"experts, {label}: {len(values)} needs, {len(ids)} experts: nDCG@5 "
            f"{np.mean(values):.3f} [{low:.3f}, {high:.3f}], named one first {first}"
        )


def _dcg(grades: list[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:5]))


def _interval(values: Any) -> tuple[float, float]:
    random = np.random.default_rng(20261123)
    draws = [values[random.integers(0, len(values), len(values))].mean() for _ in range(1000)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    settings = read_settings()
    catalogue = Catalogue(encoder_for(settings), settings.data_dir)
    demo = read_demo()
    with reading(open_engine(settings.url)) as session:
        catalogue.catch_up(session)
        duplicates(session, catalogue, demo)
        people(session, catalogue, demo)
