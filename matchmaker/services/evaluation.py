"""Measuring ranking on collections, through the same shelves as the product's own search."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from embeddings import Encoder, Role, Vectors, normalise
from matchmaker.domain import text
from matchmaker.domain.errors import MatchmakerError
from matchmaker.search.entries import Entry
from matchmaker.search.query import Query
from matchmaker.search.shelf import Candidate, Shelf

SYSTEMS = ("pipeline", "dense", "bm25", "rrf")
MEASURES = {"nDCG@10": nDCG @ 10, "Recall@10": R @ 10, "Recall@100": R @ 100, "MRR@10": RR @ 10}
RRF_K = 60
_DRAWS = 1000
_SEED = 20261123
_CHUNK = 256


class CollectionError(MatchmakerError):
    """A collection that cannot be read; the message names file and line."""

    code = "collection"


@dataclass(frozen=True)
class Collection:
    name: str
    documents: dict[str, tuple[str, str]]
    queries: dict[str, str]
    qrels: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Result:
    """Each metric as (value, low, high) with a bootstrap 95 % interval; `run` in TREC form."""

    collection: str
    system: str
    metrics: dict[str, tuple[float, float, float]]
    run: list[str]


def evaluate(
    directory: Path, encoder: Encoder, *, system: str = "pipeline", limit: int = 100,
    cache: Path | None = None,
) -> Result:  # fmt: skip
    """Rank every query of a collection and measure; vectors are kept under `cache` if given."""
    found = load(directory)
    shelf, asked, keys = _laid_out(found, encoder, cache)
    rank = _SYSTEMS[system]
    scores = {
        key: {keys[i]: score for i, score in rank(shelf, query, limit)}
        for key, query in asked.items()
    }
    return Result(found.name, system, _measure(found.qrels, scores), list(_trec(scores, system)))


def candidates(
    directory: Path, encoder: Encoder, *, cache: Path | None = None
) -> Iterator[tuple[str, list[Candidate], list[str]]]:
    """Each query's hits with all their scores, and the documents' names by id: for fitting."""
    shelf, asked, keys = _laid_out(load(directory), encoder, cache)
    for key, query in asked.items():
        yield key, shelf.search(query), keys


def _laid_out(
    found: Collection, encoder: Encoder, cache: Path | None
) -> tuple[Shelf, dict[str, Query], list[str]]:
    """A shelf with the documents, the queries ready to be asked, and the documents' names."""
    encode = _cached(encoder, cache)
    shelf = Shelf(encoder)
    whole = [f"{t}\n{b}" if b and t else t or b for t, b in found.documents.values()]
    vectors = encode(whole, Role.DOCUMENT)
    shelf.upsert(
        [
            Entry(i, title, body, text.guess_language(whole[i]), vectors[i][None, :])
            for i, (title, body) in enumerate(found.documents.values())
        ]
    )
    typed = [normalise(q) for q in found.queries.values()]
    read = [shelf.restore(q) for q in typed]
    asked = {
        key: Query(
            plain, full if full != plain else None, text.guess_language(full), vector[None, :],
            tuple(text.terms(plain)),
        )
        for key, plain, full, vector in zip(
            found.queries, typed, read, encode(read, Role.QUERY), strict=True
        )
    }  # fmt: skip
    return shelf, asked, list(found.documents)


def load(directory: Path) -> Collection:
    """Read corpus.jsonl, queries.jsonl and qrels.tsv; raises CollectionError."""
    documents = {
        row["_id"]: (str(row.get("title", "")), str(row.get("text", "")))
        for row in _rows(directory / "corpus.jsonl", ("_id", "text"))
    }
    rows = _rows(directory / "queries.jsonl", ("_id", "text"))
    queries = {row["_id"]: str(row["text"]) for row in rows}
    qrels: dict[str, dict[str, int]] = {}
    path = directory / "qrels.tsv"
    with _opened(path) as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t"), 1):
            if number == 1 and row[:1] == ["query-id"]:
                continue
            try:
                query, document, grade = row
                qrels.setdefault(query, {})[document] = int(grade)
            except ValueError as error:
                raise CollectionError(f"{path}:{number}: not query, document, grade") from error
    if not documents or not qrels:
        raise CollectionError(f"{directory}: no documents or no judged queries")
    judged = {key: asked for key, asked in queries.items() if key in qrels}
    return Collection(directory.name, documents, judged, qrels)


Ranked = list[tuple[int, float]]


def _pipeline(shelf: Shelf, query: Query, limit: int) -> Ranked:
    return [(c.id, c.fused) for c in shelf.search(query, limit=limit)]


def _dense(shelf: Shelf, query: Query, limit: int) -> Ranked:
    return shelf.nearest(query, limit)


def _bm25(shelf: Shelf, query: Query, limit: int) -> Ranked:
    return shelf.by_words(query, limit)


def _rrf(shelf: Shelf, query: Query, limit: int) -> Ranked:
    """Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), k = 60: the usual baseline."""
    sums: dict[int, float] = {}
    for way in (shelf.nearest(query, limit), shelf.by_words(query, limit)):
        for place, (key, _) in enumerate(way, 1):
            sums[key] = sums.get(key, 0.0) + 1 / (RRF_K + place)
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


_SYSTEMS: Mapping[str, Callable[[Shelf, Query, int], Ranked]] = {
    "pipeline": _pipeline, "dense": _dense, "bm25": _bm25, "rrf": _rrf,
}  # fmt: skip


def _measure(
    qrels: dict[str, dict[str, int]], scores: dict[str, dict[str, float]]
) -> dict[str, tuple[float, float, float]]:
    measures = list(MEASURES.values())
    values: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for value in ir_measures.iter_calc(measures, qrels, scores):
        values[names[value.measure]][value.query_id] = value.value
    random = np.random.default_rng(_SEED)
    told = {}
    for name, by_query in values.items():
        each = np.array([by_query.get(q, 0.0) for q in qrels])
        draws = each[random.integers(0, len(each), (_DRAWS, len(each)))].mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        told[name] = (float(each.mean()), float(low), float(high))
    return told


def _trec(scores: dict[str, dict[str, float]], system: str) -> Iterator[str]:
    for query, hits in scores.items():
        for place, (key, score) in enumerate(hits.items(), 1):
            yield f"{query} Q0 {key} {place} {score:.6f} {system}"


def _cached(encoder: Encoder, folder: Path | None) -> Callable[[Sequence[str], Role], Vectors]:
    """The encoder, keeping each list of texts it has seen under its fingerprint and content."""

    def encode(texts: Sequence[str], role: Role) -> Vectors:
        if folder is None:
            return _in_chunks(encoder, texts, role)
        content = json.dumps([role, *texts], ensure_ascii=False).encode()
        name = f"{encoder.fingerprint}-{hashlib.sha256(content).hexdigest()[:32]}.npy"
        path = folder / name
        if path.exists():
            try:
                kept: Vectors = np.load(path, allow_pickle=False)
            except (OSError, ValueError):
                kept = np.zeros((0, 0), dtype=np.float32)
            if kept.shape == (len(texts), encoder.dim):
                return kept
        vectors = _in_chunks(encoder, texts, role)
        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".tmp.npy")
        np.save(aside, vectors)
        aside.replace(path)
        return vectors

    return encode


def _in_chunks(encoder: Encoder, texts: Sequence[str], role: Role) -> Vectors:
    parts = [encoder.encode(texts[i : i + _CHUNK], role=role) for i in range(0, len(texts), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, encoder.dim), dtype=np.float32)


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    with _opened(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise CollectionError(f"{path}:{number}: not JSON: {error}") from error
            if not isinstance(row, dict) or any(name not in row for name in needed):
                raise CollectionError(f"{path}:{number}: needs {' and '.join(needed)}")
            yield row | {"_id": str(row["_id"])}


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise CollectionError(f"{path} cannot be read: {error.strerror}") from error
