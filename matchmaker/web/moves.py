"""Moving one meeting of a round that was told to its owners."""

from datetime import date, datetime
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain.errors import InvalidError
from matchmaker.domain.rounds.places import Place
from matchmaker.domain.vocabulary import MeetingState
from matchmaker.extensions import db, transaction
from matchmaker.models import utc_now
from matchmaker.queries import rounds
from matchmaker.services import moving
from matchmaker.services.clocks import LOCAL
from matchmaker.web import current, phrases, round_page

bp = Blueprint("moves", __name__, url_prefix="/desk/rounds/<public_id>/meetings/<meeting_id>")


@bp.get("/move")
@bp.post("/move")
def move(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """Choose among the times at which both sides and a table are free."""
    viewer = current.viewer()
    round_ = rounds.get(db.session, viewer, public_id)
    met = rounds.meeting(db.session, viewer, round_, meeting_id)
    told = ""
    if request.method == "POST":
        try:
            with transaction() as session:
                moving.move(
                    session, round_, met, current.member(), _moment(request.form.get("starts_at")),
                    now=utc_now(),
                )  # fmt: skip
        except InvalidError as error:
            told = phrases.problem(error.problems[0])
        else:
            flash(gettext("Đã dời cuộc gặp và báo hai bên."), "success")
            there = url_for("rounds.show", public_id=public_id, _anchor=f"meeting-{meeting_id}")
            return redirect(there, code=303)
    page = render_template(
        "rounds/move.html",
        round=rounds.view(round_, viewer),
        met=round_page.meeting_views(round_, [met])[0],
        days=_days(moving.places(round_, met, now=utc_now())),
        was_cancelled=met.state is MeetingState.CANCELLED,
        may=moving.may_move(round_, met),
        told=told,
    )
    return page, 422 if told else 200


def _days(places: list[Place]) -> list[tuple[date, list[Place]]]:
    """The places of each day, in order."""
    by_day = groupby(places, key=lambda place: place.slot.starts.astimezone(LOCAL).date())
    return [(day, list(found)) for day, found in by_day]


def _moment(sent: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(sent or "")
    except ValueError:
        return None
