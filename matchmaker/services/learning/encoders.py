"""Fine-tuning the encoder on judged pairs, and comparing it with the one in use."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from embeddings import Encoder, SentenceEncoder
from embeddings.tune import Pair, tune
from embeddings.unpack import unpack
from matchmaker.domain import gate
from matchmaker.domain.labels import Label, split
from matchmaker.domain.vocabulary import Level, ModelKind, RecordKind, VersionState
from matchmaker.models import Embedding
from matchmaker.search import entries
from matchmaker.search.entries import Entry
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.query import prepare_all
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.learning import measures, public, weighting
from matchmaker.services.learning.labels import Labels
from matchmaker.services.learning.measures import Gain
from matchmaker.services.learning.versions import Outcome

#: How names of tuned models begin.
TUNED = "tuned-"
#: The part of the needs that is never trained on: training five times over would take too long.
HELD_BACK = 0
#: Texts beside the judged ones, so that a question has something to score on in general.
_OTHERS = 200

#: A text whose vectors are made by the encoder at hand.
_NO_VECTORS = np.empty((0, 0), np.float32)

Texts = Mapping[int, Entry]


def folder(data_dir: Path, name: str) -> Path:
    """Where a tuned model of this name lies."""
    return data_dir / "models" / name


def fine_tune(
    session: Session, catalogue: Catalogue, found: Labels, *, setting: str,
    collections: Sequence[Path] = (), cache: Path | None = None, threads: int = 0,
    allow_download: bool = False,
) -> Outcome:  # fmt: skip
    """Train on judgements from the model of the settings, compare, and name the result.

    "bundled" is unpacked first. What is refused is removed from the disk again; the database is
    not written. Raises ModelNotFoundError without the extra `models`.
    """
    needs, solutions = _texts(session, RecordKind.NEED), _texts(session, RecordKind.SOLUTION)
    known = [x for x in found.each if x.need in needs and x.solution in solutions]
    learned, held = split(known, found.folds, HELD_BACK)
    pairs = _pairs(learned, needs, solutions)
    base = _base(setting, catalogue.data_dir, threads=threads, allow_download=allow_download)
    name = f"{TUNED}{_hash(setting, pairs)}"
    directory = folder(catalogue.data_dir, name)
    if not directory.exists():
        tune(base, pairs, directory)
    after = SentenceEncoder(directory, data_dir=catalogue.data_dir, threads=threads)
    gained = _compare(catalogue.encoder, after, held, needs, solutions)
    on_public = public.compare_encoders(catalogue.encoder, after, collections, cache)
    state, reason = gate.decide(
        ModelKind.ENCODER, mean=gained.mean, low=gained.low,
        public={key: gain.low for key, gain in on_public.items()},
    )  # fmt: skip
    payload = {"name": name, "base": setting, "model": after.fingerprint, "pairs": len(pairs)}
    if state is VersionState.REFUSED:
        shutil.rmtree(directory)
    return Outcome(
        ModelKind.ENCODER, payload, state, reason, found.judgements, found.last,
        {
            "needs": found.needs,
            "held_back": gained.to_json(),
            "public": {key: gain.to_json() for key, gain in on_public.items()},
        },
    )  # fmt: skip


def _base(setting: str, data_dir: Path, *, threads: int, allow_download: bool) -> SentenceEncoder:
    """The model to start from, ready to be trained."""
    if setting == "bundled":
        unpacked = folder(data_dir, "unpacked")
        if not unpacked.exists():
            unpack(unpacked)
        return SentenceEncoder(unpacked, data_dir=data_dir, threads=threads)
    return SentenceEncoder(
        setting.removeprefix("st:"), data_dir=data_dir, threads=threads,
        allow_download=allow_download,
    )  # fmt: skip


def _texts(session: Session, kind: RecordKind) -> dict[int, Entry]:
    """The members' texts of all records of a kind: the ones that are matched."""
    rows = session.scalars(
        select(Embedding)
        .where(Embedding.record_kind == kind, Embedding.level == int(Level.MEMBERS))
        .order_by(Embedding.record_id)
    )
    return {
        row.record_id: Entry(row.record_id, row.title, row.body, row.language, _NO_VECTORS)
        for row in rows
        if row.text_hash
    }


def _pairs(each: Sequence[Label], needs: Texts, solutions: Texts) -> list[Pair]:
    wrong: dict[int, list[str]] = {}
    for label in each:
        if not label.verdict.fits:
            wrong.setdefault(label.need, []).append(solutions[label.solution].text)
    return [
        Pair(
            needs[label.need].text, solutions[label.solution].text,
            tuple(wrong.get(label.need, ())),
        )
        for label in each
        if label.verdict.fits
    ]  # fmt: skip


def _compare(
    before: Encoder, after: Encoder, held: Sequence[Label], needs: Texts, solutions: Texts
) -> Gain:
    """By how much nDCG@10 over judged solutions gets better, need by need."""
    fits: dict[int, dict[int, bool]] = {}
    for label in held:
        fits.setdefault(label.need, {})[label.solution] = label.verdict.fits
    asked = {need: each for need, each in fits.items() if len(set(each.values())) == 2}
    if not asked:
        return measures.gain([], [])
    judged = {solution for each in asked.values() for solution in each}
    others = [key for key in solutions if key not in judged][:_OTHERS]
    shelved = [solutions[key] for key in sorted({*judged, *others})]
    return measures.gain(
        _ndcgs(before, shelved, asked, needs), _ndcgs(after, shelved, asked, needs)
    )


def _ndcgs(
    encoder: Encoder, shelved: Sequence[Entry], asked: Mapping[int, Mapping[int, bool]],
    needs: Texts,
) -> list[float]:  # fmt: skip
    shelf = MemoryShelf(encoder)
    rows = entries.encode([(one.title, one.body) for one in shelved], encoder)
    shelf.upsert(
        [
            Entry(one.id, one.title, one.body, one.language, vectors)
            for one, vectors in zip(shelved, rows, strict=True)
        ]
    )
    queries = prepare_all([needs[need].text for need in asked], encoder, shelf)
    return [
        weighting.ndcg([each[hit.id] for hit in shelf.score(query, each)])
        for query, each in zip(queries, asked.values(), strict=True)
    ]


def _hash(setting: str, pairs: Sequence[Pair]) -> str:
    return hashlib.sha256(repr((setting, list(pairs))).encode()).hexdigest()[:12]
