"""Where staff want a match in its list: which ruling leads where, and what is closed meanwhile."""

import pytest

from matchmaker.domain.lifecycle import MATCH, PLACING, allows, allows_ruling
from matchmaker.domain.vocabulary import MatchState, Placing, Ruling

RULINGS = {ruling for _, ruling in PLACING}


def test_what_is_laid_down_can_be_taken_back() -> None:
    for there, back in ((Ruling.PIN, Ruling.UNPIN), (Ruling.HIDE, Ruling.UNHIDE)):
        assert PLACING[PLACING[Placing.RANKED, there], back] is Placing.RANKED


@pytest.mark.parametrize("state", list(MatchState))
def test_only_undecided_ones_are_pinned_or_hidden(state: MatchState) -> None:
    open_to_it = state in {MatchState.SUGGESTED, MatchState.SHORTLISTED}

    for ruling in (Ruling.PIN, Ruling.HIDE):
        assert allows_ruling(state, Placing.RANKED, ruling) is open_to_it
    assert allows_ruling(state, Placing.PINNED, Ruling.UNPIN)


def test_hidden_ones_are_shown_again_before_anything_else_is_made_of_them() -> None:
    for ruling in (Ruling.PROPOSE, Ruling.SHORTLIST, Ruling.PIN):
        assert not allows_ruling(MatchState.SUGGESTED, Placing.HIDDEN, ruling)
    assert allows_ruling(MatchState.SUGGESTED, Placing.HIDDEN, Ruling.UNHIDE)
    assert allows_ruling(MatchState.SUGGESTED, Placing.HIDDEN, Ruling.DISMISS)


@pytest.mark.parametrize("placing", [Placing.RANKED, Placing.PINNED])
def test_a_pin_leaves_every_other_ruling_as_it_was(placing: Placing) -> None:
    for state in MatchState:
        for ruling in set(Ruling) - RULINGS:
            assert allows_ruling(state, placing, ruling) is allows(MATCH, state, ruling)
