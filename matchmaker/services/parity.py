"""Whether shelves in PostgreSQL rank as those in memory do, collection by collection."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from uuid import uuid4

from sqlalchemy import Connection, Engine

from embeddings import Encoder
from matchmaker.domain.errors import MatchmakerError
from matchmaker.migrations import shelves
from matchmaker.search.shared.home import Key, OneTransaction
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.shelf import Shelf
from matchmaker.services import evaluation
from matchmaker.services.evaluation import Result

#: Hits that are compared of each query.
TOP = 10


class NoSharedShelvesError(MatchmakerError):
    """The database is not a PostgreSQL with the extension that shared shelves need."""

    code = "no_shared_shelves"


@dataclass(frozen=True)
class Agreement:
    """How two rankings of one collection agree, as means over its queries."""

    #: Share of the first ten hits that both have.
    overlap: float
    #: Share of queries with the same ten hits in the same order.
    same_order: float
    #: Share of queries with the same first hit.
    same_first: float
    #: The second's nDCG@10 less the first's.
    gain: float


def measure(
    directory: Path, encoder: Encoder, engine: Engine, *, system: str = "pipeline",
    cache: Path | None = None,
) -> tuple[Result, Result, Agreement]:  # fmt: skip
    """Evaluate in memory and in PostgreSQL; nothing of it stays in the database."""
    here = evaluation.evaluate(directory, encoder, system=system, cache=cache)
    with scratch(engine) as connection:

        def empty(encoder: Encoder) -> Shelf:
            key = Key(f"scratch-{uuid4().hex[:12]}", 0, encoder.fingerprint)
            return SharedShelf(OneTransaction(connection), key, encoder)

        there = evaluation.evaluate(directory, encoder, system=system, cache=cache, empty=empty)
    return here, there, compare(here, there)


@contextmanager
def scratch(engine: Engine) -> Iterator[Connection]:
    """A transaction that has shared shelves and is undone at the end."""
    with engine.connect() as connection:
        if not shelves.create(connection):
            raise NoSharedShelvesError("PostgreSQL with the extension vector (0.8 or later)")
        yield connection
        connection.rollback()


def compare(one: Result, other: Result) -> Agreement:
    """Compare two results of one collection, query by query."""
    first, second = _hits(one), _hits(other)
    pairs = [(first.get(q, []), second.get(q, [])) for q in one.by_query["nDCG@10"]]
    shared = [len({*a} & {*b}) / max(len(a), len(b), 1) if a or b else 1.0 for a, b in pairs]
    return Agreement(
        overlap=fmean(shared),
        same_order=fmean(a == b for a, b in pairs),
        same_first=fmean(a[:1] == b[:1] for a, b in pairs),
        gain=other.metrics["nDCG@10"][0] - one.metrics["nDCG@10"][0],
    )


def _hits(result: Result) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in result.run:
        query, _, key, place, _, _ = line.split()
        if int(place) <= TOP:
            found.setdefault(query, []).append(key)
    return found
