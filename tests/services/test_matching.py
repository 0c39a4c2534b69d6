"""Ranking as the services do it: who is eligible, what is kept, what is not encoded twice."""

from collections.abc import Sequence

import pytest
from sqlalchemy import event

from embeddings import HashingEncoder, Role, Vectors
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.drafts import Requirement
from matchmaker.domain.ranking import calibration
from matchmaker.domain.vocabulary import Level, RecordKind, Rule
from matchmaker.services import explaining, matching, ranking
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.web.people import introduce, suggest

pytestmark = pytest.mark.databases

STAFF = Viewer(member_id=0)


class CountingEncoder(HashingEncoder):
    """The hashing encoder, telling what it was asked to read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, texts: Sequence[str], *, role: Role) -> Vectors:
        self.read += texts
        return super().encode(texts, role=role)


def codes(found: list[explaining.Suggestion]) -> list[str]:
    return [s.solution.code for s in found]


def test_own_and_excluding_organisations_are_never_suggested(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(alice, curator=carol)
    refusing = make_solution(mallory, curator=carol)
    refusing.excluded = [alice.organisation.public_id]
    session.commit()
    wanted = make_solution(bob, curator=carol)
    catalogue.drain(engine)

    assert codes(matching.suggest(session, catalogue, STAFF, need)) == [wanted.code]


def test_an_indexed_need_is_matched_without_encoding_anything(
    session, settings, alice, bob, carol, make_need, make_solution
):
    encoder = CountingEncoder()
    catalogue = Catalogue(encoder, settings.data_dir)
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.catch_up(session)
    session.commit()  # what was indexed meanwhile is seen by the next transaction
    assert encoder.read
    encoder.read.clear()

    assert matching.suggest(session, catalogue, STAFF, need)
    assert encoder.read == []


def test_kept_and_fresh_questions_rank_alike(
    session, catalogue, alice, bob, carol, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.catch_up(session)
    session.commit()
    shelf = catalogue.shelf(RecordKind.SOLUTION, Level.MEMBERS)

    kept = catalogue.ask_as(session, need, Level.MEMBERS, shelf)
    fresh = catalogue.ask(kept.text)

    assert kept.vectors.tobytes() == fresh.vectors.tobytes()
    assert (kept.terms, kept.language) == (fresh.terms, fresh.language)


def test_a_need_typed_without_diacritics_asks_with_them(
    session, catalogue, alice, bob, carol, make_need, make_solution
):
    make_solution(bob, curator=carol)
    need = make_need(
        alice, curator=carol, title="May cat tach vo hat dieu",
        summary="Can may chinh luoi theo co hat, it vo nhan.",
        problem="May cat tach vo hat dieu cua xuong lam vo nhan. " * 4,
        requirements=(Requirement("Ti le vo nhan khong qua 8 %", True),),
    )  # fmt: skip
    catalogue.catch_up(session)
    shelf = catalogue.shelf(RecordKind.SOLUTION, Level.MEMBERS)

    asked = catalogue.ask_as(session, need, Level.MEMBERS, shelf)

    assert asked.restored is not None
    assert "hạt điều" in asked.restored
    assert asked.language == "vi"


@pytest.mark.parametrize("introduced", [False, True])
def test_an_introduction_under_way_uses_up_capacity(
    session, catalogue, alice, bob, carol, make_need, make_solution, introduced
):
    bob.organisation.capacity = 1
    need = make_need(alice, curator=carol)
    solution = make_solution(bob, curator=carol)
    if introduced:
        other = make_need(alice, curator=carol, title="Thu hồi nhiệt thải từ lò hơi của xưởng")
        introduce(session, suggest(session, other, solution), carol, alice, bob)

    found = matching.suggest(session, catalogue, STAFF, need)
    told = matching.explain(session, catalogue, STAFF, need, solution)
    [capacity] = [s for s in told.signals if s["name"] == "capacity"]

    assert codes(found) == ([] if introduced else [solution.code])
    assert told.rule is (Rule.CAPACITY_USED_UP if introduced else None)
    assert capacity["facts"] == {"left": 0 if introduced else 1}


def test_stored_bands_are_stale_once_a_bound_changes(monkeypatch, session, catalogue):
    before = matching.settings_hash(session, catalogue)

    monkeypatch.setattr(calibration, "STRONG", calibration.STRONG - 0.1)

    assert matching.settings_hash(session, catalogue) != before


def test_only_what_could_stand_first_is_looked_at_and_the_order_is_the_same(
    session, catalogue, engine, alice, bob, carol, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    for number in range(12):
        title = f"Máy cắt tách vỏ hạt điều {'cỡ lớn ' * (number % 5)}{number}"
        make_solution(bob, curator=carol, title=title, trl=1 + number % 9)
    catalogue.drain(engine)

    whole = ranking.rank(session, catalogue, need, now=NOON).allowed
    for first in (1, 3, 12, 40):
        some = ranking.rank(session, catalogue, need, now=NOON, first=first).allowed
        assert [(r.id, r.score, r.probability) for r in some[:first]] == [
            (r.id, r.score, r.probability) for r in whole[:first]
        ]
    assert len(whole) == 12


def test_rules_are_asked_again_when_most_of_what_was_found_is_forbidden(
    session, catalogue, engine, alice, bob, carol, make_need, make_solution, monkeypatch
):
    need = make_need(alice, curator=carol)
    for number in range(3):
        make_solution(alice, curator=carol, title=f"{need.title} {number}")
    far = make_solution(bob, curator=carol, title="Phần mềm điểm danh", summary="Cho lớp học.")
    catalogue.drain(engine)
    monkeypatch.setattr(ranking, "CANDIDATES", 1)

    assert codes(matching.suggest(session, catalogue, STAFF, need)) == [far.code]


def test_as_many_statements_are_sent_for_five_solutions_as_for_one(
    session, catalogue, engine, alice, bob, carol, make_need, make_solution
):
    def sent() -> int:
        session.expire_all()
        statements = []
        listen = (engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        event.listen(*listen)
        try:
            matching.suggest(session, catalogue, STAFF, need, limit=20)
        finally:
            event.remove(*listen)
        session.commit()
        return len(statements)

    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.drain(engine)
    catalogue.catch_up(session)
    session.commit()
    one = sent()
    for number in range(4):
        make_solution(bob, curator=carol, title=f"Máy cắt tách vỏ hạt điều {number}")
    catalogue.drain(engine)
    catalogue.catch_up(session)

    assert sent() == one
