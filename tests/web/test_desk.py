"""The desk: what is due, reviews, and a need's queue of candidates."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Band, MatchState, Reason, RecordStatus, Role, Ruling
from matchmaker.models import Match, MatchRun, Member, Need, Review
from matchmaker.services import accounts, curation
from matchmaker.web.filters import day
from tests.conftest import NOON, PASSWORD
from tests.web.pages import asked_of, sent_by
from tests.web.people import (
    MakeNeed,
    MakeSolution,
    SignIn,
    afresh,
    introduce,
    propose,
    suggest,
)


@pytest.fixture
def desk(client: FlaskClient, sign_in: SignIn, carol: Member) -> FlaskClient:
    return sign_in(client, carol)


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def sent(page: str) -> dict[str, str]:
    return {name: values[0] for name, values in sent_by(page).items()}


@pytest.mark.parametrize("path", ["/desk", "/desk/reviews", "/desk/queue"])
def test_desk_is_for_staff(client: FlaskClient, sign_in: SignIn, alice: Member, path: str) -> None:
    assert client.get(path).status_code == 302
    assert sign_in(client, alice).get(path).status_code == 403


def test_manager_reads_the_desk_but_decides_nothing(
    client: FlaskClient, sign_in: SignIn, session: Session, alice: Member, bob: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    manager = accounts.add_member(
        session, email="mai@department.example", name="Mai", password=PASSWORD,
        role=Role.MANAGER, now=NOON,
    )  # fmt: skip
    waiting = make_need(alice)
    need = make_need(alice, curator=carol)
    match = suggest(session, need, make_solution(bob, curator=carol))
    browser = sign_in(client, manager)

    pages = [text(browser, f"/desk/needs/{need.public_id}"),
             text(browser, f"/desk/reviews/need/{waiting.public_id}")]  # fmt: skip

    assert all('name="ruling"' not in p and 'name="action"' not in p for p in pages)
    for path in (
        f"/desk/reviews/need/{waiting.public_id}",
        f"/desk/needs/{need.public_id}/runs",
        f"/matches/{match.public_id}/judgements",
    ):
        assert browser.post(path, data={}).status_code == 403


def test_index_groups_what_is_late_and_what_others_owe(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    waiting = make_need(alice, title="Hồ sơ chờ lâu")
    solution = make_solution(bob, curator=carol)
    asked = suggest(session, make_need(alice, curator=carol, title="Đang hỏi"), solution)
    propose(session, asked, carol)
    case = suggest(session, make_need(alice, curator=carol, title="Đang theo dõi"), solution)
    introduce(session, case, carol, alice, bob)

    page = text(desk, "/desk")

    assert "Hồ sơ chờ lâu" in page
    assert "Đang hỏi – Máy cắt" in page
    assert "Hai bên liên hệ lần đầu" in page
    assert "Chờ bên có nhu cầu, bên có giải pháp" in page
    assert "first_contact" not in page
    assert day(waiting.review_due_at) in page


def test_empty_desk_says_so(desk: FlaskClient) -> None:
    assert "Không có việc nào đang chờ." in text(desk, "/desk")
    assert "Không còn hồ sơ nào chờ duyệt." in text(desk, "/desk/reviews")
    assert "Không có nhu cầu nào ở đây." in text(desk, "/desk/queue")


def test_lists_ask_the_same_of_the_database_for_one_row_and_for_three(
    desk: FlaskClient, engine: Engine, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    first = make_need(alice, curator=carol)

    def fill(number: int) -> None:
        make_need(alice, title=f"Chờ duyệt {number}")
        solution = make_solution(bob, curator=carol, title=f"Máy số {number}")
        suggest(session, first, solution)
        other = suggest(session, make_need(alice, curator=carol, title=f"Hỏi {number}"), solution)
        propose(session, other, carol)

    def counts() -> list[int]:
        found = []
        for path in ("/desk", "/desk/reviews", "/desk/queue?show=all",
                     f"/desk/needs/{first.public_id}"):  # fmt: skip
            with asked_of(engine) as statements:
                text(desk, path)
            found.append(len(statements))
        return found

    fill(1)
    counts()  # the first pages also read the terms and the index
    one = counts()
    fill(2)
    fill(3)

    assert counts() == one


def test_review_shows_every_field_with_its_reader(
    desk: FlaskClient, alice: Member, make_need: MakeNeed
) -> None:
    words = {
        "situation": "Hiện nay vỡ 14 %", "constraints": "Chỉ có điện 220 V",
        "expected_benefit": "Bớt tám người nhặt nhân", "tried_before": "Đã thử máy của hãng khác",
        "confidential_detail": "Công suất thật 0,6 tấn", "translation": {"title": "Less breakage"},
        "keywords": ("điều",),
    }  # fmt: skip
    need = make_need(alice, **words)

    page = text(desk, f"/desk/reviews/need/{need.public_id}")

    for told in ("Hiện nay vỡ 14 %", "Chỉ có điện 220 V", "Bớt tám người nhặt nhân",
                 "Đã thử máy của hãng khác", "Công suất thật 0,6 tấn", "Tiêu đề: Less breakage",
                 "500 triệu ₫", "Tỉ lệ vỡ nhân không quá 8 % (bắt buộc)"):  # fmt: skip
        assert told in page
    assert "Các bên đã có thỏa thuận bảo mật" in page
    assert "Để trống: " in page


def test_publishing_puts_the_record_on_the_lists(
    desk: FlaskClient, client: FlaskClient, session: Session, alice: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice, title="Nhu cầu sắp công bố")
    path = f"/desk/reviews/need/{need.public_id}"
    assert f"/needs/{need.public_id}" not in text(client.application.test_client(), "/search")

    answer = desk.post(path, data=sent(text(desk, path)) | {"action": "publish"})

    assert answer.status_code == 303
    assert afresh(session, need).status is RecordStatus.PUBLISHED
    assert f"/needs/{need.public_id}" in text(client.application.test_client(), "/search")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"action": "reject"}, "reason"),
        ({"action": "request_changes", "field": "problem"}, "note"),
        ({"action": "reject", "reason": "other"}, "note"),
        ({"action": "reject", "reason": "because"}, "reason"),
        ({"action": "burn"}, "action"),
        ({}, "action"),
        ({"action": "reject", "reason": "price", "note": "d" * 1001}, "note"),
    ],
)
def test_answer_without_its_reason_changes_nothing(
    desk: FlaskClient, session: Session, alice: Member, make_need: MakeNeed, form: dict[str, str],
    field: str,
) -> None:  # fmt: skip
    need = make_need(alice)
    path = f"/desk/reviews/need/{need.public_id}"

    answer = desk.post(path, data=sent(text(desk, path)) | form)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    assert afresh(session, need).status is RecordStatus.SUBMITTED
    assert session.scalars(select(Review)).all() == []


def test_request_for_changes_names_field_and_note(
    desk: FlaskClient, session: Session, bob: Member, make_solution: MakeSolution
) -> None:
    solution = make_solution(bob)
    path = f"/desk/reviews/solution/{solution.public_id}"
    form = {"action": "request_changes", "field": "trl_evidence", "note": "Nêu nơi đã thử."}

    answer = desk.post(path, data=sent(text(desk, path)) | form)

    review = session.scalars(select(Review)).one()
    assert answer.status_code == 303
    assert (review.field, review.note) == ("trl_evidence", "Nêu nơi đã thử.")
    assert afresh(session, solution).status is RecordStatus.CHANGES_REQUESTED


def test_curator_does_not_publish_a_text_he_has_not_read(
    desk: FlaskClient, session: Session, alice: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice)
    path = f"/desk/reviews/need/{need.public_id}"
    seen = sent(text(desk, path))
    need.problem = "Viết lại sau khi cán bộ đã mở trang." * 5
    session.commit()

    answer = desk.post(path, data=seen | {"action": "publish", "note": "Đọc kỹ rồi"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Viết lại sau khi" in page
    assert "Đọc kỹ rồi" in page
    assert afresh(session, need).status is RecordStatus.SUBMITTED
    assert desk.post(path, data=sent(page) | {"action": "publish"}).status_code == 303


def test_author_does_not_review_his_own_record(
    desk: FlaskClient, session: Session, alice: Member, carol: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice)
    need.author_id = carol.id
    session.commit()
    path = f"/desk/reviews/need/{need.public_id}"
    page = text(desk, path)

    answer = desk.post(path, data={"version": str(need.version), "action": "publish"})

    assert 'name="action"' not in page
    assert answer.status_code == 403
    assert afresh(session, need).status is RecordStatus.SUBMITTED


@pytest.mark.parametrize("kind", ["organisation", "match", "needs", "x"])
def test_other_kinds_are_not_reviewed(
    desk: FlaskClient, alice: Member, make_need: MakeNeed, kind: str
) -> None:
    assert alice.organisation is not None
    need = make_need(alice)

    for public_id in (need.public_id, alice.organisation.public_id):
        assert desk.get(f"/desk/reviews/{kind}/{public_id}").status_code == 404


def candidates(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> tuple[Need, list[Match]]:  # fmt: skip
    need = make_need(alice, curator=carol)
    found = [
        suggest(session, need, make_solution(bob, curator=carol, title=title), score=score,
                band=band)
        for title, score, band in (
            ("Máy tốt nhất", 0.9, Band.STRONG), ("Máy thứ hai", 0.8, Band.PLAUSIBLE),
            ("Máy xa lạ", 0.3, Band.WEAK),
        )
    ]  # fmt: skip
    return need, found


def test_queue_goes_on_to_the_next_candidate_and_can_be_undone(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need, (best, second, _) = candidates(session, alice, bob, carol, make_need, make_solution)
    page = text(desk, f"/desk/needs/{need.public_id}")
    assert f"/matches/{best.public_id}/judgements" in page
    form = {"version": str(best.version), "back": "desk", "dismiss": "price"}

    answer = desk.post(f"/matches/{best.public_id}/judgements", data=form)

    onward = text(desk, answer.headers["Location"])
    assert f'action="/matches/{second.public_id}/judgements" class="decide"' in onward
    assert "Hoàn tác" in onward
    assert afresh(session, best).state is MatchState.DISMISSED
    undo = {"version": str(best.version), "back": "desk", "ruling": "restore"}
    back = desk.post(f"/matches/{best.public_id}/judgements", data=undo)
    assert afresh(session, best).state is MatchState.SUGGESTED
    assert [j.reason for j in best.judgements] == [Reason.PRICE, None]
    again = text(desk, back.headers["Location"])
    assert f'action="/matches/{best.public_id}/judgements" class="decide"' in again


def test_proposal_is_told_and_cannot_be_undone(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need, (best, *_) = candidates(session, alice, bob, carol, make_need, make_solution)
    curation.judge(session, best, carol, Ruling.PROPOSE, now=NOON)
    session.commit()

    page = text(desk, f"/desk/needs/{need.public_id}?done={best.public_id}")

    assert "đã đề xuất cho hai bên" in page
    assert f"Hai bên trả lời đến {day(best.reply_due_at)}" in page
    assert "Hoàn tác" not in page


def test_weak_candidates_are_folded_and_never_hidden(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need, (best, second, weak) = candidates(session, alice, bob, carol, make_need, make_solution)
    for match in (best, second):
        match.is_current = False
    session.commit()

    page = text(desk, f"/desk/needs/{need.public_id}")

    assert "Chưa có kết quả phù hợp." in page
    assert "1 giải pháp ít phù hợp" in page
    assert f"match={weak.public_id}" in page


def test_chosen_candidate_of_another_need_is_not_shown(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, mallory: Member,
    carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need, (best, *_) = candidates(session, alice, bob, carol, make_need, make_solution)
    other = suggest(session, make_need(mallory, curator=carol, title="Của hãng khác"),
                    best.solution)  # fmt: skip

    page = text(desk, f"/desk/needs/{need.public_id}?match={other.public_id}&done=nothing")

    assert f"/matches/{best.public_id}/judgements" in page
    assert f"/matches/{other.public_id}" not in page
    assert "Của hãng khác" not in page


def test_refresh_ranks_and_keeps_the_run(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    solution = make_solution(bob, curator=carol)
    text(desk, "/search")  # the index takes in what was posted

    answer = desk.post(f"/desk/needs/{need.public_id}/runs")

    page = text(desk, answer.headers["Location"])
    run = session.scalars(select(MatchRun)).one()
    assert answer.status_code == 303
    assert run.started_by_id == carol.id
    assert solution.title in page
    assert run.index_digest[:12] in page
    assert run.settings_hash[:12] in page


def test_unpublished_need_is_not_ranked(
    desk: FlaskClient, session: Session, alice: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice)

    answer = desk.post(f"/desk/needs/{need.public_id}/runs")

    assert answer.status_code == 409
    assert session.scalars(select(MatchRun)).all() == []
    assert "chưa công bố" in text(desk, f"/desk/needs/{need.public_id}")


def test_queue_sorts_needs_by_what_was_decided(
    desk: FlaskClient, session: Session, alice: Member, bob: Member, carol: Member,
    make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    solution = make_solution(bob, curator=carol)
    open_one = make_need(alice, curator=carol, title="Còn gợi ý")
    asked_one = make_need(alice, curator=carol, title="Đã hỏi hai bên")
    bare_one = make_need(alice, curator=carol, title="Chưa tính lần nào")
    suggest(session, open_one, solution)
    propose(session, suggest(session, asked_one, solution), carol)

    shown = {
        show: {n.title for n in (open_one, asked_one, bare_one)
               if f"/desk/needs/{n.public_id}" in text(desk, f"/desk/queue?show={show}")}
        for show in ("undecided", "asked", "nothing", "all", "gibberish")
    }  # fmt: skip

    assert shown == {
        "undecided": {"Còn gợi ý"},
        "asked": {"Đã hỏi hai bên"},
        "nothing": {"Chưa tính lần nào"},
        "all": {"Còn gợi ý", "Đã hỏi hai bên", "Chưa tính lần nào"},
        "gibberish": {"Còn gợi ý"},
    }
