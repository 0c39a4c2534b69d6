"""Many people press a button in one moment: limits hold, nobody overwrites, nothing is made twice.

SQLite lets one writer in at a time; PostgreSQL lets them all in, and has to be right all the same.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.domain.errors import InvalidError, SignInError, TooManyTriesError
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import MatchState, RecordStatus, Role, Ruling
from matchmaker.models import (
    AuditEntry,
    Engagement,
    Judgement,
    Match,
    Member,
    Need,
    SignInTry,
    Solution,
    utc_now,
)
from matchmaker.models.database import reading, writing
from matchmaker.services import accounts, audit, curation, matching, records
from matchmaker.services.catalogue import Catalogue
from tests.conftest import PASSWORD, need_draft, solution_draft
from tests.faults.served import Browser, serving
from tests.faults.shop import staff
from tests.together import together
from tests.web.people import MakeNeed, MakeSolution, propose, suggest

pytestmark = pytest.mark.databases

CROWD = 16


def test_sixteen_officers_decide_on_one_match_and_one_is_heard(
    settings: Settings, session: Session, tmp_path: Path, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    """Through the running site, with two workers; then one page sent sixteen times."""
    match = suggest(session, make_need(alice, curator=carol), make_solution(bob, curator=carol))
    officers = [staff(session, n, (Role.CURATOR, Role.ADMIN)[n % 2]) for n in range(CROWD)]
    session.close()
    with serving(settings, tmp_path) as site:
        browsers = [site.browser().sign_in(member.email) for member in officers]
        path = f"/matches/{match.public_id}"
        pages = [browser.get(path).sent for browser in browsers]
        rulings = ("shortlist", "propose", "pin")

        def decide(n: int) -> int:
            form = {"version": pages[n]["version"], "ruling": rulings[n % 3], "note": f"số {n}"}
            return browsers[n].post(f"{path}/judgements", form).status

        told = together(CROWD, decide)
        owner = site.browser().sign_in(alice.email)
        again = resend(owner, together)

    assert Counter(told) == {303: 1, 409: CROWD - 1}
    with reading(session.get_bind()) as fresh:  # type: ignore[arg-type]
        kept = fresh.scalars(select(Judgement)).all()
        assert [j.note for j in kept] == [f"số {told.index(303)}"]
        assert audit.first_broken(fresh) is None
        assert set(again) == {303}
        made = fresh.scalars(select(Need).where(Need.title == "Gửi hai lần")).all()
        assert len(made) == 1
        lines = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "need.post")
        assert fresh.scalar(lines) == 2  # the one matched above, and this one


def resend(owner: Browser, at_once: Callable[..., list[int]]) -> list[int]:
    """The same filled form, pressed eight times."""
    page = owner.get("/needs/new").sent
    form = {
        "title": "Gửi hai lần",
        "do": "keep",
        "submission_key": page["submission_key"],
        "version": page["version"],
    }
    return at_once(8, lambda _: owner_copy(owner).post("/needs/new", form).status)


def owner_copy(browser: Browser) -> Browser:
    return replace(browser, cookies=dict(browser.cookies))


@pytest.mark.parametrize("what", ["need", "solution"])
def test_form_sent_twice_makes_one_record(engine: Engine, alice: Member, what: str) -> None:
    key = new_public_id()

    def post(_: int) -> str:
        with writing(engine) as session:
            member = session.get_one(Member, alice.id)
            now = utc_now()
            if what == "need":
                draft = need_draft()
                return records.post_need(
                    session, member, draft, key=key, submit=True, now=now
                ).public_id
            offered = solution_draft()
            return records.post_solution(
                session, member, offered, key=key, submit=True, now=now
            ).public_id

    made = together(6, post)

    assert len(set(made)) == 1
    with reading(engine) as session:
        table = Need if what == "need" else Solution
        assert session.scalar(select(func.count()).select_from(table)) == 1
        (record,) = session.scalars(select(table))
        assert record.status is RecordStatus.SUBMITTED
        assert audit.first_broken(session) is None


def test_provider_is_never_asked_beyond_its_capacity(
    engine: Engine, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    most = 3
    assert bob.organisation is not None
    bob.organisation.capacity = most
    session.commit()
    matches = [
        suggest(
            session, make_need(alice, curator=carol, title=f"Nhu cầu {n}"),
            make_solution(bob, curator=carol, title=f"Giải pháp {n}"),
        ).id
        for n in range(8)
    ]  # fmt: skip
    session.close()

    def ask(n: int) -> bool:
        try:
            with writing(engine) as own:
                match = own.get_one(Match, matches[n])
                officer = own.get_one(Member, carol.id)
                curation.judge(own, match, officer, Ruling.PROPOSE, now=utc_now())
        except InvalidError:
            return False
        return True

    told = together(len(matches), ask)

    assert sum(told) == most
    with reading(engine) as fresh:
        asked = fresh.scalars(select(Match).where(Match.state == MatchState.PROPOSED)).all()
        assert len(asked) == most
        assert audit.first_broken(fresh) is None


def test_both_owners_say_yes_in_one_moment_and_are_introduced_once(
    engine: Engine, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    asked = []
    for n in range(4):
        need = make_need(alice, curator=carol, title=f"Nhu cầu {n}")
        offered = make_solution(bob, curator=carol, title=f"Giải pháp {n}")
        match = suggest(session, need, offered)
        propose(session, match, carol)
        asked.append(match.id)
    session.close()

    for match_id in asked:

        def accept(n: int, of: int = match_id) -> bool:
            with writing(engine) as own:
                match = own.get_one(Match, of)
                match.judgements  # noqa: B018 - as the page reads it before it answers
                member = own.get_one(Member, (alice.id, bob.id)[n])
                return curation.answer(own, match, member, Ruling.ACCEPT, now=utc_now()) is not None

        assert sorted(together(2, accept)) == [False, True]

    with reading(engine) as fresh:
        states = fresh.scalars(select(Match.state).where(Match.id.in_(asked))).all()
        assert set(states) == {MatchState.INTRODUCED}
        assert fresh.scalar(select(func.count()).select_from(Engagement)) == len(asked)
        assert audit.first_broken(fresh) is None


def test_need_ranked_by_several_at_once_has_one_list(
    engine: Engine, session: Session, settings: Settings, catalogue: Catalogue, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need_id = make_need(alice, curator=carol).id
    for n in range(3):
        make_solution(bob, curator=carol, title=f"Máy cắt tách vỏ hạt điều {n}")
    session.close()
    catalogue.drain(engine)
    with reading(engine) as fresh:
        matching.warm(fresh, catalogue)  # the first ranking of a process takes seconds

    def rank(_: int) -> bool:
        with writing(engine) as own:
            return matching.refresh_by_id(own, catalogue, need_id, now=utc_now()) is not None

    assert together(4, rank) == [True] * 4
    with reading(engine) as fresh:
        assert fresh.scalar(select(func.count()).select_from(Match)) == 3
        assert audit.first_broken(fresh) is None


def test_guessing_in_parallel_gets_no_more_tries(
    engine: Engine, session: Session, alice: Member
) -> None:
    def guess(n: int) -> str:
        now = utc_now()
        try:
            accounts.enter(engine, alice.email, f"một mật khẩu sai {n}", f"10.0.0.{n}", now=now)
        except SignInError:
            return "wrong"
        except TooManyTriesError:
            return "too many"
        return "in"

    told = Counter(together(24, guess))

    assert told == {"wrong": accounts.TRIES_PER_ACCOUNT, "too many": 14}
    assert session.scalar(select(func.count()).select_from(SignInTry)) == 20


def test_spraying_from_one_address_in_parallel_gets_no_more_tries(
    engine: Engine, session: Session
) -> None:
    def guess(n: int) -> str:
        try:
            accounts.enter(engine, f"n{n}@spray.example", PASSWORD, "10.0.0.1", now=utc_now())
        except SignInError:
            return "wrong"
        except TooManyTriesError:
            return "too many"
        return "in"

    told = Counter(together(40, guess))

    assert told == {"wrong": accounts.TRIES_PER_ADDRESS, "too many": 10}


def test_who_knows_the_password_leaves_no_try_behind(
    engine: Engine, session: Session, alice: Member
) -> None:
    def enter(n: int) -> int:
        return accounts.enter(engine, alice.email, PASSWORD, f"10.0.0.{n}", now=utc_now()).id

    assert set(together(6, enter)) == {alice.id}
    assert session.scalar(select(func.count()).select_from(SignInTry)) == 0
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("sign_in") == 6
    assert "sign_in.refused" not in actions
