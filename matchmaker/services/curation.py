"""People decide on matches: the curator first, then the two owners."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.domain import lifecycle
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import InvalidError, NotAllowedError, Problem, WrongStateError
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import (
    LISTED,
    MatchState,
    NoticeCode,
    Placing,
    Reason,
    RecordKind,
    Ruling,
    Side,
)
from matchmaker.models import Engagement, Judgement, Match, Member
from matchmaker.services import audit, clocks, eligibility, engagements, locks, notices
from matchmaker.services.records import lifecycle_of

NOTE_MAX = 1000
_BY_CURATOR = {Ruling.SHORTLIST, Ruling.DISMISS, Ruling.PROPOSE, Ruling.RESTORE}
_PLACES = {Ruling.PIN, Ruling.UNPIN, Ruling.HIDE, Ruling.UNHIDE}
_NEEDS_A_NOTE = {Ruling.PIN, Ruling.HIDE}
_BY_OWNER = {Ruling.ACCEPT, Ruling.DECLINE}
#: What an answer depends on and changes.
_ANSWERED = ("state", "need_answer", "solution_answer", "version")


def judge(
    session: Session, match: Match, curator: Member, ruling: Ruling, *,
    reason: Reason | None = None, note: str = "", now: datetime,
) -> Judgement:  # fmt: skip
    """Record a curator's ruling and move the match on; the caller commits.

    Pinning and hiding move it in its need's list and leave its state alone. Raises
    NotAllowedError, InvalidError for a ruling without its reason or note and for a proposal that
    a hard rule forbids, or WrongStateError.
    """
    if not curator.viewer.is_curator or ruling not in _BY_CURATOR | _PLACES:
        raise NotAllowedError(f"{ruling} a match")
    _must_say_why(ruling, reason, note)
    before = match.state
    if not lifecycle.allows_ruling(before, match.placing, ruling):
        at = before if match.placing is Placing.RANKED else match.placing
        raise WrongStateError(RecordKind.MATCH, at, ruling)
    if ruling in _PLACES:
        return _place(session, match, curator, ruling, note, now=now)
    if ruling is Ruling.PROPOSE:
        _must_be_listed(match)
        _must_be_allowed(session, match)
    match.state = lifecycle.after(lifecycle.MATCH, RecordKind.MATCH, before, ruling)
    match.curator_id = curator.id
    if ruling is Ruling.PROPOSE:
        match.proposed_by = Side.STAFF
        match.proposed_at = now
        match.reply_due_at = clocks.due_after(now, clocks.OWNER_REPLY)
        match.need_answer = match.solution_answer = None
        _tell_owners(session, match, NoticeCode.MATCH_PROPOSED, now=now)
    return keep(session, match, curator, Side.STAFF, ruling, before, reason, note, now=now)


def answer(
    session: Session, match: Match, member: Member, ruling: Ruling, *,
    reason: Reason | None = None, note: str = "", now: datetime,
) -> Engagement | None:  # fmt: skip
    """Record an owner's yes or no; when both said yes, introduce them.

    Returns the engagement that a second yes opens. Raises NotAllowedError, InvalidError for a
    "no" without reason, or WrongStateError when nothing is being asked, or was answered.
    """
    side = side_of(match, member.viewer)
    if side is None or ruling not in _BY_OWNER:
        raise NotAllowedError("answer for this match")
    _must_say_why(ruling, reason, note)
    # Both may say yes in one moment: the second has to see the first.
    session.refresh(match, _ANSWERED, with_for_update=True)
    given = match.need_answer if side is Side.NEED else match.solution_answer
    if given is not None:
        raise WrongStateError(RecordKind.MATCH, str(given), ruling)
    before = match.state
    match.state = lifecycle.after(lifecycle.MATCH, RecordKind.MATCH, before, ruling)
    if side is Side.NEED:
        match.need_answer = ruling
    else:
        match.solution_answer = ruling
    keep(session, match, member, side, ruling, before, reason, note, now=now)
    if ruling is Ruling.DECLINE:
        match.reply_due_at = None
        _tell_curator(session, match, NoticeCode.MATCH_DECLINED, now=now)
        return None
    _tell_curator(session, match, NoticeCode.MATCH_ACCEPTED, now=now)
    if match.need_answer is Ruling.ACCEPT and match.solution_answer is Ruling.ACCEPT:
        match.state = MatchState.BOTH_INTERESTED
        return introduce(session, match, now=now)
    return None


def introduce(session: Session, match: Match, *, now: datetime) -> Engagement:
    """Open an engagement and both sides' contacts to each other."""
    if match.state is not MatchState.BOTH_INTERESTED:
        raise WrongStateError(RecordKind.MATCH, match.state, "introduce")
    engagement = engagements.open_for(session, match, now=now)
    match.state = MatchState.INTRODUCED
    match.reply_due_at = None
    for record in (match.need, match.solution):
        record.status = lifecycle.after(
            lifecycle_of(record), record.record_kind, record.status, Step.ENGAGE
        )
    _tell_owners(session, match, NoticeCode.INTRODUCED, now=now, engagement=engagement)
    return engagement


def side_of(match: Match, viewer: Viewer) -> Side | None:
    """Which side of a match a viewer's organisation is on; None: neither."""
    if viewer.belongs_to(match.need.organisation_id):
        return Side.NEED
    if viewer.belongs_to(match.solution.organisation_id):
        return Side.SOLUTION
    return None


def open_count(session: Session, curator: Member) -> int:
    """Proposals of a curator that wait for an answer."""
    query = select(func.count()).select_from(Match)
    waiting = query.where(Match.curator_id == curator.id, Match.state == MatchState.PROPOSED)
    return session.scalar(waiting) or 0


def _place(
    session: Session, match: Match, curator: Member, ruling: Ruling, note: str, *, now: datetime
) -> Judgement:
    match.placing = lifecycle.PLACING[match.placing, ruling]
    return keep(session, match, curator, Side.STAFF, ruling, match.state, None, note, now=now)


def keep(
    session: Session, match: Match, member: Member, side: Side, ruling: Ruling,
    before: MatchState, reason: Reason | None, note: str, *, now: datetime,
) -> Judgement:  # fmt: skip
    """What somebody said, kept for ever, and its line in the audit chain."""
    judgement = Judgement(
        match=match, member=member, side=side, ruling=ruling, reason=reason, note=note, made_at=now
    )
    session.add(judgement)
    match.updated_at = now
    audit.record(
        session, f"match.{ruling}", now=now, actor_id=member.id, kind=RecordKind.MATCH,
        public_id=match.public_id, from_state=before, to_state=match.state,
        reason=str(reason or ""), detail={"side": str(side)},
    )  # fmt: skip
    return judgement


def _must_be_listed(match: Match) -> None:
    for record in (match.need, match.solution):
        if record.status not in LISTED:
            raise WrongStateError(record.record_kind, record.status, Ruling.PROPOSE)


def _must_be_allowed(session: Session, match: Match) -> None:
    # Its free places are counted here and taken by the caller: one at a time for a provider.
    locks.hold(session, f"capacity of organisation {match.solution.organisation_id}")
    rule = eligibility.rule_between(session, match.need, match.solution)
    if rule is not None:
        raise InvalidError([Problem("ruling", "kept_apart", {"rule": rule})])


def _must_say_why(ruling: Ruling, reason: Reason | None, note: str) -> None:
    problems = []
    if ruling in {Ruling.DISMISS, Ruling.DECLINE} and reason is None:
        problems.append(Problem("reason", "required"))
    if (reason is Reason.OTHER or ruling in _NEEDS_A_NOTE) and not note.strip():
        problems.append(Problem("note", "required"))
    if len(note) > NOTE_MAX:
        problems.append(Problem("note", "too_long", {"most": NOTE_MAX, "has": len(note)}))
    if problems:
        raise InvalidError(problems)


def _tell_owners(
    session: Session, match: Match, code: NoticeCode, *, now: datetime,
    engagement: Engagement | None = None,
) -> None:  # fmt: skip
    kind = RecordKind.ENGAGEMENT if engagement else RecordKind.MATCH
    public_id = engagement.public_id if engagement else match.public_id
    for record in (match.need, match.solution):
        notices.tell_owner(session, record, code, kind, public_id, now=now)


def _tell_curator(session: Session, match: Match, code: NoticeCode, *, now: datetime) -> None:
    if match.curator:
        notices.tell(
            session, [match.curator], code, RecordKind.MATCH, match.public_id,
            about=match.need, now=now,
        )  # fmt: skip
