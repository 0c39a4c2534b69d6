"""From the commit of a change to the search that knows of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from embeddings import Encoder
from matchmaker.bench.timing import spread
from matchmaker.bench.world import Builder, moment
from matchmaker.domain.vocabulary import Level, RecordKind, RecordStatus
from matchmaker.models import Solution
from matchmaker.models.database import reading, writing
from matchmaker.services.catalogue import Catalogue

Step = Callable[[str], None]


def measure(
    engine: Engine, encoder: Encoder, place: Path, size: int, changes: int,
    on_step: Step = lambda _: None,
) -> dict[str, Any]:  # fmt: skip
    """Change records one at a time; `engine` is an empty database of today's schema.

    `own` is the process that encodes the change because its search comes first, `other` one
    that finds the vectors ready, `gone` a withdrawn record's leaving.
    """
    builder = Builder(engine, encoder, now=moment())
    on_step("encoding the sentences that texts are made of")
    builder.grow(size)
    here, there = Catalogue(encoder, place), Catalogue(encoder, place)
    on_step(f"loading {size} solutions twice")
    with reading(engine) as session:
        for catalogue in (here, there):
            catalogue.warm(session)
    own, other, gone = [], [], []
    for number in range(1, changes + 1):
        on_step(f"change {number} of {changes}")
        word = f"thaydoi{number}"
        _change(engine, number, summary=f"Bản tóm tắt mới {word} của giải pháp này.")
        own.append(_until(engine, here, number, word, there=True))
        other.append(_until(engine, there, number, word, there=True))
        _change(engine, number, status=RecordStatus.WITHDRAWN)
        gone.append(_until(engine, here, number, word, there=False))
    return {"solutions": size, "own": spread(own), "other": spread(other), "gone": spread(gone)}


def _change(engine: Engine, number: int, **values: Any) -> None:
    with writing(engine) as session:
        solution = session.get_one(Solution, number)
        for name, value in values.items():
            setattr(solution, name, value)


def _until(engine: Engine, catalogue: Catalogue, number: int, word: str, *, there: bool) -> float:
    """Seconds until a search for the word does, or no longer does, find the record."""
    started = time.perf_counter()
    with reading(engine) as session:
        while _finds(session, catalogue, number, word) is not there:
            session.rollback()
    return time.perf_counter() - started


def _finds(session: Session, catalogue: Catalogue, number: int, word: str) -> bool:
    catalogue.catch_up(session)
    shelf = catalogue.shelf(RecordKind.SOLUTION, Level.MEMBERS)
    # The word alone tells the new text from the old one.
    best = shelf.search(catalogue.ask(word, shelf), limit=1)
    return bool(best) and best[0].id == number and best[0].words > 0
