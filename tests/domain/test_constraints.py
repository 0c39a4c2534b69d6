"""The hard rules by themselves: each blocks what it says, and nothing else does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.constraints import RULES, Party, blocking
from matchmaker.domain.vocabulary import Rule

NAMES = st.sampled_from(["firm", "school", "startup"])
PARTIES = st.builds(
    Party,
    organisation=NAMES,
    is_listed=st.booleans(),
    is_visible=st.booleans(),
    related=st.frozensets(NAMES),
    excluded=st.frozensets(NAMES),
    capacity=st.none() | st.integers(0, 3),
    taken=st.integers(0, 4),
)
NEED = Party("firm")
SOLUTION = Party("school")


@pytest.mark.parametrize(
    ("need", "solution", "rule"),
    [
        (NEED, SOLUTION, None),
        (NEED, Party("firm"), Rule.OWN_ORGANISATION),
        (replace(NEED, related=frozenset({"school"})), SOLUTION, Rule.RELATED_ORGANISATION),
        (NEED, replace(SOLUTION, related=frozenset({"firm"})), Rule.RELATED_ORGANISATION),
        (NEED, replace(SOLUTION, excluded=frozenset({"firm"})), Rule.EXCLUDED_BY_SOLUTION),
        (replace(NEED, excluded=frozenset({"school"})), SOLUTION, Rule.EXCLUDED_BY_NEED),
        (replace(NEED, is_listed=False), SOLUTION, Rule.NOT_LISTED),
        (NEED, replace(SOLUTION, is_listed=False), Rule.NOT_LISTED),
        (replace(NEED, is_visible=False), SOLUTION, Rule.NOT_VISIBLE),
        (NEED, replace(SOLUTION, is_visible=False), Rule.NOT_VISIBLE),
        (NEED, replace(SOLUTION, capacity=2, taken=2), Rule.CAPACITY_USED_UP),
        (NEED, replace(SOLUTION, capacity=2, taken=1), None),
        (NEED, replace(SOLUTION, taken=9), None),
        (replace(NEED, capacity=0), SOLUTION, None),
    ],
)
def test_each_rule_blocks_what_it_says(need: Party, solution: Party, rule: Rule | None) -> None:
    assert blocking(need, solution) is rule


def test_table_holds_every_rule_once() -> None:
    assert list(RULES) == list(Rule)


@given(PARTIES, PARTIES)
def test_a_pair_is_free_exactly_where_no_rule_speaks(need: Party, solution: Party) -> None:
    spoken = [rule for rule, blocks in RULES.items() if blocks(need, solution)]

    assert blocking(need, solution) is (spoken[0] if spoken else None)


@given(PARTIES, PARTIES)
def test_what_binds_both_ways_binds_whoever_asks(one: Party, other: Party) -> None:
    for rule in (Rule.OWN_ORGANISATION, Rule.RELATED_ORGANISATION, Rule.NOT_LISTED,
                 Rule.NOT_VISIBLE):  # fmt: skip
        assert RULES[rule](one, other) is RULES[rule](other, one)
    assert RULES[Rule.EXCLUDED_BY_NEED](one, other) is RULES[Rule.EXCLUDED_BY_SOLUTION](other, one)


@given(PARTIES, PARTIES, NAMES)
def test_one_more_exclusion_never_frees_a_pair(need: Party, solution: Party, name: str) -> None:
    stricter = replace(need, excluded=need.excluded | {name})

    assert blocking(need, solution) is None or blocking(stricter, solution) is not None
