"""The hard rules: which pairs are never suggested or proposed, and by which rule.

Each rule is a pure function of two plain values. They stand in one table, in the order in which
officers are told of them: a pair is kept apart by the first that speaks. Nothing outweighs them;
what only speaks for or against a pair is a signal (`domain/ranking/signals.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from matchmaker.domain.vocabulary import Rule


@dataclass(frozen=True)
class Party:
    """What the rules need to know of one side: a record, and who stands behind it."""

    #: Public id of the organisation; `related` and `excluded` hold such ids too.
    organisation: str
    is_listed: bool = True
    #: Whether the organisation itself may be seen: not suspended, merged or archived.
    is_visible: bool = True
    related: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    #: Introductions it can take at once, and has under way; None: it has not said.
    capacity: int | None = None
    taken: int = 0


def is_full(capacity: int | None, taken: int) -> bool:
    """Whether a provider has all the proposals and introductions it can take at once."""
    return capacity is not None and taken >= capacity


def _own_organisation(need: Party, solution: Party) -> bool:
    return need.organisation == solution.organisation


def _related_organisation(need: Party, solution: Party) -> bool:
    """Parent, same owner or adviser; it is enough that one side is known to be related."""
    return solution.organisation in need.related or need.organisation in solution.related


def _excluded_by_solution(need: Party, solution: Party) -> bool:
    return need.organisation in solution.excluded


def _excluded_by_need(need: Party, solution: Party) -> bool:
    return solution.organisation in need.excluded


def _not_listed(need: Party, solution: Party) -> bool:
    return not (need.is_listed and solution.is_listed)


def _not_visible(need: Party, solution: Party) -> bool:
    return not (need.is_visible and solution.is_visible)


def _capacity_used_up(need: Party, solution: Party) -> bool:
    del need
    return is_full(solution.capacity, solution.taken)


#: Every rule, in the order in which they are asked.
RULES: Mapping[Rule, Callable[[Party, Party], bool]] = {
    Rule.OWN_ORGANISATION: _own_organisation,
    Rule.RELATED_ORGANISATION: _related_organisation,
    Rule.EXCLUDED_BY_SOLUTION: _excluded_by_solution,
    Rule.EXCLUDED_BY_NEED: _excluded_by_need,
    Rule.NOT_LISTED: _not_listed,
    Rule.NOT_VISIBLE: _not_visible,
    Rule.CAPACITY_USED_UP: _capacity_used_up,
}


def blocking(need: Party, solution: Party) -> Rule | None:
    """The first rule that keeps this pair apart; None: it may be suggested."""
    return next((rule for rule, blocks in RULES.items() if blocks(need, solution)), None)
