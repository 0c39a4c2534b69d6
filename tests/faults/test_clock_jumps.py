"""The clock jumps a day ahead and back: nobody is let in longer, nobody is locked out for a day."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain.errors import SignInError, TooManyTriesError
from matchmaker.domain.vocabulary import RecordKind, RecordStatus
from matchmaker.models import IndexTask, Member, Need, base
from matchmaker.models.database import reading, writing
from matchmaker.services import accounts, audit, clocks, outbox, records
from matchmaker.services.catalogue import Catalogue
from tests.conftest import PASSWORD, need_draft
from tests.web.people import MakeNeed, SignIn
from tests.web.test_needs import TYPED

pytestmark = pytest.mark.databases

DAY = timedelta(days=1)


class Clock:
    """The time as the whole product reads it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Iterator[Clock]:
    """In place of the clock in every module that has it, and in the columns' defaults."""
    clock, real = Clock(), base.utc_now
    with pytest.MonkeyPatch.context() as patch:
        holders = [
            module for name, module in sys.modules.items()
            if name.startswith("matchmaker") and getattr(module, "utc_now", None) is real
        ]  # fmt: skip
        assert len(holders) > 20
        for module in holders:
            patch.setattr(module, "utc_now", clock)
        for mapper in base.Base.registry.mappers:
            for column in mapper.local_table.columns:
                for held in (column.default, column.onupdate):
                    if held is not None and getattr(held.arg, "__wrapped__", None) is real:
                        patch.setattr(held, "arg", lambda _: clock())
        yield clock


def is_in(client: FlaskClient) -> bool:
    return client.get("/work/").status_code == 200


def test_session_ends_when_the_clock_goes_on_a_day(
    client: FlaskClient, clock: Clock, sign_in: SignIn, alice: Member
) -> None:
    browser = sign_in(client, alice)
    assert is_in(browser)

    clock.ahead = DAY

    assert not is_in(browser)


def test_session_of_tomorrow_is_none(
    client: FlaskClient, clock: Clock, sign_in: SignIn, alice: Member
) -> None:
    """Made while the clock was wrong, it would live a day longer than any other."""
    clock.ahead = DAY
    browser = sign_in(client, alice)
    assert is_in(browser)

    clock.ahead = timedelta()

    assert not is_in(browser)
    assert is_in(sign_in(client.application.test_client(), alice))


def test_clocks_of_two_hosts_may_differ_by_minutes(
    client: FlaskClient, clock: Clock, sign_in: SignIn, alice: Member
) -> None:
    browser = sign_in(client, alice)
    for minutes in (-2, 2):
        clock.ahead = timedelta(minutes=minutes)
        assert is_in(browser)


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_account_is_free_again_in_minutes_whatever_the_clock_did(
    engine: Engine, clock: Clock, alice: Member, jump: timedelta
) -> None:
    clock.ahead = max(jump, timedelta())
    for _ in range(accounts.TRIES_PER_ACCOUNT):
        with pytest.raises(SignInError):
            accounts.enter(engine, alice.email, "sai mật khẩu rồi", "10.0.0.1", now=clock())
    with pytest.raises(TooManyTriesError):
        accounts.enter(engine, alice.email, PASSWORD, "10.0.0.2", now=clock())

    clock.ahead += (timedelta() if jump < timedelta() else -jump) + timedelta(minutes=15)

    assert accounts.enter(engine, alice.email, PASSWORD, "10.0.0.2", now=clock()).id == alice.id


def claim(engine: Engine, worker: str, limit: int = 99) -> list[outbox.Key]:
    with writing(engine) as session:
        return outbox.claim(session, worker, limit, now=base.utc_now())


def test_record_saved_tomorrow_is_indexed_today(
    engine: Engine, clock: Clock, catalogue: Catalogue, alice: Member, carol: Member,
    make_need: MakeNeed,
) -> None:  # fmt: skip
    clock.ahead = DAY
    make_need(alice, curator=carol)
    # And its worker is killed after it claimed the tasks.
    claimed = claim(engine, "a worker that is gone", 3)
    assert claimed
    clock.ahead = timedelta()

    assert catalogue.drain(engine) > 0

    with reading(engine) as session:
        assert session.scalars(select(IndexTask)).all() == []
        assert catalogue.catch_up(session) > 0


def test_claim_of_today_holds_while_the_clock_is_right(
    engine: Engine, clock: Clock, alice: Member, make_need: MakeNeed
) -> None:
    make_need(alice)
    clock.ahead = timedelta(seconds=1)
    assert claim(engine, "one")
    assert claim(engine, "other") == []
    clock.ahead = outbox.CLAIM - timedelta(seconds=5)
    assert claim(engine, "other") == []
    clock.ahead = outbox.CLAIM + timedelta(seconds=5)
    assert claim(engine, "other")


@pytest.mark.parametrize("jump", [-DAY, DAY])
def test_due_days_follow_the_clock_of_the_deed_and_the_audit_chain_holds(
    client: FlaskClient, engine: Engine, session: Session, clock: Clock, sign_in: SignIn,
    alice: Member, carol: Member, jump: timedelta,
) -> None:  # fmt: skip
    for n, ahead in enumerate((timedelta(), jump, timedelta())):
        clock.ahead = ahead
        browser = sign_in(client.application.test_client(), alice)
        form = TYPED | {"title": f"Nhu cầu {n}", "submission_key": f"{n:016d}", "do": "send"}
        assert browser.post("/needs/new", data=form).status_code == 303

    with reading(engine) as fresh:
        assert audit.first_broken(fresh) is None
        for need in fresh.scalars(select(Need)):
            if need.status is RecordStatus.SUBMITTED:
                assert need.submitted_at is not None
                due = clocks.due_after(need.submitted_at, clocks.FIRST_LOOK)
                assert need.review_due_at == due


def test_need_of_the_day_before_may_be_changed(engine: Engine, clock: Clock, alice: Member) -> None:
    with writing(engine) as session:
        member = session.get_one(Member, alice.id)
        need = records.post_need(session, member, need_draft(), key=None, submit=True, now=clock())
    clock.ahead = -DAY
    with writing(engine) as session:
        again = session.get_one(Need, need.id)
        member = session.get_one(Member, alice.id)
        records.revise(
            session, again, member, need_draft(title="Đổi hôm qua"), version=again.version,
            submit=True, now=clock(),
        )  # fmt: skip
    with reading(engine) as fresh:
        assert fresh.get_one(Need, need.id).title == "Đổi hôm qua"
        assert audit.first_broken(fresh) is None
        kinds = fresh.scalars(select(IndexTask.record_kind)).all()
        assert RecordKind.NEED in kinds
