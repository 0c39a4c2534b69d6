"""Another model: made beside the index in use, put in its place at once, never mixed with it."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from embeddings import Encoder, HashingEncoder, ModelNotFoundError, Role, Vectors
from matchmaker.config import Settings
from matchmaker.domain.disclosure import STRANGER
from matchmaker.domain.vocabulary import IndexRole, Level, RecordKind, RecordStatus
from matchmaker.jobs.worker import Worker
from matchmaker.models import Embedding, IndexModel, IndexTask, MatchRun, Member, Solution, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.services import (
    discovery,
    index_models,
    indexing,
    outbox,
    reembedding,
    upkeep,
)
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.discovery import SearchRequest
from tests.conftest import NOON
from tests.snapshots import Snapshots
from tests.web.people import MakeNeed

pytestmark = pytest.mark.databases

SHELF = (RecordKind.SOLUTION, Level.PUBLIC)
OLD, NEW = HashingEncoder().fingerprint, HashingEncoder(64).fingerprint
#: More than one batch of a worker.
RECORDS = 40


class BrokenError(Exception):
    """What a model raises on a text it cannot take."""


class Counting(HashingEncoder):
    """Tells which texts it has encoded, and breaks on one that it is told to."""

    def __init__(self, dim: int = 256) -> None:
        super().__init__(dim)
        self.read: list[str] = []
        self.poison = ""

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        if self.poison and any(self.poison in text for text in texts):
            raise BrokenError(self.poison)
        self.read += texts
        return super().encode(texts, role=role)


@pytest.fixture
def old() -> Counting:
    return Counting()


@pytest.fixture
def new() -> Counting:
    return Counting(64)


@pytest.fixture
def process(settings: Settings, old: Counting, new: Counting) -> Callable[..., Catalogue]:
    """The search of one more process; `without` models that cannot be opened there."""

    def start(without: str = "") -> Catalogue:
        def opens(name: str) -> Encoder:
            if name == without:
                raise ModelNotFoundError(name, "it is not here")
            return {"old": old, "new": new}[name]

        own, opener = (new, "new") if without == "old" else (old, "old")
        return Catalogue(own, settings.data_dir, opens=opens, opener=opener)

    return start


@pytest.fixture
def solutions(
    engine: Engine, process: Callable[..., Catalogue], snapshots: Snapshots,
    request: pytest.FixtureRequest,
) -> list[int]:  # fmt: skip
    """Published and indexed by the old model."""

    def publish() -> list[int]:
        ask = request.getfixturevalue
        bob, carol, make = ask("bob"), ask("carol"), ask("make_solution")
        made = [make(bob, curator=carol, title=f"Máy số {n}").id for n in range(RECORDS)]
        process().drain(engine)
        return made

    return snapshots.once("forty solutions", publish)


def begin(engine: Engine, opener: str = "new") -> None:
    with writing(engine) as session:
        reembedding.begin(session, opener, now=utc_now())


def rename(engine: Engine, record_id: int, title: str) -> None:
    with writing(engine) as session:
        session.get_one(Solution, record_id).title = title


def found(engine: Engine, catalogue: Catalogue, text: str) -> list[str]:
    request = SearchRequest(text=text, kinds=(RecordKind.SOLUTION,))
    with reading(engine) as session:
        page = discovery.search(session, catalogue, STRANGER, request)
        return [str(hit.view["title"]) for hit in page.hits]


def steps(engine: Engine, catalogue: Catalogue, most: int = 100) -> int:
    """Everything a worker does for the change, and for what was saved."""
    for done in range(most):
        if not (catalogue.work_off(engine, "w") or reembedding.step(engine, catalogue, "w")):
            return done
        with reading(engine) as session:
            catalogue.follow(session)
    return most


def fingerprints(engine: Engine) -> set[str]:
    with reading(engine) as session:
        return set(session.scalars(select(Embedding.fingerprint)))


def progress(engine: Engine) -> reembedding.Progress | None:
    with reading(engine) as session:
        return reembedding.progress(session, now=utc_now())


def check_whole(engine: Engine, catalogue: Catalogue) -> None:
    with reading(engine) as session:
        findings = upkeep.verify(session, catalogue)
    assert (findings.missing, findings.extra, findings.stale, findings.waiting) == (0, 0, 0, 0)


def test_search_goes_on_by_the_old_model_until_all_have_vectors_of_the_new(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue]
) -> None:
    site, worker = process(), process()
    assert found(engine, site, "Máy số 7")[0] == "Máy số 7"
    sizes = site.sizes()
    begin(engine)

    seen = []
    while reembedding.step(engine, worker, "w"):
        going = progress(engine)
        if going is None:
            break
        seen.append((going.done, going.total))
        assert found(engine, site, "Máy số 7")[0] == "Máy số 7"
        assert (site.encoder.fingerprint, site.sizes()) == (OLD, sizes)

    total = seen[0][1]
    assert total >= RECORDS
    assert [done for done, _ in seen][:3] == [0, 32, total]
    assert found(engine, site, "Máy số 7")[0] == "Máy số 7"
    assert (site.encoder.fingerprint, site.sizes()) == (NEW, sizes)
    assert fingerprints(engine) == {OLD, NEW}
    assert steps(engine, worker) >= 1
    assert fingerprints(engine) == {NEW}
    with reading(engine) as session:
        [served] = session.scalars(select(IndexModel))
        assert (served.role, served.opener) == (IndexRole.SERVING, "new")
    check_whole(engine, site)
    check_whole(engine, process())


def test_what_is_saved_meanwhile_is_found_at_once_and_after_the_change(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue]
) -> None:
    site, worker = process(), process()
    begin(engine)
    for _ in range(3):
        assert reembedding.step(engine, worker, "w")  # tasks, then all records

    rename(engine, solutions[3], "Thiết bị xyzzy")
    with writing(engine) as session:
        session.get_one(Solution, solutions[4]).status = RecordStatus.WITHDRAWN

    assert found(engine, site, "xyzzy")[0] == "Thiết bị xyzzy"
    assert site.encoder.fingerprint == OLD
    assert "Máy số 4" not in found(engine, site, "Máy số 4")
    reembedding.switch(engine)  # asks for what the next model lacks; not before does it take over
    with reading(engine) as session:
        served = index_models.in_role(session, IndexRole.SERVING)
        assert served is not None
        assert served.fingerprint == OLD
    steps(engine, worker)
    assert site.encoder.fingerprint == OLD
    assert found(engine, site, "xyzzy")[0] == "Thiết bị xyzzy"
    assert site.encoder.fingerprint == NEW
    assert solutions[4] not in site.shelf(*SHELF).ids()
    check_whole(engine, site)


def test_task_in_hand_at_the_change_is_not_written_by_the_old_model(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], old: Counting
) -> None:
    worker = process()
    begin(engine)
    rename(engine, solutions[0], "Thiết bị xyzzy")
    with writing(engine) as session:
        keys = outbox.claim(session, "slow", 10, now=utc_now())
    with reading(engine) as session:
        prepared = indexing._encode(old, indexing.prepare(session, OLD, keys))
    while progress(engine):
        assert reembedding.step(engine, worker, "w")

    indexing._Work(engine, old, "slow", IndexRole.SERVING, "old").finish(keys, prepared)

    with reading(engine) as session:
        rows = session.scalars(select(Embedding).where(Embedding.fingerprint == OLD)).all()
        assert "Thiết bị xyzzy" not in {row.title for row in rows}
        assert {(t.claimed_by, t.attempts) for t in session.scalars(select(IndexTask))} == {("", 0)}
    steps(engine, worker)
    check_whole(engine, process())


def test_cut_off_it_goes_on_and_encodes_nothing_twice(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], new: Counting
) -> None:
    begin(engine)
    first = process()
    assert reembedding.step(engine, first, "first")
    assert reembedding.step(engine, first, "first")
    done = set(new.read)
    assert done
    with writing(engine) as session:  # in the middle of its next batch it is killed
        outbox.claim(session, "first", 32, now=utc_now(), role=IndexRole.NEXT)
        later = utc_now() - timedelta(seconds=1)
        session.execute(
            update(IndexTask)
            .where(IndexTask.claimed_by == "first")
            .values(claimed_until=later, due_at=later)
        )
    new.read.clear()

    begin(engine)  # as a command that is typed again
    assert progress(engine).done >= 32  # type: ignore[union-attr]
    steps(engine, process())

    assert fingerprints(engine) == {NEW}
    whole = [text for text in new.read if text.startswith("Máy số")]
    assert not done & set(whole)
    assert len(whole) == len(set(whole))


def test_going_back_before_old_vectors_are_gone_encodes_nothing(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], old: Counting
) -> None:
    worker = process()
    begin(engine)
    while progress(engine):
        reembedding.step(engine, worker, "w")
    assert fingerprints(engine) == {OLD, NEW}
    old.read.clear()

    begin(engine, "old")
    steps(engine, process())

    assert old.read == []
    assert fingerprints(engine) == {OLD}
    check_whole(engine, process())


def test_a_change_that_is_given_up_leaves_nothing(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue]
) -> None:
    worker = process()
    begin(engine)
    reembedding.step(engine, worker, "w")
    reembedding.step(engine, worker, "w")
    assert NEW in fingerprints(engine)

    with writing(engine) as session:
        assert reembedding.abandon(session)
        assert not reembedding.abandon(session)
    steps(engine, worker)

    assert fingerprints(engine) == {OLD}
    with reading(engine) as session:
        assert [m.opener for m in session.scalars(select(IndexModel))] == ["old"]
        assert session.scalars(select(IndexTask)).all() == []
    check_whole(engine, process())


def test_the_model_in_use_is_not_made_again(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], old: Counting
) -> None:
    old.read.clear()
    begin(engine, "old")

    steps(engine, process())

    assert (progress(engine), old.read, fingerprints(engine)) == (None, [], {OLD})


def test_a_text_the_new_model_cannot_take_is_set_aside_and_holds_the_change_up(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], new: Counting
) -> None:
    worker = process()
    new.poison = "Máy số 5\n"
    begin(engine)
    for _ in range(outbox.MAX_ATTEMPTS):
        while True:
            try:
                if not reembedding.step(engine, worker, "w"):
                    break
            except BrokenError:
                break
        with writing(engine) as session:
            session.execute(update(IndexTask).values(due_at=NOON))

    going = progress(engine)
    assert going is not None
    assert (going.total - going.done, going.set_aside) == (1, 1)
    assert not reembedding.step(engine, worker, "w")
    with reading(engine) as session:
        [task] = outbox.set_aside(session)
        assert (task.record_id, task.role) == (solutions[5], IndexRole.NEXT)
        assert task.error.startswith("BrokenError")

    new.poison = ""
    with writing(engine) as session:
        assert outbox.try_again(session, [task.id], now=utc_now()) == 1
        assert outbox.try_again(session, [task.id], now=utc_now()) == 0
    steps(engine, worker)
    assert fingerprints(engine) == {NEW}


def test_one_that_cannot_be_opened_is_told_and_search_goes_on(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue]
) -> None:
    begin(engine)
    blind = process(without="new")

    assert not reembedding.step(engine, blind, "w")

    going = progress(engine)
    assert going is not None
    assert (going.done, "it is not here" in going.error) == (0, True)
    assert found(engine, blind, "Máy số 7")[0] == "Máy số 7"
    steps(engine, process())  # another worker has it
    assert fingerprints(engine) == {NEW}


def test_where_the_index_s_model_is_missing_words_are_searched_by_and_nothing_is_written(
    engine: Engine, session: Session, solutions: list[int], process: Callable[..., Catalogue],
    alice: Member, carol: Member, make_need: MakeNeed,
) -> None:  # fmt: skip
    rename(engine, solutions[9], "Thiết bị xyzzy sấy thăng hoa")
    process().drain(engine)
    make_need(alice, curator=carol)
    session.close()
    blind = process(without="old")

    assert found(engine, blind, "xyzzy sấy thăng hoa")[0] == "Thiết bị xyzzy sấy thăng hoa"

    assert blind.is_wordless
    assert blind.sizes()["solution-0"] == RECORDS
    worker = Worker(engine, blind, jobs=())
    assert not worker.step()
    assert fingerprints(engine) == {OLD}
    with reading(engine) as own:
        assert indexing.pending(own) > 0  # waits for who has the model
        assert own.scalars(select(MatchRun)).all() == []

    begin(engine)  # to the model that is here
    steps(engine, blind)

    assert not blind.is_wordless
    assert fingerprints(engine) == {NEW}
    check_whole(engine, blind)


def test_who_is_searching_at_the_change_goes_on_by_what_he_began_with(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue]
) -> None:
    site, worker = process(), process()
    with reading(engine) as session:
        site.catch_up(session)
    shelf = site.shelf(*SHELF)
    begin(engine)
    while progress(engine):
        reembedding.step(engine, worker, "w")
    rename(engine, solutions[0], "Thiết bị xyzzy")
    with reading(engine) as session:
        site.catch_up(session)
    with writing(engine) as session:
        session.get_one(Solution, solutions[1]).status = RecordStatus.WITHDRAWN
    with reading(engine) as session:
        site.catch_up(session)

    asked = site.ask("Máy số 7", shelf)
    now = site.ask("Máy số 7")

    assert (asked.vectors.shape, now.vectors.shape) == ((1, 256), (1, 64))
    assert shelf.search(asked, limit=1)[0].id == solutions[7]
    assert site.shelf(*SHELF).search(now, limit=1)[0].id == solutions[7]
    assert np.isfinite([c.fused for c in shelf.search(asked, limit=RECORDS)]).all()


def test_one_bad_record_of_a_batch_fails_alone(
    engine: Engine, solutions: list[int], process: Callable[..., Catalogue], old: Counting
) -> None:
    old.poison = "Máy hỏng"
    for number, record_id in enumerate(solutions[:8]):
        rename(engine, record_id, "Máy hỏng" if number == 3 else f"Máy lành {number}")

    assert process().work_off(engine, "w") == 8

    with reading(engine) as session:
        [task] = session.scalars(select(IndexTask))
        assert (task.record_id, task.attempts, task.claimed_by) == (solutions[3], 1, "")
        assert task.error.startswith("BrokenError")
        titles = set(session.scalars(select(Embedding.title)))
    assert {f"Máy lành {n}" for n in range(8) if n != 3} <= titles
    # Its next try is its own: what was saved meanwhile does not go down with it.
    with writing(engine) as session:
        session.execute(update(IndexTask).values(due_at=NOON))
    rename(engine, solutions[9], "Máy lành 9")
    with writing(engine) as session:
        assert outbox.claim(session, "a", 8, now=utc_now()) == [(RecordKind.SOLUTION, solutions[3])]
        assert outbox.claim(session, "b", 8, now=utc_now()) == [(RecordKind.SOLUTION, solutions[9])]
