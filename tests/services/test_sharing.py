"""Shelves in PostgreSQL follow the vectors' rows, for every worker at once."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker.config import Settings
from matchmaker.domain.vocabulary import Level, RecordKind
from matchmaker.migrations import shelves
from matchmaker.models import Member, Solution, utc_now
from matchmaker.models.database import reading, writing
from matchmaker.search.memory import MemoryShelf
from matchmaker.search.shared import tables
from matchmaker.search.shared import upkeep as shelves_upkeep
from matchmaker.search.shared.shelf import SharedShelf
from matchmaker.search.shared.tables import MARK, SHELF
from matchmaker.services import indexing, records, sharing, upkeep
from matchmaker.services.catalogue import Catalogue
from tests.web.people import MakeNeed, MakeSolution

pytestmark = pytest.mark.postgres

SOLUTIONS = (RecordKind.SOLUTION, Level.PUBLIC)
TITLE = "Máy quangphổkế cầm tay"


class Foreign(HashingEncoder):
    """Another model of the same width: only its fingerprint tells."""

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = "another-model"


@pytest.fixture
def backend() -> str:
    """These tests are about PostgreSQL alone."""
    return "postgresql"


@pytest.fixture
def second(settings: Settings, engine: Engine) -> Catalogue:
    """The search of another worker, which has looked once."""
    other = Catalogue(HashingEncoder(), settings.data_dir)
    with reading(engine) as session:
        other.catch_up(session)
    return other


@pytest.fixture
def solution(
    session: Session, engine: Engine, catalogue: Catalogue, second: Catalogue, bob: Member,
    carol: Member, make_solution: MakeSolution, make_need: MakeNeed, alice: Member,
) -> Iterator[Solution]:  # fmt: skip
    """Published, as the other worker's process does not know yet."""
    made = make_solution(bob, curator=carol, title=TITLE)
    make_solution(bob, curator=carol, title="Lò sấy gỗ")
    make_need(alice, curator=carol)
    catalogue.drain(engine)
    session.expunge_all()
    session.close()
    yield made


def hits(catalogue: Catalogue, typed: str = "quangphổkế") -> list[int]:
    """Ids with a word in common: asked at once, without any catching up before."""
    shelf = catalogue.shelf(*SOLUTIONS)
    return [hit.id for hit in shelf.search(catalogue.ask(typed, shelf)) if hit.words > 0]


def whole(engine: Engine, catalogue: Catalogue) -> upkeep.Findings:
    with reading(engine) as session:
        return upkeep.verify(session, catalogue)


def test_no_process_holds_a_shelf(catalogue: Catalogue, engine: Engine, solution: Solution) -> None:
    with reading(engine) as session:
        catalogue.catch_up(session)

    assert {type(shelf) for _, shelf in catalogue.shelves()} == {SharedShelf}


def test_published_and_withdrawn_are_seen_by_all_without_being_told(
    engine: Engine, catalogue: Catalogue, second: Catalogue, solution: Solution, bob: Member
) -> None:
    assert hits(second) == [solution.id]
    assert hits(second, "quangphoke") == [solution.id]

    with writing(engine) as session:
        member = session.get_one(Member, bob.id)
        records.withdraw(session, session.get_one(Solution, solution.id), member, now=utc_now())
    catalogue.drain(engine)

    assert hits(second) == []
    assert solution.id not in second.shelf(*SOLUTIONS).ids()
    assert whole(engine, second) == upkeep.Findings(0, 0, 0, 0)


def test_shelf_and_rows_change_together_or_not_at_all(
    engine: Engine, catalogue: Catalogue, second: Catalogue, solution: Solution,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with writing(engine) as session:
        session.get_one(Solution, solution.id).title = "Tên khác hẳn"
    with reading(engine) as session:
        before = sharing.seen(session)

    def fail(session: Session) -> None:
        sharing_take_in(session)
        raise RuntimeError("cut off")

    sharing_take_in = sharing.take_in
    monkeypatch.setattr(sharing, "take_in", fail)
    with pytest.raises(RuntimeError):
        catalogue.drain(engine)

    assert hits(second) == [solution.id]
    with reading(engine) as session:
        assert sharing.seen(session) == before == indexing.sequence(session)


def test_vectors_of_two_models_never_stand_on_one_shelf(
    engine: Engine, settings: Settings, catalogue: Catalogue, solution: Solution
) -> None:
    other = Catalogue(Foreign(), settings.data_dir)
    with reading(engine) as session:
        other.catch_up(session)
        catalogue.catch_up(session)
    assert (hits(other), hits(catalogue)) == ([], [solution.id])

    with writing(engine) as session:
        indexing.ask_for_all(session)
    assert other.drain(engine) == 0  # not its index: the task waits for who has the model in use
    assert (hits(other), hits(catalogue)) == ([], [solution.id])

    catalogue.drain(engine)
    assert (hits(other), hits(catalogue)) == ([], [solution.id])
    assert other.shelf(*SOLUTIONS).size == 0
    assert whole(engine, catalogue) == upkeep.Findings(0, 0, 0, 0)


def test_rows_that_came_past_the_outbox_are_taken_in_by_the_next_search(
    engine: Engine, second: Catalogue, solution: Solution
) -> None:
    digest = second.digest(*SOLUTIONS)
    with writing(engine) as session:  # as in a database restored without its shelves
        shelves_upkeep.clear(session.connection())
    assert hits(second) == []
    assert whole(engine, Catalogue(HashingEncoder(), second.data_dir)).missing == 0

    assert hits(second) == [solution.id]
    assert second.digest(*SOLUTIONS) == digest


def test_what_was_read_otherwise_is_read_anew(
    engine: Engine, second: Catalogue, solution: Solution
) -> None:
    with writing(engine) as session:
        session.execute(update(MARK).values(reading=-1))
    with reading(engine) as session:
        second.catch_up(session)
        assert sharing.seen(session) == indexing.sequence(session)

    assert hits(second) == [solution.id]


def test_a_rebuild_puts_new_shelves_in_the_place_of_the_old(
    engine: Engine, second: Catalogue, solution: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, found = second.digest(*SOLUTIONS), []
    with writing(engine) as session:  # something that only a rebuild mends
        number = session.scalar(
            select(SHELF.c.id).where(SHELF.c.kind == "solution", SHELF.c.level == 0)
        )
        held = tables.of(number, HashingEncoder().dim)
        session.execute(update(held.entry).values(change=0))
        session.execute(update(held.term).values(texts=held.term.c.texts + 1))
    assert whole(engine, second).stale > 0
    monkeypatch.setattr(sharing, "PAGE", 2)

    count = sharing.refill(engine, lambda _: found.append(hits(second)))

    assert count >= 2 * len(found) > 2
    assert all(one == [solution.id] for one in found)  # searched all the while
    assert hits(second) == [solution.id]
    assert second.digest(*SOLUTIONS) == digest
    assert whole(engine, second) == upkeep.Findings(0, 0, 0, 0)
    with reading(engine) as session:
        left = session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'shelves'")
        ).all()
        assert len(left) == 2 + 4 * session.scalar(select(func.count()).select_from(SHELF))


def test_a_rebuild_takes_in_what_is_written_meanwhile(
    engine: Engine, catalogue: Catalogue, second: Catalogue, solution: Solution,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(sharing, "PAGE", 2)
    titles = iter(["Tên giữa chừng", "Tên mới ốcxàcừ"])
    hold = sharing.hold

    def save() -> None:
        if title := next(titles, None):
            with writing(engine) as session:
                session.get_one(Solution, solution.id).title = title
            catalogue.drain(engine)

    def save_first(session: Session, name: str) -> int:
        save()  # at the last moment at which somebody else may write
        return hold(session, name)

    monkeypatch.setattr(sharing, "hold", save_first)
    during = iter([save])
    sharing.refill(engine, lambda _: next(during, lambda: None)())

    assert hits(second, "ốcxàcừ") == [solution.id]
    assert whole(engine, second) == upkeep.Findings(0, 0, 0, 0)


def test_a_search_that_met_the_old_shelf_asks_the_new_one(
    engine: Engine, second: Catalogue, solution: Solution, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = second.shelf(*SOLUTIONS)
    assert isinstance(shelf, SharedShelf)
    with engine.connect() as connection:
        met = iter([shelf._state(connection)])
    sharing.refill(engine)  # the tables that were met are gone
    now = shelf._state
    monkeypatch.setattr(shelf, "_state", lambda connection: next(met, None) or now(connection))

    assert hits(second) == [solution.id]
    assert next(met, None) is None


def test_searches_may_be_put_to_a_replica(
    engine: Engine, settings: Settings, solution: Solution
) -> None:
    asking = f"{settings.url}&application_name=replica"
    other = Catalogue(HashingEncoder(), settings.data_dir, search_url=asking)
    with reading(engine) as session:
        other.catch_up(session)

    assert hits(other) == [solution.id]
    with reading(engine) as session:
        names = session.scalars(text("SELECT application_name FROM pg_stat_activity")).all()
    other.close()
    assert "replica" in names


def test_without_the_extension_each_process_keeps_its_own_shelves(
    engine: Engine, settings: Settings, solution: Solution
) -> None:
    with engine.begin() as connection:
        shelves.drop(connection)

    alone = Catalogue(HashingEncoder(), settings.data_dir)
    with reading(engine) as session:
        alone.catch_up(session)

    assert {type(shelf) for _, shelf in alone.shelves()} == {MemoryShelf}
    assert hits(alone) == [solution.id]
    indexing.work_off(engine, HashingEncoder(), worker="w")
    assert not whole(engine, alone).missing
