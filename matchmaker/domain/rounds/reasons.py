"""Why a need meets nobody, or fewer than it should: the rule that stands in the way, and whose."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matchmaker.domain.rounds.batch import Batch, Key, Load
from matchmaker.domain.vocabulary import RoundRule

#: A reason names so many; the rest is counted.
NAMED = 4


@dataclass(frozen=True)
class Reason:
    """One rule in the way: the codes it is about, and how many there are of them."""

    rule: RoundRule
    codes: tuple[str, ...] = ()
    count: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"rule": str(self.rule), "codes": list(self.codes), "count": self.count}


@dataclass(frozen=True)
class Short:
    """A minimum that cannot be kept: by how much, and what stands in the way."""

    rule: RoundRule
    code: str
    wanted: int
    has: int
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": str(self.rule), "code": self.code, "wanted": self.wanted, "has": self.has,
            "reasons": [reason.as_json() for reason in self.reasons],
        }  # fmt: skip


def why_not(batch: Batch, chosen: Iterable[Key], need: int) -> tuple[Reason, ...]:
    """What keeps a need from one more meeting than it has in `chosen`."""
    chosen = set(chosen)
    mine = [p.key for p in batch.pairs if p.need == need and p.key not in chosen]
    return (*_kept_out(batch, need, bool(mine)), *_in_the_way(batch, chosen, mine))


def why_not_newcomer(batch: Batch, chosen: Iterable[Key], solution: int) -> tuple[Reason, ...]:
    """What keeps a solution from its one meeting."""
    chosen = set(chosen)
    mine = [p.key for p in batch.pairs if p.solution == solution and p.key not in chosen]
    found = list(_in_the_way(batch, chosen, mine))
    load = Load.of(batch, chosen)
    busy = [n for n, _ in mine if load.needs[n] >= batch.ask[n].most]
    if busy:
        found.append(_reason(RoundRule.NEED_MOST, [batch.ask[n].code for n in busy]))
    return tuple(found)


def _kept_out(batch: Batch, need: int, has_others: bool) -> list[Reason]:
    """Pairs that a rule kept out of the batch, by rule; none at all: the floor did."""
    found = Counter(rule for n, _, rule in batch.blocked if n == need)
    told = [Reason(rule, (), count) for rule, count in sorted(found.items())]
    return told if has_others or told else [Reason(RoundRule.FLOOR)]


def _in_the_way(batch: Batch, chosen: set[Key], wanted: list[Key]) -> list[Reason]:
    """The limits that the wanted pairs run into; a round that is full is reason enough."""
    load = Load.of(batch, chosen)
    by_rule: dict[RoundRule, set[str]] = defaultdict(set)
    for key in wanted:
        for rule, whose in load.full(key):
            by_rule[rule].add(_code(batch, rule, whose))
    if RoundRule.PLACES in by_rule:
        return [Reason(RoundRule.PLACES, (), batch.places)]
    return [_reason(rule, codes) for rule, codes in sorted(by_rule.items())]


def _code(batch: Batch, rule: RoundRule, whose: int) -> str:
    if rule is RoundRule.PLACES:
        return ""
    return batch.offer[whose].code if rule is RoundRule.SOLUTION_MOST else batch.party[whose].code


def _reason(rule: RoundRule, codes: Iterable[str]) -> Reason:
    named = sorted(set(codes))
    return Reason(rule, tuple(named[:NAMED]), len(named))
