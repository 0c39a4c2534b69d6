"""What an introduction opens, and what it must leave shut."""

import pytest

from matchmaker.domain.vocabulary import MatchState, Ruling
from matchmaker.queries import disclosed
from matchmaker.services import curation
from tests.web.people import introduce, propose, suggest

pytestmark = pytest.mark.databases


def test_both_yes_opens_that_need_and_its_owner(
    session, alice, bob, carol, noon, make_need, make_solution
):
    need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
    match = suggest(session, need, solution)
    propose(session, match, carol)

    assert curation.answer(session, match, alice, Ruling.ACCEPT, now=noon) is None
    before = disclosed.view(bob.viewer, need, disclosed.introduced_to(session, bob.viewer))
    engagement = curation.answer(session, match, bob, Ruling.ACCEPT, now=noon)
    session.flush()
    opened = disclosed.introduced_to(session, bob.viewer)

    assert before.organisation is None
    assert engagement is not None
    assert match.state is MatchState.INTRODUCED
    assert disclosed.view(bob.viewer, need, opened).organisation["name_vi"] == (
        alice.organisation.name_vi
    )
    assert disclosed.view(bob.viewer, alice.organisation, opened).contacts


def test_introduction_over_one_need_does_not_name_the_owner_of_another(
    session, alice, bob, carol, make_need, make_solution
):
    known = make_need(alice, curator=carol)
    other = make_need(alice, curator=carol, title="Thu hồi nhiệt thải từ lò hơi của xưởng")
    match = suggest(session, known, make_solution(bob, curator=carol))
    introduce(session, match, carol, alice, bob)

    opened = disclosed.introduced_to(session, bob.viewer)

    assert disclosed.view(bob.viewer, known, opened).organisation is not None
    assert disclosed.view(bob.viewer, other, opened).organisation is None
    assert disclosed.view(bob.viewer, other, opened).budget_max is None
