"""The introduction page: two parties, their contacts, and what happens next."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain import lifecycle
from matchmaker.domain.errors import InvalidError
from matchmaker.domain.vocabulary import WaitingFor
from matchmaker.extensions import db, transaction
from matchmaker.models import Engagement, utc_now
from matchmaker.queries import disclosed, matches
from matchmaker.services import engagements
from matchmaker.services.clocks import LOCAL
from matchmaker.web import current
from matchmaker.web.decisions import MoveForm, put, word
from matchmaker.web.forms.reading import clean, read_day

bp = Blueprint("engagements", __name__, url_prefix="/engagements")


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Who is introduced to whom, the next step, its due date and who is waited for."""
    engagement = matches.engagement(db.session, current.viewer(), public_id)
    return _page(engagement, MoveForm.of(engagement))


@bp.post("/<public_id>/moves")
def move(public_id: str) -> ResponseReturnValue:
    """Note where an engagement stands and what comes next."""
    engagement = matches.engagement(db.session, current.viewer(), public_id)
    form = MoveForm.of(engagement)
    if not form.read_at(engagement.version):
        form.version.data = str(engagement.version)
        return _page(engagement, form, 409, changed=True)
    try:
        stage = form.check()
        with transaction() as session:
            engagements.move(
                session, engagement, current.member(), stage=stage,
                next_step=clean(form.next_step.data), due_on=read_day(form.due_on.data or ""),
                waiting_for=word(WaitingFor, form.waiting_for.data),
                note=form.words, now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        put(form, error.problems)
        return _page(engagement, form, 422)
    flash(gettext("Đã ghi bước mới và báo cho hai bên."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


def _page(
    engagement: Engagement, form: MoveForm, status: int = 200, *, changed: bool = False
) -> ResponseReturnValue:
    viewer = current.viewer()
    introduced = disclosed.introduced_to(db.session, viewer)
    need, solution = engagement.match.need, engagement.match.solution
    waited_for = {
        WaitingFor.NEED_OWNER: viewer.belongs_to(need.organisation_id),
        WaitingFor.SOLUTION_OWNER: viewer.belongs_to(solution.organisation_id),
        WaitingFor.OFFICER: viewer.member_id == engagement.officer_id,
    }
    today = utc_now().astimezone(LOCAL).date()
    page = render_template(
        "engagements/show.html",
        engagement=engagement,
        is_open=lifecycle.is_open(engagement.stage),
        need=disclosed.view(viewer, need, introduced),
        solution=disclosed.view(viewer, solution, introduced),
        seeker=disclosed.view(viewer, need.organisation, introduced),
        offerer=disclosed.view(viewer, solution.organisation, introduced),
        form=form,
        changed=changed,
        first_step=engagements.FIRST_STEP,
        may_follow=bool(lifecycle.STAGES[engagement.stage]),
        days_left=(engagement.due_on - today).days,
        my_turn=waited_for[engagement.waiting_for],
    )
    return page, status
