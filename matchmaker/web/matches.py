"""One match: need and solution side by side, and the people who decide about it."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchmaker.domain import lifecycle
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.errors import InvalidError
from matchmaker.domain.vocabulary import MatchState, RecordKind, Ruling, Side
from matchmaker.extensions import catalogue, db, transaction
from matchmaker.models import Judgement, Match, utc_now
from matchmaker.queries import disclosed, matches
from matchmaker.queries.disclosed import View
from matchmaker.services import clocks, curation, experts
from matchmaker.services.experts import Suggested
from matchmaker.web import current, duties, phrases
from matchmaker.web.decisions import RulingForm, put
from matchmaker.web.reasons import Reason, reasons, signal_rows

bp = Blueprint("matches", __name__, url_prefix="/matches")

#: People of the offering side named beside a match at most.
EXPERTS = 2
#: In the order of the buttons: what helps the need first.
BY_CURATOR = (Ruling.PROPOSE, Ruling.SHORTLIST, Ruling.DISMISS, Ruling.RESTORE)
#: Where it stands in the list; each takes the match's note along.
PLACES = (Ruling.PIN, Ruling.UNPIN, Ruling.HIDE, Ruling.UNHIDE)


@dataclass(frozen=True)
class Comparison:
    """A match as one reader may see it."""

    match: Match
    need: View
    solution: View
    evidence: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    #: The reader's own side; staff are on none of the two.
    side: Side | None
    #: What a curator may do with it now.
    rulings: tuple[Ruling, ...]
    reasons: list[Reason]
    #: Every signal by name with its strength in words.
    signals: list[tuple[str, str]]

    @property
    def is_asked(self) -> bool:
        """Whether the reader's side owes an answer."""
        return self.side in self.waits_for

    @property
    def waits_for(self) -> list[Side]:
        """The sides whose answers are missing."""
        if self.match.state is not MatchState.PROPOSED:
            return []
        return duties.sides_asked(self.match)


@bp.get("/<public_id>")
def show(public_id: str) -> ResponseReturnValue:
    """Requirement by requirement: the demand, the quoted sentence, the verdict, the question."""
    match = matches.get(db.session, current.viewer(), public_id)
    return _page(match, RulingForm(version=str(match.version)))


@bp.post("/<public_id>/judgements")
def judge(public_id: str) -> ResponseReturnValue:
    """Take a curator's ruling on one match."""
    match = matches.get(db.session, current.viewer(), public_id)
    form = RulingForm()
    if not form.read_at(match.version):
        return _changed(match, form)
    try:
        ruling = form.chosen()
        with transaction() as session:
            curation.judge(
                session, match, current.member(), ruling, reason=form.why,
                note=form.words, now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        return _refused(match, form, error)
    if ruling in PLACES or form.back.data != "desk":
        flash(_said(ruling), "success")
    if form.back.data == "desk":
        return redirect(_on_with_the_queue(match, ruling), code=303)
    return redirect(url_for(".show", public_id=public_id), code=303)


@bp.post("/<public_id>/answers")
def answer(public_id: str) -> ResponseReturnValue:
    """Take an owner's yes or no; the second yes introduces both sides."""
    match = matches.get(db.session, current.viewer(), public_id)
    form = RulingForm()
    try:
        ruling = form.chosen()
        with transaction() as session:
            engagement = curation.answer(
                session, match, current.member(), ruling, reason=form.why,
                note=form.words, now=utc_now(),
            )  # fmt: skip
    except InvalidError as error:
        return _refused(match, form, error)
    if engagement:
        flash(gettext("Hai bên đều quan tâm và đã được giới thiệu với nhau."), "success")
        return redirect(url_for("engagements.show", public_id=engagement.public_id), code=303)
    flash(_said(ruling), "success")
    return redirect(url_for(".show", public_id=public_id), code=303)


def compare(viewer: Viewer, match: Match, introduced: disclosed.Introduced) -> Comparison:
    """What of a match this viewer may read."""
    need = disclosed.view(viewer, match.need, introduced)
    solution = disclosed.view(viewer, match.solution, introduced)
    evidence = readable_evidence(match.evidence, solution)
    side = curation.side_of(match, viewer)
    rulings = tuple(
        ruling for ruling in (*BY_CURATOR, *PLACES)
        if viewer.is_curator and lifecycle.allows_ruling(match.state, match.placing, ruling)
    )  # fmt: skip
    return Comparison(
        match=match,
        need=need,
        solution=solution,
        evidence=evidence,
        judgements=[_told(viewer, side, judgement) for judgement in match.judgements
                    if viewer.is_staff or _concerns_owners(judgement)],
        side=side,
        rulings=rulings,
        reasons=reasons(evidence, match.signals),
        signals=signal_rows(match.signals),
    )  # fmt: skip


def readable_evidence(rows: list[dict[str, Any]], solution: View) -> list[dict[str, Any]]:
    """Stored evidence, with only those quotes that the reader finds in the solution today.

    A run keeps its quotes; the record may have been rewritten since, or be read by somebody who
    may see less of it. A verdict whose quote is gone rests on nothing: `moved_on` says so.
    """
    texts: dict[str, list[str]] = {}
    for passage in disclosed.passages(solution, RecordKind.SOLUTION):
        texts.setdefault(passage.field, []).append(passage.text)
    shown = []
    for row in rows:
        quote, field = str(row.get("quote") or ""), str(row.get("field"))
        gone = bool(quote) and not any(quote in text for text in texts.get(field, []))
        left = {"quote": None, "found": None, "verdict": "not_said", "question": "ask_whether"}
        source = phrases.field_label(field, RecordKind.SOLUTION) if quote and not gone else None
        told = row | (left if gone else {})
        shown.append(told | {"requirement": row["text"], "source": source, "moved_on": gone})
    return shown


def _concerns_owners(judgement: Judgement) -> bool:
    """What curators sift among themselves is not told to the sides."""
    return judgement.side is not Side.STAFF or judgement.ruling is Ruling.PROPOSE


def _told(viewer: Viewer, side: Side | None, judgement: Judgement) -> dict[str, Any]:
    """A judgement as this viewer may read it: words and names stay on the side they came from."""
    own = viewer.is_staff or judgement.side is side
    return {
        "side": judgement.side,
        "ruling": judgement.ruling,
        "reason": judgement.reason,
        "note": judgement.note if own else "",
        "by": judgement.member.name if own else "",
        "made_at": judgement.made_at,
    }


def _on_with_the_queue(match: Match, ruling: Ruling) -> str:
    """To the next candidate, with what was just done to be undone; undoing comes back to it."""
    need, this = match.need.public_id, match.public_id
    if ruling is Ruling.RESTORE or ruling in PLACES:
        return url_for("desk.need", public_id=need, match=this)
    return url_for("desk.need", public_id=need, done=this)


def _page(
    match: Match, form: RulingForm, status: int = 200, *, changed: bool = False
) -> ResponseReturnValue:
    viewer = current.viewer()
    shown = compare(viewer, match, disclosed.introduced_to(db.session, viewer))
    engagement = matches.engagement_of_match(db.session, match.id)
    due = match.reply_due_at
    page = render_template(
        "matches/show.html",
        shown=shown,
        form=form,
        changed=changed,
        engagement=engagement,
        is_late=due is not None and due < utc_now(),
        experts=_experts(viewer, match),
    )
    return page, status


def _experts(viewer: Viewer, match: Match) -> list[Suggested]:
    """Whom of the offering side the need should meet: for the staff and the need's owner."""
    if not (viewer.is_staff or viewer.belongs_to(match.need.organisation_id)):
        return []
    return experts.best(
        db.session, catalogue, viewer, match.need, of=match.solution.organisation, most=EXPERTS
    )


def _refused(match: Match, form: RulingForm, error: InvalidError) -> ResponseReturnValue:
    form.version.data = str(match.version)
    put(form, error.problems)
    return _page(match, form, 422)


def _changed(match: Match, form: RulingForm) -> ResponseReturnValue:
    """Somebody decided meanwhile: what was typed stays, and a second press is a new decision."""
    form.version.data = str(match.version)
    return _page(match, form, 409, changed=True)


def _said(ruling: Ruling) -> str:
    words: dict[Ruling, str] = {
        Ruling.PROPOSE: gettext(
            "Đã đề xuất cho hai bên; hai bên có %(days)s ngày làm việc để trả lời.",
            days=clocks.OWNER_REPLY,
        ),
        Ruling.SHORTLIST: gettext("Đã đưa vào danh sách chọn."),
        Ruling.DISMISS: gettext("Đã bỏ qua gợi ý này."),
        Ruling.RESTORE: gettext("Đã đưa trở lại."),
        Ruling.PIN: gettext("Đã ghim lên đầu danh sách; chủ nhu cầu cũng thấy như vậy."),
        Ruling.UNPIN: gettext("Đã bỏ ghim; gợi ý trở lại đúng thứ tự tính toán."),
        Ruling.HIDE: gettext("Đã ẩn; chủ nhu cầu không còn thấy gợi ý này."),
        Ruling.UNHIDE: gettext("Đã cho hiện lại."),
        Ruling.ACCEPT: gettext("Đã ghi nhận: bạn quan tâm. Đang chờ bên kia trả lời."),
        Ruling.DECLINE: gettext("Đã ghi nhận: bạn không tiếp tục. Cảm ơn bạn đã nêu lý do."),
    }
    return words[ruling]
