"""Bringing a solution into a need's list that the ranking does not bring in."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain.errors import InvalidError
from matchmaker.domain.vocabulary import LISTED, Rule
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Match, Need, Solution, utc_now
from matchmaker.queries import disclosed, matches, records
from matchmaker.queries.disclosed import View
from matchmaker.services import candidates as verbs
from matchmaker.services import eligibility
from matchmaker.web import current
from matchmaker.web.decisions import AddForm, put
from matchmaker.web.forms.reading import clean

bp = Blueprint("candidates", __name__, url_prefix="/desk/needs/<public_id>/candidates")


@dataclass(frozen=True)
class Found:
    """A solution that was searched for: in the list already, kept out by a rule, or to be added."""

    view: View
    match: Match | None
    rule: Rule | None


@bp.get("")
def find(public_id: str) -> ResponseReturnValue:
    """Solutions by code or words, each with what can be done with it here."""
    return _page(_need(public_id), AddForm())


@bp.post("")
def add(public_id: str) -> ResponseReturnValue:
    """Put one into the list, with its true score and evidence."""
    need, form = _need(public_id), AddForm()
    viewer = current.viewer()
    solution = records.get(db.session, Solution, viewer, form.solution.data or "")
    try:
        with transaction() as session:
            match = verbs.add(
                session, catalogue, need, solution, current.member(), note=form.words,
                now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        put(form, error.problems)
        return _page(need, form, 422)
    flash(gettext("Đã thêm “%(title)s” vào danh sách.", title=solution.title), "success")
    return redirect(url_for("desk.need", public_id=public_id, match=match.public_id), code=303)


def _need(public_id: str) -> Need:
    return records.get(db.session, Need, current.viewer(), public_id)


def _page(need: Need, form: AddForm, status: int = 200) -> ResponseReturnValue:
    viewer = current.viewer()
    asked = clean(request.values.get("q", ""))
    found = [_found(need, s) for s in verbs.find(db.session, catalogue, viewer, asked)]
    page = render_template(
        "desk/candidates.html", need=disclosed.view(viewer, need), asked=asked, found=found,
        form=form, is_listed=need.status in LISTED,
    )  # fmt: skip
    return page, status


def _found(need: Need, solution: Solution) -> Found:
    match = matches.of_pair(db.session, need.id, solution.id)
    return Found(
        disclosed.view(current.viewer(), solution),
        match if match is not None and match.is_in_list else None,
        eligibility.rule_between(db.session, need, solution),
    )
