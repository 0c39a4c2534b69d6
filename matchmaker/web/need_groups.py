"""Groups of needs with one problem: the curators' own view of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from matchmaker.domain.errors import InvalidError, NotFoundError
from matchmaker.domain.vocabulary import RecordKind
from matchmaker.extensions import db, transaction
from matchmaker.models import Need, utc_now
from matchmaker.queries import disclosed, need_groups, records
from matchmaker.services import need_groups as verbs
from matchmaker.web import current, phrases
from matchmaker.web.forms.reading import clean

bp = Blueprint("need_groups", __name__, url_prefix="/groups")


class GroupForm(FlaskForm):  # type: ignore[misc]
    """The name and the note of a group; its needs are ticked in a list."""

    name = StringField(lazy_gettext("Tên nhóm"))
    note = TextAreaField(lazy_gettext("Ghi chú nội bộ"))


@bp.get("")
def index() -> ResponseReturnValue:
    """Every group, the latest first."""
    viewer = current.viewer()
    groups = [
        (group, [disclosed.view(viewer, place.need) for place in group.places])
        for group in need_groups.every(db.session, viewer)
    ]
    return render_template("need_groups/index.html", groups=groups)


@bp.post("")
def make() -> ResponseReturnValue:
    """Join the ticked needs, or put them into the group the first of them stands in."""
    viewer, form = current.viewer(), GroupForm()
    ids = list(dict.fromkeys(request.form.getlist("needs")))
    needs = [records.get(db.session, Need, viewer, one) for one in ids]
    into = request.form.get("group")
    try:
        with transaction() as session:
            if into:
                group = need_groups.get(session, viewer, into)
                verbs.add(session, group, current.member(), needs, now=utc_now())
            else:
                group = verbs.join(
                    session, current.member(), needs, name=clean(form.name.data),
                    note=clean(form.note.data, lines=True), now=utc_now(),
                )  # fmt: skip
    except InvalidError as error:
        for found in error.problems:
            flash(str(phrases.problem(found)), "danger")
        if not needs:
            raise NotFoundError(RecordKind.NEED, "") from error
        return redirect(url_for("needs.show", public_id=needs[0].public_id), code=303)
    flash(gettext("Đã gộp vào nhóm “%(name)s”.", name=group.name), "success")
    return redirect(url_for(".show", public_id=group.public_id), code=303)


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """One group: its needs with their owners, for whoever calls them together."""
    viewer = current.viewer()
    group = need_groups.get(db.session, viewer, public_id)
    views = [disclosed.view(viewer, place.need) for place in group.places]
    return render_template("need_groups/show.html", group=group, needs=views)


@bp.post("/<public_id>/leave")
def leave(public_id: str) -> ResponseReturnValue:
    """Take one need out; the last two leave together."""
    viewer = current.viewer()
    group = need_groups.get(db.session, viewer, public_id)
    need = records.get(db.session, Need, viewer, request.form.get("need", ""))
    with transaction() as session:
        is_gone = verbs.leave(session, group, current.member(), need, now=utc_now())
    if is_gone:
        flash(gettext("Nhóm chỉ còn một nhu cầu nên đã được giải tán."), "info")
        return redirect(url_for(".index"), code=303)
    flash(gettext("Đã đưa nhu cầu ra khỏi nhóm."), "info")
    return redirect(url_for(".show", public_id=public_id), code=303)
