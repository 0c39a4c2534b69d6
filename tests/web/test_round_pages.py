"""Pages and files of a round: who may open them, and what nobody may read in them."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import RecordStatus, RoundState
from matchmaker.models import Match, MatchRun, Meeting, Member, Notice, Round
from tests.conftest import NOON
from tests.web.pages import sent_by
from tests.web.people import MakeNeed, MakeSolution, SignIn, afresh, suggest

#: In the name of the organisation behind the anonymous need.
CANARY = "zqseekerqz"
FORM = {"name": "Ngày kết nối", "days": "12/12/2030", "venue": "Biên Hòa"}


@pytest.fixture
def match(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> Match:  # fmt: skip
    assert alice.organisation
    need = make_need(alice, curator=carol, title="=HYPERLINK(1) cắt tách vỏ điều")
    solution = make_solution(bob, curator=carol, title="+Máy cắt tách vỏ")
    alice.organisation.name_vi = alice.organisation.name_en = f"Hãng {CANARY}"
    alice.organisation.short_name = CANARY
    alice.name = f"Alice {CANARY}"
    # Ranked already: planning ranks only what never was.
    ranked = {"started_at": NOON, "finished_at": NOON, "model": "hashing", "pool_size": 1}
    session.add(MatchRun(need_id=need.id, index_digest="", settings_hash="", **ranked))
    return suggest(session, need, solution)


@pytest.fixture
def desk(app: Flask, sign_in: SignIn, carol: Member) -> FlaskClient:
    return sign_in(app.test_client(), carol)


@pytest.fixture
def round_(desk: FlaskClient, session: Session, match: Match) -> Round:
    """Set up at the desk, as an officer does."""
    form = {k: v[0] for k, v in sent_by(desk.get("/desk/rounds/new").get_data(True)).items()}
    answer = desk.post("/desk/rounds/new", data=form | FORM)
    assert answer.status_code == 303, answer.get_data(True)
    return session.scalars(select(Round)).one()


def post(browser: FlaskClient, round_: Round, deed: str, **form: str) -> int:
    return browser.post(f"/desk/rounds/{round_.public_id}/{deed}", data=form).status_code


def show(browser: FlaskClient, round_: Round) -> str:
    return browser.get(f"/desk/rounds/{round_.public_id}").get_data(as_text=True)


@pytest.fixture
def published(desk: FlaskClient, round_: Round, session: Session) -> Round:
    assert post(desk, round_, "plans") == 303
    version = sent_by(show(desk, round_))["version"][-1]
    assert post(desk, round_, "publish", version=version) == 303
    return afresh(session, round_)


def test_officer_sets_up_plans_and_tells(
    desk: FlaskClient, published: Round, session: Session, bob: Member, mallory: Member
) -> None:
    assert published.state is RoundState.PUBLISHED
    page = show(desk, published)
    assert "Dự kiến khoảng 1 trong 1 cuộc gặp" in page
    assert "08:00–08:25" in page
    assert "Đã báo hai bên" in page
    assert "DOT-" in desk.get("/desk/rounds").get_data(as_text=True)
    assert "đợt kết nối đang mở" in desk.get("/desk").get_data(as_text=True)
    assert session.scalars(select(Meeting)).one().starts_at.tzinfo is UTC
    assert bob.organisation
    assert mallory.organisation
    path = f"/desk/rounds/{published.public_id}/organisations"

    page = desk.get(f"{path}/{bob.organisation.public_id}").get_data(as_text=True)

    assert "Bàn 1" in page
    empty = desk.get(f"{path}/{mallory.organisation.public_id}").get_data(as_text=True)
    assert "không có cuộc gặp nào" in empty


def test_faulty_form_keeps_what_was_typed(desk: FlaskClient, session: Session) -> None:
    form = {k: v[0] for k, v in sent_by(desk.get("/desk/rounds/new").get_data(True)).items()}

    answer = desk.post("/desk/rounds/new", data=form | {"name": "Đợt thử", "days": "hôm nay"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Chưa đọc được ngày" in page
    assert 'value="hôm nay"' in page
    assert 'value="Đợt thử"' in page
    past = desk.post("/desk/rounds/new", data=form | FORM | {"days": "12/12/2020"})
    assert "Ngày này đã qua" in past.get_data(as_text=True)
    assert session.scalars(select(Round)).all() == []


def test_a_form_sent_twice_sets_up_one_round(desk: FlaskClient, session: Session) -> None:
    form = {k: v[0] for k, v in sent_by(desk.get("/desk/rounds/new").get_data(True)).items()}

    answers = [desk.post("/desk/rounds/new", data=form | FORM) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(session.scalars(select(Round)).all()) == 1


def test_settings_are_changed_and_a_stale_form_is_refused(
    desk: FlaskClient, round_: Round, session: Session
) -> None:
    path = f"/desk/rounds/{round_.public_id}/edit"
    form = {k: v[0] for k, v in sent_by(desk.get(path).get_data(True)).items()}

    assert desk.post(path, data=form | {"tables": "3"}).status_code == 303
    assert desk.post(path, data=form | {"tables": "9"}).status_code == 409

    kept = afresh(session, round_).settings
    assert (kept["tables"], kept["days"]) == (3, ["2030-12-12"])


def test_pinning_forbidding_and_absences_from_the_page(
    desk: FlaskClient, round_: Round, match: Match, session: Session, bob: Member
) -> None:
    assert bob.organisation
    post(desk, round_, "plans")
    pair = {"need": match.need.public_id, "solution": match.solution.public_id}
    assert post(desk, round_, "fixes", **pair, fix="pin") == 303
    assert "Đã ghim" in show(desk, round_)
    assert post(desk, round_, "fixes", **pair, fix="forbid") == 303
    assert session.scalars(select(Meeting)).all() == []
    assert post(desk, round_, "plans") == 303
    assert "số cặp cán bộ không cho xếp: 1" in show(desk, round_).lower()
    away = {"organisation": bob.organisation.code, "from_at": "12/12/2030 08:00"}
    assert post(desk, round_, "absences", **away, to_at="hôm qua") == 422
    assert post(desk, round_, "absences", **away, to_at="12/12/2030 12:00") == 303
    [absence] = afresh(session, round_).absences
    assert bob.organisation.name_vi in show(desk, round_)
    assert post(desk, round_, f"absences/{absence.public_id}/remove") == 303
    assert afresh(session, round_).absences == []
    assert post(desk, round_, "fixes", need="nowhere", solution="x", fix="pin") == 404


def test_a_plan_that_was_not_read_is_not_told(
    desk: FlaskClient, round_: Round, match: Match, session: Session
) -> None:
    post(desk, round_, "plans")
    version = sent_by(show(desk, round_))["version"][-1]
    pair = {"need": match.need.public_id, "solution": match.solution.public_id}
    post(desk, round_, "fixes", **pair, fix="pin")

    assert post(desk, round_, "publish", version=version) == 409

    assert afresh(session, round_).state is RoundState.PLANNED
    told = select(Notice).where(Notice.record_public_id == round_.public_id)
    assert session.scalars(told).all() == []


def test_a_pin_that_cannot_be_planned_any_more_says_so(
    desk: FlaskClient, round_: Round, session: Session, match: Match
) -> None:
    pair = {"need": match.need.public_id, "solution": match.solution.public_id}
    post(desk, round_, "fixes", **pair, fix="pin")
    assert post(desk, round_, "plans") == 303
    assert "Không có trong lịch" not in show(desk, round_)
    afresh(session, match).solution.status = RecordStatus.WITHDRAWN
    session.commit()

    assert post(desk, round_, "plans") == 303

    assert "Không có trong lịch: một hồ sơ đã rời danh sách" in show(desk, round_)


def test_meetings_are_noted_and_the_round_closed(
    desk: FlaskClient, published: Round, session: Session
) -> None:
    met = session.scalars(select(Meeting)).one()
    deed = f"meetings/{met.public_id}"
    assert post(desk, published, deed, state="held", version="99") == 409
    assert post(desk, published, deed, state="held", version="1", outcome="x" * 1001) == 422
    assert post(desk, published, deed, state="planned", version=str(met.version)) == 409

    assert post(desk, published, deed, state="held", version=str(met.version), outcome="Hẹn") == 303

    assert "Hẹn" in show(desk, published)
    assert post(desk, published, "close") == 303
    assert afresh(session, published).state is RoundState.CLOSED


def test_a_rule_in_the_way_is_told_in_words_and_lifted(
    desk: FlaskClient, round_: Round, session: Session, match: Match
) -> None:
    round_.settings = round_.settings | {"need_least": 2}
    session.commit()

    assert post(desk, round_, "plans") == 303

    page = show(desk, round_)
    assert f"Nhu cầu {match.need.code} cần ít nhất 2 cuộc gặp, chỉ xếp được 1" in page
    assert "không còn giải pháp nào khác đạt mức phù hợp tối thiểu" in page
    assert post(desk, round_, "waivers") == 303
    assert post(desk, round_, "plans") == 303
    assert len(session.scalars(select(Meeting)).all()) == 1
    assert post(desk, round_, "waivers") == 409


def test_owners_see_their_own_meetings_and_strangers_nothing(
    app: Flask, sign_in: SignIn, published: Round, alice: Member, bob: Member, mallory: Member,
    desk: FlaskClient,
) -> None:  # fmt: skip
    path = f"/rounds/{published.public_id}"
    seen: dict[str, Callable[[str], int]] = {
        m.email: sign_in(app.test_client(), m).get for m in (alice, bob, mallory)
    }  # type: ignore[assignment]
    codes = {
        who: [get(path).status_code, get(f"{path}/meetings.ics").status_code]
        for who, get in seen.items()
    }
    assert codes == {alice.email: [200, 200], bob.email: [200, 200], mallory.email: [404, 404]}
    assert app.test_client().get(path).status_code == 302
    work = seen[bob.email]("/work/").get_data(as_text=True)
    assert "Cuộc gặp sắp tới" in work
    assert "Ngày kết nối" in seen[bob.email]("/work/notices").get_data(as_text=True)
    for room in ("", "/round.xlsx", "/round.ics"):
        answer = seen[bob.email](f"/desk/rounds/{published.public_id}{room}")
        assert answer.status_code == 403
    # And nothing that the counterpart reads names who stands behind the anonymous need.
    browser = sign_in(app.test_client(), bob)
    own = f"/rounds/{published.public_id}"
    read = [browser.get(a) for a in (own, f"{own}/meetings.ics", "/work/", "/work/notices")]

    assert all(answer.status_code == 200 for answer in read)
    assert not [a.request.path for a in read if CANARY.encode() in unfolded(a.data)]
    assert "ẩn danh".encode() in unfolded(read[1].data)
    # What the test looks for is there to be found: officers and the owner himself read it.
    assert CANARY in show(desk, published) or CANARY.encode() in unfolded(
        desk.get(f"/desk/rounds/{published.public_id}/round.ics").data
    )


def test_before_it_is_told_owners_know_of_nothing(
    app: Flask, sign_in: SignIn, desk: FlaskClient, round_: Round, bob: Member
) -> None:
    post(desk, round_, "plans")
    browser = sign_in(app.test_client(), bob)

    assert browser.get(f"/rounds/{round_.public_id}").status_code == 404
    assert "Cuộc gặp sắp tới" not in browser.get("/work/").get_data(as_text=True)


def unfolded(data: bytes) -> bytes:
    """A calendar's long lines put together again."""
    return data.replace(b"\r\n ", b"")


def test_files_hold_the_meeting_in_utc_and_as_text_without_formula(
    desk: FlaskClient, published: Round, match: Match, session: Session
) -> None:
    met = session.scalars(select(Meeting)).one()
    answer = desk.get(f"/desk/rounds/{published.public_id}/round.ics")

    [event] = Calendar.from_ical(answer.data).walk("VEVENT")

    assert answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert str(event["uid"]) == f"{met.public_id}@matchmaker"
    assert event.decoded("dtstart") == met.starts_at
    assert b"DTSTART:20301212T010000Z" in answer.data
    assert str(event["location"]) == "Bàn 1, Biên Hòa"
    again = desk.get(f"/desk/rounds/{published.public_id}/round.ics")
    assert again.data == answer.data

    answer = desk.get(f"/desk/rounds/{published.public_id}/round.xlsx")

    book = openpyxl.load_workbook(io.BytesIO(answer.data))

    assert book.sheetnames == ["Lịch", "Cuộc gặp", "Chưa có cuộc gặp", "Thiết lập"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    values = [cell.value for cell in cells]
    assert match.need.title in values
    assert match.solution.title in values
    assert match.need.title.startswith("=")
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s")
    assert f"Hãng {CANARY}" in values
    assert date(2030, 12, 12).strftime("%d/%m/%Y") in values


def test_officer_moves_a_meeting_and_its_owners_read_the_new_time(
    desk: FlaskClient, published: Round, session: Session, app: Flask, sign_in: SignIn, bob: Member
) -> None:
    met = session.scalars(select(Meeting)).one()
    path = f"/desk/rounds/{published.public_id}/meetings/{met.public_id}/move"
    assert path in show(desk, published)
    page = desk.get(path).get_data(as_text=True)
    assert "08:00–08:25" in page
    assert "Bàn 1" in page
    last = re.findall('name="starts_at" value="([^"]*)"', page)[-1]

    late = desk.post(path, data={"starts_at": met.starts_at.isoformat()})
    assert late.status_code == 422
    assert "không còn trống" in late.get_data(as_text=True)
    assert desk.post(path, data={"starts_at": "hôm nào đó"}).status_code == 422
    assert desk.post(path, data={"starts_at": last}).status_code == 303

    assert afresh(session, met).starts_at.isoformat() == last
    owner = sign_in(app.test_client(), bob)
    assert "dời sang lúc 12/12/2030" in owner.get("/work/notices").get_data(as_text=True)
    assert owner.get(path).status_code in {403, 404}
