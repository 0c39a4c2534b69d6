"""From a saved record to the shelf: every worker finds it, once, as it reads last."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from embeddings import Encoder, HashingEncoder, Role, Vectors
from matchmaker.config import Settings
from matchmaker.domain.disclosure import STRANGER
from matchmaker.domain.vocabulary import IndexRole, Level, RecordKind
from matchmaker.models import Embedding, IndexTask, Member, Need, Solution, utc_now
from matchmaker.models.database import new_session, reading, writing
from matchmaker.services import discovery, indexing, outbox, records, upkeep
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.discovery import SearchRequest
from tests.web.people import MakeNeed, MakeSolution

pytestmark = pytest.mark.databases

RARE = "quangphổkế"
SOLUTIONS = (RecordKind.SOLUTION, Level.PUBLIC)


class Reporting:
    """The hashing encoder, which tells beforehand that it is about to encode records."""

    def __init__(self, before: Callable[[Sequence[str]], None]) -> None:
        self._inner = HashingEncoder()
        self._before = before
        self.name, self.dim = self._inner.name, self._inner.dim
        self.fingerprint = self._inner.fingerprint

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        self._before(texts)
        return self._inner.encode(texts, role=role)


class Foreign(HashingEncoder):
    """Another model of the same width: only its fingerprint tells."""

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = "another-model"


class BrokenError(Exception):
    """What a failing model raises here."""


def broken() -> Encoder:
    def fail(texts: Sequence[str]) -> None:
        raise BrokenError(f"no memory for {len(texts)} texts")

    return Reporting(fail)


def found(engine: Engine, catalogue: Catalogue, text: str = RARE) -> list[str]:
    """Codes of the needs and solutions that a stranger's search gives."""
    request = SearchRequest(text=text, kinds=(RecordKind.NEED, RecordKind.SOLUTION))
    with reading(engine) as session:
        page = discovery.search(session, catalogue, STRANGER, request)
        return [hit.view.code for hit in page.hits]


def tasks(engine: Engine) -> list[IndexTask]:
    with reading(engine) as session:
        return list(session.scalars(select(IndexTask).order_by(IndexTask.id)))


def claim(engine: Engine, worker: str, limit: int) -> list[indexing.Key]:
    """What a worker has in hand."""
    with writing(engine) as session:
        return outbox.claim(session, worker, limit, now=utc_now())


def sequence(engine: Engine) -> int:
    """The number of the latest change."""
    with reading(engine) as session:
        return indexing.sequence(session)


def all_due(engine: Engine) -> None:
    """Let the waiting of every task be over."""
    with writing(engine) as session:
        session.execute(update(IndexTask).values(due_at=utc_now()))


@pytest.fixture
def second(settings: Settings) -> Catalogue:
    """The search of another worker."""
    return Catalogue(HashingEncoder(), settings.data_dir)


@pytest.fixture
def solution(
    session: Session, engine: Engine, catalogue: Catalogue, bob: Member, carol: Member,
    make_solution: MakeSolution,
) -> Solution:  # fmt: skip
    """Published and on the shelf; its title holds a word nothing else has."""
    made = make_solution(bob, curator=carol, title=f"Máy {RARE} cầm tay")
    catalogue.drain(engine)
    session.expunge_all()
    session.close()
    return made


def test_published_record_is_found_by_the_next_search_of_every_worker(
    engine: Engine, catalogue: Catalogue, second: Catalogue, bob: Member, carol: Member,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    assert found(engine, catalogue) == found(engine, second) == []  # both have their shelves up

    made = make_solution(bob, curator=carol, title=f"Máy {RARE} cầm tay")

    assert found(engine, catalogue) == [made.code]
    assert found(engine, second) == [made.code]
    assert tasks(engine) == []


def test_what_is_not_published_is_never_found(
    engine: Engine, catalogue: Catalogue, bob: Member, make_solution: MakeSolution
) -> None:
    make_solution(bob, submit=False, title=f"Nháp {RARE}")
    make_solution(bob, title=f"Chờ duyệt {RARE}")

    assert found(engine, catalogue) == []
    assert catalogue.shelf(*SOLUTIONS).size == 0


def test_withdrawn_record_leaves_every_worker_at_once(
    engine: Engine, catalogue: Catalogue, second: Catalogue, bob: Member, solution: Solution
) -> None:
    assert found(engine, catalogue) == found(engine, second) == [solution.code]

    with writing(engine) as session:
        member = session.get_one(Member, bob.id)
        records.withdraw(session, session.get_one(Solution, solution.id), member, now=utc_now())

    assert found(engine, catalogue) == found(engine, second) == []
    assert solution.id not in catalogue.shelf(*SOLUTIONS).ids()
    assert solution.id not in second.shelf(*SOLUTIONS).ids()
    third = Catalogue(HashingEncoder(), catalogue.data_dir)  # started after it
    assert found(engine, third) == []


def test_withdrawn_record_is_hidden_even_while_the_index_lags_behind(
    engine: Engine, catalogue: Catalogue, bob: Member, solution: Solution
) -> None:
    """The database decides: another worker still has the task in hand."""
    assert found(engine, catalogue) == [solution.code]
    with writing(engine) as session:
        member = session.get_one(Member, bob.id)
        records.withdraw(session, session.get_one(Solution, solution.id), member, now=utc_now())
        session.flush()
        later = utc_now() + timedelta(minutes=1)
        session.execute(update(IndexTask).values(claimed_by="w", claimed_until=later))

    assert found(engine, catalogue) == []
    assert solution.id in catalogue.shelf(*SOLUTIONS).ids()  # still lagging


def test_catching_up_in_an_older_snapshot_still_sees_the_change(
    engine: Engine, catalogue: Catalogue, second: Catalogue, session: Session, solution: Solution,
    bob: Member,
) -> None:  # fmt: skip
    with reading(engine) as old:
        old.scalars(select(Solution)).all()  # its snapshot begins here
        with writing(engine) as session_:
            member = session_.get_one(Member, bob.id)
            made = session_.get_one(Solution, solution.id)
            records.withdraw(session_, made, member, now=utc_now())
        catalogue.drain(engine)

        second.catch_up(old)

        assert old.scalars(select(Embedding.is_listed)).first()  # the snapshot is older indeed
        assert second.shelf(*SOLUTIONS).ids() == []
    assert second.seen == sequence(engine)


def test_writer_that_catches_up_does_not_wait_for_himself(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = f"Máy {RARE} để bàn"
        session.flush()
        catalogue.catch_up(session)

    assert len(tasks(engine)) == 1  # left for whoever comes next
    assert found(engine, catalogue) == [solution.code]
    assert tasks(engine) == []


def test_task_of_a_dead_worker_is_taken_up_after_its_claim(
    engine: Engine, catalogue: Catalogue, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    made = make_solution(bob, curator=carol, title=f"Máy {RARE}")
    claimed = claim(engine, "dead", indexing.BATCH)
    assert (RecordKind.SOLUTION, made.id) in claimed

    assert indexing.work_off(engine, HashingEncoder(), worker="alive") == 0
    assert {t.claimed_by for t in tasks(engine)} == {"dead"}

    with writing(engine) as session:  # two minutes of silence
        for task in session.scalars(select(IndexTask)):
            assert task.claimed_until is not None
            task.claimed_until -= outbox.CLAIM + timedelta(seconds=1)
            assert task.due_at > task.claimed_until + outbox.CLAIM
            task.due_at -= outbox.CLAIM + timedelta(seconds=3)

    # One by one: whichever the other died of does not take the rest along.
    for _ in claimed:
        assert indexing.work_off(engine, HashingEncoder(), worker="alive") == 1
    assert tasks(engine) == []
    assert found(engine, catalogue) == [made.code]


def test_worker_that_was_thought_dead_does_no_harm_when_it_ends(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    """It finishes with an old text after another worker did the newer one."""
    key = (RecordKind.SOLUTION, solution.id)
    with reading(engine) as session:
        old = indexing.prepare(session, HashingEncoder().fingerprint, [key])
    slow = indexing._encode(HashingEncoder(), old)
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = f"Mới {RARE}"
    catalogue.drain(engine)

    work = indexing._Work(engine, HashingEncoder(), "slow", IndexRole.SERVING, "")
    work.finish([key], slow)

    with reading(engine) as session:
        titles = session.scalars(
            select(Embedding.title).where(
                Embedding.record_kind == key[0], Embedding.record_id == key[1]
            )
        ).all()
    assert titles == [f"Mới {RARE}"] * 2


def test_record_saved_again_while_it_is_encoded_ends_with_the_newer_text(
    engine: Engine, catalogue: Catalogue, second: Catalogue, solution: Solution
) -> None:
    titles = iter([f"Lần hai {RARE}", f"Lần ba {RARE}"])

    def save(texts: Sequence[str]) -> None:
        if texts and (title := next(titles, None)):
            with writing(engine) as session:
                session.get_one(Solution, solution.id).title = title

    save(["first"])
    done = indexing.work_off(engine, Reporting(save), worker="one")

    assert done == 1
    assert tasks(engine)  # not forgotten: what was encoded is not what it says now
    catalogue.drain(engine)
    assert tasks(engine) == []
    with reading(engine) as session:
        assert set(
            session.scalars(
                select(Embedding.title).where(Embedding.record_kind == RecordKind.SOLUTION)
            )
        ) == {f"Lần ba {RARE}"}
        second.catch_up(session)
        assert upkeep.verify(session, second).is_whole


def test_deleted_record_leaves_the_shelf_and_its_rows_hold_nothing(
    engine: Engine, catalogue: Catalogue, alice: Member, carol: Member, make_need: MakeNeed,
    session: Session,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol, title=f"Cần {RARE} cho xưởng")
    assert found(engine, catalogue) == [need.code]
    session.expunge_all()
    session.close()
    with writing(engine) as writer:
        writer.delete(writer.get_one(Need, need.id))

    assert found(engine, catalogue) == []
    assert catalogue.shelf(RecordKind.NEED, Level.PUBLIC).ids() == []
    with reading(engine) as reader:
        left = reader.scalars(select(Embedding).where(Embedding.record_kind == "need")).all()
        assert [(row.body, row.vectors, row.asking) for row in left] == [("", b"", None)] * 2


def test_failing_encoder_puts_back_with_growing_delay_until_it_is_set_aside(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = f"Sau lỗi {RARE}"
    waits = []
    for attempt in range(1, outbox.MAX_ATTEMPTS + 1):
        all_due(engine)
        with pytest.raises(BrokenError):
            indexing.work_off(engine, broken(), worker=f"w{attempt}")
        (task,) = tasks(engine)
        assert (task.attempts, task.claimed_by, task.claimed_until) == (attempt, "", None)
        assert task.error.startswith("BrokenError: no memory for")
        waits.append((task.due_at - utc_now()).total_seconds())
        # Not before its time:
        assert indexing.work_off(engine, broken(), worker="early") == 0

    assert all(later > 1.5 * sooner > 0 for sooner, later in pairwise(waits))
    all_due(engine)
    assert indexing.work_off(engine, HashingEncoder(), worker="healthy") == 0  # set aside
    assert len(tasks(engine)) == 1
    with reading(engine) as session:
        assert indexing.pending(session) == 0
        assert indexing.due(session, utc_now()) == 0


def test_record_set_aside_comes_back_when_it_is_saved_again(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = f"Hỏng {RARE}"
    with writing(engine) as session:
        session.execute(update(IndexTask).values(attempts=outbox.MAX_ATTEMPTS))
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = f"Lành {RARE}"

    assert indexing.work_off(engine, HashingEncoder(), worker="w") == 1

    assert tasks(engine) == []  # nobody needs to look at the failed one any more
    with reading(engine) as session:
        catalogue.catch_up(session)
        titles = select(Embedding.title).where(Embedding.record_kind == RecordKind.SOLUTION)
        assert set(session.scalars(titles)) == {f"Lành {RARE}"}


def test_rows_of_another_model_are_never_mixed_in(
    engine: Engine, settings: Settings, catalogue: Catalogue, solution: Solution
) -> None:
    other = Catalogue(Foreign(), settings.data_dir)

    with reading(engine) as session:
        other.catch_up(session)
        assert other.shelf(*SOLUTIONS).size == 0
        findings = upkeep.verify(session, other)
    assert not findings.is_whole
    assert findings.stale > 0


def test_vectors_of_a_model_that_is_not_in_use_are_not_written(
    engine: Engine, settings: Settings, solution: Solution
) -> None:
    with writing(engine) as session:
        indexing.ask_for_all(session)
    waiting = len(tasks(engine))

    assert Catalogue(Foreign(), settings.data_dir).drain(engine) == 0

    assert len(tasks(engine)) == waiting > 0
    with reading(engine) as session:
        assert set(session.scalars(select(Embedding.fingerprint))) == {HashingEncoder().fingerprint}


def test_unchanged_text_is_not_encoded_again(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    sent: list[str] = []
    with writing(engine) as session:
        indexing.ask_for_all(session)

    indexing.work_off(engine, Reporting(sent.extend), worker="w")

    assert sent == []
    assert tasks(engine) == []


def test_working_off_twice_changes_nothing(
    engine: Engine, catalogue: Catalogue, solution: Solution
) -> None:
    before = sequence(engine)
    for _ in range(2):
        with writing(engine) as session:
            indexing.ask_for_all(session)
        catalogue.drain(engine)

    assert sequence(engine) == before


def test_refused_transaction_leaves_no_task(engine: Engine, solution: Solution) -> None:
    with new_session(engine, writes=True) as session:
        session.get_one(Solution, solution.id).title = "Không ghi"
        session.flush()
        assert indexing.pending(session) == 1
        session.rollback()

    assert tasks(engine) == []


def test_two_workers_share_the_outbox_and_nothing_is_done_twice(
    engine: Engine, bob: Member, carol: Member, make_solution: MakeSolution
) -> None:
    for number in range(4):
        make_solution(bob, curator=carol, title=f"Máy {number} {RARE}")

    one = claim(engine, "one", 3)
    other = claim(engine, "other", 30)

    assert len(one) == 3
    assert set(one) & set(other) == set()
    assert len({*one, *other}) == len({(t.record_kind, t.record_id) for t in tasks(engine)})
