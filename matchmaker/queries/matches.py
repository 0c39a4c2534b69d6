"""Matches and engagements, found only by their parties and the staff."""

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.vocabulary import (
    LISTED,
    SHOWN_TO_OFFERING,
    MatchState,
    Placing,
    RecordKind,
)
from matchmaker.models import Engagement, Judgement, Match, MatchRun, Need, Solution


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Matches this viewer may know of; needs joined as Need, solutions as Solution."""
    if viewer.is_staff:
        return true()
    if viewer.organisation_id is None:
        return false()
    own_need = Need.organisation_id == viewer.organisation_id
    own_solution = Solution.organisation_id == viewer.organisation_id
    asked = Match.state.in_(SHOWN_TO_OFFERING)
    may_be_asked = Solution.status.in_(LISTED) & Match.blocked_by.is_(None)
    return or_(
        and_(own_need, or_(asked, may_be_asked), not_(is_set_aside())),
        and_(own_solution, asked),
    )


def is_set_aside() -> ColumnElement[bool]:
    """Whether staff took a match out of its list: no owner learns of it."""
    return or_(Match.state == MatchState.DISMISSED, Match.placing == Placing.HIDDEN)


def _whole() -> Select[Match]:
    return (
        select(Match)
        .join(Need, Match.need_id == Need.id)
        .join(Solution, Match.solution_id == Solution.id)
        .options(
            selectinload(Match.need).selectinload(Need.organisation),
            selectinload(Match.need).selectinload(Need.tags),
            selectinload(Match.need).selectinload(Need.requirements),
            selectinload(Match.need).selectinload(Need.curator),
            selectinload(Match.need).selectinload(Need.author),
            selectinload(Match.solution).selectinload(Solution.organisation),
            selectinload(Match.solution).selectinload(Solution.tags),
            selectinload(Match.solution).selectinload(Solution.performances),
            selectinload(Match.solution).selectinload(Solution.experts),
            selectinload(Match.solution).selectinload(Solution.author),
            selectinload(Match.judgements).selectinload(Judgement.member),
            selectinload(Match.curator),
            selectinload(Match.run),
        )
    )


def get(session: Session, viewer: Viewer, public_id: str) -> Match:
    """One match; NotFoundError for those who may not know of it."""
    query = _whole().where(Match.public_id == public_id, visible(viewer))
    match = session.scalars(query).one_or_none()
    if match is None:
        raise NotFoundError(RecordKind.MATCH, public_id)
    return match


def of_need(session: Session, viewer: Viewer, need_id: int) -> list[Match]:
    """The current matches of a need: pinned ones, then the best, those of newcomers last.

    What people decided stays in view.
    """
    query = _whole().where(
        Match.need_id == need_id,
        visible(viewer),
        or_(Match.is_current, Match.state != MatchState.SUGGESTED),
        or_(Solution.status.in_(LISTED), Match.state.in_(SHOWN_TO_OFFERING)),
    )
    place = case((Match.placing == Placing.PINNED, 0), (Match.newcomer_floor, 2), else_=1)
    return list(session.scalars(query.order_by(place, Match.score.desc(), Match.id)))


def of_pair(session: Session, need_id: int, solution_id: int) -> Match | None:
    """The match of a need and a solution, whoever made it; for staff and services."""
    query = _whole().where(Match.need_id == need_id, Match.solution_id == solution_id)
    return session.scalars(query).one_or_none()


def last_run(session: Session, need_id: int) -> MatchRun | None:
    """The latest ranking of a need; None: it was never ranked."""
    query = select(MatchRun).where(MatchRun.need_id == need_id)
    return session.scalars(query.order_by(MatchRun.id.desc()).limit(1)).one_or_none()


def was_ranked(session: Session, need_id: int) -> bool:
    """Whether a need's list was made before: then it holds what may be shown, and no more."""
    matched = exists().where(Match.need_id == need_id)
    return bool(session.scalar(select(or_(matched, exists().where(MatchRun.need_id == need_id)))))


def of_organisation(session: Session, viewer: Viewer) -> list[Match]:
    """Matches in which the viewer's organisation has been asked, newest first."""
    query = _whole().where(
        visible(viewer),
        Match.state.in_(SHOWN_TO_OFFERING),
        or_(
            Need.organisation_id == viewer.organisation_id,
            Solution.organisation_id == viewer.organisation_id,
        ),
    )
    return list(session.scalars(query.order_by(Match.updated_at.desc(), Match.id.desc())))


def in_states(session: Session, states: Sequence[MatchState], limit: int = 200) -> list[Match]:
    """Matches for the desk, those due first."""
    query = _whole().where(Match.state.in_(list(states)))
    return list(session.scalars(query.order_by(Match.reply_due_at, Match.id).limit(limit)))


def queue(session: Session) -> list[tuple[Need, dict[MatchState, int]]]:
    """Listed needs with their matches counted by state, the oldest publication first."""
    counts: dict[int, dict[MatchState, int]] = {}
    rows = session.execute(
        select(Match.need_id, Match.state, func.count())
        .where(
            or_(Match.is_current, Match.state != MatchState.SUGGESTED),
            Match.placing != Placing.HIDDEN,
        )
        .group_by(Match.need_id, Match.state)
    )
    for need_id, state, count in rows:
        counts.setdefault(need_id, {})[state] = count
    needs = session.scalars(
        select(Need)
        .where(Need.status.in_(LISTED))
        .options(
            selectinload(Need.organisation), selectinload(Need.tags),
            selectinload(Need.curator), selectinload(Need.author),
            selectinload(Need.requirements),
        )
        .order_by(Need.published_at, Need.id)
    )  # fmt: skip
    return [(need, counts.get(need.id, {})) for need in needs]


def _engagements(viewer: Viewer) -> Select[Engagement]:
    """Engagements the viewer may know of: the parties' own, all for staff."""
    query = (
        select(Engagement)
        .join(Match, Engagement.match_id == Match.id)
        .join(Need, Match.need_id == Need.id)
        .join(Solution, Match.solution_id == Solution.id)
        .options(
            selectinload(Engagement.officer),
            selectinload(Engagement.moves),
            selectinload(Engagement.match).selectinload(Match.need).selectinload(Need.organisation),
            selectinload(Engagement.match)
            .selectinload(Match.solution)
            .selectinload(Solution.organisation),
        )
    )
    if viewer.is_staff:
        return query
    if viewer.organisation_id is None:
        return query.where(false())
    return query.where(
        or_(
            Need.organisation_id == viewer.organisation_id,
            Solution.organisation_id == viewer.organisation_id,
        )
    )


def engagement(session: Session, viewer: Viewer, public_id: str) -> Engagement:
    """One engagement; NotFoundError for those who may not know of it."""
    query = _engagements(viewer).where(Engagement.public_id == public_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError(RecordKind.ENGAGEMENT, public_id)
    return found


def engagement_of_match(session: Session, match_id: int) -> Engagement | None:
    return session.scalars(select(Engagement).where(Engagement.match_id == match_id)).one_or_none()


def engagements(session: Session, viewer: Viewer) -> list[Engagement]:
    """All the viewer may know of, the next due first."""
    query = _engagements(viewer).order_by(Engagement.due_on, Engagement.id)
    return list(session.scalars(query))
