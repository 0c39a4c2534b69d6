"""The meetings of one's own organisation in a round: a page, and a calendar to take along."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from matchmaker.extensions import db
from matchmaker.models import Round
from matchmaker.queries import disclosed, rounds
from matchmaker.queries.disclosed import View
from matchmaker.web import current, round_files

bp = Blueprint("meetings", __name__, url_prefix="/rounds")


@bp.get("/<public_id>")
def agenda(public_id: str) -> ResponseReturnValue:
    """When and where one's own meetings are; officers are led to the whole round."""
    round_ = rounds.get(db.session, current.viewer(), public_id)
    if current.viewer().is_staff:
        return redirect(url_for("rounds.show", public_id=public_id))
    return render_template(
        "rounds/agenda.html",
        round=rounds.view(round_, current.viewer()),
        meetings=_meetings(round_),
        organisation=None,
    )


@bp.get("/<public_id>/meetings.ics")
def calendar(public_id: str) -> ResponseReturnValue:
    """The same as a calendar."""
    round_ = rounds.get(db.session, current.viewer(), public_id)
    view = rounds.view(round_, current.viewer())
    content = round_files.calendar(view, _meetings(round_))
    return round_files.attachment(content, round_files.CALENDAR, f"{round_.code}.ics")


def _meetings(round_: Round) -> list[View]:
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    return [
        rounds.meeting_view(met, viewer, introduced, {})
        for met in rounds.meetings_of(db.session, viewer, round_)
    ]
