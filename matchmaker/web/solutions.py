"""Solutions: posting one, its page, the needs it may answer."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain import lifecycle
from matchmaker.domain.drafts import SolutionDraft
from matchmaker.domain.errors import ConflictError, InvalidError, WrongStateError
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import RecordKind, RecordStatus
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Expert, Solution, utc_now
from matchmaker.queries import disclosed, records
from matchmaker.services import eligibility, exclusions, matching
from matchmaker.services import records as verbs
from matchmaker.services.alike import Alike
from matchmaker.web import current, posting, shown, suggestions, twins
from matchmaker.web.forms import SolutionForm
from matchmaker.web.phrases import HELP
from matchmaker.web.posting import ConflictRow

bp = Blueprint("solutions", __name__, url_prefix="/solutions")


@bp.get("/new")
@bp.post("/new")
def new() -> ResponseReturnValue:
    """Post a solution: keep a draft, or send it for review at once."""
    form = SolutionForm().offer(_experts())
    if request.method == "GET" or form.rows_changed():
        return _form(form)
    draft, send, now = form.draft(), posting.wants_to_send(), utc_now()
    if not form.is_readable:
        form.place(draft.problems(complete=send))
        return _form(form, status=422)
    same = twins.before_sending(draft, key=form.key) if send else []
    try:
        with transaction() as session:
            excluded = exclusions.read(session, current.viewer(), form.excluded_lines)
            solution = verbs.post_solution(
                session, current.member(), draft, key=form.key, submit=send and not same, now=now,
                excluded=excluded,
            )  # fmt: skip
            # The same page was sent before: what was typed since must not be lost in silence.
            is_new = solution.created_at == now
            since = {} if is_new else verbs.differences(solution, draft, excluded)
    except InvalidError as error:
        form.place(error.problems)
        return _form(form, status=422)
    if since:
        return _conflict(solution, form, draft, list(since))
    return _kept(solution, same)


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """A solution as its reader may see it."""
    solution = records.get(db.session, Solution, current.viewer(), public_id)
    return render_template("solutions/show.html", shown=shown.show(solution))


@bp.get("/<public_id>/edit")
@bp.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    """Change a solution; a published one goes back to the curators."""
    solution = records.get_own(db.session, Solution, current.viewer(), public_id)
    if not lifecycle.allows(lifecycle.SOLUTION, solution.status, Step.REVISE):
        raise WrongStateError(RecordKind.SOLUTION, solution.status, Step.REVISE)
    saved = _draft_of(solution)
    if request.method == "GET":
        return _form(
            SolutionForm.of(saved, solution.version, _excluded(solution))
            .offer(_experts())
            .also(saved),
            solution,
        )
    form = SolutionForm().offer(_experts()).also(saved)
    if form.rows_changed():
        return _form(form, solution)
    draft, was_merged = posting.merged(form.draft(solution.translation), saved)
    send = posting.wants_to_send()
    readable = form.is_readable
    kept = _excluded(solution) if posting.keeps_theirs("excluded") else form.excluded_lines
    if was_merged and readable:
        form = SolutionForm.of(draft, form.read_version, kept).offer(_experts()).also(saved)
    if not readable:
        form.place(draft.problems(complete=send))
        return _form(form, solution, status=422)
    same = twins.before_sending(draft, solution) if send else []
    try:
        with transaction() as session:
            excluded = exclusions.read(session, current.viewer(), kept, known=solution.excluded)
            verbs.revise(
                session, solution, current.member(), draft, version=form.read_version,
                submit=send and not same, now=utc_now(), excluded=excluded,
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return _form(form, solution, status=422)
    except ConflictError as error:
        solution = records.get_own(db.session, Solution, current.viewer(), public_id)
        return _conflict(solution, form, draft, list(error.changes))
    return _kept(solution, same)


@bp.post("/<public_id>/send")
def send(public_id: str) -> ResponseReturnValue:
    """Hand a draft to the curators; what is missing is shown in the form."""
    solution = records.get_own(db.session, Solution, current.viewer(), public_id)
    if twins.before_sending(_draft_of(solution), solution):
        return redirect(url_for(".alike", public_id=public_id), code=303)
    try:
        with transaction() as session:
            verbs.send(session, solution, current.member(), now=utc_now())
    except InvalidError as error:
        form = SolutionForm.of(_draft_of(solution), solution.version, _excluded(solution))
        form.offer(_experts())
        form.place(error.problems)
        return _form(form, solution, status=422)
    _say_kept(solution)
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/alike")
def alike(public_id: str) -> ResponseReturnValue:
    """What is probably the same as this draft, before it is sent."""
    return twins.page(records.get_own(db.session, Solution, current.viewer(), public_id))


@bp.post("/<public_id>/withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take a solution back; editing it brings it back as a draft."""
    solution = records.get_own(db.session, Solution, current.viewer(), public_id)
    with transaction() as session:
        verbs.withdraw(session, solution, current.member(), now=utc_now())
    flash(gettext("Đã rút giải pháp. Sửa hồ sơ nếu bạn muốn đưa trở lại."), "info")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/pause")
def pause(public_id: str) -> ResponseReturnValue:
    """Take a solution off the lists for a while."""
    solution = records.get_own(db.session, Solution, current.viewer(), public_id)
    with transaction() as session:
        verbs.pause(session, solution, current.member(), now=utc_now())
    flash(
        gettext("Đã tạm dừng. Giải pháp không còn trong danh sách; mở lại bất cứ lúc nào."), "info"
    )
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/resume")
def resume(public_id: str) -> ResponseReturnValue:
    """Put a paused solution back on the lists."""
    solution = records.get_own(db.session, Solution, current.viewer(), public_id)
    with transaction() as session:
        verbs.resume(session, solution, current.member(), now=utc_now())
    flash(gettext("Đã mở lại. Giải pháp lại có trong danh sách."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/matches")
def matches(public_id: str) -> ResponseReturnValue:
    """Needs it may answer, ranked, with their reasons: for the owner and the staff."""
    viewer = current.viewer()
    fetch = records.get if viewer.is_staff else records.get_own
    solution = fetch(db.session, Solution, viewer, public_id)
    live = matching.suggest(db.session, catalogue, viewer, solution)
    view = disclosed.view(viewer, solution, disclosed.introduced_to(db.session, viewer))
    ranking = suggestions.of_live(live, for_need=False)
    return render_template(
        "solutions/matches.html", view=view, ranking=ranking,
        is_full=eligibility.is_full(db.session, solution.organisation),
    )  # fmt: skip


def _form(
    form: SolutionForm, solution: Solution | None = None, *,
    conflict: list[ConflictRow] | None = None, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "solutions/form.html", form=form, solution=solution, conflict=conflict or [],
        hints=HELP,
    )  # fmt: skip
    return page, status


def _conflict(
    solution: Solution, form: SolutionForm, draft: SolutionDraft, names: list[str]
) -> ResponseReturnValue:
    """Both versions side by side; what was typed stays, and a second save overwrites knowingly."""
    form.reread(solution.version)
    people = {e.public_id: f"{e.degree} {e.name}".strip() for e in _experts()}
    named = [name for name in names if name != "excluded"]
    rows = posting.conflict_rows(RecordKind.SOLUTION, named, _draft_of(solution), draft, people)
    if "excluded" in names:
        rows.append(
            posting.excluded_row(RecordKind.SOLUTION, _excluded(solution), form.excluded_lines)
        )
    return _form(form, solution, conflict=rows, status=409)


def _draft_of(solution: Solution) -> SolutionDraft:
    return cast("SolutionDraft", verbs.draft_of(solution))


def _excluded(solution: Solution) -> list[str]:
    """The organisations it is never proposed to, as lines of the form."""
    return list(exclusions.named(db.session, solution.excluded).values())


def _experts() -> list[Expert]:
    """The people of the organisation that posts."""
    return records.get_own_organisation(db.session, current.viewer()).experts


def _kept(solution: Solution, same: list[Alike]) -> ResponseReturnValue:
    """On to the record's page, or to what is probably the same where that was found."""
    _say_kept(solution)
    step = ".alike" if same and solution.submitted_at is None else ".show"
    return redirect(url_for(step, public_id=solution.public_id), code=303)


def _say_kept(solution: Solution) -> None:
    if solution.status is RecordStatus.SUBMITTED:
        flash(
            gettext("Đã gửi giải pháp. Cán bộ xem và trả lời bạn trong 2 ngày làm việc."), "saved"
        )
    else:
        flash(gettext("Đã lưu bản nháp. Chưa ai khác đọc được."), "saved")
