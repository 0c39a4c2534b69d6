"""Organisations: the public page of one, and its own profile and experts."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain.disclosure import STRANGER, Viewer
from matchmaker.domain.errors import ConflictError, InvalidError, NotFoundError
from matchmaker.domain.vocabulary import SCHOOLS, RecordKind
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Expert, Need, Organisation, Solution, utc_now
from matchmaker.queries import disclosed, records
from matchmaker.queries.disclosed import View
from matchmaker.services import alike
from matchmaker.services import organisations as verbs
from matchmaker.web import current, posting
from matchmaker.web.forms import ExpertForm, OrganisationForm
from matchmaker.web.phrases import HELP
from matchmaker.web.posting import ConflictRow
from matchmaker.web.relations import related_to

bp = Blueprint("organisations", __name__, url_prefix="/organisations")


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Who an organisation is, what it can do and what it looks for."""
    asker = current.viewer()
    organisation = records.get(db.session, Organisation, asker, public_id)
    owns = asker.belongs_to(organisation.id)
    as_stranger = request.args.get("as") == "stranger" and (owns or asker.is_staff)
    reader = STRANGER if as_stranger else asker
    introduced = disclosed.introduced_to(db.session, reader)
    page: dict[str, Any] = {
        "view": disclosed.view(reader, organisation, introduced),
        "experts": organisation.experts,
        "is_school": organisation.kind in SCHOOLS,
        "is_owner": owns and not as_stranger,
        "as_stranger": as_stranger,
        "solutions": _listed(reader, Solution, organisation),
        "needs": _listed(reader, Need, organisation),
        "relations": related_to(organisation) if reader.is_staff else [],
        "similar": alike.similar(db.session, catalogue, reader, organisation),
    }
    return render_template("organisations/show.html", **page)


@bp.get("/<public_id>/edit")
@bp.post("/<public_id>/edit")
def edit(public_id: str) -> ResponseReturnValue:
    """Change what one's own organisation says of itself."""
    organisation = _own(public_id)
    saved = verbs.draft_of(organisation)
    if request.method == "GET":
        return _form(OrganisationForm.of(saved, organisation.version).also(saved), organisation)
    form = OrganisationForm().also(saved)
    if form.rows_changed():
        return _form(form, organisation)
    draft, was_merged = posting.merged(form.draft(), saved)
    readable = form.is_readable
    if was_merged and readable:
        form = OrganisationForm.of(draft, form.read_version).also(saved)
    problems = form.problems(draft)
    if problems or not readable:
        form.place(problems)
        return _form(form, organisation, status=422)
    try:
        with transaction() as session:
            verbs.revise(
                session, organisation, current.member(), draft, version=form.read_version,
                now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        form.place(error.problems)
        return _form(form, organisation, status=422)
    except ConflictError as error:
        organisation = _own(public_id)
        form.reread(organisation.version)
        rows = posting.conflict_rows(
            RecordKind.ORGANISATION, error.changes, verbs.draft_of(organisation), draft
        )
        return _form(form, organisation, conflict=rows, status=409)
    flash(gettext("Đã lưu hồ sơ tổ chức."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/experts/new")
@bp.post("/<public_id>/experts/new")
def new_expert(public_id: str) -> ResponseReturnValue:
    """List one more expert."""
    organisation = _own(public_id)
    form = ExpertForm()
    if request.method == "GET":
        return _expert_form(form, organisation)
    if not form.is_readable:
        form.place(form.draft().problems())
        return _expert_form(form, organisation, status=422)
    try:
        with transaction() as session:
            verbs.add_expert(
                session, organisation, current.member(), form.draft(), now=utc_now(), key=form.key
            )
    except InvalidError as error:
        form.place(error.problems)
        return _expert_form(form, organisation, status=422)
    flash(gettext("Đã thêm chuyên gia."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.get("/<public_id>/experts/<expert_id>/edit")
@bp.post("/<public_id>/experts/<expert_id>/edit")
def edit_expert(public_id: str, expert_id: str) -> ResponseReturnValue:
    """Change what is said of an expert."""
    organisation = _own(public_id)
    expert = records.expert_of(db.session, current.viewer(), expert_id)
    if request.method == "GET":
        form = ExpertForm.of(verbs.expert_draft_of(expert))
        return _expert_form(form, organisation, expert)
    form = ExpertForm()
    if not form.is_readable:
        form.place(form.draft().problems())
        return _expert_form(form, organisation, expert, status=422)
    try:
        with transaction() as session:
            verbs.revise_expert(session, expert, current.member(), form.draft(), now=utc_now())
    except InvalidError as error:
        form.place(error.problems)
        return _expert_form(form, organisation, expert, status=422)
    flash(gettext("Đã lưu hồ sơ chuyên gia."), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/experts/<expert_id>/remove")
def remove_expert(public_id: str, expert_id: str) -> ResponseReturnValue:
    """Take an expert off the list."""
    _own(public_id)
    expert = records.expert_of(db.session, current.viewer(), expert_id)
    with transaction() as session:
        verbs.remove_expert(session, expert, current.member(), now=utc_now())
    flash(gettext("Đã bỏ chuyên gia khỏi danh sách."), "info")
    return redirect(url_for(".show", public_id=public_id), code=303)


def _own(public_id: str) -> Organisation:
    """The asker's own organisation; strangers learn nothing of others."""
    organisation = records.get_own_organisation(db.session, current.viewer())
    if organisation.public_id != public_id:
        raise NotFoundError(RecordKind.ORGANISATION, public_id)
    return organisation


def _listed(
    reader: Viewer, table: type[Need] | type[Solution], organisation: Organisation
) -> list[View]:
    """Its listed records; standing here, an anonymous need would name its owner."""
    own = reader.is_staff or reader.belongs_to(organisation.id)
    found: list[Need | Solution] = [
        *records.of_organisation(db.session, table, organisation.id)  # type: ignore[type-var]
    ]
    shown = records.by_ids(db.session, table, reader, [record.id for record in found])  # type: ignore[type-var]
    return [
        disclosed.view(reader, record)
        for record in shown
        if own or not (isinstance(record, Need) and record.anonymous)
    ]


def _form(
    form: OrganisationForm, organisation: Organisation, *,
    conflict: list[ConflictRow] | None = None, status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    page = render_template(
        "organisations/form.html", form=form, public_id=organisation.public_id,
        name=organisation.name_vi, conflict=conflict or [], hints=HELP,
    )  # fmt: skip
    return page, status


def _expert_form(
    form: ExpertForm, organisation: Organisation, expert: Expert | None = None, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "organisations/expert.html",
        form=form,
        public_id=organisation.public_id,
        expert=expert,
        hints=HELP,
    )
    return page, status
