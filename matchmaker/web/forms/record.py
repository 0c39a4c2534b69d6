"""What the forms of all records share: the key of a submission, rows, and where problems go."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from flask import request
from flask_babel import LazyString
from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField

from matchmaker.domain.errors import Problem
from matchmaker.domain.identity import PUBLIC_ID_LENGTH, new_public_id
from matchmaker.domain.vocabulary import RecordKind
from matchmaker.web import phrases, posting
from matchmaker.web.forms import choices
from matchmaker.web.forms.fields import ChoiceField, CodesField, RowsField, TypedField
from matchmaker.web.forms.reading import clean
from matchmaker.web.phrases.fields import ROWS


def row_label(name: str) -> LazyString:
    """The label of one part of a row, as it stands over its box."""
    words = ROWS[name]
    return LazyString(lambda: f"{str(words)[0].upper()}{str(words)[1:]}")


class RowForm(Form):
    """One row that repeats; blank where nothing was typed into it."""

    #: Choices with a default say nothing about whether a row was used.
    always: ClassVar[frozenset[str]] = frozenset()

    @property
    def is_blank(self) -> bool:
        return not any(
            _holds_something(field)
            for name, field in self._fields.items()
            if name not in self.always
        )


def _said_of(field: Field) -> list[str]:
    """What was said of a field itself, not of the rows in it."""
    said: Iterable[object] = field.errors
    return [error for error in said if isinstance(error, str)]


def _holds_something(field: Field) -> bool:
    """Whether anything was typed, a figure that cannot be read included."""
    if isinstance(field, TypedField):
        return field.data is not None or bool((field.raw_data or [""])[0].strip())
    return bool(field.data)


class RecordForm(FlaskForm):  # type: ignore[misc]
    """A form that becomes a draft; `version` is that of the record when it was read."""

    record_kind: ClassVar[RecordKind]
    #: Texts asked for in a second language too, and how long they may be.
    translated: ClassVar[Mapping[str, int]] = {}

    submission_key = HiddenField(default=new_public_id)
    version = HiddenField(default="0")

    @property
    def key(self) -> str | None:
        """The key of this submission; None where it is not one of ours."""
        typed = str(self.submission_key.data or "")
        ours = len(typed) == PUBLIC_ID_LENGTH and typed.isascii() and typed.isalnum()
        return typed if ours else None

    @property
    def excluded_lines(self) -> list[str]:
        """The organisations excluded, as typed, one a line."""
        typed = self["excluded"].data or ""
        return [line for one in typed.split("\n") if (line := clean(one))]

    @property
    def read_version(self) -> int:
        """The version that was read; 0, which no record has, where it cannot be read."""
        typed = str(self.version.data or "")
        return int(typed) if len(typed) < 10 and typed.isascii() and typed.isdigit() else 0

    def reread(self, version: int) -> None:
        """Take note of a newer version: a second save overwrites it knowingly."""
        self.version.raw_data, self.version.data = None, str(version)

    @property
    def is_readable(self) -> bool:
        """Whether every figure, date and choice could be read; says at the field what not."""
        readable = bool(self.validate())
        self._tell_rows()
        long = [
            Problem(f"translation_{name}", "too_long", {"most": most, "has": has})
            for name, most in self.translated.items()
            if (has := len(self[f"translation_{name}"].data or "")) > most
        ]
        self.place(long)
        return readable and not long

    def also(self, draft: Any) -> Self:
        """Offer what the saved record has chosen, even where a list has dropped it since."""
        for name, field in self._fields.items():
            if not isinstance(field, ChoiceField | CodesField) or not hasattr(draft, name):
                continue
            saved = getattr(draft, name)
            known = {str(value) for value, *_ in field.iter_choices()}
            values = saved if isinstance(saved, tuple) else (saved,)
            gone = [str(v) for v in values if v not in (None, "") and str(v) not in known]
            field.choices = [
                *(field.choices or []),
                *(choices.choice(code, posting.in_words(name, code)) for code in gone),
            ]
        return self

    def rows_changed(self) -> bool:
        """Add or take away the row asked for; True when the page is to be shown again."""
        rows = self._rows()
        if (name := request.form.get("add_row", "")) in rows:
            field = rows[name]
            if len(field.entries) < (field.max_entries or 0):
                field.append_entry()
            return True
        name, _, number = request.form.get("remove_row", "").rpartition("-")
        if name in rows:
            entries = rows[name].entries
            if number.isascii() and number.isdigit() and int(number[:4]) < len(entries):
                rows[name].pop_entry(int(number[:4]))  # type: ignore[call-arg]
            return True
        return False

    def used(self, name: str) -> list[Any]:
        """The rows into which something was typed: row n of the draft is entry n of these."""
        return [entry for entry in self._rows()[name].entries if not entry.form.is_blank]

    def place(self, problems: Iterable[Problem]) -> None:
        """Put problems at their fields; a field keeps the first one said of it."""
        for found in problems:
            field = self.at(found.field)
            if field is None:
                label = phrases.field_label(found.field, self.record_kind)
                self.form_errors.append(f"{label}: {phrases.problem(found)}")
            elif not _said_of(field):
                field.errors = [str(phrases.problem(found))]
        self._tell_rows()

    def at(self, name: str) -> Field | None:
        """The field of that name; rows are counted as in the draft: "requirements-0-value"."""
        if name in self._fields:
            field: Field = self._fields[name]
            return field
        group, _, rest = name.partition("-")
        number, _, part = rest.partition("-")
        if group not in self._rows() or not number.isdigit():
            return None
        used = self.used(group)
        if int(number) >= len(used):
            return None
        found: Field | None = used[int(number)].form._fields.get(part)
        return found

    def texts(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self[name].data or "" for name in names}

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self[name].data for name in names}

    def codes(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: tuple(self[name].data or ()) for name in names}

    @classmethod
    def split(cls, translation: Mapping[str, str]) -> dict[str, str]:
        """Translated texts by the names of their fields."""
        return {f"translation_{name}": translation.get(name, "") for name in cls.translated}

    def translation(self, known: Mapping[str, str] | None = None) -> dict[str, str]:
        """Translated texts as a record keeps them; those not asked for stay as they are."""
        typed = {name: self[f"translation_{name}"].data or "" for name in self.translated}
        return {name: text for name, text in {**(known or {}), **typed}.items() if text}

    def _tell_rows(self) -> None:
        """Rows say first what is wrong with them as a whole, then what in each of them."""
        for rows in self._rows().values():
            inside = [entry.form.errors for entry in rows.entries if entry.form.errors]
            rows.errors = [*_said_of(rows), *inside]

    def _rows(self) -> Mapping[str, RowsField]:
        return {n: f for n, f in self._fields.items() if isinstance(f, RowsField)}
