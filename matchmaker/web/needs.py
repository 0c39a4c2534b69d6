"""Needs: posting one, its page, its matches."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain import lifecycle
from matchmaker.domain.drafts import NeedDraft
from matchmaker.domain.errors import ConflictError, InvalidError, WrongStateError
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import RecordKind, RecordStatus
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Need, utc_now
from matchmaker.queries import disclosed, records
from matchmaker.queries import matches as found_matches
from matchmaker.services import exclusions, matching, run_history
from matchmaker.services import records as verbs
from matchmaker.services.alike import Alike
from matchmaker.web import current, posting, shown, suggestions, twins
from matchmaker.web.forms import NeedForm
from matchmaker.web.matches import compare
from matchmaker.web.phrases import HELP
from matchmaker.web.posting import ConflictRow

bp = Blueprint("needs", __name__, url_prefix="/needs")


@bp.get("/new")
@bp.post("/new")
def new() -> ResponseReturnValue:
    """Post a need: keep a draft, or send it for review at once."""
    form = NeedForm()
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
            need = verbs.post_need(
                session, current.member(), draft, key=form.key, submit=send and not same, now=now,
                excluded=excluded,
            )  # fmt: skip
            # The same page was sent before: what was typed since must not be lost in silence.
            since = {} if need.created_at == now else verbs.differences(need, draft, excluded)
    except InvalidError as error:
        form.place(error.problems)
        return _form(form, status=422)
    if since:
        return _conflict(need, form, draft, list(since))
    return _kept(need, same)


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """A need as its reader may see it."""
    need = records.get(db.session, Need, current.viewer(), public_id)
    return render_template("needs/show.html", shown=shown.show(need))


@bp.get("/<public_id>/edit")
@bp.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    """Change a need; a published one goes back to the curators."""
    need = records.get_own(db.session, Need, current.viewer(), public_id)
    if not lifecycle.allows(lifecycle.NEED, need.status, Step.REVISE):
        raise WrongStateError(RecordKind.NEED, need.status, Step.REVISE)
    saved = _draft_of(need)
    if request.method == "GET":
        return _form(NeedForm.of(saved, need.version, _excluded(need)).also(saved), need)
    form = NeedForm().also(saved)
    if form.rows_changed():
        return _form(form, need)
    draft, was_merged = posting.merged(form.draft(need.translation), saved)
    send = posting.wants_to_send()
    readable = form.is_readable
    kept = _excluded(need) if posting.keeps_theirs("excluded") else form.excluded_lines
    if was_merged and readable:
        form = NeedForm.of(draft, form.read_version, kept).also(saved)
    if not readable:
        form.place(draft.problems(complete=send))
        return _form(form, need, status=422)
    same = twins.before_sending(draft, need) if send else []
    try:
        with transaction() as session:
            excluded = exclusions.read(session, current.viewer(), kept, known=need.excluded)
            verbs.revise(
                session, need, current.member(), draft, version=form.read_version,
                submit=send and not same, now=utc_now(), excluded=excluded,
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return _form(form, need, status=422)
    except ConflictError as error:
        need = records.get_own(db.session, Need, current.viewer(), public_id)
        return _conflict(need, form, draft, list(error.changes))
    return _kept(need, same)


@bp.post("/<public_id>/send")
def send(public_id: str) -> ResponseReturnValue:
    """Hand a draft to the curators; what is missing is shown in the form."""
    need = records.get_own(db.session, Need, current.viewer(), public_id)
    if twins.before_sending(_draft_of(need), need):
        return redirect(url_for(".alike", public_id=public_id), code=303)
    try:
        with transaction() as session:
            verbs.send(session, need, current.member(), now=utc_now())
    except InvalidError as error:
        form = NeedForm.of(_draft_of(need), need.version, _excluded(need))
        form.place(error.problems)
        return _form(form, need, status=422)
    _say_kept(need)
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/alike")
def alike(public_id: str) -> ResponseReturnValue:
    """What is probably the same as this draft, before it is sent."""
    return twins.page(records.get_own(db.session, Need, current.viewer(), public_id))


@bp.post("/<public_id>/withdraw")
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take a need back; editing it brings it back as a draft."""
    need = records.get_own(db.session, Need, current.viewer(), public_id)
    with transaction() as session:
        verbs.withdraw(session, need, current.member(), now=utc_now())
    flash(gettext("Đã rút nhu cầu. Sửa hồ sơ nếu bạn muốn đưa trở lại."), "info")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/matches")
def matches(public_id: str) -> ResponseReturnValue:
    """Ranked solutions with their reasons: for the owner and the staff."""
    viewer = current.viewer()
    fetch = records.get if viewer.is_staff else records.get_own
    need = fetch(db.session, Need, viewer, public_id)
    introduced = disclosed.introduced_to(db.session, viewer)
    stored = found_matches.of_need(db.session, viewer, need.id)
    ranked = found_matches.was_ranked(db.session, need.id)
    if ranked:
        ranking = suggestions.of_matches(compare(viewer, match, introduced) for match in stored)
    else:
        live = matching.suggest(db.session, catalogue, viewer, need)
        ranking = suggestions.of_live(live, for_need=True)
    view = disclosed.view(viewer, need, introduced)
    return render_template(
        "needs/matches.html",
        view=view,
        ranking=ranking,
        is_live=not ranked,
        since=run_history.since_last(db.session, viewer, need) if ranked else None,
    )


def _form(
    form: NeedForm, need: Need | None = None, *, conflict: list[ConflictRow] | None = None,
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "needs/form.html", form=form, need=need, conflict=conflict or [], hints=HELP
    )
    return page, status


def _conflict(
    need: Need, form: NeedForm, draft: NeedDraft, names: list[str]
) -> ResponseReturnValue:
    """Both versions side by side; what was typed stays, and a second save overwrites knowingly."""
    form.reread(need.version)
    named = [name for name in names if name != "excluded"]
    rows = posting.conflict_rows(RecordKind.NEED, named, _draft_of(need), draft)
    if "excluded" in names:
        rows.append(posting.excluded_row(RecordKind.NEED, _excluded(need), form.excluded_lines))
    return _form(form, need, conflict=rows, status=409)


def _draft_of(need: Need) -> NeedDraft:
    return cast("NeedDraft", verbs.draft_of(need))


def _kept(need: Need, same: list[Alike]) -> ResponseReturnValue:
    """On to the record's page, or to what is probably the same where that was found."""
    _say_kept(need)
    step = ".alike" if same and need.submitted_at is None else ".show"
    return redirect(url_for(step, public_id=need.public_id), code=303)


def _excluded(need: Need) -> list[str]:
    """The organisations it is never shown to, as lines of the form."""
    return list(exclusions.named(db.session, need.excluded).values())


def _say_kept(need: Need) -> None:
    if need.status is RecordStatus.SUBMITTED:
        flash(gettext("Đã gửi nhu cầu. Cán bộ xem và trả lời bạn trong 2 ngày làm việc."), "saved")
    else:
        flash(gettext("Đã lưu bản nháp. Chưa ai khác đọc được."), "saved")
