"""Pages around a record: before sending, in review, groups, who may see what."""

from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchmaker.domain.drafts import ExpertDraft, Requirement
from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.models import Need, NeedGroup
from matchmaker.services import explaining, organisations
from matchmaker.web import filters
from tests.conftest import NOON, PROBLEM
from tests.web.people import afresh, propose, suggest
from tests.web.test_needs import TYPED


def count(session, table=Need) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def text(answer) -> str:
    return answer.get_data(as_text=True)


def test_a_probable_duplicate_costs_one_step_and_nothing_typed(
    client: FlaskClient, session, sign_in, alice, carol, mallory, make_need
):
    other = make_need(mallory, curator=carol)
    sign_in(client, alice)

    answer = client.post("/needs/new", data=TYPED)

    draft = session.scalars(select(Need).where(Need.organisation_id == alice.organisation_id)).one()
    assert answer.headers["Location"] == f"/needs/{draft.public_id}/alike"
    assert (draft.status, draft.title) == (RecordStatus.DRAFT, TYPED["title"])
    page = text(client.get(answer.headers["Location"]))
    assert f'href="/needs/{other.public_id}"' in page
    assert mallory.organisation.name_vi not in page

    sent = client.post(f"/needs/{draft.public_id}/send", data={"anyway": "1"})

    assert sent.headers["Location"] == f"/needs/{draft.public_id}"
    assert afresh(session, draft).status is RecordStatus.SUBMITTED
    assert client.get(f"/needs/{draft.public_id}/alike").status_code == 302


def test_without_a_duplicate_a_need_is_sent_at_once(client, session, sign_in, alice):
    sign_in(client, alice)

    answer = client.post("/needs/new", data=TYPED)

    need = session.scalars(select(Need)).one()
    assert answer.headers["Location"] == f"/needs/{need.public_id}"
    assert need.status is RecordStatus.SUBMITTED


def test_a_second_press_is_no_duplicate_of_the_first(client, session, sign_in, alice):
    sign_in(client, alice)
    first = client.post("/needs/new", data=TYPED)

    again = client.post("/needs/new", data=TYPED)

    assert again.headers["Location"] == first.headers["Location"]
    assert count(session) == 1


def test_sending_a_saved_draft_asks_too_but_only_before_curators_saw_it(
    client, session, sign_in, alice, carol, make_need
):
    make_need(alice, curator=carol)
    draft = make_need(alice, submit=False, title="Máy cắt vỏ điều, hỏi lại")
    sign_in(client, alice)

    asked = client.post(f"/needs/{draft.public_id}/send")
    assert asked.headers["Location"] == f"/needs/{draft.public_id}/alike"
    assert afresh(session, draft).status is RecordStatus.DRAFT

    client.post(f"/needs/{draft.public_id}/send", data={"anyway": "1"})
    again = afresh(session, draft)
    again.status = RecordStatus.CHANGES_REQUESTED
    session.commit()
    client.post(f"/needs/{draft.public_id}/send")

    assert afresh(session, draft).status is RecordStatus.SUBMITTED


def test_the_step_before_sending_is_for_the_owner(client, sign_in, alice, mallory, make_need):
    draft = make_need(alice, submit=False)
    sign_in(client, mallory)

    assert client.get(f"/needs/{draft.public_id}/alike").status_code == 404


def test_a_solution_posted_twice_is_asked_about(
    client, session, sign_in, bob, carol, make_solution
):
    make_solution(bob, curator=carol)
    draft = make_solution(bob, submit=False)
    sign_in(client, bob)

    asked = client.post(f"/solutions/{draft.public_id}/send")

    assert asked.headers["Location"] == f"/solutions/{draft.public_id}/alike"
    page = text(client.get(asked.headers["Location"]))
    assert "100 % câu giống nhau" in page
    assert "hồ sơ của tổ chức bạn" in page


def test_a_review_shows_duplicates_with_the_sentences_in_common(
    client, sign_in, alice, carol, mallory, make_need
):
    need, other = make_need(alice), make_need(mallory, title="Cắt vỏ điều cho ít vỡ")
    sign_in(client, carol)

    page = text(client.get(f"/desk/reviews/need/{need.public_id}"))

    assert "Có thể trùng với hồ sơ khác" in page
    assert f'href="/needs/{other.public_id}"' in page
    assert PROBLEM.split(". ")[0] in page.split('id="same"')[1]


def test_curators_join_needs_and_only_staff_know_the_group(
    client, session, sign_in, alice, carol, mallory, make_need, app
):
    one, two = make_need(alice, curator=carol), make_need(mallory, curator=carol)
    sign_in(client, carol)
    page = text(client.get(f"/needs/{one.public_id}"))
    assert "Gộp thành nhóm nhu cầu" in page
    assert f'value="{two.public_id}"' in page

    made = client.post(
        "/groups", data={"needs": [one.public_id, two.public_id], "name": "Vỡ nhân", "note": "họp"}
    )

    shown = text(client.get(made.headers["Location"]))
    assert alice.organisation.name_vi in shown
    assert mallory.organisation.name_vi in shown
    assert "Vỡ nhân" in text(client.get("/groups"))
    assert "Thuộc nhóm" in text(client.get(f"/needs/{one.public_id}"))
    owner = sign_in(app.test_client(), alice)
    assert owner.get(made.headers["Location"]).status_code == 403
    assert "Vỡ nhân</a>" not in text(owner.get(f"/needs/{one.public_id}"))
    notices = text(owner.get("/work/notices"))
    assert "Có đơn vị khác cũng gặp vấn đề" in notices
    assert mallory.organisation.name_vi not in notices
    assert count(session, NeedGroup) == 1


def test_a_group_without_a_name_or_with_one_need_is_refused(
    client, session, sign_in, alice, carol, make_need
):
    one = make_need(alice, curator=carol)
    sign_in(client, carol)

    refused = client.post("/groups", data={"needs": [one.public_id], "name": ""})

    assert refused.headers["Location"] == f"/needs/{one.public_id}"
    assert client.post("/groups", data={}).status_code == 404
    assert count(session, NeedGroup) == 0


def test_experts_are_named_to_the_needs_owner_and_the_staff_only(
    client, session, engine, catalogue, sign_in, alice, bob, carol, make_need, make_solution, app
):
    for number in range(8):
        draft = ExpertDraft(name=f"Người {number}", topics=(f"hát dân ca vùng {number}",))
        organisations.add_expert(session, bob.organisation, bob, draft, now=NOON)
    able = ExpertDraft(name="Tiến sĩ Cắt Điều", topics=("máy cắt tách vỏ hạt điều", "vỡ nhân"))
    expert = organisations.add_expert(session, bob.organisation, bob, able, now=NOON)
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    solution.experts.append(expert)
    match = suggest(session, need, solution)
    propose(session, match, carol)
    catalogue.drain(engine)
    pages = (f"/matches/{match.public_id}", f"/needs/{need.public_id}")

    seen = {
        member.name: [able.name in text(browser.get(page)) for page in pages]
        for member in (alice, bob, carol)
        for browser in [sign_in(app.test_client(), member)]
    }

    assert seen == {"Alice": [True, True], "Bob": [False, False], "Carol": [True, True]}
    assert able.name not in text(client.get(pages[1]))


def test_the_words_of_a_quote_that_answer_are_marked_where_they_stand_whole(
    client, session, sign_in, alice, bob, carol, make_need, make_solution
):
    need = make_need(
        alice, curator=carol, requirements=(Requirement("Chạy được điện một pha", True),)
    )
    told = "Máy chạy được bằng điện một pha tại xưởng."
    solution = make_solution(bob, curator=carol, description=told)
    evidence = explaining.assess(explaining.for_members(need), explaining.for_members(solution))
    match = suggest(session, need, solution, evidence=evidence)
    sign_in(client, carol)

    page = text(client.get(f"/matches/{match.public_id}"))

    assert evidence[0]["verdict"] == "met"
    assert "<mark>điện một pha</mark>" in page
    assert all(word in told for word in evidence[0]["words"])


def test_a_mark_never_cuts_a_word(app):
    with app.test_request_context():
        assert filters.marked("Cao su, ca 2", ["ca"]) == "Cao su, <mark>ca</mark> 2"
        assert filters.marked("<b> 5 % & 15 %", ["5 %"]) == "&lt;b&gt; <mark>5 %</mark> &amp; 15 %"
