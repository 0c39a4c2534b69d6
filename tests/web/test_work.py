"""My work: what waits for the reader, and his notices."""

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Band, MatchState, ReviewAction, Ruling
from matchmaker.models import Match, Member, Need, Notice, Solution
from matchmaker.services import curation, reviews
from tests.conftest import NOON
from tests.web.pages import asked_of

SignIn = Callable[[FlaskClient, Member], FlaskClient]
MakeNeed = Callable[..., Need]
MakeSolution = Callable[..., Solution]


def propose(session: Session, need: Need, solution: Solution, curator: Member) -> Match:
    match = Match(
        need=need, solution=solution, score=1.0, probability=0.8, band=Band.STRONG,
        state=MatchState.SUGGESTED,
    )  # fmt: skip
    session.add(match)
    session.flush()
    curation.judge(session, match, curator, Ruling.PROPOSE, now=NOON)
    session.commit()
    return match


def test_drafts_and_requested_changes_wait_for_their_owner(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, carol: Member,
    session: Session, make_need: MakeNeed,
) -> None:  # fmt: skip
    draft = make_need(alice, submit=False, title="Bản nháp của Alice")
    changed = make_need(alice, title="Phải bổ sung thêm")
    other = make_need(mallory, submit=False, title="Bản nháp của Mallory")
    reviews.review(
        session, changed, carol, ReviewAction.REQUEST_CHANGES, note="Nêu số đo.", now=NOON
    )
    session.commit()

    page = sign_in(client, alice).get("/work/").get_data(as_text=True)

    assert f"/needs/{draft.public_id}/edit" in page
    assert "Bổ sung hồ sơ theo góp ý" in page
    assert changed.title in page
    assert other.title not in page


def test_proposal_waits_for_each_side_until_it_answers(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, mallory: Member,
    carol: Member, session: Session, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    match = propose(
        session, make_need(alice, curator=carol), make_solution(bob, curator=carol), carol
    )
    browsers = {m.name: sign_in(client.application.test_client(), m) for m in (alice, bob, mallory)}

    def page(name: str) -> str:
        return browsers[name].get("/work/").get_data(as_text=True)

    assert "Trả lời đề xuất kết nối" in page("Alice")
    assert "Trả lời đề xuất kết nối" in page("Bob")
    assert match.public_id not in page("Mallory")
    curation.answer(session, match, bob, Ruling.ACCEPT, now=NOON)
    session.commit()
    assert "Trả lời đề xuất kết nối" in page("Alice")
    assert "Trả lời đề xuất kết nối" not in page("Bob")
    assert match.public_id in page("Bob")


def test_anonymous_side_of_a_proposal_stays_unnamed(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    session: Session, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol, anonymous=True)
    propose(session, need, make_solution(bob, curator=carol), carol)
    assert alice.organisation is not None

    page = sign_in(client, bob).get("/work/").get_data(as_text=True)

    assert need.title in page
    assert alice.organisation.name_vi not in page


def test_introduction_is_followed_from_both_sides(
    client: FlaskClient, sign_in: SignIn, alice: Member, bob: Member, carol: Member,
    session: Session, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    match = propose(
        session, make_need(alice, curator=carol), make_solution(bob, curator=carol), carol
    )
    curation.answer(session, match, bob, Ruling.ACCEPT, now=NOON)
    engagement = curation.answer(session, match, alice, Ruling.ACCEPT, now=NOON)
    session.commit()
    assert engagement is not None
    mine, theirs = (
        sign_in(client.application.test_client(), who).get("/work/").get_data(as_text=True)
        for who in (alice, bob)
    )

    for page in (mine, theirs):
        assert f"/engagements/{engagement.public_id}" in page
    # The first step lies with the side that has the need.
    assert "Bước tiếp theo của kết nối" in mine
    assert "Bước tiếp theo của kết nối" not in theirs


def test_staff_are_led_to_the_desk(client: FlaskClient, sign_in: SignIn, carol: Member) -> None:
    assert 'href="/desk' in sign_in(client, carol).get("/work/").get_data(as_text=True)


def test_notices_lead_to_their_records_and_are_read_once(
    client: FlaskClient, sign_in: SignIn, alice: Member, mallory: Member, carol: Member,
    session: Session, make_need: MakeNeed,
) -> None:  # fmt: skip
    need = make_need(alice, curator=carol)
    own, other = (sign_in(client.application.test_client(), m) for m in (alice, mallory))

    page = own.get("/work/notices").get_data(as_text=True)
    assert f'href="/needs/{need.public_id}"' in page
    assert f"“{need.title}” ({need.code})" in page
    assert need.title not in other.get("/work/notices").get_data(as_text=True)
    assert other.post("/work/notices/read").status_code == 303
    assert unread(session) == {alice.id, carol.id}
    assert own.post("/work/notices/read").status_code == 303
    assert unread(session) == {carol.id}


def test_curator_is_led_from_a_notice_to_the_review(
    client: FlaskClient, sign_in: SignIn, alice: Member, carol: Member, make_need: MakeNeed
) -> None:
    need = make_need(alice)

    page = sign_in(client, carol).get("/work/notices").get_data(as_text=True)

    assert f"/desk/reviews/need/{need.public_id}" in page


def test_page_asks_as_many_questions_for_three_needs_as_for_one(
    client: FlaskClient, sign_in: SignIn, alice: Member, engine: Engine, make_need: MakeNeed
) -> None:
    make_need(alice)
    sign_in(client, alice).get("/work/")
    with asked_of(engine) as one:
        client.get("/work/")
    for number in (2, 3):
        make_need(alice, title=f"Nhu cầu thứ {number}")
    with asked_of(engine) as three:
        client.get("/work/")

    assert len(three) == len(one)


def unread(session: Session) -> set[int]:
    session.rollback()
    session.expire_all()
    return set(session.scalars(select(Notice.member_id).where(Notice.read_at.is_(None))))
