"""The first page, and what this is in plain words."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from matchmaker.extensions import db
from matchmaker.models import Need, Solution
from matchmaker.queries import disclosed, records
from matchmaker.services import discovery
from matchmaker.web import current

bp = Blueprint("home", __name__)

NEWEST = 4


@bp.get("/")
def index() -> ResponseReturnValue:
    """What this is and for whom, in one look; then what is going on."""
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    needs, solutions = (
        [disclosed.view(viewer, record, introduced) for record in found]
        for found in (
            records.newest(db.session, Need, viewer, NEWEST),
            records.newest(db.session, Solution, viewer, NEWEST),
        )
    )
    return render_template(
        "home/index.html",
        needs=needs,
        solutions=solutions,
        figures=discovery.figures(db.session),
    )


@bp.get("/about")
def about() -> ResponseReturnValue:
    """How matching works, what it cannot do, and how confidential data is kept."""
    return render_template("home/about.html")
