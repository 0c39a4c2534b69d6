"""Ranked suggestions of a record as its owner and the staff see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from matchmaker.domain.ranking import calibration
from matchmaker.domain.ranking.calibration import Hint
from matchmaker.domain.vocabulary import Band, MatchState
from matchmaker.models import Match
from matchmaker.queries.disclosed import View
from matchmaker.services.explaining import Suggestion
from matchmaker.web.matches import Comparison, readable_evidence
from matchmaker.web.reasons import Reason, reasons


@dataclass(frozen=True)
class Found:
    """The other side of a suggestion, how sure it is, and why."""

    view: View
    band: Band
    reasons: list[Reason]
    evidence: list[dict[str, Any]]
    #: A stored match has a page of its own; a live suggestion has none yet.
    match: Match | None = None


@dataclass(frozen=True)
class Ranking:
    """Suggestions in order: those that may fit, and below a line those that hardly do."""

    fitting: list[Found]
    weak: list[Found]
    #: Where the shelf is too small for bands: whether the first stands out at all.
    hint: Hint | None = None


def of_matches(compared: Iterable[Comparison]) -> Ranking:
    """Stored matches of a need; what people took up stays above the line whatever its band."""
    fitting: list[Found] = []
    weak: list[Found] = []
    matches = []
    for one in compared:
        matches.append(one.match)
        found = Found(one.solution, one.match.band, one.reasons, one.evidence, one.match)
        taken_up = one.match.state is not MatchState.SUGGESTED or one.match.is_kept_by_people
        (weak if found.band is Band.WEAK and not taken_up else fitting).append(found)
    return Ranking(fitting, weak, hint_of(matches))


def hint_of(matches: Iterable[Match]) -> Hint | None:
    """What the scores of a need's current suggestions say where their bands say nothing."""
    current = sorted((m for m in matches if m.is_current), key=lambda m: -m.score)
    return calibration.hint([m.score for m in current], [m.probability for m in current])


def of_live(suggested: Iterable[Suggestion], *, for_need: bool) -> Ranking:
    """Suggestions computed for this page; nothing of them is kept."""
    fitting: list[Found] = []
    weak: list[Found] = []
    scores, chances = [], []
    for one in suggested:
        scores.append(one.score)
        chances.append(one.probability)
        evidence = readable_evidence(one.evidence, one.solution)
        view = one.solution if for_need else one.need
        found = Found(view, one.band, reasons(evidence, one.signals), evidence)
        (fitting if one.fits else weak).append(found)
    return Ranking(fitting, weak, calibration.hint(scores, chances))
