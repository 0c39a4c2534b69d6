"""The form of a solution: the short part first, the long part folded."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from wtforms import BooleanField

from matchmaker.domain.drafts import (
    DESCRIPTION_MAX,
    SUMMARY_MAX,
    TITLE_MAX,
    Performance,
    SolutionDraft,
)
from matchmaker.domain.vocabulary import Language, RecordKind, Scheme, SolutionKind
from matchmaker.models import Expert
from matchmaker.web.context import language
from matchmaker.web.forms import choices
from matchmaker.web.forms.fields import (
    BlockField,
    ChoiceField,
    CodesField,
    CountField,
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
    "title", "summary", "description", "problem_solved", "advantage", "limits", "trl_evidence",
    "reference_cases", "support", "confidential_detail",
)  # fmt: skip
_VALUES = (
    "kind", "trl", "price_min", "price_max", "capacity_per_quarter", "valid_until",
)  # fmt: skip
_CODES = (
    "ip_statuses", "transfer_methods", "cooperation", "experts", "industries", "fields", "sdgs",
    "keywords",
)  # fmt: skip


class PerformanceRow(RowForm):
    """One figure: "năng suất 1,2 tấn/giờ, hạt cỡ 180–200, đã đo"."""

    always = frozenset({"measured"})

    indicator = LineField(row_label("performances.indicator"))
    value = FigureField(row_label("performances.value"))
    value_max = FigureField(row_label("performances.value_max"))
    unit = LineField(row_label("performances.unit"))
    condition = LineField(row_label("performances.condition"))
    measured = BooleanField(row_label("performances.measured"))

    def performance(self) -> Performance:
        return Performance(
            indicator=self.indicator.data or "",
            value=self.value.data,
            value_max=self.value_max.data,
            unit=self.unit.data or "",
            condition=self.condition.data or "",
            measured=bool(self.measured.data),
        )


class SolutionForm(RecordForm):
    """What a school or a firm types about what it can do; `draft` is what it says."""

    record_kind = RecordKind.SOLUTION
    translated = {  # noqa: RUF012 - never changed
        "title": TITLE_MAX, "summary": SUMMARY_MAX, "description": DESCRIPTION_MAX,
    }  # fmt: skip

    kind = ChoiceField(field_label("kind", RecordKind.SOLUTION), of=SolutionKind)
    title = LineField(FIELDS["title"])
    summary = BlockField(field_label("summary", RecordKind.SOLUTION))
    description = BlockField(FIELDS["description"])
    performances = RowsField(PerformanceRow, FIELDS["performances"], min_entries=2)
    trl = ChoiceField(FIELDS["trl"], of=int)
    ip_statuses = CodesField(FIELDS["ip_statuses"])
    cooperation = CodesField(FIELDS["cooperation"])
    capacity_per_quarter = CountField(FIELDS["capacity_per_quarter"])
    problem_solved = BlockField(FIELDS["problem_solved"])
    advantage = BlockField(FIELDS["advantage"])
    limits = BlockField(FIELDS["limits"])
    trl_evidence = BlockField(FIELDS["trl_evidence"])
    transfer_methods = CodesField(FIELDS["transfer_methods"])
    price_min = MoneyField(FIELDS["price_min"])
    price_max = MoneyField(FIELDS["price_max"])
    reference_cases = BlockField(FIELDS["reference_cases"])
    support = BlockField(FIELDS["support"])
    experts = CodesField(FIELDS["experts"])
    industries = CodesField(FIELDS["industries"])
    fields = CodesField(FIELDS["fields"])
    sdgs = CodesField(FIELDS["sdgs"])
    keywords = WordsField(FIELDS["keywords"])
    valid_until = DayField(FIELDS["valid_until"])
    excluded = BlockField(FIELDS["excluded"])
    confidential_detail = BlockField(FIELDS["confidential_detail"])
    language = ChoiceField(FIELDS["language"], of=Language, default=language)
    translation_title = LineField(FIELDS["title"])
    translation_summary = BlockField(field_label("summary", RecordKind.SOLUTION))
    translation_description = BlockField(FIELDS["description"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices.optional(choices.of(SolutionKind))
        self.trl.choices = choices.levels(gettext("— chọn —"))
        self.ip_statuses.choices = choices.terms_of(Scheme.IP_STATUS)
        self.transfer_methods.choices = choices.terms_of(Scheme.TRANSFER_METHOD)
        self.cooperation.choices = choices.terms_of(Scheme.COOPERATION)
        self.industries.choices = choices.narrow_terms_of(Scheme.INDUSTRY)
        self.fields.choices = choices.narrow_terms_of(Scheme.FIELD)
        self.sdgs.choices = choices.terms_of(Scheme.SDG)
        self.language.choices = choices.of(Language)
        self.experts.choices = []

    def offer(self, experts: Iterable[Expert]) -> "SolutionForm":
        """Let the organisation's experts be chosen."""
        self.experts.choices = [
            choices.choice(e.public_id, f"{e.degree} {e.name}".strip()) for e in experts
        ]
        return self

    @classmethod
    def of(cls, draft: SolutionDraft, version: int, excluded: Iterable[str] = ()) -> "SolutionForm":
        """The form of a record as it stands; `excluded` are lines of codes and names."""
        values = vars(draft) | cls.split(draft.translation) | {"excluded": "\n".join(excluded)}
        values["performances"] = [vars(row) for row in draft.performances]
        return cls(formdata=None, data=values | {"version": str(version)})

    def draft(self, known: dict[str, str] | None = None) -> SolutionDraft:
        """What was typed; `known` holds translated texts that the form does not ask for."""
        rows = tuple(entry.form.performance() for entry in self.used("performances"))
        return SolutionDraft(
            **self.texts(_TEXTS),
            **self.values(_VALUES),
            **self.codes(_CODES),
            language=self.language.data or Language.VI,
            performances=rows,
            translation=self.translation(known),
        )
