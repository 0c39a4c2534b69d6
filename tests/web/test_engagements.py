"""The introduction page: contacts for the parties, steps for the officers."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Stage, WaitingFor
from matchmaker.models import Engagement, Member
from matchmaker.web.filters import day
from tests.web.pages import sent_by
from tests.web.people import MakeNeed, MakeSolution, SignIn, afresh, introduce, suggest

pytestmark = pytest.mark.databases

STEP = {
    "stage": "in_contact",
    "next_step": "Khảo sát dây chuyền tại xưởng",
    "due_on": "15/12/2026",
    "waiting_for": "solution_owner",
    "note": "Đã gọi điện, hẹn khảo sát.",
}


@pytest.fixture
def engagement(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> Engagement:  # fmt: skip
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    return introduce(session, suggest(session, need, solution), carol, alice, bob)


def page_of(client: FlaskClient, engagement: Engagement) -> str:
    answer = client.get(f"/engagements/{engagement.public_id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def move(client: FlaskClient, engagement: Engagement, seen: str, **form: str) -> tuple[int, str]:
    sent = {name: values[0] for name, values in sent_by(seen).items()}
    answer = client.post(f"/engagements/{engagement.public_id}/moves", data=sent | STEP | form)
    return answer.status_code, answer.get_data(as_text=True)


def test_parties_see_each_others_contacts_and_exact_budget(
    client: FlaskClient, sign_in: SignIn, engagement: Engagement, alice: Member, bob: Member
) -> None:
    for member in (alice, bob):
        page = page_of(sign_in(client.application.test_client(), member), engagement)

        assert "lienhe1@kiemthu.example" in page
        assert "lienhe2@kiemthu.example" in page
        assert "300 triệu ₫ – 500 triệu ₫" in page
        assert "Carol" in page
        assert day(engagement.due_on) in page
        assert "first_contact" not in page
        assert "/moves" not in page


def test_only_whom_it_waits_for_is_told_it_is_his_turn(
    client: FlaskClient, sign_in: SignIn, engagement: Engagement, alice: Member, bob: Member,
    carol: Member,
) -> None:  # fmt: skip
    turn = {
        m.name: "Đến lượt bạn" in page_of(sign_in(client.application.test_client(), m), engagement)
        for m in (alice, bob, carol)
    }

    assert turn == {"Alice": True, "Bob": False, "Carol": False}


def test_others_learn_nothing(
    client: FlaskClient, sign_in: SignIn, engagement: Engagement, mallory: Member
) -> None:
    path = f"/engagements/{engagement.public_id}"

    assert client.get(path).status_code == 302
    assert sign_in(client, mallory).get(path).status_code == 404
    assert client.post(f"{path}/moves", data=STEP).status_code == 403


def test_curator_notes_the_next_step(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member,
    bob: Member,
) -> None:  # fmt: skip
    browser = sign_in(client, carol)

    status, _ = move(browser, engagement, page_of(browser, engagement))

    assert status == 303
    kept = afresh(session, engagement)
    assert (kept.stage, kept.next_step, kept.due_on, kept.waiting_for) == (
        Stage.IN_CONTACT,
        "Khảo sát dây chuyền tại xưởng",
        date(2026, 12, 15),
        WaitingFor.SOLUTION_OWNER,
    )
    other = page_of(sign_in(client.application.test_client(), bob), engagement)
    assert "Khảo sát dây chuyền tại xưởng" in other
    assert "Đã gọi điện, hẹn khảo sát." in other


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"next_step": " "}, "Hãy điền mục này."),
        ({"due_on": "mai"}, "Chưa đọc được ngày"),
        ({"due_on": ""}, "Hãy điền mục này."),
        ({"waiting_for": ""}, "Hãy điền mục này."),
        ({"waiting_for": "nobody"}, "Hãy chọn một mục trong danh sách."),
        ({"stage": "married"}, "Hãy chọn một mục trong danh sách."),
        ({"stage": "no_agreement", "note": ""}, "Hãy điền mục này."),
    ],
)
def test_incomplete_step_is_refused_and_kept_on_the_page(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member,
    wrong: dict[str, str], words: str,
) -> None:  # fmt: skip
    browser = sign_in(client, carol)

    status, page = move(browser, engagement, page_of(browser, engagement), **wrong)

    assert status == 422
    assert words in page
    assert "Khảo sát dây chuyền" in page or wrong.get("next_step")
    kept = afresh(session, engagement)
    assert kept.stage is Stage.OPENED
    assert len(kept.moves) == 1


def test_stage_that_does_not_follow_is_refused(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member
) -> None:
    browser = sign_in(client, carol)

    status, _ = move(browser, engagement, page_of(browser, engagement), stage="transferred")

    assert status == 409
    assert afresh(session, engagement).stage is Stage.OPENED


def test_second_officer_is_told_what_the_first_noted(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member
) -> None:
    browser = sign_in(client, carol)
    seen = page_of(browser, engagement)
    assert move(browser, engagement, seen)[0] == 303

    status, page = move(browser, engagement, seen, stage="stalled", note="Bên mua chưa trả lời")

    assert status == 409
    assert "Hồ sơ này vừa có bước mới" in page
    assert "Bên mua chưa trả lời" in page
    assert afresh(session, engagement).stage is Stage.IN_CONTACT
    assert move(browser, engagement, page, stage="stalled", note="Vẫn vướng")[0] == 303
    assert afresh(session, engagement).stage is Stage.STALLED


def test_step_without_a_version_is_not_taken(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member
) -> None:
    path = f"/engagements/{engagement.public_id}/moves"

    answer = sign_in(client, carol).post(path, data=STEP)

    assert answer.status_code == 409
    assert afresh(session, engagement).stage is Stage.OPENED


def test_ended_case_says_so_and_asks_for_no_step(
    client: FlaskClient, sign_in: SignIn, session: Session, engagement: Engagement, carol: Member
) -> None:
    browser = sign_in(client, carol)
    end = {"stage": "no_agreement", "next_step": "", "due_on": "", "waiting_for": ""}

    status, _ = move(browser, engagement, page_of(browser, engagement), **end)

    assert status == 303
    assert "Hồ sơ đã kết thúc: Không đạt thỏa thuận" in page_of(browser, engagement)
    assert afresh(session, engagement).stage is Stage.NO_AGREEMENT
