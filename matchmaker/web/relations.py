"""Related organisations, as officers note them: who is never proposed to whom."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain.errors import InvalidError
from matchmaker.extensions import db, transaction
from matchmaker.models import Organisation, Relation, utc_now
from matchmaker.queries import disclosed, records
from matchmaker.queries import relations as found
from matchmaker.services import relations as verbs
from matchmaker.web import current
from matchmaker.web.decisions import RelationForm, put

bp = Blueprint("relations", __name__, url_prefix="/organisations/<public_id>/relations")


@dataclass(frozen=True)
class Related:
    """An organisation related to the one whose page it is."""

    relation: Relation
    other: dict[str, Any]
    #: Whether it was noted at this organisation: the words read the other way round else.
    is_noted_here: bool


@bp.get("")
def index(public_id: str) -> ResponseReturnValue:
    """What is noted, from either side, and by whom."""
    return _page(_organisation(public_id), RelationForm())


@bp.post("")
def add(public_id: str) -> ResponseReturnValue:
    """Note one more."""
    organisation, form = _organisation(public_id), RelationForm()
    try:
        with transaction() as session:
            verbs.add(
                session, organisation, current.member(), named=form.named, kind=form.kind(),
                note=form.words, now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        put(form, error.problems)
        return _page(organisation, form, 422)
    flash(gettext("Đã ghi. Hai tổ chức không còn được gợi ý cho nhau."), "success")
    return redirect(url_for(".index", public_id=public_id), code=303)


@bp.post("/<relation_id>/remove")
def remove(public_id: str, relation_id: str) -> ResponseReturnValue:
    """Take one back."""
    organisation = _organisation(public_id)
    relation = found.get(db.session, organisation.id, relation_id)
    with transaction() as session:
        verbs.remove(session, relation, current.member(), now=utc_now())
    flash(gettext("Đã bỏ quan hệ này. Hai tổ chức lại có thể được gợi ý cho nhau."), "info")
    return redirect(url_for(".index", public_id=public_id), code=303)


def related_to(organisation: Organisation) -> list[Related]:
    """What the staff may read beside an organisation."""
    rows = []
    for relation in found.of(db.session, organisation.id):
        here = relation.organisation_id == organisation.id
        other = relation.other if here else relation.organisation
        rows.append(Related(relation, disclosed.name_of(other), here))
    return rows


def _organisation(public_id: str) -> Organisation:
    return records.get(db.session, Organisation, current.viewer(), public_id)


def _page(organisation: Organisation, form: RelationForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "organisations/relations.html",
        view=disclosed.view(current.viewer(), organisation),
        relations=related_to(organisation),
        form=form,
    )
    return page, status
