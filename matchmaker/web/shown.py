"""What the pages of needs and solutions know besides the record itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import request

from matchmaker.domain import lifecycle, recipe
from matchmaker.domain.disclosure import STRANGER, Viewer
from matchmaker.domain.lifecycle import Step
from matchmaker.domain.vocabulary import LISTED, Reason, RecordStatus, ReviewAction
from matchmaker.extensions import catalogue, db
from matchmaker.models import Engagement, Need, NeedGroup, Review, Solution, utc_now
from matchmaker.queries import desk, disclosed, matches, need_groups
from matchmaker.queries.disclosed import View
from matchmaker.services import alike, experts
from matchmaker.services.alike import Alike
from matchmaker.services.clocks import LOCAL
from matchmaker.services.experts import Suggested
from matchmaker.services.records import draft_of, lifecycle_of
from matchmaker.web import current, next_steps, phrases
from matchmaker.web.next_steps import NextStep

_OWNERS_STEPS = (Step.REVISE, Step.SUBMIT, Step.WITHDRAW, Step.PAUSE, Step.RESUME)


@dataclass(frozen=True)
class Answer:
    """What a curator answered, in words."""

    at: datetime
    by: str
    action: ReviewAction
    reason: Reason | None
    field: str
    note: str


@dataclass(frozen=True)
class Missing:
    """One thing that keeps a draft from being sent, and the field it is about."""

    field: str
    label: str
    words: str


@dataclass(frozen=True)
class Shown:
    """A record as its reader sees it; owners get what is theirs to know and do as well."""

    view: View
    is_listed: bool
    #: The switch "as a stranger sees it" is on.
    as_stranger: bool
    is_owner: bool
    similar: list[Alike]
    #: Its demands or figures, each as one line: (the line, must or measured).
    lines: list[tuple[str, bool]]
    #: The text in the other language, as (label, text).
    translation: list[tuple[str, str]]
    step: NextStep | None = None
    answers: tuple[Answer, ...] = ()
    missing: tuple[Missing, ...] = ()
    may: frozenset[str] = frozenset()
    engagements: tuple[Engagement, ...] = ()
    #: The people who fit a need best: for its owner and the staff.
    experts: tuple[Suggested, ...] = ()
    #: The groups of the need itself and of those that read alike, by public id: for the staff.
    groups: Mapping[str, NeedGroup] = field(default_factory=dict)


def show(record: Need | Solution) -> Shown:
    """All that the page of a record needs, for whoever asks."""
    asker = current.viewer()
    owns = asker.belongs_to(record.organisation_id)
    as_stranger = request.args.get("as") == "stranger" and (owns or asker.is_staff)
    reader = STRANGER if as_stranger else asker
    introduced = disclosed.introduced_to(db.session, reader)
    listed = record.status in LISTED
    values: dict[str, Any] = {
        "view": (view := disclosed.view(reader, record, introduced)),
        "is_listed": listed,
        "as_stranger": as_stranger,
        "is_owner": owns and not as_stranger,
        "similar": _similar(reader, record) if listed else [],
        "lines": _lines(view),
        "translation": [
            (str(phrases.field_label(name, record.record_kind)), text)
            for name, text in (view.translation or {}).items()
        ],
    }
    if owns and not as_stranger:
        values |= _of_owner(asker, record)
    elif reader.is_staff:
        values["answers"] = _answers(record, _reviews(record))
    if isinstance(record, Need) and listed and not as_stranger and (owns or asker.is_staff):
        values |= _around(asker, record, values["similar"])
    return Shown(**values)


def _of_owner(viewer: Viewer, record: Need | Solution) -> dict[str, Any]:
    reviews = _reviews(record)
    today = utc_now().astimezone(LOCAL).date()
    cases = tuple(
        case
        for case in matches.engagements(db.session, viewer)
        if record in (case.match.need, case.match.solution)
    )
    under_way = [case for case in cases if lifecycle.is_open(case.stage)]
    reviewer = reviews[0].curator.name if reviews else ""
    sendable = lifecycle.allows(lifecycle_of(record), record.status, Step.SUBMIT)
    return {
        "step": next_steps.of_record(
            record,
            reviewer=reviewer,
            engagement=under_way[0] if under_way and not _waits_for_review(record) else None,
            today=today,
        ),
        "answers": _answers(record, reviews),
        "missing": _missing(record, today) if sendable else (),
        "may": frozenset(
            str(step)
            for step in _OWNERS_STEPS
            if lifecycle.allows(lifecycle_of(record), record.status, step)
        ),
        "engagements": cases,
    }


def _waits_for_review(record: Need | Solution) -> bool:
    return record.status in {
        RecordStatus.SUBMITTED,
        RecordStatus.UNDER_REVIEW,
        RecordStatus.CHANGES_REQUESTED,
    }


def _reviews(record: Need | Solution) -> list[Review]:
    return desk.reviews_of(db.session, record.record_kind, record.id)


def _answers(record: Need | Solution, reviews: list[Review]) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            r.made_at, r.curator.name, r.action, r.reason,
            str(phrases.field_label(r.field, record.record_kind)) if r.field else "", r.note,
        )
        for r in reviews
    )  # fmt: skip


def _missing(record: Need | Solution, today: date) -> tuple[Missing, ...]:
    """What keeps a draft from being sent, as of today."""
    found = draft_of(record).problems(complete=True, today=today)
    return tuple(
        Missing(
            p.field, str(phrases.field_label(p.field, record.record_kind)), str(phrases.problem(p))
        )
        for p in found
    )


def _around(viewer: Viewer, need: Need, similar: list[Alike]) -> dict[str, Any]:
    """Who could help with a need, and the groups it and its like stand in."""
    ids = [need.public_id, *(one.view.public_id for one in similar)]
    return {
        "experts": tuple(experts.best(db.session, catalogue, viewer, need)),
        "groups": need_groups.of_needs(db.session, viewer, ids),
    }


def _lines(view: View) -> list[tuple[str, bool]]:
    if view.requirements:
        return [(recipe.describe_requirement(row), row.must) for row in view.requirements]
    return [(recipe.describe_performance(row), row.measured) for row in view.performances or ()]


def _similar(viewer: Viewer, record: Need | Solution) -> list[Alike]:
    return alike.similar(db.session, catalogue, viewer, record)
