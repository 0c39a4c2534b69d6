"""The hard rules over real rows: lists, proposals, and what officers are told of them."""

import random

import pytest
from sqlalchemy import select

from matchmaker.domain import lifecycle
from matchmaker.domain.constraints import Party, blocking
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import InvalidError, NotAllowedError
from matchmaker.domain.vocabulary import (
    HIDDEN_ORGANISATIONS,
    LISTED,
    MatchState,
    OrganisationKind,
    OrganisationStatus,
    Placing,
    Reason,
    RecordStatus,
    RelationKind,
    Rule,
    Ruling,
    Side,
)
from matchmaker.models import AuditEntry, Judgement, Match, Need, Organisation, Relation, Solution
from matchmaker.queries import matches, relations
from matchmaker.services import candidates, curation, eligibility, matching
from matchmaker.services import relations as relating
from tests.conftest import NOON
from tests.web.people import introduce, suggest

STAFF = Viewer(member_id=0)
PLACES = (Ruling.PIN, Ruling.HIDE, Ruling.UNPIN, Ruling.UNHIDE)


def firms(session, count):
    rows = [
        Organisation(
            code=f"TC-2026-{100 + n:05d}", kind=OrganisationKind.ENTERPRISE, name_vi=f"Hãng {n}",
            status=OrganisationStatus.VERIFIED,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def taken_by_hand(session, organisation):
    asked = {MatchState.PROPOSED, MatchState.BOTH_INTERESTED}
    return sum(
        m.solution.organisation is organisation and m.state in asked
        for m in session.scalars(select(Match))
    )


def party_by_hand(session, record, firms_):
    """A side as it can be told from the rows, one by one, without the service's queries."""
    own = record.organisation
    noted = {frozenset((r.organisation_id, r.other_id)) for r in session.scalars(select(Relation))}
    related = {
        o.public_id for o in firms_
        if o is not own and (
            o.parent_id == own.id or own.parent_id == o.id
            or (own.parent_id is not None and o.parent_id == own.parent_id)
            or frozenset((o.id, own.id)) in noted
        )
    }  # fmt: skip
    return Party(
        own.public_id, record.status in LISTED, own.status not in HIDDEN_ORGANISATIONS,
        frozenset(related), frozenset(record.excluded), own.capacity, taken_by_hand(session, own),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_database_sifts_as_the_pure_rules_do(session, seed):
    rng = random.Random(seed)
    rows = firms(session, 6)
    for firm in rows:
        firm.status = rng.choice([*OrganisationStatus, OrganisationStatus.VERIFIED])
        firm.capacity = rng.choice([None, None, 0, 1, 2])
        firm.parent_id = rng.choice([None, None, *(o.id for o in rows if o is not firm)])
    for _ in range(3):
        one, other = rng.sample(rows, 2)
        session.add(Relation(organisation=one, other=other, kind=rng.choice([*RelationKind])))
    made = {
        table: [
            table(
                code=f"{table.__name__}{n}", organisation=rng.choice(rows), title="x",
                status=rng.choice([RecordStatus.PUBLISHED, *RecordStatus]),
                excluded=[o.public_id for o in rng.sample(rows, rng.choice([0, 0, 1, 2]))],
            )
            for n in range(12)
        ]
        for table in (Need, Solution)
    }  # fmt: skip
    session.add_all([*made[Need], *made[Solution]])
    session.flush()
    for need, solution in zip(made[Need], made[Solution], strict=True):
        if rng.random() < 0.4:
            suggest_state = rng.choice([MatchState.PROPOSED, MatchState.DECLINED])
            session.add(
                Match(need=need, solution=solution, score=1, probability=1, band="weak",
                      state=suggest_state)
            )  # fmt: skip
    session.flush()
    by_hand = {r: party_by_hand(session, r, rows) for kind in made.values() for r in kind}

    met = set()
    for need in made[Need]:
        told = {s.id: blocking(by_hand[need], by_hand[s]) for s in made[Solution]
                if s.status in LISTED}  # fmt: skip
        sifted = eligibility.sift(session, need)
        assert dict(sifted.blocked) == {i: rule for i, rule in told.items() if rule}
        assert sifted.allowed == sorted(i for i, rule in told.items() if rule is None)
        met |= set(told.values())
        for solution in made[Solution]:
            rule = blocking(by_hand[need], by_hand[solution])
            assert eligibility.rule_between(session, need, solution) is rule
            if need.status in LISTED:
                asked = eligibility.sift(session, solution)
                assert (need.id in asked.allowed) is (rule is None) or rule is Rule.NOT_LISTED
    assert len(met) >= 3


def test_related_firms_are_kept_apart_from_either_side_and_officers_see_why(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    catalogue.drain(engine)
    first = matching.refresh(session, catalogue, need, started_by=carol, now=NOON)
    match = session.scalars(select(Match)).one()
    assert (match.is_current, first.blocked) == (True, [])

    noted = relating.add(
        session, bob.organisation, carol, named=alice.organisation.code,
        kind=RelationKind.SAME_OWNER, note="Theo đăng ký", now=NOON,
    )  # fmt: skip

    assert relations.related_to(session, alice.organisation) == {bob.organisation.public_id}
    assert matching.suggest(session, catalogue, STAFF, need) == []
    assert matching.suggest(session, catalogue, STAFF, solution) == []
    assert matching.behind(session, catalogue, 5) == [need]
    with pytest.raises(InvalidError):
        curation.judge(session, match, carol, Ruling.PROPOSE, now=NOON)
    assert match.state is MatchState.SUGGESTED
    run = matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.flush()
    told = {"solution": solution.public_id, "rule": "related_organisation", "place": 1}
    assert run.blocked == [told]
    assert (match.is_current, match.blocked_by) == (False, Rule.RELATED_ORGANISATION)
    relating.remove(session, noted, carol, now=NOON)
    session.flush()
    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    assert (match.is_current, match.blocked_by) == (True, None)
    acts = [e.action for e in session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]
    assert [a for a in acts if "relate" in a] == ["organisation.relate", "organisation.unrelate"]


def test_wrong_relations_are_refused(session, alice, bob, carol):
    for named in ("", "Không có ai", bob.organisation.code):
        with pytest.raises(InvalidError) as caught:
            relating.add(session, bob.organisation, carol, named=named, kind=RelationKind.PARENT,
                         note="", now=NOON)  # fmt: skip
        assert [p.field for p in caught.value.problems] == ["other"]
    with pytest.raises(NotAllowedError):
        relating.add(session, bob.organisation, bob, named=alice.organisation.code,
                     kind=RelationKind.PARENT, note="", now=NOON)  # fmt: skip
    assert session.scalars(select(Relation)).all() == []


def test_a_pair_is_noted_once_whichever_side_it_is_noted_at(session, alice, bob, carol):
    def note(one, other):
        relating.add(session, one.organisation, carol, named=other.organisation.code,
                     kind=RelationKind.ADVISER, note="", now=NOON)  # fmt: skip

    note(alice, bob)
    with pytest.raises(InvalidError):
        note(bob, alice)


def test_a_full_provider_is_not_proposed_and_what_was_decided_stays(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution
):
    bob.organisation.capacity = 1
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    other = make_need(alice, curator=carol, title="Thu hồi nhiệt thải từ lò hơi của xưởng")
    catalogue.drain(engine)
    matching.refresh(session, catalogue, need, started_by=carol, now=NOON)
    match = session.scalars(select(Match)).one()
    curation.judge(session, match, carol, Ruling.SHORTLIST, now=NOON)
    engagement = introduce(session, suggest(session, other, solution), carol, alice, bob)
    catalogue.drain(engine)

    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.flush()

    assert match.state is MatchState.SHORTLISTED
    assert match in matches.of_need(session, carol.viewer, need.id)
    # The need's owner is shown him again once he has room.
    assert matches.of_need(session, alice.viewer, need.id) == []
    with pytest.raises(InvalidError) as caught:
        curation.judge(session, match, carol, Ruling.PROPOSE, now=NOON)
    assert caught.value.problems[0].facts == {"rule": Rule.CAPACITY_USED_UP}
    engagement.stage = "closed"
    session.flush()
    assert curation.judge(session, match, carol, Ruling.PROPOSE, now=NOON)


def people_said(session, need):
    """All that people left on a need's matches, which no machine may change."""
    session.flush()
    rows = session.scalars(select(Match).where(Match.need_id == need.id))
    said = session.execute(
        select(Judgement.id, Judgement.match_id, Judgement.ruling, Judgement.note)
        .order_by(Judgement.id)
    )  # fmt: skip
    return (
        {m.solution_id: (m.state, m.placing, m.proposed_by) for m in rows
         if m.state is not MatchState.SUGGESTED or m.is_kept_by_people},
        list(said),
    )  # fmt: skip


def test_whatever_people_said_survives_every_refresh(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution, monkeypatch,
):  # fmt: skip
    rng = random.Random(7)
    monkeypatch.setattr(matching, "KEPT", 2)
    need = make_need(alice, curator=carol)
    made = [
        make_solution(rng.choice([bob, mallory]), curator=carol, title=f"Máy cắt vỏ hạt số {n}")
        for n in range(6)
    ]
    catalogue.drain(engine)
    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    session.commit()
    seen = set()
    for _ in range(20):
        match = rng.choice(session.scalars(select(Match)).all())
        move = rng.choice(["judge", "judge", "add", "exclude", "refresh"])
        try:
            if move == "judge":
                sifting = (Ruling.SHORTLIST, Ruling.DISMISS, Ruling.RESTORE)
                may = [r for r in (*PLACES, *PLACES, *sifting)
                       if lifecycle.allows_ruling(match.state, match.placing, r)]  # fmt: skip
                ruling = rng.choice(may)
                curation.judge(
                    session, match, carol, ruling, reason=Reason.PRICE, note="vì", now=NOON
                )
                seen.add(ruling)
            elif move == "add":
                candidates.add(session, catalogue, need, rng.choice(made), carol, now=NOON)
            elif move == "exclude":
                need.excluded = rng.choice([[], [mallory.organisation.public_id]])
        except InvalidError:
            pass
        session.commit()
        catalogue.drain(engine)
        before = people_said(session, need)
        matching.refresh(session, catalogue, need, started_by=None, now=NOON)
        assert people_said(session, need) == before
        session.commit()
        listed = matches.of_need(session, carol.viewer, need.id)
        assert {m.solution_id for m in listed} >= before[0].keys()
        shown = matches.of_need(session, alice.viewer, need.id)
        assert not any(m.placing is Placing.HIDDEN or m.blocked_by for m in shown)
        pinned = [m.placing is Placing.PINNED for m in shown]
        assert pinned == sorted(pinned, reverse=True)
    assert {Ruling.PIN, Ruling.HIDE} <= seen


def test_the_same_inputs_give_the_same_list(
    session, engine, catalogue, alice, bob, carol, mallory, make_need, make_solution
):
    need = make_need(alice, curator=carol)
    for n in range(4):
        make_solution(bob, curator=carol, title=f"Máy số {n}")
    shut = make_solution(mallory, curator=carol)
    need.excluded = [mallory.organisation.public_id]
    session.commit()
    catalogue.drain(engine)

    def made():
        run = matching.refresh(session, catalogue, need, started_by=None, now=NOON)
        found = matches.of_need(session, carol.viewer, need.id)
        kept = [(m.solution_id, m.score, m.probability, m.band) for m in found]
        return kept, run.blocked, run.settings_hash, run.rules_hash, run.index_digest

    first = made()

    assert made() == first
    assert [row["solution"] for row in first[1]] == [shut.public_id]
    assert len(first[0]) == 4


def test_an_added_solution_carries_its_true_score_and_its_author(
    session, engine, catalogue, alice, bob, carol, make_need, make_solution, monkeypatch
):
    monkeypatch.setattr(matching, "KEPT", 1)
    need = make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    far = make_solution(
        bob, curator=carol, title="Nuôi cấy mô hoa lan", summary="Cây giống hoa lan.",
        description="Nhân giống hoa lan.",
    )  # fmt: skip
    catalogue.drain(engine)
    matching.refresh(session, catalogue, need, started_by=None, now=NOON)
    assert matches.of_pair(session, need.id, far.id) is None

    match = candidates.add(session, catalogue, need, far, carol, note="Thử xem", now=NOON)
    again = candidates.add(session, catalogue, need, far, carol, now=NOON)

    told = matching.explain(session, catalogue, carol.viewer, need, far, now=NOON)
    assert again is match
    assert (match.score, match.band, match.evidence) == (told.score, told.band, told.evidence)
    assert (match.state, match.proposed_by) == (MatchState.SUGGESTED, Side.STAFF)
    assert [(j.ruling, j.note, j.member_id) for j in match.judgements] == [
        (Ruling.ADD, "Thử xem", carol.id)
    ]
    assert [m.solution_id for m in matches.of_need(session, alice.viewer, need.id)][-1] == far.id
    need.excluded = [bob.organisation.public_id]
    with pytest.raises(InvalidError):
        candidates.add(session, catalogue, need, make_solution(bob, curator=carol), carol, now=NOON)
