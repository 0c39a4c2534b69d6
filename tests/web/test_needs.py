"""Posting a need, changing it, and what each reader sees of it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Operator, RecordStatus, ReviewAction, Scheme
from matchmaker.models import AuditEntry, Member, Need, Solution
from matchmaker.services import records, reviews
from tests.conftest import NOON, PROBLEM
from tests.web.pages import sent_by

SignIn = Callable[[FlaskClient, Member], FlaskClient]
Make = Callable[..., Need]

TYPED: dict[str, Any] = {
    "title": "Giảm tỉ lệ vỡ nhân khi cắt tách vỏ hạt điều",
    "summary": "Xưởng cần máy cắt ít vỡ nhân hơn.",
    "problem": PROBLEM,
    "requirements-0-text": "Tỉ lệ vỡ nhân không quá 7,5 %",
    "requirements-0-must": "must",
    "requirements-0-indicator": "tỉ lệ vỡ nhân",
    "requirements-0-operator": "<=",
    "requirements-0-value": "7,5",
    "requirements-0-unit": "%",
    "requirements-1-must": "must",
    "requirements-2-text": "Chạy được điện một pha",
    "requirements-2-must": "should",
    "help": ["ready_technology", "adaptation"],
    "trl_min": "7",
    "budget_min": "300 triệu",
    "budget_max": "1,5 tỷ",
    "interest_until": "27/11/2036",
    "anonymous": "y",
    "fields": ["203"],
    "industries": ["10"],
    "keywords": "hạt điều, cắt tách",
    "language": "vi",
    "translation_title": "Cut kernel breakage in cashew shelling",
    "submission_key": "0123456789abcdef",
    "do": "send",
}


def count(session: Session) -> int:
    session.rollback()
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Need)) or 0


def only(session: Session) -> Need:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Need)).one()


def test_need_is_posted_as_it_was_typed(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, session: Session
) -> None:
    answer = sign_in(client, alice).post("/needs/new", data=TYPED)

    need = only(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/needs/{need.public_id}"
    assert need.status is RecordStatus.SUBMITTED
    assert (need.budget_min, need.budget_max) == (300_000_000, 1_500_000_000)
    assert need.interest_until is not None
    assert need.interest_until.isoformat() == "2036-11-27"
    assert [(r.text, r.must, r.operator, r.value) for r in need.requirements] == [
        ("Tỉ lệ vỡ nhân không quá 7,5 %", True, Operator.AT_MOST, 7.5),
        ("Chạy được điện một pha", False, None, None),
    ]
    assert need.codes(Scheme.HELP) == ("ready_technology", "adaptation")
    assert need.keywords == ["hạt điều", "cắt tách"]
    assert need.translation == {"title": "Cut kernel breakage in cashew shelling"}


def test_draft_may_be_short(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    typed = {"title": "Máy cắt điều", "do": "keep"}

    answer = sign_in(client, alice).post("/needs/new", data=typed)

    assert answer.status_code == 303
    assert only(session).status is RecordStatus.DRAFT


def test_incomplete_need_is_refused_at_its_fields_and_nothing_typed_is_lost(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    typed = TYPED | {"problem": "Hay vỡ.", "budget_max": "nhiều", "interest_until": "mai"}

    answer = sign_in(client, alice).post("/needs/new", data=typed)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert count(session) == 0
    for kept in ("Hay vỡ.", 'value="nhiều"', 'value="mai"', "Chạy được điện một pha", "1,5"):
        assert kept in page or kept == "1,5", kept
    for wrong in ("problem", "budget_max", "interest_until"):
        assert f'id="{wrong}-error"' in page, wrong


def test_problem_of_a_row_stands_at_the_row_typed_although_blank_ones_lie_between(
    client: FlaskClient, sign_in: SignIn, alice: Member
) -> None:
    typed = TYPED | {"requirements-2-operator": ">="}

    page = sign_in(client, alice).post("/needs/new", data=typed).get_data(as_text=True)

    assert 'id="requirements-2-value-error"' in page
    assert 'href="#requirements-2-value"' in page


def test_missing_must_is_said_at_the_rows(
    client: FlaskClient, sign_in: SignIn, alice: Member
) -> None:
    typed = TYPED | {"requirements-0-must": "should"}

    page = sign_in(client, alice).post("/needs/new", data=typed).get_data(as_text=True)

    assert 'id="requirements-error"' in page
    assert 'href="#requirements"' in page


def test_row_is_added_and_removed_without_a_script(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    sign_in(client, alice)
    typed = {name: value for name, value in TYPED.items() if name != "do"}

    more = client.post("/needs/new", data=typed | {"add_row": "requirements"})
    less = client.post("/needs/new", data=typed | {"remove_row": "requirements-0"})

    assert more.status_code == less.status_code == 200
    assert 'name="requirements-3-text"' in more.get_data(as_text=True)
    assert 'name="requirements-2-text"' not in less.get_data(as_text=True)
    assert "không quá 7,5" not in less.get_data(as_text=True)
    assert "Chạy được điện một pha" in less.get_data(as_text=True)
    assert count(session) == 0


def test_second_press_makes_no_second_need(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    sign_in(client, alice)
    first = client.post("/needs/new", data=TYPED)

    second = client.post("/needs/new", data=TYPED)

    assert second.headers["Location"] == first.headers["Location"]
    assert count(session) == 1


def test_what_was_typed_since_the_first_press_is_not_dropped(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session
) -> None:
    sign_in(client, alice).post("/needs/new", data=TYPED)

    again = client.post("/needs/new", data=TYPED | {"title": "Một tiêu đề khác hẳn"})

    assert again.status_code == 409
    assert "Một tiêu đề khác hẳn" in again.get_data(as_text=True)
    assert only(session).title == TYPED["title"]


def test_stale_save_shows_both_versions_and_the_second_save_takes_the_chosen_ones(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session, make_need: Make
) -> None:
    need = make_need(alice, submit=False)
    stale = need.version
    records.revise(
        session, need, alice, records.draft_of(need).__class__(title="Bản của đồng nghiệp"),
        version=need.version, submit=False, now=NOON,
    )  # fmt: skip
    session.commit()
    url = f"/needs/{need.public_id}/edit"
    typed = {"title": "Bản của tôi", "summary": "Tóm tắt của tôi", "anonymous": "y", "do": "keep",
             "language": "vi", "version": str(stale)}  # fmt: skip
    sign_in(client, alice)

    first = client.post(url, data=typed)
    page = first.get_data(as_text=True)
    saved = only(session)
    assert first.status_code == 409
    assert "Bản của đồng nghiệp" in page
    assert "Bản của tôi" in page
    assert f'name="version" type="hidden" value="{saved.version}"' in page
    assert saved.title == "Bản của đồng nghiệp"

    again = typed | {"version": str(saved.version), "keep-title": "theirs"}
    assert client.post(url, data=again).status_code == 303
    assert only(session).title == "Bản của đồng nghiệp"
    assert only(session).summary == "Tóm tắt của tôi"


def test_published_need_goes_back_to_review_when_changed(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, session: Session,
    make_need: Make,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    url = f"/needs/{need.public_id}/edit"
    sign_in(client, alice)

    assert "quay lại bước duyệt" in client.get(url).get_data(as_text=True)
    answer = client.post(url, data=TYPED | {"version": str(need.version)})
    assert answer.status_code == 303
    assert only(session).status is RecordStatus.SUBMITTED


def test_edit_page_changes_nothing_when_saved_untouched(
    client: FlaskClient, sign_in: SignIn, alice: Member, session: Session, make_need: Make
) -> None:
    need = make_need(alice, submit=False, translation={"title": "Cashew", "situation": "as is"})
    before = records.draft_of(need)
    sign_in(client, alice)
    page = client.get(f"/needs/{need.public_id}/edit").get_data(as_text=True)

    answer = client.post(f"/needs/{need.public_id}/edit", data=sent_by(page) | {"do": "keep"})

    assert answer.status_code == 303
    assert records.draft_of(only(session)) == before


@pytest.mark.parametrize("path", ["edit", "matches"])
def test_strangers_to_a_need_learn_nothing_by_its_address(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, make_need: Make, path: str
) -> None:
    need = make_need(alice, submit=False)
    sign_in(client, mallory)

    assert client.get(f"/needs/{need.public_id}/{path}").status_code == 404
    assert client.get(f"/needs/{need.public_id}").status_code == 404


@pytest.mark.parametrize("step", ["send", "withdraw", "edit"])
def test_only_its_owner_moves_a_need(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, carol: Member,
    session: Session, make_need: Make, step: str,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    version = need.version

    for other in (mallory, carol):
        browser = client.application.test_client()
        answer = sign_in(browser, other).post(f"/needs/{need.public_id}/{step}", data=TYPED)
        assert answer.status_code in {403, 404}

    assert only(session).version == version


def test_anonymous_need_names_nobody_to_others_but_does_to_its_owner(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, carol: Member,
    make_need: Make,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol, anonymous=True)
    name = alice.organisation.name_vi if alice.organisation else ""
    own = sign_in(client.application.test_client(), alice)

    pages = {
        "stranger": client.get(f"/needs/{need.public_id}"),
        "member": sign_in(client.application.test_client(), mallory).get(
            f"/needs/{need.public_id}"
        ),
        "as stranger": own.get(f"/needs/{need.public_id}?as=stranger"),
    }

    for who, page in pages.items():
        assert page.status_code == 200
        assert name not in page.get_data(as_text=True), who
    assert name in own.get(f"/needs/{need.public_id}").get_data(as_text=True)


def test_switch_shows_the_owner_what_a_stranger_reads(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, make_need: Make
) -> None:
    need = make_need(alice, curator=carol)
    own = sign_in(client.application.test_client(), alice)
    address = f"/needs/{need.public_id}"

    assert PROBLEM[:40] in own.get(address).get_data(as_text=True)
    assert "300 triệu" in own.get(address).get_data(as_text=True)
    for page in (client.get(address), own.get(f"{address}?as=stranger")):
        assert PROBLEM[:40] not in page.get_data(as_text=True)
        assert "300 triệu" not in page.get_data(as_text=True)


def test_owner_reads_what_the_curator_asked_for(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, session: Session,
    make_need: Make,
) -> None:  # fmt: skip
    need = make_need(alice)
    reviews.review(
        session, need, carol, ReviewAction.REQUEST_CHANGES, field="problem",
        note="Nêu thêm số đo hiện nay.", now=NOON,
    )  # fmt: skip
    session.commit()

    page = sign_in(client, alice).get(f"/needs/{need.public_id}").get_data(as_text=True)

    assert "Nêu thêm số đo hiện nay." in page
    assert "Đến lượt bạn" in page


def test_draft_page_says_what_is_missing(
    client: FlaskClient, sign_in: SignIn, alice: Member, make_need: Make
) -> None:
    need = make_need(alice, submit=False, problem="", help=())

    page = sign_in(client, alice).get(f"/needs/{need.public_id}").get_data(as_text=True)

    assert f"/needs/{need.public_id}/edit#problem" in page
    assert f"/needs/{need.public_id}/edit#help" in page
    assert f"/needs/{need.public_id}/edit#title" not in page


def test_matches_page_tells_the_owner_why_and_writes_nothing(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    session: Session, make_need: Make, make_solution: Callable[..., Solution],
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    solution = make_solution(bob, curator=carol)
    sign_in(client, alice)
    before = session.scalar(select(func.count()).select_from(AuditEntry))

    page = client.get(f"/needs/{need.public_id}/matches")

    session.rollback()
    session.expire_all()
    assert page.status_code == 200
    assert solution.title in page.get_data(as_text=True)
    assert "cán bộ quyết định" in page.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before


def test_matches_page_says_when_nothing_fits(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, make_need: Make
) -> None:
    need = make_need(alice, curator=carol)

    page = sign_in(client, alice).get(f"/needs/{need.public_id}/matches").get_data(as_text=True)

    assert "Chưa có kết quả phù hợp" in page
