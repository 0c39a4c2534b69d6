"""Form fields that keep what was typed and hand on a value; what is wrong is said as a problem."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from wtforms import (
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.domain import money
from matchmaker.domain.drafts import ROWS_MAX
from matchmaker.domain.recipe import number
from matchmaker.web import phrases
from matchmaker.web.context import language
from matchmaker.web.forms import reading


class Drawn:
    """How a field is drawn: templates know the fields of WTForms by name."""

    drawn_as = "StringField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = self.drawn_as


class LineField(Drawn, StringField):
    """One line of text, cleaned."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = reading.clean(str(valuelist[0]))


class BlockField(Drawn, TextAreaField):
    """Text of several paragraphs, cleaned."""

    drawn_as = "TextAreaField"

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = reading.clean(str(valuelist[0]), lines=True)


class WordsField(Drawn, StringField):
    """A list typed with commas; `data` is a tuple."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = reading.read_words(str(valuelist[0]))  # type: ignore[assignment]

    def _value(self) -> str:
        return ", ".join(self.data or ())


class TypedField(Drawn, StringField):
    """A value typed as text: `data` is the value or None, and the text stays as it was typed."""

    problem = "not_a_number"
    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = reading.clean(str(valuelist[0])) if valuelist else ""
        self.data = self.read(typed) if typed else None
        if typed and self.data is None:
            raise ValueError(str(phrases.PROBLEMS[self.problem]))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def read(self, typed: str) -> Any:
        raise NotImplementedError

    def write(self, value: Any) -> str:
        return str(value)


class MoneyField(TypedField):
    """Whole VND, typed as "1,5 tỷ" or "500 triệu"."""

    problem = "not_money"

    def read(self, typed: str) -> int | None:
        return money.parse_vnd(typed) if len(typed) <= reading.TYPED_MAX else None

    def write(self, value: int) -> str:
        return money.format_vnd(value, language()).removesuffix(" ₫")


class FigureField(TypedField):
    """A number in the notation of the page, Vietnamese or English."""

    def read(self, typed: str) -> float | None:
        return reading.read_figure(typed, point_is_decimal=language() == "en")

    def write(self, value: float) -> str:
        text = number(value)
        return text.replace(",", ".") if language() == "en" else text


class CountField(TypedField):
    """A whole number."""

    def read(self, typed: str) -> int | None:
        return reading.read_count(typed)


class DayField(TypedField):
    """A date, as it is written here: dd/mm/yyyy."""

    problem = "not_a_date"

    def read(self, typed: str) -> date | None:
        return reading.read_day(typed)

    def write(self, value: date) -> str:
        return f"{value:%d/%m/%Y}"


class ChoiceField(Drawn, SelectField):
    """One of a list; `data` is None when the first, empty line is chosen."""

    drawn_as = "SelectField"

    def __init__(self, *args: Any, of: Callable[[str], Any] = str, **kwargs: Any) -> None:
        self._of = of
        super().__init__(
            *args, coerce=self._coerced, validate_choice=False,
            invalid_value_message=phrases.PROBLEMS["not_a_choice"], **kwargs,
        )  # fmt: skip

    def _coerced(self, value: Any) -> Any:
        if value in (None, "", "None"):
            return None
        return self._of(str(value))

    def pre_validate(self, form: Any) -> None:
        del form
        known = {self._coerced(value) for value, *_ in self.iter_choices()}
        if self.data is not None and self.data not in known:
            raise ValidationError(str(phrases.PROBLEMS["not_a_choice"]))


class CodesField(Drawn, SelectMultipleField):
    """Any of a list, as checkboxes; `data` holds codes."""

    drawn_as = "SelectMultipleField"
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validate_choice=False, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(dict.fromkeys(str(value) for value in valuelist))

    def pre_validate(self, form: Any) -> None:
        del form
        known = {str(value) for value, *_ in self.iter_choices()}
        if not set(self.data or ()) <= known:
            raise ValidationError(str(phrases.PROBLEMS["not_a_choice"]))


class RowsField(Drawn, FieldList):  # type: ignore[type-arg]
    """Rows that repeat. More rows than a record may have are read, so that it can be said."""

    drawn_as = "FieldList"

    def __init__(self, row: type[Form], *args: Any, **kwargs: Any) -> None:
        super().__init__(FormField(row), *args, max_entries=ROWS_MAX + 1, **kwargs)

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        """Numbers of the rows sent; what only looks like a number is no row."""
        for name in formdata:
            found = re.match(rf"{prefix}-([0-9]{{1,3}})-", name)
            if found:
                yield int(found[1])
