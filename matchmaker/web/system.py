"""How the machine does: what waits, what was set aside, what runs by the clock."""

from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.config import Settings
from matchmaker.domain.errors import NotFoundError
from matchmaker.domain.operations import JobOutcome, RetryOutcome, TaskState, split_cause
from matchmaker.domain.vocabulary import ModelKind, RecordKind
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import utc_now
from matchmaker.queries import queues
from matchmaker.services import backups, watching
from matchmaker.services.learning import versions
from matchmaker.web import current, phrases

bp = Blueprint("system", __name__, url_prefix="/desk/system")

#: Records set aside that are listed; of more than these the number is told.
SHOWN = 50
#: Less free room than this is told as a warning: SQLite needs it to go on writing.
LEAST_FREE = 2 * 1024**3
_TONES = {RetryOutcome.AGAIN: "success", RetryOutcome.DONE: "success"}


@bp.get("")
def index() -> ResponseReturnValue:
    """Queues, tasks set aside, jobs of the clock, and what the site runs on."""
    settings: Settings = current_app.extensions["matchmaker.settings"]
    now = utc_now()
    state = watching.state(db.session, now)
    free, total = watching.disk(settings.data_dir)
    return render_template(
        "desk/system.html",
        now=now,
        state=state,
        totals={where: state.total(where) for where in TaskState},
        behind=max(0, state.changes - catalogue.seen),
        put_aside=[
            (one, *split_cause(one.cause)) for one in queues.set_aside(db.session, now, SHOWN)
        ],
        n_aside=queues.count_set_aside(db.session, now),
        job_words={name: phrases.PHRASES["Job"].get(name, name) for name in watching.SCHEDULE},
        never=JobOutcome.NEVER,
        encoder=catalogue.encoder,
        live={kind: versions.live(db.session, kind) for kind in ModelKind},
        database=db.engine.dialect.name,
        last_backup=backups.last_made(settings.data_dir),
        free=free, total=total, is_full=free < LEAST_FREE,
        version=_version(),
    )  # fmt: skip


@bp.post("/tasks")
def try_again() -> ResponseReturnValue:
    """Let what was set aside be tried again: one record's tasks, or all."""
    record = _record(request.form.get("record", ""))
    with transaction() as session:
        outcome = watching.try_again(session, current.member(), record, now=utc_now())
    flash(str(phrases.phrase(outcome)), _TONES.get(outcome, "info"))
    return redirect(url_for(".index", _anchor="aside"), code=303)


def _record(named: str) -> tuple[RecordKind, str] | None:
    """ "need/4f2k…" as kind and id; "all" is None."""
    if named == "all":
        return None
    kind, _, public_id = named.partition("/")
    if kind not in set(RecordKind):
        raise NotFoundError("record", named)
    return RecordKind(kind), public_id


def _version() -> str:
    try:
        return version("matchmaker")
    except PackageNotFoundError:
        return ""
