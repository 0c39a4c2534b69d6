"""One pair as its reader may see it: how sure it is, by what, and the sentences that answer.

Each side is read once for all the pairs it stands in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker import evidence
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.signals import Signal
from matchmaker.domain.vocabulary import Band, Level, RecordKind, Rule
from matchmaker.models import Need, Solution
from matchmaker.queries import disclosed
from matchmaker.queries.disclosed import View
from matchmaker.services.ranking import Ranked


@dataclass(frozen=True)
class Needed:
    """A need as one reader may see it, and all that it demands."""

    view: View
    requirements: list[evidence.Requirement]


@dataclass(frozen=True)
class Offered:
    """A solution as one reader may see it, and the texts that may be quoted to both owners."""

    view: View
    passages: list[evidence.Passage]


Half = Needed | Offered


@dataclass(frozen=True)
class Suggestion:
    """One pair as its reader may see it, with why."""

    need: View
    solution: View
    score: float
    probability: float
    band: Band
    signals: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    #: The hard rule that keeps the two apart; only `matching.explain` meets one.
    rule: Rule | None = None

    @property
    def fits(self) -> bool:
        return self.band is not Band.WEAK


def read(
    record: Need | Solution, viewer: Viewer, introduced: disclosed.Introduced = frozenset()
) -> Half:
    """One half of a pair; `introduced` comes from `disclosed.introduced_to`."""
    view = disclosed.view(viewer, record, introduced)
    if isinstance(record, Need):
        return Needed(view, _requirements(record))
    # What is quoted is kept and shown to both owners: members' text, whoever is asking.
    of_members = view.granted is Level.MEMBERS
    return Offered(view, _passages(view if of_members else _of_members(record)))


def for_members(record: Need | Solution) -> Half:
    """One half of a pair that is kept: what any member may see of it, and no more."""
    if isinstance(record, Need):
        return Needed(_of_members(record), _requirements(record))
    view = _of_members(record)
    return Offered(view, _passages(view))


def suggestion(item: Ranked, one: Half, other: Half) -> Suggestion:
    """The pair of a need and a solution, in either order, with what `item` says of it."""
    need, solution = (one, other) if isinstance(one, Needed) else (other, one)
    assert isinstance(need, Needed)
    assert isinstance(solution, Offered)
    return Suggestion(
        need=need.view,
        solution=solution.view,
        score=round(item.score, 6),
        probability=round(item.probability, 4),
        band=calibration.band(item.probability),
        signals=[_told(s) for s in item.signals],
        evidence=assess(need, solution),
        rule=item.rule,
    )


def assess(need: Needed, solution: Offered) -> list[dict[str, Any]]:
    """What a solution says about each demand of a need, as plain values to keep and show."""
    return [
        {
            "text": found.requirement.text,
            "must": found.requirement.must,
            "verdict": str(found.verdict),
            "field": found.field,
            "quote": found.quote,
            "found": found.found,
            "words": list(found.words),
            "question": str(found.question),
        }
        for found in evidence.assess(need.requirements, solution.passages)
    ]


def _of_members(record: Need | Solution) -> View:
    return disclosed.view_at(record, Level.MEMBERS)


def _requirements(need: Need) -> list[evidence.Requirement]:
    return [
        evidence.Requirement(
            text=r.text, must=r.must, indicator=r.indicator or None,
            operator=r.operator.value if r.operator else None, value=r.value,
            value_max=r.value_max, unit=r.unit or None, language=need.language.value,
        )
        for r in disclosed.requirements_of(need)
    ]  # fmt: skip


def _passages(solution: Mapping[str, Any]) -> list[evidence.Passage]:
    return [
        evidence.Passage(p.field, p.text)
        for p in disclosed.passages(solution, RecordKind.SOLUTION)
        if p.field != "keywords"
    ]


def _told(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "value": signal.value,
        "weight": signal.weight,
        "facts": dict(signal.facts),
    }
