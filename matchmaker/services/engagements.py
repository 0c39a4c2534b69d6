"""Introductions, followed to their end: clear person, clear work, clear due date."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from matchmaker.domain import lifecycle
from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem
from matchmaker.domain.vocabulary import NoticeCode, RecordKind, Stage, WaitingFor
from matchmaker.models import Engagement, EngagementMove, Match, Member
from matchmaker.services import audit, clocks, notices
from matchmaker.services.numbering import next_code

STEP_MAX = 300
NOTE_MAX = 2000
#: Worded at the edge; what an officer writes later replaces it.
FIRST_STEP = "first_contact"


def open_for(session: Session, match: Match, *, now: datetime) -> Engagement:
    """Open the engagement of a match; its curator is the officer in charge."""
    if match.curator_id is None:
        raise NotAllowedError("introduce without a curator in charge")
    due = clocks.due_after(now, clocks.FIRST_CONTACT)
    engagement = Engagement(
        code=next_code(session, "KN", clocks.local_year(now)),
        match=match,
        officer_id=match.curator_id,
        next_step=FIRST_STEP,
        due_on=due.astimezone(clocks.LOCAL).date(),
        waiting_for=WaitingFor.NEED_OWNER,
        stage=Stage.OPENED,
        created_at=now,
        updated_at=now,
    )
    engagement.moves.append(
        EngagementMove(member_id=match.curator_id, stage=Stage.OPENED, made_at=now)
    )
    session.add(engagement)
    session.flush()
    # What was opened to whom, and on which basis: both owners said yes.
    audit.record(
        session, "engagement.open", now=now, actor_id=match.curator_id,
        kind=RecordKind.ENGAGEMENT, public_id=engagement.public_id, to_state=Stage.OPENED,
        detail={"disclosed": "level 2 to both parties", "basis": match.public_id},
    )  # fmt: skip
    return engagement


def move(
    session: Session, engagement: Engagement, officer: Member, *, stage: Stage, next_step: str,
    due_on: date | None, waiting_for: WaitingFor | None, note: str, now: datetime,
) -> None:  # fmt: skip
    """Note where an engagement stands; open ones cannot go on without step, date and person.

    Raises NotAllowedError, WrongStateError or InvalidError.
    """
    if not officer.viewer.is_curator:
        raise NotAllowedError("move an engagement")
    before = engagement.stage
    after = lifecycle.stage_after(before, stage)
    problems = _missing(after, next_step, due_on, waiting_for, note)
    if problems:
        raise InvalidError(problems)
    engagement.stage = after
    engagement.next_step = next_step.strip()
    engagement.due_on = due_on or engagement.due_on
    engagement.waiting_for = waiting_for or engagement.waiting_for
    engagement.updated_at = now
    engagement.moves.append(EngagementMove(member=officer, stage=after, note=note, made_at=now))
    audit.record(
        session, "engagement.move", now=now, actor_id=officer.id, kind=RecordKind.ENGAGEMENT,
        public_id=engagement.public_id, from_state=before, to_state=after,
    )  # fmt: skip
    match = engagement.match
    for record in (match.need, match.solution):
        notices.tell_owner(
            session, record, NoticeCode.ENGAGEMENT_MOVED, RecordKind.ENGAGEMENT,
            engagement.public_id, now=now,
        )  # fmt: skip


def _missing(
    stage: Stage, next_step: str, due_on: date | None, waiting_for: WaitingFor | None, note: str
) -> list[Problem]:
    """What keeps a case from moving on: open ones need step, date and person; ended ones a word."""
    problems = []
    if lifecycle.is_open(stage):
        if not next_step.strip():
            problems.append(Problem("next_step", "required"))
        if due_on is None:
            problems.append(Problem("due_on", "required"))
        if waiting_for is None:
            problems.append(Problem("waiting_for", "required"))
    elif not note.strip():
        problems.append(Problem("note", "required"))
    if len(next_step) > STEP_MAX:
        problems.append(Problem("next_step", "too_long", {"most": STEP_MAX, "has": len(next_step)}))
    if len(note) > NOTE_MAX:
        problems.append(Problem("note", "too_long", {"most": NOTE_MAX, "has": len(note)}))
    return problems
