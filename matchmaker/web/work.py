"""My work: what waits for me, what is mine, what happened."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain import lifecycle
from matchmaker.domain.vocabulary import (
    MatchState,
    NoticeCode,
    RecordKind,
    RecordStatus,
    Side,
    WaitingFor,
)
from matchmaker.extensions import db, transaction
from matchmaker.models import Engagement, Match, Meeting, Need, Notice, Solution, utc_now
from matchmaker.queries import desk, disclosed, records, rounds
from matchmaker.queries import matches as found_matches
from matchmaker.queries.disclosed import View
from matchmaker.services import curation
from matchmaker.services import notices as telling
from matchmaker.services.clocks import LOCAL
from matchmaker.web import current, phrases
from matchmaker.web.duties import sides_asked

bp = Blueprint("work", __name__, url_prefix="/work")

_ROOMS = {
    RecordKind.NEED: "needs.show",
    RecordKind.SOLUTION: "solutions.show",
    RecordKind.ORGANISATION: "organisations.show",
    RecordKind.MATCH: "matches.show",
    RecordKind.ENGAGEMENT: "engagements.show",
    RecordKind.ROUND: "meetings.agenda",
}


@dataclass(frozen=True)
class Proposal:
    """A match the reader's organisation was asked about."""

    match: Match
    need: View
    solution: View
    #: Whether his own side owes the answer.
    is_asked: bool


@dataclass(frozen=True)
class Case:
    """An introduction under way, or ended."""

    engagement: Engagement
    need: View
    solution: View
    is_open: bool
    #: Whether the next step lies with the reader's side.
    is_yours: bool


@bp.get("/")
def index() -> ResponseReturnValue:
    """What waits for the reader first, then everything of his organisation."""
    viewer = current.viewer()
    today = utc_now().astimezone(LOCAL).date()
    if viewer.organisation_id is None:
        return render_template("work/staff.html")
    needs = records.of_organisation(db.session, Need, viewer.organisation_id)
    solutions = records.of_organisation(db.session, Solution, viewer.organisation_id)
    mine = {
        kind: [disclosed.view(viewer, record) for record in found]
        for kind, found in (("needs", needs), ("solutions", solutions))
    }
    own = [*mine["needs"], *mine["solutions"]]
    proposals, cases = _proposals(), _cases()
    return render_template(
        "work/index.html",
        today=today,
        organisation=disclosed.view(viewer, records.get_own_organisation(db.session, viewer)),
        to_change=[v for v in own if v.status is RecordStatus.CHANGES_REQUESTED],
        drafts=[v for v in own if v.status is RecordStatus.DRAFT],
        to_answer=[p for p in proposals if p.is_asked],
        proposals=[p for p in proposals if not p.is_asked],
        cases=cases,
        meetings=_meetings(),
        **mine,
    )


@bp.get("/notices")
def notices() -> ResponseReturnValue:
    """The latest notices, each with its way to the record."""
    found = desk.notices_of(db.session, current.member().id)
    # Notices left without a code show no empty brackets.
    told = [
        (n, str(phrases.notice(n.code, n.facts)).replace(" ()", ""), _address(n)) for n in found
    ]
    return render_template("work/notices.html", notices=told)


@bp.post("/notices/read")
def read_notices() -> ResponseReturnValue:
    """All notices are read now."""
    with transaction() as session:
        telling.mark_read(session, current.member(), now=utc_now())
    flash(gettext("Đã đánh dấu tất cả là đã đọc."), "info")
    return redirect(url_for(".notices"), code=303)


def _address(notice: Notice) -> str:
    """Where a notice leads; what was submitted leads the curator to its review."""
    if notice.code is NoticeCode.RECORD_SUBMITTED and current.viewer().is_staff:
        return url_for(
            "desk.review", kind=str(notice.record_kind), public_id=notice.record_public_id
        )
    return url_for(_ROOMS[notice.record_kind], public_id=notice.record_public_id)


def _proposals() -> list[Proposal]:
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    return [
        Proposal(
            match,
            disclosed.view(viewer, match.need, introduced),
            disclosed.view(viewer, match.solution, introduced),
            is_asked=match.state is MatchState.PROPOSED
            and curation.side_of(match, viewer) in sides_asked(match),
        )
        for match in found_matches.of_organisation(db.session, viewer)
        if match.state is not MatchState.INTRODUCED
    ]


def _meetings() -> list[tuple[Meeting, View]]:
    """Meetings of his organisation that lie ahead, each as he may see it."""
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    return [
        (met, rounds.meeting_view(met, viewer, introduced, {}))
        for met in rounds.to_come(db.session, viewer)
    ]


def _cases() -> list[Case]:
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    waits = {WaitingFor.NEED_OWNER: Side.NEED, WaitingFor.SOLUTION_OWNER: Side.SOLUTION}
    return [
        Case(
            case,
            disclosed.view(viewer, case.match.need, introduced),
            disclosed.view(viewer, case.match.solution, introduced),
            is_open=lifecycle.is_open(case.stage),
            is_yours=waits.get(case.waiting_for) is curation.side_of(case.match, viewer),
        )
        for case in found_matches.engagements(db.session, viewer)
    ]
