"""Many at the outbox and at the counters in one moment: nothing twice, nothing skipped.

SQLite lets one writer in at a time; PostgreSQL lets them all in, and has to be right all the same.
"""

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from embeddings import HashingEncoder, Role, Vectors
from matchmaker.config import Settings
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.models import Counter, Embedding, IndexTask, Member, Solution, utc_now
from matchmaker.models.database import new_session, reading, writing
from matchmaker.services import audit, indexing, numbering, outbox, upkeep
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.stored import SEQUENCE
from tests.conftest import NOON
from tests.together import together
from tests.web.people import MakeSolution

pytestmark = pytest.mark.databases

WORKERS = 6


def claim(engine: Engine, worker: str, limit: int) -> list[indexing.Key]:
    with writing(engine) as session:
        return outbox.claim(session, worker, limit, now=utc_now())


class Counting(HashingEncoder):
    """Tells which texts were encoded, by whichever thread."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        self.read += texts
        return super().encode(texts, role=role)


@pytest.fixture
def published(
    session: Session, bob: Member, carol: Member, make_solution: MakeSolution
) -> list[Solution]:
    """A dozen solutions whose tasks wait, each with more than one: they were saved twice."""
    made = [make_solution(bob, curator=carol, title=f"Máy số {n}") for n in range(12)]
    session.close()
    return made


def test_no_task_is_claimed_by_two_workers(engine: Engine, published: list[Solution]) -> None:
    with reading(engine) as session:
        waiting = {(t.record_kind, t.record_id) for t in session.scalars(select(IndexTask))}
    assert len(waiting) > len(published)

    claims = together(WORKERS, lambda n: claim(engine, f"w{n}", 3))

    taken = [key for claim in claims for key in claim]
    assert len(taken) == len(set(taken)) == min(3 * WORKERS, len(waiting))
    with reading(engine) as session:
        tasks = session.scalars(select(IndexTask)).all()
    for key in taken:
        mine = {t.claimed_by for t in tasks if (t.record_kind, t.record_id) == key}
        assert len(mine) == 1, f"{key} is in several hands"
    assert {t.attempts for t in tasks if (t.record_kind, t.record_id) in set(taken)} == {1}


def test_worker_that_finds_a_task_locked_takes_the_next(
    engine: Engine, published: list[Solution]
) -> None:
    """A claim that is not committed yet holds nobody up on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time: the second one waits")
    with writing(engine) as session:
        first = session.scalars(
            select(IndexTask).order_by(IndexTask.id).limit(1).with_for_update()
        ).one()
        locked = (first.record_kind, first.record_id)

        other = claim(engine, "other", indexing.BATCH)

    assert other
    assert locked not in other
    assert claim(engine, "one", indexing.BATCH) == [locked]


def test_workers_at_once_write_every_record_once(
    engine: Engine, settings: Settings, published: list[Solution]
) -> None:
    encoder = Counting()

    def drain(number: int) -> int:
        done = 0
        while count := indexing.work_off(engine, encoder, worker=f"w{number}", limit=2):
            done += count
        return done

    done = together(WORKERS, drain)

    with reading(engine) as session:
        assert indexing.pending(session) == 0
        rows = session.scalars(select(Embedding)).all()
        assert sum(done) == len({(row.record_kind, row.record_id) for row in rows})
        numbers = sorted(row.sequence for row in rows)
        assert numbers == list(range(1, len(rows) + 1))
        assert upkeep.verify(session, Catalogue(encoder, settings.data_dir)).is_whole
    for made in published:
        whole = [text for text in encoder.read if text.startswith(made.title)]
        assert len(whole) == len(set(whole)), f"{made.title} was encoded twice"


def _row(number: int, record_id: int) -> dict[str, object]:
    encoder = HashingEncoder()
    vectors = encoder.encode([f"hàng {record_id}"], role=Role.DOCUMENT)
    return {
        "record_kind": RecordKind.SOLUTION, "record_id": record_id, "level": int(Level.PUBLIC),
        "is_listed": True,
        "sequence": number, "language": "vi", "title": f"hàng {record_id}", "body": "",
        "text_hash": "", "fingerprint": encoder.fingerprint, "dim": encoder.dim,
        "vectors": vectors.tobytes(),
    }  # fmt: skip


def test_reader_never_meets_a_smaller_number_than_one_he_has_seen(
    engine: Engine, catalogue: Catalogue
) -> None:
    """The second writer comes while the first still holds its number: he has to wait for it."""
    entered, second_done = threading.Event(), threading.Event()

    def second() -> None:
        entered.set()
        with writing(engine) as session:
            number = numbering.next_value(session, SEQUENCE)
            session.execute(insert(Embedding), [_row(number, 2)])
        second_done.set()

    thread = threading.Thread(target=second)
    with writing(engine) as session:
        number = numbering.next_value(session, SEQUENCE)
        session.execute(insert(Embedding), [_row(number, 1)])
        session.flush()
        thread.start()
        entered.wait()
        assert not second_done.wait(0.3), "a number was handed out before the smaller one was seen"
        with reading(engine) as reader:
            assert catalogue.catch_up(reader) == 0
    thread.join()

    with reading(engine) as reader:
        assert catalogue.catch_up(reader) == 2
    assert catalogue.seen == 2


def test_reader_catching_up_all_the_while_misses_nothing(
    engine: Engine, catalogue: Catalogue
) -> None:
    seen: set[int] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with reading(engine) as session:
                catalogue.catch_up(session)
        with reading(engine) as session:
            catalogue.catch_up(session)
        for (kind, level), shelf in catalogue.shelves():
            if (kind, level) == (RecordKind.SOLUTION, Level.PUBLIC):
                seen.update(shelf.ids())

    def write(number: int) -> None:
        for turn in range(10):
            with writing(engine) as session:
                sequence = numbering.next_value(session, SEQUENCE)
                session.execute(insert(Embedding), [_row(sequence, number * 100 + turn)])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        together(4, write)
    finally:
        stop.set()
        reader.join()

    assert seen == {n * 100 + turn for n in range(4) for turn in range(10)}


def test_first_number_of_a_counter_is_given_to_one(engine: Engine) -> None:
    with writing(engine) as session:
        session.execute(delete(Counter))

    def take(number: int) -> int:
        with writing(engine) as session:
            return numbering.next_value(session, "NC-2026")

    assert sorted(together(WORKERS, take)) == list(range(1, WORKERS + 1))


def test_audit_chain_is_whole_when_many_write_at_once(engine: Engine) -> None:
    def write(number: int) -> None:
        for _ in range(5):
            with writing(engine) as session:
                audit.record(session, f"deed.{number}", now=NOON, actor_id=None)

    together(WORKERS, write)

    with reading(engine) as session:
        assert audit.first_broken(session) is None
        assert numbering.last_value(session, "audit") == 5 * WORKERS


def test_number_of_an_undone_transaction_is_given_again(engine: Engine) -> None:
    with new_session(engine, writes=True) as session:
        undone = numbering.next_value(session, "KN-2026")
        session.rollback()

    with writing(engine) as session:
        assert numbering.next_value(session, "KN-2026") == undone


def test_holding_a_counter_takes_no_number(engine: Engine) -> None:
    with writing(engine) as session:
        assert numbering.hold(session, "KN-2026") == 0
        assert numbering.next_value(session, "KN-2026") == 1
        assert numbering.hold(session, "KN-2026") == 1
