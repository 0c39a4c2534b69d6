"""The month's newcomers: where each is shown, or why nowhere."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal

from matchmaker.domain.newcomers import FLOOR_PROBABILITY, NEWCOMER_DAYS
from matchmaker.extensions import db
from matchmaker.models import utc_now
from matchmaker.queries import disclosed
from matchmaker.services import newcomers
from matchmaker.web import current

bp = Blueprint("newcomers", __name__, url_prefix="/desk/newcomers")


@bp.get("")
def index() -> ResponseReturnValue:
    """Every newcomer of this month; those shown nowhere first."""
    viewer = current.viewer()
    period = newcomers.period_at(utc_now())
    rows = [
        (row, disclosed.view(viewer, row.solution), row.need and disclosed.view(viewer, row.need))
        for row in newcomers.of_period(db.session, period)
    ]
    return render_template(
        "desk/newcomers.html", rows=rows, period=period, days=NEWCOMER_DAYS,
        percent=format_decimal(FLOOR_PROBABILITY * 100),
    )  # fmt: skip
