"""Rounds and their meetings: staff read all, others what their own organisation meets in."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from matchmaker.domain import disclosure
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import LISTED, Fix, Level, MeetingState, RecordKind, RoundState
from matchmaker.models import (
    Match,
    Meeting,
    Need,
    Round,
    RoundAbsence,
    RoundFix,
    RoundRun,
    Solution,
)
from matchmaker.queries import disclosed
from matchmaker.queries.disclosed import Introduced, View

#: Rounds whose meetings their owners were told of.
TOLD = frozenset({RoundState.PUBLISHED, RoundState.CLOSED})


def own(viewer: Viewer) -> ColumnElement[bool]:
    """Meetings this viewer may know of; needs joined as Need, solutions as Solution."""
    if viewer.is_staff:
        return true()
    if viewer.organisation_id is None:
        return false()
    return Round.state.in_(TOLD) & or_(
        Need.organisation_id == viewer.organisation_id,
        Solution.organisation_id == viewer.organisation_id,
    )


def _meetings(viewer: Viewer) -> Select[Meeting]:
    return (
        select(Meeting)
        .join(Round, Meeting.round_id == Round.id)
        .join(Need, Meeting.need_id == Need.id)
        .join(Solution, Meeting.solution_id == Solution.id)
        .where(own(viewer))
        .options(
            selectinload(Meeting.round),
            selectinload(Meeting.need).selectinload(Need.organisation),
            selectinload(Meeting.need).selectinload(Need.tags),
            selectinload(Meeting.need).selectinload(Need.requirements),
            selectinload(Meeting.need).selectinload(Need.curator),
            selectinload(Meeting.need).selectinload(Need.author),
            selectinload(Meeting.solution).selectinload(Solution.organisation),
            selectinload(Meeting.solution).selectinload(Solution.tags),
            selectinload(Meeting.solution).selectinload(Solution.performances),
            selectinload(Meeting.solution).selectinload(Solution.experts),
            selectinload(Meeting.solution).selectinload(Solution.author),
        )
        .order_by(Meeting.starts_at, Meeting.table_number, Meeting.id)
    )


def get(session: Session, viewer: Viewer, public_id: str) -> Round:
    """One round; NotFoundError for those who have no meeting in it, or were not told yet."""
    query = (
        select(Round)
        .where(Round.public_id == public_id)
        .options(
            selectinload(Round.officer),
            selectinload(Round.runs).selectinload(RoundRun.started_by),
            selectinload(Round.fixes).selectinload(RoundFix.need),
            selectinload(Round.fixes).selectinload(RoundFix.solution),
            selectinload(Round.fixes).selectinload(RoundFix.member),
            selectinload(Round.absences).selectinload(RoundAbsence.organisation),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None or not (viewer.is_staff or meetings_of(session, viewer, found)):
        raise NotFoundError(RecordKind.ROUND, public_id)
    return found


def by_code(session: Session, code: str) -> Round:
    """One round by its human code, for commands."""
    found = session.scalars(select(Round).where(Round.code == code.strip().upper())).one_or_none()
    if found is None:
        raise NotFoundError(RecordKind.ROUND, code)
    return found


def everything(session: Session) -> list[tuple[Round, int]]:
    """All rounds with their meetings counted, the newest first; for staff."""
    query = (
        select(Round, func.count(Meeting.id))
        .outerjoin(Meeting, Meeting.round_id == Round.id)
        .options(selectinload(Round.officer))
        .group_by(Round.id)
        .order_by(Round.id.desc())
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def count_open(session: Session) -> int:
    """Rounds that have not been closed."""
    query = select(func.count()).select_from(Round).where(Round.state != RoundState.CLOSED)
    return session.scalar(query) or 0


def best_of(session: Session, codes: Sequence[str], most: int = 3) -> dict[str, list[Match]]:
    """The best-ranked solutions of needs by their codes, whatever their band; for staff."""
    query = (
        select(Match)
        .join(Need, Match.need_id == Need.id)
        .join(Solution, Match.solution_id == Solution.id)
        .where(Need.code.in_(codes), Solution.status.in_(LISTED), Match.is_current)
        .options(selectinload(Match.need), selectinload(Match.solution))
        .order_by(Need.code, Match.score.desc(), Match.id)
    )
    found: dict[str, list[Match]] = {}
    for match in session.scalars(query):
        found.setdefault(match.need.code, []).append(match)
    return {code: rows[:most] for code, rows in found.items()}


def meetings_of(session: Session, viewer: Viewer, round_: Round) -> list[Meeting]:
    """The meetings of a round that the viewer may know of, in order of time."""
    return list(session.scalars(_meetings(viewer).where(Meeting.round_id == round_.id)))


def meeting(session: Session, viewer: Viewer, round_: Round, public_id: str) -> Meeting:
    """One meeting of a round; raises NotFoundError."""
    query = _meetings(viewer).where(Meeting.public_id == public_id, Meeting.round_id == round_.id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError(RecordKind.MEETING, public_id)
    return found


def to_come(session: Session, viewer: Viewer) -> list[Meeting]:
    """Meetings of the viewer's organisation that still lie ahead or were not noted yet."""
    if viewer.organisation_id is None:
        return []
    return list(session.scalars(_meetings(viewer).where(Meeting.state == MeetingState.PLANNED)))


def absence(session: Session, round_: Round, public_id: str) -> RoundAbsence:
    query = select(RoundAbsence).where(
        RoundAbsence.public_id == public_id, RoundAbsence.round_id == round_.id
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError("absence", public_id)
    return found


def pair(session: Session, need_id: str, solution_id: str) -> Match:
    """The suggestion of two records by their public ids; only such pairs can be fixed."""
    query = (
        select(Match)
        .join(Need, Match.need_id == Need.id)
        .join(Solution, Match.solution_id == Solution.id)
        .where(Need.public_id == need_id, Solution.public_id == solution_id)
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError(RecordKind.MATCH, f"{need_id} {solution_id}")
    return found


def view(round_: Round, viewer: Viewer) -> View:
    """A round as its reader may see it; he was found to be a party or staff."""
    granted = Level.CURATORS if viewer.is_staff else Level.PARTIES
    settings = RoundSettings.of(round_.settings)
    values = {
        "code": round_.code, "name": round_.name, "kind": round_.kind, "state": round_.state,
        "venue": round_.venue, "days": settings.days, "settings": settings,
        "officer": round_.officer.name,
    }  # fmt: skip
    return View(
        disclosure.readable(RecordKind.ROUND, values, granted),
        record_kind=RecordKind.ROUND, public_id=round_.public_id, granted=granted,
    )  # fmt: skip


def meeting_view(
    met: Meeting, viewer: Viewer, introduced: Introduced, fixes: Mapping[tuple[int, int], Fix]
) -> View:
    """A meeting as its reader may see it; an anonymous need stays so until the introduction."""
    party = viewer.belongs_to(met.need.organisation_id) or viewer.belongs_to(
        met.solution.organisation_id
    )
    granted = Level.CURATORS if viewer.is_staff else Level.PARTIES if party else Level.PUBLIC
    values: dict[str, Any] = {
        "starts_at": met.starts_at, "ends_at": met.ends_at, "table_number": met.table_number,
        "state": met.state, "probability": met.probability, "outcome": met.outcome,
        "fix": fixes.get((met.need_id, met.solution_id)),
        "need": disclosed.view(viewer, met.need, introduced),
        "solution": disclosed.view(viewer, met.solution, introduced),
    }  # fmt: skip
    return View(
        disclosure.readable(RecordKind.MEETING, values, granted),
        record_kind=RecordKind.MEETING, public_id=met.public_id, granted=granted,
        version=met.version, updated_at=met.updated_at,
    )  # fmt: skip
