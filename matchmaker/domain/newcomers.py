"""The newcomer floor: who is new is shown in some need's list each month, or it is said why not.

Pure: what stands in which list and how a solution ranks elsewhere comes in as plain values.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from matchmaker.domain.vocabulary import FloorOutcome, Rule

#: So long after its publication a solution counts as new, while its organisation has had no
#: introduction: half a year is two rounds of the usual quarter in which firms decide.
NEWCOMER_DAYS = 180
#: Less likely than this a placement would only cost a curator's time: of the demonstration's
#: pairs one in six above it was graded as fitting, one in six hundred below.
FLOOR_PROBABILITY = 0.0005


@dataclass(frozen=True)
class Chance:
    """How a newcomer stands with one listed need."""

    need_id: int
    #: From 1, among all that may be suggested for the need.
    place: int
    probability: float
    #: The hard rule that keeps the two apart.
    rule: Rule | None = None
    #: Whether a person set this pair aside, or an owner said no to it.
    set_aside: bool = False


@dataclass(frozen=True)
class Decision:
    """Where a newcomer is shown in a period, or why nowhere."""

    outcome: FloorOutcome
    need_id: int | None = None
    #: The rule met most often, where rules keep it out of every list.
    rule: Rule | None = None


def period_of(day: date) -> str:
    """The month a day belongs to, as periods are called: 2026-11."""
    return f"{day.year:04d}-{day.month:02d}"


def is_newcomer(published_at: datetime | None, introductions: int, now: datetime) -> bool:
    """Published lately, by an organisation that was never introduced to anybody."""
    if published_at is None or introductions:
        return False
    return now - published_at <= timedelta(days=NEWCOMER_DAYS)


def decide(shown_in: int | None, chances: Iterable[Chance]) -> Decision:
    """Where to show a newcomer.

    `shown_in` is a need whose list has it already: nothing is to be done. Else it goes to the end
    of the list of the need in which it ranks best, of those in which it is likely enough.
    """
    if shown_in is not None:
        return Decision(FloorOutcome.SHOWN, shown_in)
    everywhere = list(chances)
    if not everywhere:
        return Decision(FloorOutcome.NO_NEED)
    allowed = [c for c in everywhere if c.rule is None]
    if not allowed:
        met = Counter(c.rule for c in everywhere)
        return Decision(FloorOutcome.BLOCKED, rule=min(met, key=lambda r: (-met[r], str(r))))
    open_to_it = [c for c in allowed if not c.set_aside]
    if not open_to_it:
        return Decision(FloorOutcome.SET_ASIDE)
    likely = [c for c in open_to_it if c.probability >= FLOOR_PROBABILITY]
    if not likely:
        return Decision(FloorOutcome.TOO_WEAK)
    best = min(likely, key=lambda c: (c.place, -c.probability, c.need_id))
    return Decision(FloorOutcome.PLACED, best.need_id)
