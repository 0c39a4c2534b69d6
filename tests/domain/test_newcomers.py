"""Where a newcomer is shown, or why nowhere: decided on plain values."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.newcomers import (
    FLOOR_PROBABILITY,
    NEWCOMER_DAYS,
    Chance,
    Decision,
    decide,
    is_newcomer,
    period_of,
)
from matchmaker.domain.vocabulary import FloorOutcome, Rule

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
CHANCES = st.builds(
    Chance,
    need_id=st.integers(1, 9),
    place=st.integers(1, 99),
    probability=st.floats(0, 1) | st.just(FLOOR_PROBABILITY),
    rule=st.none() | st.sampled_from(Rule),
    set_aside=st.booleans(),
)


@pytest.mark.parametrize(
    ("days", "introductions", "new"),
    [(0, 0, True), (NEWCOMER_DAYS, 0, True), (NEWCOMER_DAYS + 1, 0, False), (3, 1, False)],
)
def test_newcomer_is_young_and_never_introduced(days: int, introductions: int, new: bool) -> None:
    assert is_newcomer(NOW - timedelta(days=days), introductions, NOW) is new


def test_what_was_never_published_is_no_newcomer() -> None:
    assert not is_newcomer(None, 0, NOW)


def test_period_is_the_month() -> None:
    assert period_of(date(2027, 1, 31)) == "2027-01"


@pytest.mark.parametrize(
    ("chances", "decision"),
    [
        ([], Decision(FloorOutcome.NO_NEED)),
        (
            [Chance(1, 1, 0.9, Rule.OWN_ORGANISATION), Chance(2, 1, 0.9, Rule.CAPACITY_USED_UP),
             Chance(3, 1, 0.9, Rule.CAPACITY_USED_UP)],
            Decision(FloorOutcome.BLOCKED, rule=Rule.CAPACITY_USED_UP),
        ),
        ([Chance(1, 1, 0.9, set_aside=True)], Decision(FloorOutcome.SET_ASIDE)),
        ([Chance(1, 25, FLOOR_PROBABILITY / 2)], Decision(FloorOutcome.TOO_WEAK)),
        (
            [Chance(1, 40, 0.5), Chance(2, 22, 0.1), Chance(3, 22, 0.2), Chance(4, 21, 0.0)],
            Decision(FloorOutcome.PLACED, 3),
        ),
    ],
)  # fmt: skip
def test_it_goes_where_it_ranks_best_or_the_reason_is_told(
    chances: list[Chance], decision: Decision
) -> None:
    assert decide(None, chances) == decision


def test_what_is_shown_already_is_left_alone() -> None:
    assert decide(7, [Chance(1, 1, 0.9)]) == Decision(FloorOutcome.SHOWN, 7)


@given(st.lists(CHANCES, max_size=8))
def test_every_newcomer_is_placed_where_it_may_be_or_told_why_not(chances: list[Chance]) -> None:
    found = decide(None, chances)
    free = [c for c in chances if c.rule is None and not c.set_aside]
    fit = [c for c in free if c.probability >= FLOOR_PROBABILITY]

    assert (found.outcome is FloorOutcome.PLACED) is bool(fit)
    if fit:
        assert min(c.place for c in fit) in {c.place for c in fit if c.need_id == found.need_id}
    else:
        assert found.need_id is None
    assert (found.rule is not None) is (found.outcome is FloorOutcome.BLOCKED)


@given(st.lists(CHANCES, max_size=6))
def test_the_order_of_the_needs_does_not_matter(chances: list[Chance]) -> None:
    assert decide(None, chances) == decide(None, chances[::-1])
