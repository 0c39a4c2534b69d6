"""A place full of made records: rows, vectors and outbox as the product writes them.

Texts are real sentences put together anew. Encoding a hundred thousand of them would take hours,
so the vectors of the bulk are those of their sentences, each turned a little: as near to one
another as real ones, and as many. Whoever reports figures says so.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any, cast

import numpy as np
from sqlalchemy import Engine, Table, delete, update
from sqlalchemy.orm import Session

from embeddings import Encoder, Role, Vectors
from matchmaker.bench import texts
from matchmaker.bench.texts import Made, World
from matchmaker.bench.timing import timed
from matchmaker.domain import disclosure, recipe
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import (
    Level,
    OrganisationKind,
    OrganisationStatus,
    RecordKind,
    RecordStatus,
    Scheme,
)
from matchmaker.models import Counter, Embedding, IndexTask, Need, Organisation, Solution
from matchmaker.models.base import Base
from matchmaker.models.database import writing
from matchmaker.models.need import RequirementRow
from matchmaker.models.solution import PerformanceRow, SolutionTag
from matchmaker.search.query import encode as encode_questions
from matchmaker.services import indexing
from matchmaker.services.numbering import next_value
from matchmaker.services.stored import SEQUENCE

#: How far a vector is turned from its sentence's: cosine .95 to it, as between paraphrases.
_TURN = 0.33
#: Solutions of one organisation.
_EACH = 20
_PAGE = 2_000
#: Needs that are asked: more would only be encoded longer.
_ASKED = 24
_SEED = 20261128


@dataclass(frozen=True)
class Grain:
    """The sentences' vectors (n, dim) by topic, from which the bulk's are made."""

    rows: list[Vectors]
    titles: Vectors


class Builder:
    """Fills an empty database up to one size after another."""

    def __init__(
        self, engine: Engine, encoder: Encoder, *, now: datetime,
        levels: tuple[Level, ...] = (Level.MEMBERS,),
    ) -> None:  # fmt: skip
        """`levels`: whose texts are indexed; a site holds those of strangers and of members."""
        self._engine = engine
        self._encoder = encoder
        self._now = now
        self._levels = levels
        self._world = texts.read()
        self._grain: Grain | None = None
        self._made = 0
        #: Seconds spent on rows of records, and on their vectors and index rows.
        self.record_seconds = self.vector_seconds = 0.0

    @property
    def world(self) -> World:
        return self._world

    def needs(self) -> list[int]:
        """Post some of the demonstration's needs with their own vectors; returns their ids."""
        with writing(self._engine) as session:
            owner = _organisation(0, self._now)
            session.add(owner)
            made = [self.need(at, owner) for at in range(min(_ASKED, len(self._world.needs)))]
            session.add_all(made)
            session.flush()
            session.execute(delete(IndexTask))
            ids = [need.id for need in made]
        keys = [(RecordKind.NEED, i) for i in ids]
        with writing(self._engine) as session:
            told = indexing.prepare(session, self._encoder.fingerprint, keys)
            mine = [p for p in told if p.level == Level.MEMBERS]
            asking = encode_questions([p.recipe.text for p in mine], self._encoder)
            _put(
                session,
                Embedding,
                [
                    self._row(number, p.key, p.recipe, p.text_hash, row[None], row)
                    for number, p, row in zip(
                        _changes(session, len(mine)), mine, asking, strict=True
                    )
                ],
            )
        return ids

    def grow(self, size: int) -> None:
        """Add solutions until there are `size`."""
        if self._grain is None:
            self._grain = self._encoded()
        while self._made < size:
            page = list(islice(count(self._made), min(_PAGE, size - self._made)))
            made = [texts.make(self._world, n) for n in page]
            started = time.perf_counter()
            with writing(self._engine) as session:
                self._add(session, page, made)
            self.record_seconds += time.perf_counter() - started
            with writing(self._engine) as session:
                self.vector_seconds += timed(self._index, session, page, made)
            self._made += len(page)

    def _encoded(self) -> Grain:
        topics = self._world.topics
        every = [s for topic in topics for s in topic.sentences]
        rows = self._encoder.encode(every, role=Role.DOCUMENT)
        ends = np.cumsum([len(topic.sentences) for topic in topics])[:-1]
        titles = self._encoder.encode([t.title for t in topics], role=Role.DOCUMENT)
        return Grain(np.split(rows, ends), titles)

    def _add(self, session: Session, numbers: list[int], made: list[Made]) -> None:
        owners = sorted({1 + n // _EACH for n in numbers if n % _EACH == 0})
        session.add_all(_organisation(number, self._now) for number in owners)
        session.flush()
        _put(
            session,
            Solution,
            [self._solution(one, n) for one, n in zip(made, numbers, strict=True)],
        )
        _put(
            session,
            SolutionTag,
            [tag for one, n in zip(made, numbers, strict=True) for tag in self._tags(one, n)],
        )
        _put(
            session,
            PerformanceRow,
            [row for one, n in zip(made, numbers, strict=True) for row in self._figures(one, n)],
        )
        session.execute(delete(IndexTask))

    def _index(self, session: Session, numbers: list[int], made: list[Made]) -> None:
        for level in self._levels:
            changes = _changes(session, len(made))
            _put(
                session,
                Embedding,
                [
                    self._embedding(change, one, n, level)
                    for change, one, n in zip(changes, made, numbers, strict=True)
                ],
            )

    def _solution(self, one: Made, number: int) -> dict[str, Any]:
        topic = self._world.topics[one.topic]
        return {
            "id": number + 1,
            "public_id": new_public_id(),
            "code": f"GP-2020-{number + 1:06d}",
            "organisation_id": _owner(number),
            "status": RecordStatus.PUBLISHED,
            "language": topic.language,
            "kind": topic.draft.kind,
            "title": one.title,
            "summary": one.summary,
            "description": one.description,
            "trl": topic.draft.trl,
            "confirmed_at": self._now - timedelta(days=number % 200),
            "published_at": self._now,
        }

    def _tags(self, one: Made, number: int) -> Iterator[dict[str, Any]]:
        draft = self._world.topics[one.topic].draft
        schemes = {
            Scheme.FIELD: draft.fields,
            Scheme.INDUSTRY: draft.industries,
            Scheme.COOPERATION: draft.cooperation,
        }
        for scheme, codes in schemes.items():
            for code in codes:
                yield {"record_id": number + 1, "scheme": scheme, "code": code}

    def _figures(self, one: Made, number: int) -> Iterator[dict[str, Any]]:
        draft = self._world.topics[one.topic].draft
        for position, row in enumerate(draft.performances[:2]):
            yield {
                "solution_id": number + 1,
                "position": position,
                "indicator": row.indicator,
                "value": row.value,
                "value_max": row.value_max,
                "unit": row.unit,
                "condition": row.condition,
                "measured": row.measured,
            }

    def _embedding(self, change: int, one: Made, number: int, level: Level) -> dict[str, Any]:
        topic = self._world.topics[one.topic]
        values = {
            "title": one.title, "summary": one.summary, "description": one.description,
            "performances": topic.draft.performances[:2], "language": topic.language,
        }  # fmt: skip
        readable = disclosure.readable(RecordKind.SOLUTION, values, level)
        told = recipe.compose(RecordKind.SOLUTION, readable)
        row = self._row(
            change, (RecordKind.SOLUTION, number + 1), told, indexing.text_hash(told),
            self._vectors(one, number), None,
        )  # fmt: skip
        return row | {"level": int(level)}

    def _vectors(self, one: Made, number: int) -> Vectors:
        """The whole text's row, between its title's and its sentences', and theirs after it."""
        assert self._grain is not None
        rows = np.stack(
            [self._grain.titles[one.topic]]
            + [self._grain.rows[topic][place] for topic, place in one.sources]
        )
        dice = np.random.default_rng([_SEED, number])
        turned = rows + _TURN * _directions(dice, rows.shape)
        turned /= np.linalg.norm(turned, axis=1, keepdims=True)
        whole = turned.mean(axis=0)
        whole /= np.linalg.norm(whole)
        return np.concatenate([whole[None], turned]).astype(np.float32)

    def _row(
        self, change: int, key: indexing.Key, told: recipe.Recipe, text_hash: str,
        vectors: Vectors, asking: Vectors | None,
    ) -> dict[str, Any]:  # fmt: skip
        return {
            "record_kind": key[0],
            "record_id": key[1],
            "level": int(Level.MEMBERS),
            "is_listed": True,
            "sequence": change,
            "language": told.language,
            "title": told.title,
            "body": told.body,
            "text_hash": text_hash,
            "fingerprint": self._encoder.fingerprint,
            "dim": vectors.shape[1],
            "vectors": vectors.tobytes(),
            "asking": None if asking is None else asking.tobytes(),
        }

    def need(self, number: int, owner: Organisation, *, title: str | None = None) -> Need:
        """A need of the demonstration; by another title only what a person types in a hurry."""
        draft = self._world.needs[number % len(self._world.needs)]
        need = Need(
            code=f"NC-2020-{number + 1:05d}", organisation=owner, status=RecordStatus.PUBLISHED,
            language=draft.language, title=title or draft.title, summary=draft.summary,
            problem="" if title else draft.problem, situation="" if title else draft.situation,
            trl_min=draft.trl_min, published_at=self._now, keywords=[], translation={},
            requirements=[
                RequirementRow(
                    position=at, must=r.must, text=r.text, indicator=r.indicator,
                    operator=r.operator, value=r.value, value_max=r.value_max, unit=r.unit,
                )
                for at, r in enumerate(draft.requirements)
            ],
        )  # fmt: skip
        for scheme, codes in {
            Scheme.FIELD: draft.fields, Scheme.INDUSTRY: draft.industries,
            Scheme.COOPERATION: draft.cooperation,
        }.items():  # fmt: skip
            need.set_codes(scheme, codes)
        return need


def moment() -> datetime:
    """The moment at which everything here was made: the same in every run."""
    return datetime(2026, 11, 28, 5, 0, tzinfo=UTC)


def _changes(session: Session, count: int) -> range:
    """So many numbers of the change sequence, taken in one go."""
    first = next_value(session, SEQUENCE)
    session.execute(
        update(Counter)
        .where(Counter.name == SEQUENCE)
        .values(value=Counter.value + count - 1)
        .execution_options(synchronize_session=False)
    )
    return range(first, first + count)


def _put(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Rows as they are: the unit of work would take three times as long."""
    if rows:
        session.execute(cast("Table", model.__table__).insert(), rows)


def _directions(dice: np.random.Generator, shape: tuple[int, ...]) -> Vectors:
    found = dice.standard_normal(shape, dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def _owner(number: int) -> int:
    """The row of a solution's organisation; row 1 is the needs'."""
    return 2 + number // _EACH


def _organisation(number: int, now: datetime) -> Organisation:
    return Organisation(
        id=number + 1, code=f"TC-2020-{number + 1:06d}", kind=OrganisationKind.STARTUP,
        status=OrganisationStatus.VERIFIED, name_vi=f"Tổ chức {number + 1}", languages=["vi"],
        commune="25195", confirmed_at=now,
    )  # fmt: skip
