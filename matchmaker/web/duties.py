"""What the desk has to do, put in order: every wait has a clock and somebody who is waited for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from matchmaker.domain import lifecycle
from matchmaker.domain.vocabulary import RecordKind, Side, WaitingFor
from matchmaker.models import Engagement, Match, Need, Solution
from matchmaker.services.clocks import LOCAL


@dataclass(frozen=True)
class Duty:
    """One thing somebody waits for: a review, an owner's answer or the next step of a case."""

    kind: RecordKind
    public_id: str
    code: str
    title: str
    #: For an engagement the officer's own words; a code of ours where nobody wrote any yet.
    step: str
    waiting_for: tuple[WaitingFor, ...]
    due_on: date | None
    officer: str = ""

    @property
    def is_ours(self) -> bool:
        return WaitingFor.OFFICER in self.waiting_for


@dataclass(frozen=True)
class Agenda:
    """Duties by when they are due; what others owe and is not late yet stands apart."""

    overdue: list[Duty]
    today: list[Duty]
    later: list[Duty]
    others: list[Duty]


def agenda(duties: Iterable[Duty], today: date) -> Agenda:
    """Sort duties into groups, the first due first; one without a date is due today."""
    found = Agenda([], [], [], [])
    for duty in sorted(duties, key=lambda d: (d.due_on or today, d.code)):
        due = duty.due_on or today
        if due < today:
            found.overdue.append(duty)
        elif not duty.is_ours:
            found.others.append(duty)
        elif due == today:
            found.today.append(duty)
        else:
            found.later.append(duty)
    return found


def of_review(record: Need | Solution) -> Duty:
    """A submitted record waits for the curators' first look."""
    return Duty(
        kind=record.record_kind,
        public_id=record.public_id,
        code=record.code,
        title=record.title,
        step="review",
        waiting_for=(WaitingFor.OFFICER,),
        due_on=local_day(record.review_due_at),
    )


def of_proposal(match: Match) -> Duty:
    """A proposed match waits for the owners who have not answered yet."""
    return Duty(
        kind=RecordKind.MATCH,
        public_id=match.public_id,
        code=match.need.code,
        title=f"{match.need.title} – {match.solution.title}",
        step="answer",
        waiting_for=tuple(_OWNERS[side] for side in sides_asked(match)),
        due_on=local_day(match.reply_due_at),
        officer=match.curator.name if match.curator else "",
    )


def of_engagement(engagement: Engagement) -> Duty:
    """An open case waits for its next step."""
    return Duty(
        kind=RecordKind.ENGAGEMENT,
        public_id=engagement.public_id,
        code=engagement.code,
        title=engagement.match.need.title,
        step=engagement.next_step,
        waiting_for=(engagement.waiting_for,),
        due_on=engagement.due_on,
        officer=engagement.officer.name,
    )


def of_all(
    records: Iterable[Need | Solution], matches: Iterable[Match], cases: Iterable[Engagement]
) -> list[Duty]:
    """Every duty there is; a case that ended has none."""
    return [
        *map(of_review, records),
        *map(of_proposal, matches),
        *(of_engagement(case) for case in cases if lifecycle.is_open(case.stage)),
    ]


def sides_asked(match: Match) -> list[Side]:
    """The sides of a proposed match whose answers are missing."""
    answers = {Side.NEED: match.need_answer, Side.SOLUTION: match.solution_answer}
    return [side for side, given in answers.items() if given is None]


def local_day(moment: datetime | None) -> date | None:
    """The day on the wall calendar of Vietnam."""
    return moment.astimezone(LOCAL).date() if moment else None


_OWNERS = {Side.NEED: WaitingFor.NEED_OWNER, Side.SOLUTION: WaitingFor.SOLUTION_OWNER}
