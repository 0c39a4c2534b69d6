"""Two answers for machines that watch: the process lives, and it may be sent readers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from matchmaker.extensions import catalogue, db
from matchmaker.services import readiness

bp = Blueprint("health", __name__)

_FRESH = {"Cache-Control": "no-store"}


@bp.get("/healthz")
def lives() -> ResponseReturnValue:
    """The process answers; nothing else is asked, so that a slow database restarts nobody."""
    return {"missing": []}, 200, _FRESH


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Whether this process can serve; 503 names what it lacks."""
    lacking = readiness.missing(db.engine, catalogue)
    return {"missing": lacking}, 503 if lacking else 200, _FRESH
