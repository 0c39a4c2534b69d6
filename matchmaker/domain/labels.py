"""What judgements teach: which say that a need and a solution fit, and which say nothing of it.

A "no" over price is no evidence that a solution answers badly: learning from it would push good
answers down. The one table below says for every reason which it is.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from matchmaker.domain.vocabulary import Reason, Ruling, Side, Stage

#: How much a "no" for this reason says that the two do not fit; 0: nothing at all.
MISFIT: Mapping[Reason, float] = {
    Reason.MISSES_MUST_HAVE: 1.0,
    Reason.NOT_OUR_FIELD: 1.0,
    Reason.BENEFIT_UNCLEAR: 0.5,  # no better than what they have: of the fit, but of more besides
    Reason.TOO_VAGUE: 0.5,  # the text may be to blame, not the thing
    Reason.TOO_EARLY: 0.5,  # the right thing, not yet ripe enough for this need
    # What follows speaks of the parties, the moment or the money. Good answers get such a "no" too.
    Reason.ROUTE_UNCLEAR: 0.0,
    Reason.PRICE: 0.0,
    Reason.TIMING: 0.0,
    Reason.CAPACITY: 0.0,
    Reason.TERMS: 0.0,
    Reason.ALREADY_SOLVED: 0.0,
    Reason.CONFLICT_OF_INTEREST: 0.0,
    Reason.OTHER: 0.0,  # said in free words, which nobody reads for a machine
}

#: How much a "yes" says: a curator's glance, his proposal, an owner's own word, a signature.
SHORTLISTED, PROPOSED, ACCEPTED, INTRODUCED, AGREED = 0.5, 0.75, 1.0, 1.5, 2.0

#: Judged needs from which people's judgements count for more than public questions.
ENOUGH_NEEDS = 50


class Said(Protocol):
    """One judgement, in the order they were made."""

    @property
    def side(self) -> Side: ...
    @property
    def ruling(self) -> Ruling: ...
    @property
    def reason(self) -> Reason | None: ...


@dataclass(frozen=True)
class Verdict:
    """Whether the two fit, how much that counts, and what it rests on."""

    fits: bool
    weight: float
    #: The ruling or stage, and after a "no" the reason's code.
    basis: str


@dataclass(frozen=True)
class Label:
    """What people said of one pair, by the row numbers of its records."""

    need: int
    solution: int
    verdict: Verdict


def verdict(said: Iterable[Said], stage: Stage | None = None) -> Verdict | None:
    """What all judgements of one match come to; None: they say nothing of the fit.

    The last word of each side counts, and a curator who takes his ruling back said nothing. What
    came of an introduction outweighs what led to it; an owner's "no" outweighs the curator.
    """
    if stage in {Stage.AGREEMENT, Stage.TRANSFERRED}:
        return Verdict(True, AGREED, str(stage))
    last: dict[Side, Said] = {}
    for one in said:
        if one.ruling is Ruling.RESTORE:
            last.pop(Side.STAFF, None)
        else:
            last[one.side] = one
    owners = [last[side] for side in (Side.NEED, Side.SOLUTION) if side in last]
    return _by_owners(owners) or (_by_curator(last[Side.STAFF]) if Side.STAFF in last else None)


def _by_owners(said: Sequence[Said]) -> Verdict | None:
    refusals = [found for one in said if (found := _refusal(one)) is not None]
    if refusals:
        return max(refusals, key=lambda v: v.weight)
    accepted = sum(one.ruling is Ruling.ACCEPT for one in said)
    if accepted == 2:
        return Verdict(True, INTRODUCED, "introduced")
    return Verdict(True, ACCEPTED, str(Ruling.ACCEPT)) if accepted else None


def _by_curator(said: Said) -> Verdict | None:
    weight = {Ruling.PROPOSE: PROPOSED, Ruling.SHORTLIST: SHORTLISTED}.get(said.ruling)
    return Verdict(True, weight, str(said.ruling)) if weight else _refusal(said)


def _refusal(one: Said) -> Verdict | None:
    if one.ruling not in {Ruling.DISMISS, Ruling.DECLINE} or one.reason is None:
        return None
    weight = MISFIT[one.reason]
    return Verdict(False, weight, str(one.reason)) if weight else None


def fold_of(key: str, folds: int) -> int:
    """The part a need belongs to: by its public id, so it is the same for ever and everywhere."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % folds


def split(
    labels: Sequence[Label], folds: Mapping[int, int], held_back: int
) -> tuple[list[Label], list[Label]]:
    """Labels to learn from, and those to test on: no need and no solution is in both.

    `folds` gives the part of each need. Whole needs are held back, and every label of a solution
    judged for one of them is left out of the learning. Connected groups of needs and solutions
    would waste nothing, but a few popular solutions tie nearly all needs into one group.
    """
    test = [one for one in labels if folds[one.need] == held_back]
    met = {one.solution for one in test}
    train = [one for one in labels if folds[one.need] != held_back and one.solution not in met]
    return train, test
