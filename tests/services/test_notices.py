"""Every step of a match tells whom it concerns, and names the record by title and code."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import NoticeCode, Stage, WaitingFor
from matchmaker.models import Member, Notice
from matchmaker.services import engagements
from tests.conftest import NOON
from tests.web.people import MakeNeed, MakeSolution, introduce, suggest


def test_every_notice_names_its_own_record(
    session: Session, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    engagement = introduce(session, suggest(session, need, solution), carol, alice, bob)
    engagements.move(
        session, engagement, carol, stage=Stage.IN_CONTACT, next_step="Khảo sát xưởng",
        due_on=NOON.date(), waiting_for=WaitingFor.OFFICER, note="", now=NOON,
    )  # fmt: skip
    session.commit()

    told = session.execute(select(Notice.member_id, Notice.code, Notice.facts)).all()

    wanted = {"title": need.title, "code": need.code}
    offered = {"title": solution.title, "code": solution.code}
    owners = (
        NoticeCode.RECORD_PUBLISHED, NoticeCode.MATCH_PROPOSED, NoticeCode.INTRODUCED,
        NoticeCode.ENGAGEMENT_MOVED,
    )  # fmt: skip
    expected = [(alice.id, code, wanted) for code in owners]
    expected += [(bob.id, code, offered) for code in owners]
    expected += [(carol.id, NoticeCode.RECORD_SUBMITTED, facts) for facts in (wanted, offered)]
    expected += [(carol.id, NoticeCode.MATCH_ACCEPTED, wanted)] * 2
    assert sorted(map(str, told)) == sorted(map(str, expected))
