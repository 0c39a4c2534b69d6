"""Measuring ranking on collections, through the same shelves as the product's own search."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from embeddings import Encoder, Role, Vectors, normalise
from embeddings.files import write_whole
from matchmaker.domain import text
from matchmaker.domain.ranking.weights import FIXED, Weights
from matchmaker.search import entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import Query, prepare_all
from matchmaker.search.shelf import Shelf
from matchmaker.services.collections import Collection, CollectionError, load

__all__ = ["SYSTEMS", "Collection", "CollectionError", "Kept", "Result", "evaluate", "load"]

MEASURES = {"nDCG@10": nDCG @ 10, "Recall@10": R @ 10, "Recall@100": R @ 100, "MRR@10": RR @ 10}
#: Constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).
RRF_K = 60
_DRAWS = 1000
_SEED = 20261123
#: Texts kept in one file of the cache: what an interruption loses at most.
_CHUNK = 256
#: Texts put on a shelf at a time.
_PAGE = 500

Ranked = list[tuple[int, float]]
#: Makes a shelf with nothing on it.
Empty = Callable[[Encoder], Shelf]


@dataclass(frozen=True)
class Result:
    """Each metric as (value, low, high) with a bootstrap 95 % interval; `run` in TREC form."""

    collection: str
    system: str
    metrics: dict[str, tuple[float, float, float]]
    run: list[str]
    #: Each metric by query, for comparing two systems pair by pair.
    by_query: dict[str, dict[str, float]]


def evaluate(
    directory: Path, encoder: Encoder, *, system: str = "pipeline", limit: int = 100,
    cache: Path | None = None, weights: Weights = FIXED, empty: Empty = MemoryShelf,
) -> Result:  # fmt: skip
    """Rank every judged query of a collection and measure; vectors are kept under `cache`.

    `empty` makes the shelf that is asked; by default one in memory.
    Raises CollectionError, and KeyError for a system that is not in SYSTEMS.
    """
    rank = _RANKERS[system]
    collection = load(directory)
    if cache is not None:
        encoder = Kept(encoder, cache)
    shelf = shelve(collection, encoder, empty)
    keys = list(collection.documents)
    asked = prepare_all(list(collection.queries.values()), encoder, shelf)
    scores = {
        name: {keys[key]: score for key, score in rank(shelf, query, limit, weights)}
        for name, query in zip(collection.queries, asked, strict=True)
    }
    by_query = _by_query(collection.qrels, scores)
    metrics = {name: _interval(list(values.values())) for name, values in by_query.items()}
    return Result(collection.name, system, metrics, list(_trec(scores, system)), by_query)


def shelve(collection: Collection, encoder: Encoder, empty: Empty = MemoryShelf) -> Shelf:
    """Put a collection on a shelf; ids count its documents from 0."""
    shelf = empty(encoder)
    texts = list(collection.documents.values())
    made = [
        Entry(key, title, body, text.guess_language(normalise(f"{title} {body}")), rows)
        for key, ((title, body), rows) in enumerate(
            zip(texts, entries.encode(texts, encoder), strict=True)
        )
    ]
    for at in range(0, len(made), _PAGE):
        shelf.upsert(made[at : at + _PAGE])
    return shelf


class Kept:
    """An encoder that keeps its vectors on disk, by its fingerprint and the texts' content."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder
        self.name = encoder.name
        self.dim = encoder.dim
        self.fingerprint = encoder.fingerprint

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Encode what is not kept yet, a chunk at a time, so that work cut short is not lost."""
        parts = [self._chunk(texts[at : at + _CHUNK], role) for at in range(0, len(texts), _CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)

    def _chunk(self, texts: Sequence[str], role: Role) -> Vectors:
        content = json.dumps([role, *texts], ensure_ascii=False).encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(content).hexdigest()[:32]
        path = self._folder / f"{self.fingerprint}-{digest}.npy"
        try:
            kept: Vectors = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            pass  # not there or damaged: made again below
        else:
            if kept.shape == (len(texts), self.dim):
                return kept
        vectors = self._encoder.encode(texts, role=role)
        self._folder.mkdir(parents=True, exist_ok=True)
        packed = io.BytesIO()
        np.save(packed, vectors)
        write_whole(path, packed.getbuffer())
        return vectors


def _pipeline(shelf: Shelf, query: Query, limit: int, weights: Weights) -> Ranked:
    return [(hit.id, hit.fused) for hit in shelf.search(query, limit=limit, weights=weights)]


def _dense(shelf: Shelf, query: Query, limit: int, weights: Weights) -> Ranked:
    del weights
    return shelf.nearest(query, limit)


def _bm25(shelf: Shelf, query: Query, limit: int, weights: Weights) -> Ranked:
    del weights
    return shelf.by_words(query, limit)


def _rrf(shelf: Shelf, query: Query, limit: int, weights: Weights) -> Ranked:
    """Reciprocal rank fusion, the usual baseline."""
    del weights
    sums: dict[int, float] = {}
    for way in (shelf.nearest(query, limit), shelf.by_words(query, limit)):
        for place, (key, _) in enumerate(way, 1):
            sums[key] = sums.get(key, 0.0) + 1 / (RRF_K + place)
    return sorted(sums.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]


_RANKERS: Mapping[str, Callable[[Shelf, Query, int, Weights], Ranked]] = {
    "pipeline": _pipeline,
    "dense": _dense,
    "bm25": _bm25,
    "rrf": _rrf,
}
SYSTEMS = tuple(_RANKERS)


def _by_query(
    qrels: dict[str, dict[str, int]], scores: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """Each metric by query; a query nothing was found for counts as nought."""
    names = {measure: name for name, measure in MEASURES.items()}
    values = {name: dict.fromkeys(qrels, 0.0) for name in MEASURES}
    found = {query: hits for query, hits in scores.items() if hits}
    if found:
        for value in ir_measures.iter_calc(list(names), qrels, found):
            values[names[value.measure]][value.query_id] = value.value
    return values


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean, with the 95 % interval of a percentile bootstrap over queries."""
    each = np.asarray(values)
    random = np.random.default_rng(_SEED)
    draws = [each[random.integers(0, len(each), len(each))].mean() for _ in range(_DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(each.mean()), float(low), float(high)


def _trec(scores: dict[str, dict[str, float]], system: str) -> Iterator[str]:
    for query, hits in scores.items():
        for place, (key, score) in enumerate(hits.items(), 1):
            yield f"{query} Q0 {key} {place} {score:.6f} {system}"
