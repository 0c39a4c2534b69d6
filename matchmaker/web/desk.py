"""The officers' desk: what is due, what was submitted, and the match queue of each need."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchmaker.domain.errors import InvalidError, NotFoundError, WrongStateError
from matchmaker.domain.vocabulary import (
    LISTED,
    Band,
    MatchState,
    Placing,
    RecordKind,
    RecordStatus,
    ReviewAction,
    Rule,
)
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Match, MatchRun, Need, Solution, utc_now
from matchmaker.queries import desk, disclosed, matches, records, rounds
from matchmaker.queries.disclosed import View
from matchmaker.services import alike, matching, run_history
from matchmaker.services import reviews as reviewing
from matchmaker.services.clocks import LOCAL
from matchmaker.services.newcomers import period_at
from matchmaker.web import current, duties, record_rows, suggestions
from matchmaker.web.decisions import ReviewForm, RulingForm, put
from matchmaker.web.matches import compare

bp = Blueprint("desk", __name__, url_prefix="/desk")

_AWAITING = {RecordStatus.SUBMITTED, RecordStatus.UNDER_REVIEW}
#: What a curator has not decided yet, and what he may still take up.
_OPEN = (MatchState.SUGGESTED, MatchState.SHORTLISTED)
LOOKALIKES = 4


@bp.get("")
def index() -> ResponseReturnValue:
    """What is due today, what is overdue, what waits for others."""
    found = duties.of_all(
        _submitted(),
        matches.in_states(db.session, [MatchState.PROPOSED]),
        matches.engagements(db.session, current.viewer()),
    )
    today = utc_now().astimezone(LOCAL).date()
    agenda = duties.agenda(found, today)
    return render_template(
        "desk/index.html",
        agenda=agenda,
        today=today,
        submitted=sum(duty.step == "review" for duty in found),
        asked=sum(duty.kind is RecordKind.MATCH for duty in found),
        cases=sum(duty.kind is RecordKind.ENGAGEMENT for duty in found),
        rounds=rounds.count_open(db.session),
        newcomers=desk.newcomers_of(db.session, period_at(utc_now())),
        undecided=sum(MatchState.SUGGESTED in counts for _, counts in matches.queue(db.session)),
    )


@bp.get("/reviews")
def reviews() -> ResponseReturnValue:
    """Submitted records, the longest waiting first."""
    viewer = current.viewer()
    waiting = [(disclosed.view(viewer, record), record) for record in _submitted()]
    return render_template("desk/reviews.html", waiting=waiting, now=utc_now())


@bp.get("/reviews/<kind>/<public_id>")
@bp.post("/reviews/<kind>/<public_id>")
def review(kind: str, public_id: str) -> ResponseReturnValue:
    """A submitted record as curators see it; publish it, ask for changes, or refuse it."""
    record = _record(kind, public_id)
    if request.method == "GET":
        return _review_page(record, ReviewForm(version=str(record.version)))
    form = ReviewForm()
    if not form.read_at(record.version):
        form.version.data = str(record.version)
        return _review_page(record, form, 409, changed=True)
    form.ask_about(disclosed.view(current.viewer(), record))
    try:
        action = form.chosen()
        with transaction() as session:
            reviewing.review(
                session, record, current.member(), action, field=form.asked,
                reason=form.why, note=form.words, now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        form.version.data = str(record.version)
        put(form, error.problems)
        return _review_page(record, form, 422)
    flash(_answered(action, record.title), "success")
    return redirect(url_for(".reviews"), code=303)


@bp.get("/queue")
def queue() -> ResponseReturnValue:
    """Listed needs with their matches counted by state; `show` leaves those of one sort."""
    viewer = current.viewer()
    found = matches.queue(db.session)
    sorts = {
        "all": found,
        "undecided": [row for row in found if MatchState.SUGGESTED in row[1]],
        "asked": [row for row in found if MatchState.PROPOSED in row[1]],
        "nothing": [row for row in found if not row[1]],
    }
    show = request.args.get("show", "undecided")
    show = show if show in sorts else "undecided"
    return render_template(
        "desk/queue.html",
        rows=[(disclosed.view(viewer, need), counts) for need, counts in sorts[show]],
        show=show,
        numbers={name: len(rows) for name, rows in sorts.items()},
        states=list(MatchState),
    )


@bp.get("/needs/<public_id>")
def need(public_id: str) -> ResponseReturnValue:
    """One need's candidates, and the chosen one side by side with its evidence."""
    viewer = current.viewer()
    record = records.get(db.session, Need, viewer, public_id)
    found = matches.of_need(db.session, viewer, record.id)
    by_id = {match.public_id: match for match in found}
    chosen = by_id.get(request.args.get("match", "")) or next_to_decide(found)
    done = by_id.get(request.args.get("done", ""))
    run = matches.last_run(db.session, record.id)
    listed = [match for match in found if match.placing is not Placing.HIDDEN]
    candidates = [(match, disclosed.view(viewer, match.solution)) for match in listed]
    form = RulingForm(version=str(chosen.version) if chosen else "", back="desk")
    return render_template(
        "desk/need.html",
        need=disclosed.view(viewer, record),
        is_listed=record.status in LISTED,
        fitting=[pair for pair in candidates if not _is_below(pair[0])],
        weak=[pair for pair in candidates if _is_below(pair[0])],
        hidden=[
            (match, disclosed.view(viewer, match.solution))
            for match in found if match.placing is Placing.HIDDEN
        ],
        kept_out=_kept_out(run),
        undecided=sum(match.state is MatchState.SUGGESTED for match in listed),
        hint=suggestions.hint_of(listed),
        shown=compare(viewer, chosen, frozenset()) if chosen else None,
        done=compare(viewer, done, frozenset()) if done else None,
        form=form,
        since=run_history.since_last(db.session, viewer, record),
        run=run,
    )  # fmt: skip


@bp.post("/needs/<public_id>/runs")
def refresh(public_id: str) -> ResponseReturnValue:
    """Rank the solutions for a need anew; what people decided stays."""
    record = records.get(db.session, Need, current.viewer(), public_id)
    if record.status not in LISTED:
        raise WrongStateError(RecordKind.NEED, record.status, "rank")
    with transaction() as session:
        matching.refresh(session, catalogue, record, started_by=current.member(), now=utc_now())
    found = matches.of_need(db.session, current.viewer(), record.id)
    count = sum(match.is_current for match in found)
    flash(ngettext("Đã tính lại: %(num)s gợi ý.", "Đã tính lại: %(num)s gợi ý.", count), "success")
    return redirect(url_for(".need", public_id=public_id), code=303)


def next_to_decide(found: list[Match]) -> Match | None:
    """The best candidate nobody decided on yet, else the best of the list."""
    listed = [match for match in found if match.placing is not Placing.HIDDEN]
    for state in _OPEN:
        for match in listed:
            if match.state is state:
                return match
    return next(iter(listed), None)


def _is_below(match: Match) -> bool:
    """Weak ones nobody took up stand below a line: shown when asked for, never hidden."""
    if match.is_kept_by_people:
        return False
    return match.band is Band.WEAK and match.state is MatchState.SUGGESTED


def _kept_out(run: MatchRun | None) -> list[tuple[View, Rule, int]]:
    """Solutions that a rule kept out of the list, with the place each would have had."""
    told = {row["solution"]: row for row in run.blocked} if run else {}
    if not told:
        return []
    viewer = current.viewer()
    found = records.by_public_ids(db.session, Solution, viewer, list(told))
    return [
        (disclosed.view(viewer, solution), Rule(row["rule"]), int(row["place"]))
        for solution in found
        for row in (told[solution.public_id],)
    ]


def _submitted() -> list[Need | Solution]:
    waiting: list[Need | Solution] = [
        *records.awaiting_review(db.session, Need),
        *records.awaiting_review(db.session, Solution),
    ]
    return sorted(waiting, key=lambda r: (r.submitted_at or r.created_at, r.id))


def _record(kind: str, public_id: str) -> Need | Solution:
    if kind == RecordKind.NEED:
        return records.get(db.session, Need, current.viewer(), public_id)
    if kind == RecordKind.SOLUTION:
        return records.get(db.session, Solution, current.viewer(), public_id)
    raise NotFoundError(kind, public_id)


def _review_page(
    record: Need | Solution, form: ReviewForm, status: int = 200, *, changed: bool = False
) -> ResponseReturnValue:
    viewer = current.viewer()
    view = disclosed.view(viewer, record)
    form.ask_about(view)
    page = render_template(
        "desk/review.html",
        view=view,
        rows=record_rows.rows(view),
        record=record,
        is_late=record.review_due_at is not None and record.review_due_at < utc_now(),
        form=form,
        changed=changed,
        past=desk.reviews_of(db.session, record.record_kind, record.id),
        vague=reviewing.times_too_vague(db.session, record),
        same=(same := alike.duplicates(db.session, catalogue, viewer, record)),
        lookalikes=_lookalikes(record, {one.view.public_id for one in same}),
        is_waiting=record.status in _AWAITING,
        may_answer=viewer.is_curator and record.author_id != viewer.member_id,
    )
    return page, status


def _lookalikes(record: Need | Solution, known: set[str]) -> list[alike.Alike]:
    """Listed records that read alike, without those already shown as the same."""
    found = alike.similar(db.session, catalogue, current.viewer(), record, limit=LOOKALIKES)
    return [one for one in found if one.view.public_id not in known]


def _answered(action: ReviewAction, title: str) -> str:
    words: dict[ReviewAction, str] = {
        ReviewAction.PUBLISH: gettext("Đã công bố “%(title)s”.", title=title),
        ReviewAction.REQUEST_CHANGES: gettext(
            "Đã gửi yêu cầu bổ sung “%(title)s” cho chủ hồ sơ.", title=title
        ),
        ReviewAction.REJECT: gettext(
            "Đã ghi: không duyệt “%(title)s”; chủ hồ sơ được báo lý do.", title=title
        ),
    }
    return words[action]
