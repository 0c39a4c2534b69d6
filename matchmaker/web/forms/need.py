"""The form of a need: the short part first, the long part folded."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField

from matchmaker.domain.drafts import (
    PROBLEM_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
    NeedDraft,
    Requirement,
)
from matchmaker.domain.vocabulary import Help, Language, Operator, Pillar, RecordKind, Scheme
from matchmaker.web.context import language
from matchmaker.web.forms import choices
from matchmaker.web.forms.fields import (
    BlockField,
    ChoiceField,
    CodesField,
    DayField,
    FigureField,
    LineField,
    MoneyField,
    RowsField,
    WordsField,
)
from matchmaker.web.forms.record import RecordForm, RowForm, row_label
from matchmaker.web.phrases import FIELDS, field_label

_TEXTS = (
    "title", "summary", "problem", "situation", "constraints", "expected_benefit",
    "tried_before", "confidential_detail",
)  # fmt: skip
_VALUES = (
    "anonymous", "budget_min", "budget_max", "interest_until", "valid_until", "pilot_host",
    "pillar", "trl_min",
)  # fmt: skip
_CODES = ("help", "cooperation", "industries", "fields", "sdgs", "keywords")
MUST, SHOULD = "must", "should"


class RequirementRow(RowForm):
    """One demand, to be read as a sentence: "năng suất tối thiểu 5 tấn/giờ"."""

    always = frozenset({"must"})

    text = LineField(
        row_label("requirements.text"),
        render_kw={"placeholder": lazy_gettext("ví dụ: Tỉ lệ vỡ nhân không quá 8 %")},
    )
    must = ChoiceField(row_label("requirements.must"), default=MUST)
    indicator = LineField(row_label("requirements.indicator"))
    operator = ChoiceField(row_label("requirements.operator"), of=Operator)
    value = FigureField(row_label("requirements.value"))
    value_max = FigureField(row_label("requirements.value_max"))
    unit = LineField(row_label("requirements.unit"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must.choices = choices.must_or_should()
        self.operator.choices = choices.optional(choices.of(Operator))

    def requirement(self) -> Requirement:
        return Requirement(
            text=self.text.data or "",
            must=self.must.data != SHOULD,
            indicator=self.indicator.data or "",
            operator=self.operator.data,
            value=self.value.data,
            value_max=self.value_max.data,
            unit=self.unit.data or "",
        )


class NeedForm(RecordForm):
    """What a firm types about what it looks for; `draft` is what it says."""

    record_kind = RecordKind.NEED
    translated = {"title": TITLE_MAX, "summary": SUMMARY_MAX, "problem": PROBLEM_MAX}  # noqa: RUF012

    title = LineField(FIELDS["title"])
    summary = BlockField(FIELDS["summary"])
    problem = BlockField(FIELDS["problem"])
    requirements = RowsField(RequirementRow, FIELDS["requirements"], min_entries=2)
    help = CodesField(FIELDS["help"])
    trl_min = ChoiceField(FIELDS["trl_min"], of=int)
    budget_min = MoneyField(FIELDS["budget_min"])
    budget_max = MoneyField(FIELDS["budget_max"])
    interest_until = DayField(FIELDS["interest_until"])
    anonymous = BooleanField(FIELDS["anonymous"], default=True)
    situation = BlockField(FIELDS["situation"])
    constraints = BlockField(FIELDS["constraints"])
    expected_benefit = BlockField(FIELDS["expected_benefit"])
    tried_before = BlockField(FIELDS["tried_before"])
    pilot_host = BooleanField(FIELDS["pilot_host"])
    cooperation = CodesField(FIELDS["cooperation"])
    industries = CodesField(FIELDS["industries"])
    fields = CodesField(FIELDS["fields"])
    sdgs = CodesField(FIELDS["sdgs"])
    pillar = ChoiceField(FIELDS["pillar"], of=Pillar)
    keywords = WordsField(FIELDS["keywords"])
    valid_until = DayField(FIELDS["valid_until"])
    excluded = BlockField(field_label("excluded", RecordKind.NEED))
    confidential_detail = BlockField(FIELDS["confidential_detail"])
    language = ChoiceField(FIELDS["language"], of=Language, default=language)
    translation_title = LineField(FIELDS["title"])
    translation_summary = BlockField(FIELDS["summary"])
    translation_problem = BlockField(FIELDS["problem"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help.choices = choices.of(Help)
        self.trl_min.choices = choices.levels(gettext("Không biết"))
        self.cooperation.choices = choices.terms_of(Scheme.COOPERATION)
        self.industries.choices = choices.narrow_terms_of(Scheme.INDUSTRY)
        self.fields.choices = choices.narrow_terms_of(Scheme.FIELD)
        self.sdgs.choices = choices.terms_of(Scheme.SDG)
        self.pillar.choices = choices.optional(choices.of(Pillar))
        self.language.choices = choices.of(Language)

    @classmethod
    def of(cls, draft: NeedDraft, version: int, excluded: Iterable[str] = ()) -> "NeedForm":
        """The form of a record as it stands; `excluded` are lines of codes and names."""
        values = vars(draft) | cls.split(draft.translation) | {"excluded": "\n".join(excluded)}
        values["requirements"] = [
            vars(row) | {"must": MUST if row.must else SHOULD} for row in draft.requirements
        ]
        return cls(formdata=None, data=values | {"version": str(version)})

    def draft(self, known: dict[str, str] | None = None) -> NeedDraft:
        """What was typed; `known` holds translated texts that the form does not ask for."""
        rows = tuple(entry.form.requirement() for entry in self.used("requirements"))
        return NeedDraft(
            **self.texts(_TEXTS),
            **self.values(_VALUES),
            **self.codes(_CODES),
            language=self.language.data or Language.VI,
            requirements=rows,
            translation=self.translation(known),
        )
