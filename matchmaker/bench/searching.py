"""From a text to ranked, explained solutions, at one size after another."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from embeddings import Encoder
from matchmaker.bench.timing import resident_mib, spread, timed
from matchmaker.bench.world import Builder, moment
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Need, Organisation
from matchmaker.models.database import reading
from matchmaker.services import discovery, matching
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.discovery import SearchRequest

#: Solutions ranked and explained for each question.
SHOWN = 20
MEMBER = Viewer(member_id=0)
NOTE = (
    "vectors of the bulk are those of real sentences, each turned a little; members' texts only, "
    "seven passages a record"
)

Step = Callable[[str], None]


def measure(
    engine: Engine, encoder: Encoder, place: Path, sizes: Sequence[int], questions: int,
    on_step: Step = lambda _: None,
) -> list[dict[str, Any]]:  # fmt: skip
    """One row for each size, smallest first; `engine` is an empty database of today's schema."""
    builder = Builder(engine, encoder, now=moment())
    on_step("encoding the sentences that texts are made of")
    needs = builder.needs()
    catalogue = Catalogue(encoder, place)
    rows = []
    for size in sorted(sizes):
        on_step(f"making {size} solutions")
        builder.grow(size)
        on_step(f"loading {size} solutions")
        with reading(engine) as session:
            loaded = timed(_load, session, catalogue)
        on_step(f"asking {questions} questions of {size} solutions")
        found = _ask(engine, catalogue, builder, needs, questions)
        rows.append(
            {"solutions": size, "load_s": round(loaded, 1), "rss_mib": resident_mib()} | found
        )
    return rows


def _load(session: Session, catalogue: Catalogue) -> None:
    matching.warm(session, catalogue)
    catalogue.shelf(RecordKind.SOLUTION, Level.MEMBERS).settle()


def _ask(
    engine: Engine, catalogue: Catalogue, builder: Builder, needs: Sequence[int], questions: int
) -> dict[str, Any]:
    """Kept needs, typed ones that nobody asked before, and words in the search box."""
    kept, typed, encoded, shelved, words = [], [], [], [], []
    shelf = catalogue.shelf(RecordKind.SOLUTION, Level.MEMBERS)
    for number in range(questions):
        # A question is remembered for those who ask it again: at each size they are new ones.
        title = f"{builder.world.asked[number % len(builder.world.asked)][0]} {shelf.size} {number}"
        with reading(engine) as session:
            need = session.get_one(Need, needs[number % len(needs)])
            kept.append(timed(_suggest, session, catalogue, need))
        with reading(engine) as session:
            bare = builder.need(number, session.get_one(Organisation, 1), title=title)
            typed.append(timed(_suggest, session, catalogue, bare))
        # As long as a typed need, in words that nobody asked for either.
        started = time.perf_counter()
        query = catalogue.ask(f"{title} ?\n{bare.summary}", shelf)
        encoded.append(time.perf_counter() - started)
        shelved.append(timed(shelf.search, query))
        with reading(engine) as session:
            request = SearchRequest(text=f"{title} !", kinds=(RecordKind.SOLUTION,))
            words.append(timed(discovery.search, session, catalogue, MEMBER, request))
    return {
        "typed_need": spread(typed),
        "kept_need": spread(kept),
        "search_box": spread(words),
        "of_which_encoder": spread(encoded),
        "of_which_shelf": spread(shelved),
    }


def _suggest(session: Session, catalogue: Catalogue, need: Need) -> None:
    found = matching.suggest(session, catalogue, MEMBER, need, SHOWN, now=moment())
    assert found, "a question without an answer measures nothing"
