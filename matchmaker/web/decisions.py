"""Forms in which people decide: reviews, rulings on matches, answers, moves of an engagement.

They only turn typed text into values of the house; what is wrong with those is decided by the
services and put back at the fields by `put`.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from matchmaker.domain.errors import InvalidError, Problem
from matchmaker.domain.lifecycle import STAGES
from matchmaker.domain.vocabulary import (
    Reason,
    RecordKind,
    RelationKind,
    ReviewAction,
    Ruling,
    Stage,
    WaitingFor,
)
from matchmaker.models import Engagement
from matchmaker.queries.disclosed import View
from matchmaker.services.engagements import FIRST_STEP
from matchmaker.web import phrases
from matchmaker.web.forms.choices import choice, of, optional
from matchmaker.web.forms.reading import clean, read_day

Word = TypeVar("Word", bound=StrEnum)

#: Facts about a record that no owner edits: a curator cannot ask to change them.
_NOT_ASKED = frozenset(
    {"code", "status", "organisation", "budget_band", "published_at", "confirmed_at", "is_demo",
     "author", "curator", "channel", "excluded"}
)  # fmt: skip


def word(words: type[Word], text: str | None) -> Word | None:
    """The word of a closed list that a form sent; None for anything else."""
    try:
        return words(text or "")
    except ValueError:
        return None


def put(form: FlaskForm, problems: Iterable[Problem]) -> None:
    """Put what is wrong at the fields it is about, in words."""
    for found in problems:
        field = form[found.field]
        field.errors = [*field.errors, phrases.problem(found)]


def _reasons() -> list[SelectChoice]:
    return optional(of(Reason), "—")


def _people() -> list[SelectChoice]:
    return optional(of(WaitingFor), "—")


def _must_be(words: type[Word], name: str, text: str | None) -> Word:
    found = word(words, text)
    if found is None:
        raise InvalidError([Problem(name, "not_a_choice")])
    return found


class _Decision(FlaskForm):  # type: ignore[misc]
    """What every "no" carries, and the version of what was read before deciding."""

    reason = SelectField(phrases.FIELDS["reason"], choices=_reasons, validate_choice=False)
    note = TextAreaField(phrases.FIELDS["note"])
    version = HiddenField()

    @property
    def why(self) -> Reason | None:
        return word(Reason, self.reason.data)

    @property
    def words(self) -> str:
        """The note as it is kept."""
        return clean(self.note.data, lines=True)

    def read_at(self, version: int) -> bool:
        """Whether the page was made from this version; a page that says none was not."""
        return str(version) == self.version.data


class ReviewForm(_Decision):
    """A curator's answer to a submitted record."""

    field = SelectField(lazy_gettext("Mục cần sửa"), choices=[], validate_choice=False)
    action = HiddenField(lazy_gettext("Quyết định"))

    def ask_about(self, view: View) -> None:
        """Offer the fields of this record; call it before anything is read."""
        kind = RecordKind(view.record_kind)
        self._askable = [name for name in phrases.FIELDS if name in view and name not in _NOT_ASKED]
        asked = [choice(n, str(phrases.field_label(n, kind))) for n in self._askable]
        self.field.choices = optional(asked, "—")

    @property
    def asked(self) -> str:
        """The field asked about, where it is one of this record's."""
        return str(self.field.data) if self.field.data in self._askable else ""

    def chosen(self) -> ReviewAction:
        """The button pressed; raises InvalidError for one we never showed."""
        return _must_be(ReviewAction, "action", self.action.data)


class RulingForm(_Decision):
    """A curator's ruling or an owner's answer; `back` is "desk" where the queue goes on.

    A curator dismisses by pressing a reason: `dismiss` holds it and needs no other button.
    """

    ruling = HiddenField(lazy_gettext("Quyết định"))
    dismiss = HiddenField()
    back = HiddenField()

    @property
    def why(self) -> Reason | None:
        return word(Reason, self.dismiss.data or self.reason.data)

    def chosen(self) -> Ruling:
        """The button pressed; raises InvalidError for one we never showed."""
        if self.dismiss.data:
            return Ruling.DISMISS
        return _must_be(Ruling, "ruling", self.ruling.data)


class AddForm(FlaskForm):  # type: ignore[misc]
    """A solution that an officer brings into a need's list, and why."""

    solution = HiddenField()
    note = StringField(phrases.FIELDS["note"])

    @property
    def words(self) -> str:
        """The note as it is kept."""
        return clean(self.note.data)


class RelationForm(FlaskForm):  # type: ignore[misc]
    """What another organisation, named by code or name, is to this one."""

    other = StringField(phrases.FIELDS["other"])
    relation = SelectField(
        phrases.FIELDS["relation"], choices=lambda: of(RelationKind), validate_choice=False
    )
    note = StringField(phrases.FIELDS["note"])

    @property
    def named(self) -> str:
        """The organisation as typed, on one line."""
        return clean(self.other.data)

    @property
    def words(self) -> str:
        """The note as it is kept."""
        return clean(self.note.data)

    def kind(self) -> RelationKind:
        """The relation chosen; raises InvalidError for one that is not on the list."""
        return _must_be(RelationKind, "relation", self.relation.data)


class MoveForm(FlaskForm):  # type: ignore[misc]
    """Where an engagement stands, and what comes next."""

    stage = SelectField(phrases.FIELDS["stage"], choices=[], validate_choice=False)
    next_step = StringField(phrases.FIELDS["next_step"])
    due_on = StringField(phrases.FIELDS["due_on"])
    waiting_for = SelectField(phrases.FIELDS["waiting_for"], choices=_people, validate_choice=False)
    note = TextAreaField(phrases.FIELDS["note"])
    version = HiddenField()

    @classmethod
    def of(cls, engagement: Engagement) -> "MoveForm":
        """A form filled with how things stand; what was typed wins."""
        first = engagement.next_step == FIRST_STEP
        form = cls(
            stage=str(engagement.stage),
            next_step="" if first else engagement.next_step,
            due_on=engagement.due_on.isoformat(),
            waiting_for=str(engagement.waiting_for),
            version=str(engagement.version),
        )
        after = [s for s in Stage if s is engagement.stage or s in STAGES[engagement.stage]]
        form.stage.choices = of(Stage, after)
        return form

    def read_at(self, version: int) -> bool:
        """Whether the page was made from this version; a page that says none was not."""
        return (self.version.raw_data or []) == [str(version)]

    @property
    def words(self) -> str:
        """The note as it is kept."""
        return clean(self.note.data, lines=True)

    def check(self) -> Stage:
        """The stage chosen; raises InvalidError for what cannot be read.

        What is missing is said by the service.
        """
        found = []
        day = self.due_on.data or ""
        if day.strip() and read_day(day) is None:
            found.append(Problem("due_on", "not_a_date"))
        if self.waiting_for.data and word(WaitingFor, self.waiting_for.data) is None:
            found.append(Problem("waiting_for", "not_a_choice"))
        if found:
            raise InvalidError(found)
        return _must_be(Stage, "stage", self.stage.data)
