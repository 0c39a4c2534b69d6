"""The page on which managers and administrators see how the machine does, and its one button."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker.domain.operations import (
    JobOutcome,
    OverdueClock,
    RetryOutcome,
    TaskState,
    cause_of,
    split_cause,
)
from matchmaker.domain.vocabulary import RecordKind, Role
from matchmaker.models import AuditEntry, IndexTask, JobRun, Member, Need, utc_now
from matchmaker.queries import queues
from matchmaker.services import accounts, audit, backups, indexing, watching
from matchmaker.web import phrases
from tests.conftest import NOON, PASSWORD
from tests.web.pages import asked_of
from tests.web.people import SignIn, propose, suggest

PATH = "/desk/system"


def member(session: Session, name: str, role: Role) -> Member:
    made = accounts.add_member(
        session, email=f"{name}@department.example", name=name, password=PASSWORD, role=role,
        now=NOON,
    )  # fmt: skip
    session.commit()
    return made


@pytest.fixture
def dora(session: Session) -> Member:
    return member(session, "dora", Role.MANAGER)


@pytest.fixture
def desk(client: FlaskClient, sign_in: SignIn, dora: Member) -> FlaskClient:
    return sign_in(client, dora)


def text(client: FlaskClient) -> str:
    answer = client.get(PATH)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def fail(session: Session, *needs: Need, cause: str = "BrokenError: no memory for 3") -> None:
    """Only these needs have tasks, and all of them were set aside."""
    session.execute(delete(IndexTask))
    session.add_all(
        IndexTask(
            record_kind=RecordKind.NEED, record_id=need.id, attempts=queues.MAX_ATTEMPTS,
            error=cause, made_at=NOON,
        )
        for need in needs
    )  # fmt: skip
    session.commit()


def test_the_page_is_for_managers_and_administrators(
    app, client, sign_in, session, alice, carol, dora
):
    assert client.get(PATH).status_code == 302
    told = {
        who.name: sign_in(app.test_client(), who).get(PATH).status_code
        for who in (alice, carol, dora, member(session, "adam", Role.ADMIN))
    }
    assert told == {"Alice": 403, "Carol": 403, "dora": 200, "adam": 200}


def test_what_waits_is_told_apart_from_what_was_set_aside(session, alice, make_need):
    first, second = make_need(alice), make_need(alice)
    fail(session, first)
    session.add(IndexTask(record_kind=RecordKind.NEED, record_id=second.id, made_at=NOON))
    session.add(
        IndexTask(
            record_kind=RecordKind.NEED, record_id=second.id, attempts=queues.MAX_ATTEMPTS,
            claimed_by="w", claimed_until=NOON + timedelta(minutes=5), made_at=NOON,
        )
    )  # fmt: skip
    session.commit()
    later = NOON + timedelta(minutes=1)
    state = watching.state(session, later)

    assert {w: state.total(w) for w in TaskState} == dict.fromkeys(TaskState, 1)
    assert state.lag == timedelta(minutes=1)
    # The worker that held it is gone by then:
    assert watching.state(session, NOON + timedelta(hours=1)).total(TaskState.SET_ASIDE) == 2
    assert indexing.pending(session) == 1


def test_a_whole_queue_and_an_empty_one_read_differently(desk, session, alice, make_need):
    session.execute(delete(IndexTask))
    session.commit()
    assert "Mọi hồ sơ đã lưu đều đã vào chỉ mục" in text(desk)

    make_need(alice)
    session.execute(update(IndexTask).values(made_at=utc_now() - timedelta(minutes=30)))
    session.commit()
    page = text(desk)
    assert "không có tiến trình nền nào đang chạy" in page
    assert "30 phút" in page


def test_a_task_set_aside_shows_its_cause_and_nothing_of_the_record(
    desk, session, alice, make_need
):
    need = make_need(alice, title="Zirconia kiln nozzle", submit=False)
    fail(session, need, cause="ValueError: cannot read 'Zirconia kiln'\n[SQL: nozzle]")
    page = text(desk)

    assert need.code in page
    assert "<strong>ValueError</strong>: cannot read …" in page
    assert "đã thử 5 lần" in page
    for word in ("Zirconia", "kiln", "nozzle", "[SQL"):
        assert word not in page


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("no memory for 3 rows", "no memory for 3 rows"),
        ("bad value Zirconia here", "bad value … here"),
        ("bad value ZIRCONIA-kiln, nozzle here", "bad value … here"),
        ("cannot encode 'a b' in \"c\"", "cannot encode … in …"),
        ("lỗi khi đọc: tỉ lệ 14 %", "… khi … 14 %"),
        ("one\ntwo", "one"),
        ("x" * 500, "x" * 160 + "…"),
        ("", None),
    ],
)
def test_a_cause_is_kept_without_words_of_the_text_at_work(message, told):
    error = ValueError(message)
    kept = cause_of(error, ["Zirconia kiln nozzle in a row"])

    assert kept == ("ValueError" if told is None else f"ValueError: {told}")
    assert cause_of(error, None) == "ValueError"
    assert split_cause(kept) == ("ValueError", told or "")


def test_the_worker_keeps_a_cause_without_the_text(session, engine, alice, make_need):
    make_need(alice, title="Zirconia kiln nozzle")

    class Telling:
        """An encoder whose error repeats what it was given."""

        name, dim, fingerprint = "telling", 8, "f"

        def encode(self, texts, *, role):
            del role
            raise ValueError(f"cannot encode {[*texts, 'nothing'][0]}")

    with pytest.raises(ValueError, match="Zirconia"):
        indexing.work_off(engine, Telling(), worker="w")
    session.rollback()
    kept = set(session.scalars(select(IndexTask.error)))
    assert kept
    assert all("cannot encode" in told for told in kept)
    assert not any("Zirconia" in told or "kiln" in told for told in kept)


def press(desk: FlaskClient, record: str) -> tuple[int, str]:
    """The status of the button's answer, and what the next page says."""
    answer = desk.post(f"{PATH}/tasks", data={"record": record})
    if answer.status_code != 303:
        return answer.status_code, ""
    page = desk.get(answer.headers["Location"]).get_data(as_text=True)
    return 303, page


def state_of(session: Session) -> list[tuple[int, str]]:
    session.rollback()
    rows = session.execute(select(IndexTask.attempts, IndexTask.claimed_by)).all()
    session.rollback()
    return [(attempts, worker) for attempts, worker in rows]


def test_the_button_says_in_four_ways_what_came_of_it(desk, session, alice, make_need, dora):
    need = make_need(alice)
    fail(session, need)
    record = f"need/{need.public_id}"
    desk.get("/desk/system")  # takes the greeting

    with desk.application.test_request_context():
        words = {o: str(phrases.phrase(o)) for o in RetryOutcome}

    def outcome_of(page: str) -> list[RetryOutcome]:
        return [o for o in RetryOutcome if words[o] in page]

    assert outcome_of(press(desk, record)[1]) == [RetryOutcome.AGAIN]
    assert state_of(session) == [(0, "")]
    assert outcome_of(press(desk, record)[1]) == [RetryOutcome.WAITING]
    session.execute(
        update(IndexTask).values(claimed_by="w", claimed_until=utc_now() + timedelta(minutes=1))
    )
    session.commit()
    assert outcome_of(press(desk, record)[1]) == [RetryOutcome.CLAIMED]
    assert state_of(session) == [(0, "w")]
    session.execute(delete(IndexTask))
    session.commit()
    assert outcome_of(press(desk, record)[1]) == [RetryOutcome.DONE]

    lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "index.try_again")).all()
    assert [(a.actor_id, a.record_public_id, a.detail) for a in lines] == [
        (dora.id, need.public_id, {"tasks": 1})
    ]
    assert audit.first_broken(session) is None


def test_all_are_tried_again_at_once_and_the_worker_does_them(
    desk, session, engine, catalogue, alice, make_need
):
    needs = [make_need(alice) for _ in range(3)]
    fail(session, *needs)
    assert catalogue.drain(engine) == 0

    assert press(desk, "all")[0] == 303
    assert state_of(session) == [(0, "")] * 3
    assert catalogue.drain(engine) == 3


@pytest.mark.parametrize("record", ["", "need", "need/0000000000000000", "member/x", "x/y"])
def test_what_is_not_there_cannot_be_tried_again(desk, session, alice, make_need, record):
    fail(session, make_need(alice))

    assert press(desk, record)[0] == 404
    assert state_of(session) == [(queues.MAX_ATTEMPTS, "")]


def test_curators_may_not_press_the_button(client, sign_in, session, alice, carol, make_need):
    fail(session, make_need(alice))

    assert press(sign_in(client, carol), "all")[0] == 403
    assert state_of(session) == [(queues.MAX_ATTEMPTS, "")]


@pytest.mark.databases
def test_three_and_three_hundred_rows_take_the_same_queries(
    desk, session, engine, alice, make_need
):
    need = make_need(alice)
    text(desk)  # takes the greeting
    counts = []
    for n in (3, 300):
        session.execute(delete(IndexTask))
        session.add_all(
            IndexTask(
                record_kind=RecordKind.NEED, record_id=need.id + i,
                attempts=queues.MAX_ATTEMPTS, error="BrokenError",
            )
            for i in range(n)
        )  # fmt: skip
        session.commit()
        with asked_of(engine) as asked:
            page = text(desk)
        counts.append(len(asked))
        assert f'Bị gác lại <span class="muted">{n}</span>' in page

    assert counts[0] == counts[1] < 30
    assert "Còn 250 hồ sơ nữa" in page


def test_jobs_tell_their_last_run_and_when_they_are_due_again(session):
    today, yesterday = NOON.date(), NOON.date() - timedelta(days=1)
    before = {job.name: job for job in watching.state(session, NOON).jobs}
    session.add(JobRun(name="newcomers", day=today, worker="w", taken_at=NOON, done_at=NOON))
    session.add(JobRun(name="calibrate", day=yesterday, worker="w", taken_at=NOON))
    session.commit()
    after = {job.name: job for job in watching.state(session, NOON).jobs}

    assert {job.outcome for job in before.values()} == {JobOutcome.NEVER}
    assert (after["newcomers"].outcome, after["newcomers"].day) == (JobOutcome.DONE, today)
    # 00:00 and 02:00 in Vietnam:
    assert after["newcomers"].due_at == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert after["calibrate"].due_at == datetime(2026, 11, 22, 19, tzinfo=UTC)
    assert after["calibrate"].is_late(NOON)
    assert not after["newcomers"].is_late(NOON)


def test_clocks_that_ran_out_are_counted_by_whom_they_wait_for(
    session, alice, bob, carol, make_need, make_solution
):
    make_need(alice)
    waiting = make_need(alice, curator=carol)
    match = suggest(session, waiting, make_solution(bob, curator=carol))
    propose(session, match, carol)
    soon, late = NOON + timedelta(hours=1), NOON + timedelta(days=30)

    assert set(queues.overdue(session, soon, soon.date()).values()) == {0}
    assert queues.overdue(session, late, late.date()) == {
        OverdueClock.REVIEW: 1, OverdueClock.REPLY: 1, OverdueClock.NEXT_STEP: 0,
    }  # fmt: skip


def test_the_last_backup_is_told(desk, engine, settings, tmp_path):
    assert "chưa có lần nào từ máy này" in text(desk)

    manifest = backups.write(engine, settings.data_dir, tmp_path / "b.tar.gz")
    assert backups.last_made(settings.data_dir) == datetime.fromisoformat(manifest.made_at)
    assert "chưa có lần nào từ máy này" not in text(desk)

    (settings.data_dir / backups.NOTE).write_text("{torn", "utf-8")
    assert backups.last_made(settings.data_dir) is None
    text(desk)


def test_the_page_is_linked_for_whom_it_is_for(app, sign_in, carol, dora):
    seen = {
        who.name: f'href="{PATH}"' in sign_in(app.test_client(), who).get("/desk").text
        for who in (carol, dora)
    }
    assert seen == {"Carol": False, "dora": True}
