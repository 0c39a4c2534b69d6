"""Rounds at the desk: set up, plan, fix pairs, tell the owners, note what came of it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchmaker.domain.errors import ConflictError, InvalidError
from matchmaker.domain.rounds.settings import RoundSettings
from matchmaker.domain.vocabulary import Fix, MeetingState, RecordKind, RoundKind
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Organisation, Round, utc_now
from matchmaker.models.database import reading
from matchmaker.queries import records, rounds
from matchmaker.queries.disclosed import View
from matchmaker.services import round_inputs, round_plans
from matchmaker.services import rounds as keeping
from matchmaker.web import current, round_files, round_page
from matchmaker.web.decisions import word
from matchmaker.web.forms.round import AbsenceForm, MarkForm, RoundForm

bp = Blueprint("rounds", __name__, url_prefix="/desk/rounds")


@bp.get("")
def index() -> ResponseReturnValue:
    """Every round, the newest first."""
    viewer = current.viewer()
    rows = [(rounds.view(found, viewer), count) for found, count in rounds.everything(db.session)]
    return render_template("rounds/index.html", rows=rows)


@bp.get("/new")
@bp.post("/new")
def new() -> ResponseReturnValue:
    """Set up a round; the hours and rules have defaults."""
    if request.method == "GET":
        return render_template("rounds/form.html", form=RoundForm.blank(), round=None)
    form = RoundForm()
    if not form.is_readable:
        return render_template("rounds/form.html", form=form, round=None), 422
    try:
        with transaction() as session:
            made = keeping.create(
                session, current.member(), name=form.name.data or "",
                kind=form.kind.data or RoundKind.DAY, venue=form.venue.data or "",
                settings=form.settings(), now=utc_now(), key=form.key,
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return render_template("rounds/form.html", form=form, round=None), 422
    flash(gettext("Đã tạo đợt kết nối. Bước tiếp theo: xếp lịch."), "success")
    return redirect(url_for(".show", public_id=made.public_id), code=303)


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """The timetable, who is left out and why, and what can be done next."""
    return _page(_round(public_id))


@bp.get("/<public_id>/edit")
@bp.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    """Change hours and rules; the meetings change with the next plan."""
    round_ = _round(public_id)
    view = rounds.view(round_, current.viewer())
    if request.method == "GET":
        return render_template("rounds/form.html", form=RoundForm.of(round_), round=view)
    form = RoundForm()
    if not form.is_readable:
        return render_template("rounds/form.html", form=form, round=view), 422
    try:
        with transaction() as session:
            _must_be_as_read(round_, form.read_version)
            keeping.change(
                session, round_, current.member(), name=form.name.data or "",
                kind=form.kind.data or round_.kind, venue=form.venue.data or "",
                settings=form.settings(RoundSettings.of(round_.settings)), now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return render_template("rounds/form.html", form=form, round=view), 422
    flash(gettext("Đã lưu. Xếp lại lịch để áp dụng."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/plans")
def plan(public_id: str) -> ResponseReturnValue:
    """Plan the round anew. Thinking holds no lock on the database: others go on writing."""
    viewer = current.viewer()
    _round(public_id)
    with transaction() as session:
        round_inputs.rank_missing(session, catalogue, current.member(), now=utc_now())
    with reading(db.engine) as quiet:
        round_ = rounds.get(quiet, viewer, public_id)
        thought = round_plans.prepare(quiet, catalogue, round_, now=utc_now())
    thought = round_plans.think(thought)
    db.session.expire_all()
    round_ = _round(public_id)
    try:
        with transaction() as session:
            run = round_plans.keep(session, round_, thought, by=current.member(), now=utc_now())
            made, told = run.meetings, bool(run.short)
    except ConflictError:
        return _page(_round(public_id), 409, changed=True)
    if made:
        words = ngettext("Đã xếp %(num)s cuộc gặp.", "Đã xếp %(num)s cuộc gặp.", made)
        flash(words, "success")
    elif told:
        flash(gettext("Chưa xếp được; quy tắc nào cản trở được ghi bên dưới."), "warning")
    else:
        flash(gettext("Không có cuộc gặp nào để xếp."), "warning")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/waivers")
def waive(public_id: str) -> ResponseReturnValue:
    """Lift the minimums that the last run could not keep."""
    round_ = _round(public_id)
    with transaction() as session:
        count = keeping.waive(session, round_, current.member(), now=utc_now())
    flash(
        ngettext(
            "Đã bỏ qua %(num)s quy tắc; xếp lại lịch để áp dụng.",
            "Đã bỏ qua %(num)s quy tắc; xếp lại lịch để áp dụng.", count,
        ),
        "success",
    )  # fmt: skip
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/fixes")
def fix(public_id: str) -> ResponseReturnValue:
    """Pin or forbid a pair, or leave it to the plan again."""
    round_ = _round(public_id)
    match = rounds.pair(db.session, request.form.get("need", ""), request.form.get("solution", ""))
    what = word(Fix, request.form.get("fix"))
    with transaction() as session:
        keeping.fix(session, round_, current.member(), match, what, now=utc_now())
    told = {
        Fix.PIN: gettext("Đã ghim: lần xếp sau giữ nguyên cuộc gặp này."),
        Fix.FORBID: gettext("Đã loại cặp này khỏi đợt; lần xếp sau không chọn lại."),
        None: gettext("Cặp này lại do hệ thống xếp."),
    }
    flash(told[what], "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/absences")
def mark_absent(public_id: str) -> ResponseReturnValue:
    """Note that an organisation is away for part of the round."""
    round_ = _round(public_id)
    form = AbsenceForm()
    try:
        begins, ends = form.times()
        with transaction() as session:
            organisation = keeping.organisation_by_code(session, form.organisation.data or "")
            keeping.mark_absent(
                session, round_, current.member(), organisation, from_at=begins, to_at=ends,
                now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return _page(_round(public_id), 422, absence_form=form)
    flash(gettext("Đã ghi giờ vắng mặt; xếp lại lịch để áp dụng."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/absences/<absence_id>/remove")
def mark_present(public_id: str, absence_id: str) -> ResponseReturnValue:
    """Take an absence back."""
    round_ = _round(public_id)
    absence = rounds.absence(db.session, round_, absence_id)
    with transaction() as session:
        keeping.mark_present(session, round_, current.member(), absence, now=utc_now())
    flash(gettext("Đã bỏ giờ vắng mặt; xếp lại lịch để áp dụng."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/publish")
def publish(public_id: str) -> ResponseReturnValue:
    """Tell both owners of every meeting; what is told is the plan that was read."""
    round_ = _round(public_id)
    try:
        with transaction() as session:
            _must_be_as_read(round_, _sent_version())
            count = keeping.publish(session, round_, current.member(), now=utc_now())
    except ConflictError:
        return _page(_round(public_id), 409, changed=True)
    words = ngettext(
        "Đã báo hai bên của %(num)s cuộc gặp.", "Đã báo hai bên của %(num)s cuộc gặp.", count
    )
    flash(words, "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/close")
def close(public_id: str) -> ResponseReturnValue:
    """End the round once every meeting has been noted."""
    round_ = _round(public_id)
    with transaction() as session:
        keeping.close(session, round_, current.member(), now=utc_now())
    flash(gettext("Đợt kết nối đã kết thúc."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/meetings/<meeting_id>")
def mark(public_id: str, meeting_id: str) -> ResponseReturnValue:
    """Note what came of a meeting."""
    round_ = _round(public_id)
    met = rounds.meeting(db.session, current.viewer(), round_, meeting_id)
    form = MarkForm()
    state = word(MeetingState, form.state.data) or MeetingState.PLANNED
    if met.version != form.read_version:
        return _page(round_, 409, changed=True)
    try:
        with transaction() as session:
            keeping.mark(
                session, round_, met, current.member(), state, outcome=form.outcome.data or "",
                now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return _page(_round(public_id), 422, mark_form=form)
    flash(gettext("Đã ghi kết quả cuộc gặp."), "success")
    return redirect(
        url_for(".show", public_id=public_id, _anchor=f"meeting-{meeting_id}"), code=303
    )


@bp.get("/<public_id>/organisations/<organisation_id>")
def agenda(public_id: str, organisation_id: str) -> ResponseReturnValue:
    """The meetings of one organisation, to read out or print for it."""
    round_ = _round(public_id)
    viewer = current.viewer()
    organisation = records.get(db.session, Organisation, viewer, organisation_id)
    met = [
        m
        for m in rounds.meetings_of(db.session, viewer, round_)
        if organisation.id in {m.need.organisation_id, m.solution.organisation_id}
    ]
    return render_template(
        "rounds/agenda.html",
        round=rounds.view(round_, viewer),
        meetings=round_page.meeting_views(round_, met),
        organisation=organisation,
    )


@bp.get("/<public_id>/round.ics")
def calendar(public_id: str) -> ResponseReturnValue:
    """The whole round as a calendar."""
    round_ = _round(public_id)
    content = round_files.calendar(rounds.view(round_, current.viewer()), _views(round_))
    return round_files.attachment(content, round_files.CALENDAR, f"{round_.code}.ics")


@bp.get("/<public_id>/round.xlsx")
def workbook(public_id: str) -> ResponseReturnValue:
    """The whole round as a workbook: timetable, meetings, who meets nobody, settings."""
    round_ = _round(public_id)
    unserved = round_page.unserved_of(round_.runs[0] if round_.runs else None)
    content = round_files.workbook(
        rounds.view(round_, current.viewer()),
        _views(round_),
        [(one.need.code, one.need.title, one.why) for one in unserved],
        round_page.settings_rows(RoundSettings.of(round_.settings)),
    )
    return round_files.attachment(content, round_files.WORKBOOK, f"{round_.code}.xlsx")


def _round(public_id: str) -> Round:
    return rounds.get(db.session, current.viewer(), public_id)


def _views(round_: Round) -> list[View]:
    met = rounds.meetings_of(db.session, current.viewer(), round_)
    return round_page.meeting_views(round_, met)


def _sent_version() -> int:
    typed = request.form.get("version", "")
    return int(typed) if len(typed) < 10 and typed.isascii() and typed.isdigit() else 0


def _must_be_as_read(round_: Round, version: int) -> None:
    if round_.version != version:
        raise ConflictError(RecordKind.ROUND, round_.public_id, {})


def _page(
    round_: Round, status: int = 200, *, changed: bool = False,
    absence_form: AbsenceForm | None = None, mark_form: MarkForm | None = None,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "rounds/show.html",
        changed=changed,
        absence_form=absence_form or AbsenceForm(formdata=None),
        mark_form=mark_form or MarkForm(formdata=None),
        mark_failed=mark_form is not None,
        **round_page.page(round_),
    )
    return page, status
