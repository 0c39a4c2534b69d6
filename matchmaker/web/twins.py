"""Before a record is sent: what is probably the same as it, with the choice to go on."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchmaker.domain import lifecycle
from matchmaker.domain.drafts import NeedDraft, SolutionDraft
from matchmaker.domain.lifecycle import Step
from matchmaker.extensions import catalogue, db
from matchmaker.models import Need, Solution, utc_now
from matchmaker.models.database import reading
from matchmaker.queries import disclosed, records
from matchmaker.services import alike
from matchmaker.services.alike import Alike
from matchmaker.services.clocks import LOCAL
from matchmaker.services.records import draft_of, lifecycle_of
from matchmaker.web import current


def before_sending(
    draft: NeedDraft | SolutionDraft, record: Need | Solution | None = None, *,
    key: str | None = None,
) -> list[Alike]:  # fmt: skip
    """The probable duplicates of a draft about to be sent for the first time.

    None for one that curators have seen before, that cannot be sent yet, or whose sender has
    seen them and goes on. `key` is that of the form: a second press is no second record.
    """
    if record is None and key:
        record = _made_by(draft, key)
    if request.form.get("anyway") or (record is not None and record.submitted_at is not None):
        return []
    if draft.problems(complete=True, today=utc_now().astimezone(LOCAL).date()):
        return []
    viewer, itself = current.viewer(), record.id if record else None
    # The writer's place is given back meanwhile: reading a text takes the model its time.
    db.session.rollback()
    with reading(db.engine) as session:
        return alike.duplicates_of_draft(session, catalogue, viewer, draft, itself=itself)


def _made_by(draft: NeedDraft | SolutionDraft, key: str) -> Need | Solution | None:
    if isinstance(draft, NeedDraft):
        return records.by_submission_key(db.session, Need, key)
    return records.by_submission_key(db.session, Solution, key)


def page(record: Need | Solution) -> ResponseReturnValue:
    """The saved draft beside what is probably the same; one that was sent has no such page."""
    room = "needs" if isinstance(record, Need) else "solutions"
    if not lifecycle.allows(lifecycle_of(record), record.status, Step.SUBMIT):
        return redirect(url_for(f"{room}.show", public_id=record.public_id))
    found = alike.duplicates_of_draft(
        db.session, catalogue, current.viewer(), draft_of(record), itself=record.id
    )
    return render_template(
        "records/alike.html",
        view=disclosed.view(current.viewer(), record),
        found=found,
        room=room,
    )
