"""Experts on their shelf, lists of runs compared, duplicates found, needs joined."""

import pytest
from sqlalchemy import func, select

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.drafts import ExpertDraft
from matchmaker.domain.errors import InvalidError, NotAllowedError
from matchmaker.domain.text import fold
from matchmaker.domain.vocabulary import (
    Level,
    NoticeCode,
    OrganisationStatus,
    RankChange,
    RecordKind,
    RecordStatus,
    Role,
    Ruling,
)
from matchmaker.models import AuditEntry, MatchRunItem, NeedGroup, NeedGroupPlace, Notice
from matchmaker.services import (
    alike,
    curation,
    experts,
    matching,
    need_groups,
    organisations,
    run_history,
    upkeep,
)
from tests.conftest import NOON, PROBLEM, need_draft

STAFF = Viewer(member_id=0, role=Role.CURATOR)
OTHER = {
    "title": "Thu hồi nhiệt thải của lò hơi đốt trấu",
    "summary": "Nhà máy giấy muốn lấy lại nhiệt khói lò hơi để sấy.",
    "problem": "Khói lò hơi ra ống khói ở 210 độ, nhiệt mất hết ra ngoài trời. " * 4,
    "industries": (),
    "fields": ("207",),
}


def expert(session, member, **changes):
    values = {"name": "Nguyễn Thử", "topics": ("máy cắt tách vỏ hạt điều", "vỡ nhân điều")}
    draft = ExpertDraft(**(values | changes))
    return organisations.add_expert(session, member.organisation, member, draft, now=NOON)


def refreshed(session, catalogue, need):
    run = matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.commit()
    return run


def test_saving_an_expert_puts_him_on_a_shelf_and_removing_takes_him_off(
    session, engine, catalogue, bob
):
    one = expert(session, bob)
    session.commit()
    catalogue.drain(engine)
    catalogue.catch_up(session)
    shelf = catalogue.shelf(RecordKind.EXPERT, Level.PUBLIC)
    assert shelf.ids() == [one.id]

    organisations.remove_expert(session, one, bob, now=NOON)
    session.commit()
    catalogue.drain(engine)
    catalogue.catch_up(session)

    assert shelf.ids() == []
    assert upkeep.verify(session, catalogue).is_whole


def test_the_expert_of_the_fitting_trade_is_named_with_what_speaks_for_him(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    fitting = expert(session, bob)
    for number in range(8):
        expert(session, bob, name=f"Người {number}", topics=(f"hát dân ca vùng {number}",))
    solution = make_solution(bob, curator=carol)
    solution.experts.append(fitting)
    need = make_need(alice, curator=carol)
    catalogue.drain(engine)

    [found] = experts.best(session, catalogue, alice.viewer, need)

    assert found.view.name == fitting.name
    assert {p.kind for p in found.proofs} >= {RecordKind.SOLUTION}
    assert found.view.not_wanted is None


def test_nobody_of_the_needs_own_or_of_a_hidden_organisation_is_named(
    session, engine, catalogue, alice, bob, carol, make_need
):
    expert(session, alice)
    hidden = expert(session, bob)
    bob.organisation.status = OrganisationStatus.SUSPENDED
    need = make_need(alice, curator=carol)
    catalogue.drain(engine)

    assert experts.rank(session, catalogue, need) == []

    bob.organisation.status = OrganisationStatus.VERIFIED
    session.commit()
    assert [fit.id for fit in experts.rank(session, catalogue, need)] == [hidden.id]


def test_a_run_keeps_its_list_and_the_next_tells_what_changed(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    first = make_solution(bob, curator=carol)
    catalogue.drain(engine)
    refreshed(session, catalogue, need)
    assert run_history.since_last(session, STAFF, need) is None

    second = make_solution(mallory, curator=carol)
    catalogue.drain(engine)
    run = refreshed(session, catalogue, need)

    rows = session.scalars(select(MatchRunItem).where(MatchRunItem.run_id == run.id)).all()
    assert sorted(row.solution_id for row in rows) == sorted([first.id, second.id])
    since = run_history.since_last(session, STAFF, need)
    assert [(t.change.what, t.solution.code) for t in since.changes] == [
        (RankChange.NEW, second.code)
    ]


def test_the_last_change_stays_in_view_when_the_machine_finds_the_same_again(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.drain(engine)
    refreshed(session, catalogue, need)
    make_solution(mallory, curator=carol)
    catalogue.drain(engine)
    for _ in range(3):
        run = refreshed(session, catalogue, need)

    since = run_history.since_last(session, STAFF, need)

    assert [t.change.what for t in since.changes] == [RankChange.NEW]
    assert since.now == run.finished_at
    assert session.scalar(select(func.count(MatchRunItem.run_id.distinct()))) == 2


def test_an_owner_is_not_told_of_what_curators_dismissed_or_what_is_hidden(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.drain(engine)
    refreshed(session, catalogue, need)
    dismissed, hidden = make_solution(mallory, curator=carol), make_solution(bob, curator=carol)
    catalogue.drain(engine)
    refreshed(session, catalogue, need)
    match = session.scalars(
        select(matching.Match).where(matching.Match.solution_id == dismissed.id)
    ).one()
    curation.judge(
        session, match, carol, Ruling.DISMISS, reason=curation.Reason.PRICE, note="", now=NOON
    )
    hidden.status = RecordStatus.PAUSED
    session.commit()

    assert run_history.since_last(session, alice.viewer, need).changes == []
    staff = run_history.since_last(session, STAFF, need)
    assert {(t.solution.code, t.is_listed) for t in staff.changes} == {
        (dismissed.code, True),
        (hidden.code, False),
    }


def test_a_need_typed_again_without_diacritics_is_found_among_ones_own_drafts_and_others(
    session, engine, catalogue, alice, bob, carol, mallory, make_need
):
    public = make_need(mallory, curator=carol)
    own = make_need(alice, submit=False)
    make_need(bob, submit=False)  # somebody else's draft is nobody's business
    make_need(bob, curator=carol, **OTHER)
    catalogue.drain(engine)
    again = need_draft(title="May cat dieu", problem=fold(PROBLEM), summary="Can may it vo nhan.")

    found = alike.duplicates_of_draft(session, catalogue, alice.viewer, again)

    assert {one.view.code: one.is_own for one in found} == {public.code: False, own.code: True}
    assert all(one.view.organisation is None for one in found if not one.is_own)
    assert all(one.sentences for one in found)


def test_a_draft_is_not_its_own_duplicate_and_another_matter_is_none(
    session, engine, catalogue, alice, carol, mallory, make_need
):
    own = make_need(alice, submit=False)
    make_need(mallory, curator=carol, **OTHER)
    catalogue.drain(engine)

    found = alike.duplicates_of_draft(session, catalogue, alice.viewer, need_draft(), itself=own.id)

    assert found == []


def test_curators_see_duplicates_that_wait_and_the_share_of_sentences(
    session, engine, catalogue, alice, carol, mallory, make_need
):
    need, waiting = make_need(alice), make_need(mallory, title="Máy cắt vỏ điều")
    catalogue.drain(engine)

    [found] = alike.duplicates(session, catalogue, STAFF, need)

    assert found.view.code == waiting.code
    assert 0.5 < found.share <= 1
    told = f"{need.title}\n{need.summary}\n{PROBLEM}\n{need.requirements[0].text}"
    assert all(sentence in told for sentence in found.sentences)


def test_joined_needs_are_audited_and_each_owner_told_without_a_name(
    session, alice, bob, carol, mallory, make_need
):
    needs = [make_need(alice, curator=carol), make_need(mallory, curator=carol)]

    group = need_groups.join(session, carol, needs, name="Vỡ nhân điều", note="mời họp", now=NOON)
    session.commit()

    told = session.scalars(select(Notice).where(Notice.code == NoticeCode.NEED_SHARED)).all()
    assert {n.member_id for n in told} == {alice.id, mallory.id}
    for one, need in ((alice, needs[0]), (mallory, needs[1])):
        [notice] = [n for n in told if n.member_id == one.id]
        assert notice.record_public_id == need.public_id
        assert notice.facts == {"title": need.title, "code": need.code}
    lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "need.group")).all()
    assert {line.record_public_id for line in lines} == {n.public_id for n in needs}
    assert all(line.detail == {"group": group.public_id} for line in lines)


def test_a_group_of_one_owners_needs_tells_nobody_until_another_joins(
    session, alice, carol, mallory, make_need
):
    own = [make_need(alice, curator=carol), make_need(alice, curator=carol)]
    group = need_groups.join(session, carol, own, name="Một chủ", now=NOON)
    session.commit()
    count = select(func.count()).select_from(Notice).where(Notice.code == NoticeCode.NEED_SHARED)
    assert session.scalar(count) == 0

    need_groups.add(session, group, carol, [make_need(mallory, curator=carol)], now=NOON)
    session.commit()

    assert session.scalar(count) == 3


def test_a_need_stands_in_one_group_and_the_last_two_leave_together(
    session, alice, bob, carol, mallory, make_need
):
    one, two, three = (make_need(m, curator=carol) for m in (alice, mallory, bob))
    group = need_groups.join(session, carol, [one, two], name="Nhóm", now=NOON)
    session.commit()
    with pytest.raises(InvalidError):
        need_groups.join(session, carol, [two, three], name="Khác", now=NOON)
    with pytest.raises(InvalidError):
        need_groups.join(session, carol, [three, three], name="Một mình", now=NOON)
    with pytest.raises(NotAllowedError):
        need_groups.join(session, alice, [one, three], name="Tự gộp", now=NOON)
    session.rollback()

    assert need_groups.leave(session, group, carol, one, now=NOON) is True
    session.commit()

    assert session.scalar(select(func.count()).select_from(NeedGroup)) == 0
    assert session.scalar(select(func.count()).select_from(NeedGroupPlace)) == 0
