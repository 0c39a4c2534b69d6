"""A curator reads what was submitted: publishes it, asks for changes, or refuses with a reason."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain import lifecycle
from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import NoticeCode, Reason, ReviewAction, Role
from matchmaker.models import Member, Need, Review, Solution
from matchmaker.services import audit, notices
from matchmaker.services.records import lifecycle_of

_STEPS = {
    ReviewAction.PUBLISH: (Step.PUBLISH, NoticeCode.RECORD_PUBLISHED),
    ReviewAction.REQUEST_CHANGES: (Step.REQUEST_CHANGES, NoticeCode.CHANGES_REQUESTED),
    ReviewAction.REJECT: (Step.REJECT, NoticeCode.RECORD_REJECTED),
}
NOTE_MAX = 1000


def review(
    session: Session,
    record: Need | Solution,
    curator: Member,
    action: ReviewAction,
    *,
    field: str = "",
    reason: Reason | None = None,
    note: str = "",
    now: datetime,
) -> Review:
    """Answer a submitted record; the caller commits.

    Raises NotAllowedError for an author's own record, InvalidError for a "no" without reason.
    """
    if curator.role not in {Role.CURATOR, Role.ADMIN} or record.author_id == curator.id:
        raise NotAllowedError("review this record")
    _must_say_why(action, reason, note)
    step, code = _STEPS[action]
    before = record.status
    record.status = lifecycle.after(lifecycle_of(record), record.record_kind, before, step)
    record.curator_id = curator.id
    record.updated_at = now
    record.review_due_at = None
    if action is ReviewAction.PUBLISH:
        record.published_at = now
        if isinstance(record, Solution):
            record.confirmed_at = now
    answer = Review(
        record_kind=record.record_kind, record_id=record.id, curator_id=curator.id, action=action,
        field=field, reason=reason, note=note, made_at=now,
    )  # fmt: skip
    session.add(answer)
    audit.record(
        session, f"{record.record_kind}.{action}", now=now, actor_id=curator.id,
        kind=record.record_kind, public_id=record.public_id, from_state=before,
        to_state=record.status, reason=str(reason or ""),
    )  # fmt: skip
    notices.tell_owner(session, record, code, record.record_kind, record.public_id, now=now)
    return answer


def times_too_vague(session: Session, record: Need | Solution) -> int:
    """How often a record was found too vague: at two the desk calls its owner instead."""
    query = select(func.count()).select_from(Review)
    return session.scalar(query.where(
        Review.record_kind == record.record_kind, Review.record_id == record.id,
        Review.reason == Reason.TOO_VAGUE,
    )) or 0  # fmt: skip


def _must_say_why(action: ReviewAction, reason: Reason | None, note: str) -> None:
    problems = []
    if action is ReviewAction.REJECT and reason is None:
        problems.append(Problem("reason", "required"))
    if action is ReviewAction.REQUEST_CHANGES and not note.strip():
        problems.append(Problem("note", "required"))
    if reason is Reason.OTHER and not note.strip():
        problems.append(Problem("note", "required"))
    if len(note) > NOTE_MAX:
        problems.append(Problem("note", "too_long", {"most": NOTE_MAX, "has": len(note)}))
    if problems:
        raise InvalidError(problems)
