"""One match: what each reader sees of it, and who may decide what."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import MatchState, Reason, Ruling
from matchmaker.models import Match, Member
from matchmaker.services import curation
from tests.conftest import NOON
from tests.web.pages import sent_by
from tests.web.people import (
    QUOTE,
    MakeNeed,
    MakeSolution,
    SignIn,
    afresh,
    introduce,
    propose,
    suggest,
)


@pytest.fixture
def match(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> Match:  # fmt: skip
    return suggest(session, make_need(alice, curator=carol), make_solution(bob, curator=carol))


def body(client: FlaskClient, match: Match, status: int = 200) -> str:
    answer = client.get(f"/matches/{match.public_id}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def decide(client: FlaskClient, match: Match, **form: str) -> int:
    sent = {name: values[0] for name, values in sent_by(body(client, match)).items()}
    return client.post(f"/matches/{match.public_id}/judgements", data=sent | form).status_code


def test_page_shows_demand_quote_verdict_question_and_reasons(
    client: FlaskClient, sign_in: SignIn, match: Match, alice: Member
) -> None:
    page = body(sign_in(client, alice), match)

    assert "Tỉ lệ vỡ nhân không quá 8 %" in page
    assert QUOTE.replace("6 %", "<mark>6 %</mark>") in page
    assert "Đáp ứng" in page
    assert "Con số này có đúng với điều kiện làm việc" in page
    assert "đáp ứng 1/1 yêu cầu bắt buộc" in page
    assert "TRL 8, đạt mức cần (từ TRL 7)" in page
    assert "Phù hợp cao" in page


def test_quote_that_left_the_record_is_not_shown(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, carol: Member
) -> None:
    match.solution.description = "Máy đã đổi, không còn số đo."
    session.commit()

    page = body(sign_in(client, carol), match)

    assert "đo được là" not in page
    assert "Chưa nêu" in page
    assert "đáp ứng 1/1" not in page


def test_page_shows_no_field_of_the_curators_to_owners(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, bob: Member, carol: Member
) -> None:
    match.evidence = [
        match.evidence[0] | {"field": "confidential_detail", "quote": "LỘ BÍ MẬT 7 %"}
    ]
    match.solution.confidential_detail = "LỘ BÍ MẬT 7 %"
    match.need.confidential_detail = "CHỈ KHI CÓ THỎA THUẬN"
    session.commit()
    propose(session, match, carol)

    page = body(sign_in(client, bob), match)

    assert "LỘ BÍ MẬT" not in page  # a field nothing is quoted from, whoever stored it
    assert "CHỈ KHI CÓ" not in page
    assert "Điều Suối" not in page  # the need is anonymous until both said yes


@pytest.mark.parametrize("state", [MatchState.SUGGESTED, MatchState.DISMISSED])
def test_offering_side_and_strangers_know_nothing_before_the_proposal(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, bob: Member,
    mallory: Member, state: MatchState,
) -> None:  # fmt: skip
    match.state = state
    session.commit()

    for member in (bob, mallory):
        body(sign_in(client.application.test_client(), member), match, 404)
    assert client.get(f"/matches/{match.public_id}").status_code == 302


@pytest.mark.parametrize(
    ("button", "state"),
    [
        ({"ruling": "shortlist"}, MatchState.SHORTLISTED),
        ({"dismiss": "price"}, MatchState.DISMISSED),
        ({"ruling": "propose"}, MatchState.PROPOSED),
    ],
)
def test_curator_decides_with_one_button(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, carol: Member,
    button: dict[str, str], state: MatchState,
) -> None:  # fmt: skip
    status = decide(sign_in(client, carol), match, **button)

    assert status == 303
    assert afresh(session, match).state is state
    assert match.judgements[-1].member_id == carol.id
    assert match.judgements[-1].reason is (Reason.PRICE if "dismiss" in button else None)


def test_other_reason_needs_words_and_keeps_what_was_typed(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, carol: Member
) -> None:
    status = decide(sign_in(client, carol), match, dismiss="other", note="")
    assert status == 422

    assert decide(client, match, dismiss="other", note="Trùng với hợp đồng cũ") == 303
    assert afresh(session, match).judgements[-1].note == "Trùng với hợp đồng cũ"


@pytest.mark.parametrize(
    "form", [{}, {"ruling": "introduce"}, {"ruling": "accept"}, {"dismiss": "whim"}]
)
def test_unknown_or_foreign_ruling_changes_nothing(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, carol: Member,
    form: dict[str, str],
) -> None:  # fmt: skip
    status = decide(sign_in(client, carol), match, **form)

    assert status in {403, 422}
    assert afresh(session, match).state is MatchState.SUGGESTED
    assert match.judgements == []


def test_second_curator_is_told_what_the_first_decided(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, carol: Member
) -> None:
    browser = sign_in(client, carol)
    seen = {name: values[0] for name, values in sent_by(body(browser, match)).items()}
    curation.judge(session, match, carol, Ruling.SHORTLIST, now=NOON)
    session.commit()

    typed = seen | {"dismiss": "price", "note": "Giá gấp đôi mức cần"}
    answer = browser.post(f"/matches/{match.public_id}/judgements", data=typed)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Kết nối này vừa thay đổi" in page
    assert "Trong danh sách chọn" in page
    assert "Giá gấp đôi mức cần" in page
    assert afresh(session, match).state is MatchState.SHORTLISTED
    again = {name: values[0] for name, values in sent_by(page).items()} | {"dismiss": "price"}
    assert browser.post(f"/matches/{match.public_id}/judgements", data=again).status_code == 303
    assert afresh(session, match).state is MatchState.DISMISSED


def test_owners_cannot_judge_and_curators_cannot_answer(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, alice: Member,
    bob: Member, carol: Member,
) -> None:  # fmt: skip
    propose(session, match, carol)

    for member, path in ((alice, "judgements"), (bob, "judgements"), (carol, "answers")):
        browser = sign_in(client.application.test_client(), member)
        answer = browser.post(f"/matches/{match.public_id}/{path}", data={"ruling": "accept"})
        assert answer.status_code == 403
    assert afresh(session, match).need_answer is None


def test_two_yeses_introduce_and_open_the_names(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, alice: Member,
    bob: Member, carol: Member,
) -> None:  # fmt: skip
    propose(session, match, carol)
    school = sign_in(client.application.test_client(), bob)
    firm = sign_in(client.application.test_client(), alice)
    path = f"/matches/{match.public_id}/answers"

    first = school.post(path, data={"ruling": "accept"})
    second = firm.post(path, data={"ruling": "accept"})

    assert first.headers["Location"] == f"/matches/{match.public_id}"
    assert second.status_code == 303
    assert second.headers["Location"].startswith("/engagements/")
    assert afresh(session, match).state is MatchState.INTRODUCED
    assert "Điều Suối" in school.get(second.headers["Location"]).get_data(as_text=True)


def test_no_needs_a_reason_and_its_words_stay_on_its_side(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, alice: Member,
    bob: Member, carol: Member,
) -> None:  # fmt: skip
    propose(session, match, carol)
    school = sign_in(client.application.test_client(), bob)
    path = f"/matches/{match.public_id}/answers"

    bare = school.post(path, data={"ruling": "decline", "note": "Bận việc riêng của khoa"})
    assert bare.status_code == 422
    assert "Bận việc riêng của khoa" in bare.get_data(as_text=True)
    assert afresh(session, match).state is MatchState.PROPOSED

    form = {"ruling": "decline", "reason": "capacity", "note": "Bận việc riêng của khoa"}
    assert school.post(path, data=form).status_code == 303
    other = body(sign_in(client.application.test_client(), alice), match)
    staff = body(sign_in(client.application.test_client(), carol), match)
    assert "Không đủ người hoặc năng lực tiếp nhận" in other
    assert "Bận việc riêng của khoa" not in other
    assert "Bob" not in other
    assert "Nội bộ: gọi trước" not in other
    assert "Bận việc riêng của khoa" in staff
    assert "Nội bộ: gọi trước" in staff


def test_answering_twice_is_refused_and_the_first_stands(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, bob: Member, carol: Member
) -> None:
    propose(session, match, carol)
    school = sign_in(client, bob)
    path = f"/matches/{match.public_id}/answers"
    school.post(path, data={"ruling": "accept"})

    second = school.post(path, data={"ruling": "decline", "reason": "price"})

    assert second.status_code == 409
    assert afresh(session, match).solution_answer is Ruling.ACCEPT


def test_introduced_match_leads_to_its_engagement(
    client: FlaskClient, sign_in: SignIn, session: Session, match: Match, alice: Member,
    bob: Member, carol: Member,
) -> None:  # fmt: skip
    engagement = introduce(session, match, carol, alice, bob)

    page = body(sign_in(client, bob), match)

    assert f"/engagements/{engagement.public_id}" in page
    assert "judgements" not in page
