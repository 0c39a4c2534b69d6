"""What a form, a seed file or an import hands in: checked values, and what is wrong with them.

`problems(complete=False)` checks what even a draft must keep (lengths, known ranges);
`complete=True` adds what a record needs before it can be submitted for review.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchmaker.domain.errors import Problem
from matchmaker.domain.vocabulary import (
    Help,
    Language,
    Operator,
    OrganisationKind,
    Ownership,
    Pillar,
    Size,
    SolutionKind,
)

TITLE_MAX = 80
SUMMARY_MAX = 300
PROBLEM_MIN, PROBLEM_MAX = 150, 2000
LONG_MAX = 2000
DESCRIPTION_MAX = 4000
LINE_MAX = 200
CODES_MAX = 12
ROWS_MAX = 20
MONEY_MAX = 10**15


@dataclass(frozen=True)
class Requirement:
    """One demand of a need; measurable when indicator, operator, value and unit are given."""

    text: str
    must: bool = True
    indicator: str = ""
    operator: Operator | None = None
    value: float | None = None
    value_max: float | None = None
    unit: str = ""

    @property
    def is_measurable(self) -> bool:
        return self.operator is not None and self.value is not None


@dataclass(frozen=True)
class Performance:
    """One figure a solution reaches, and under which condition."""

    indicator: str
    value: float | None = None
    value_max: float | None = None
    unit: str = ""
    condition: str = ""
    measured: bool = False


@dataclass(frozen=True)
class Contact:
    """A person to talk to; shown to introduced parties only."""

    name: str
    role: str = ""
    email: str = ""
    phone: str = ""
    languages: tuple[str, ...] = ()
    consent: bool = False


@dataclass(frozen=True)
class NeedDraft:
    title: str = ""
    summary: str = ""
    problem: str = ""
    language: Language = Language.VI
    anonymous: bool = True
    situation: str = ""
    constraints: str = ""
    requirements: tuple[Requirement, ...] = ()
    help: tuple[str, ...] = ()
    cooperation: tuple[str, ...] = ()
    trl_min: int | None = None
    industries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    sdgs: tuple[str, ...] = ()
    pillar: Pillar | None = None
    keywords: tuple[str, ...] = ()
    budget_min: int | None = None
    budget_max: int | None = None
    interest_until: date | None = None
    valid_until: date | None = None
    expected_benefit: str = ""
    tried_before: str = ""
    pilot_host: bool = False
    confidential_detail: str = ""
    translation: dict[str, str] = field(default_factory=dict)

    def problems(self, *, complete: bool, today: date | None = None) -> list[Problem]:
        """Everything wrong, by field, in reading order."""
        found = list(_texts(self, _NEED_TEXTS))
        found += _rows("requirements", len(self.requirements))
        for number, row in enumerate(self.requirements):
            found += _requirement(number, row)
        found += _codes(self, ("help", "cooperation", "industries", "fields", "sdgs", "keywords"))
        found += _unknown("help", self.help, Help)
        found += _trl("trl_min", self.trl_min)
        found += _money(self.budget_min, self.budget_max, "budget_min", "budget_max")
        if self.interest_until and self.valid_until and self.valid_until < self.interest_until:
            found.append(Problem("valid_until", "before_interest"))
        if complete:
            found += _missing(self, ("title", "summary", "problem"))
            if self.problem and len(self.problem) < PROBLEM_MIN:
                found.append(Problem("problem", "too_short", {"least": PROBLEM_MIN}))
            if not any(row.must for row in self.requirements):
                found.append(Problem("requirements", "no_must"))
            if not self.help:
                found.append(Problem("help", "required"))
            if today and self.interest_until and self.interest_until < today:
                found.append(Problem("interest_until", "in_the_past"))
        return found


@dataclass(frozen=True)
class SolutionDraft:
    title: str = ""
    summary: str = ""
    description: str = ""
    kind: SolutionKind | None = None
    language: Language = Language.VI
    problem_solved: str = ""
    performances: tuple[Performance, ...] = ()
    advantage: str = ""
    limits: str = ""
    trl: int | None = None
    trl_evidence: str = ""
    ip_statuses: tuple[str, ...] = ()
    transfer_methods: tuple[str, ...] = ()
    cooperation: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    reference_cases: str = ""
    support: str = ""
    experts: tuple[str, ...] = ()
    capacity_per_quarter: int | None = None
    industries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    sdgs: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    confidential_detail: str = ""
    valid_until: date | None = None
    translation: dict[str, str] = field(default_factory=dict)

    def problems(self, *, complete: bool, today: date | None = None) -> list[Problem]:
        """Everything wrong, by field, in reading order."""
        found = list(_texts(self, _SOLUTION_TEXTS))
        found += _rows("performances", len(self.performances))
        for number, row in enumerate(self.performances):
            found += _performance(number, row)
        found += _codes(
            self,
            ("ip_statuses", "transfer_methods", "cooperation", "industries", "fields", "sdgs",
             "keywords", "experts"),
        )  # fmt: skip
        found += _trl("trl", self.trl)
        found += _money(self.price_min, self.price_max, "price_min", "price_max")
        capacity = self.capacity_per_quarter
        if capacity is not None and not 0 <= capacity <= 999:
            found.append(Problem("capacity_per_quarter", "out_of_range", {"low": 0, "high": 999}))
        if complete:
            found += _missing(
                self,
                ("kind", "title", "summary", "description", "trl", "ip_statuses", "cooperation",
                 "capacity_per_quarter"),
            )  # fmt: skip
            if not self.performances:
                found.append(Problem("performances", "no_performance"))
            if today and self.valid_until and self.valid_until < today:
                found.append(Problem("valid_until", "in_the_past"))
        return found


@dataclass(frozen=True)
class OrganisationDraft:
    kind: OrganisationKind | None = None
    name_vi: str = ""
    name_en: str = ""
    short_name: str = ""
    tax_code: str = ""
    ownership: Ownership = Ownership.DOMESTIC
    country: str = "VN"
    size: Size | None = None
    industries: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    commune: str = ""
    park: str = ""
    address: str = ""
    website: str = ""
    about_vi: str = ""
    about_en: str = ""
    languages: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    founded: int | None = None
    capacity: int | None = None
    contacts: tuple[Contact, ...] = ()

    def problems(self, *, complete: bool) -> list[Problem]:
        """Everything wrong, by field, in reading order."""
        found = list(_texts(self, _ORGANISATION_TEXTS))
        found += _missing(self, ("kind", "name_vi"))
        found += _codes(self, ("industries", "fields", "languages", "certificates"))
        found += _rows("contacts", len(self.contacts))
        if self.website and not self.website.startswith(("http://", "https://")):
            found.append(Problem("website", "not_a_link"))
        if self.founded is not None and not 1850 <= self.founded <= 2100:
            found.append(Problem("founded", "out_of_range", {"low": 1850, "high": 2100}))
        if self.capacity is not None and not 0 <= self.capacity <= 999:
            found.append(Problem("capacity", "out_of_range", {"low": 0, "high": 999}))
        for number, contact in enumerate(self.contacts):
            if not contact.name:
                found.append(Problem(f"contacts-{number}-name", "required"))
            elif not (contact.email or contact.phone):
                found.append(Problem(f"contacts-{number}-email", "email_or_phone"))
        if complete:
            found += _missing(self, ("commune", "industries", "fields"))
            if not self.contacts:
                found.append(Problem("contacts", "no_contact"))
        return found


@dataclass(frozen=True)
class ExpertDraft:
    name: str = ""
    degree: str = ""
    topics: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    orcid: str = ""
    languages: tuple[str, ...] = ()
    days_per_month: int | None = None
    not_wanted: str = ""

    def problems(self) -> list[Problem]:
        """Everything wrong, by field, in reading order."""
        found = list(_texts(self, _EXPERT_TEXTS))
        found += _missing(self, ("name", "topics"))
        found += _codes(self, ("topics", "techniques", "languages"))
        if self.days_per_month is not None and not 0 <= self.days_per_month <= 31:
            found.append(Problem("days_per_month", "out_of_range", {"low": 0, "high": 31}))
        return found


_NEED_TEXTS = {
    "title": TITLE_MAX,
    "summary": SUMMARY_MAX,
    "problem": PROBLEM_MAX,
    "situation": LONG_MAX,
    "constraints": LONG_MAX,
    "expected_benefit": LONG_MAX,
    "tried_before": LONG_MAX,
    "confidential_detail": LONG_MAX,
}
_SOLUTION_TEXTS = {
    "title": TITLE_MAX,
    "summary": SUMMARY_MAX,
    "description": DESCRIPTION_MAX,
    "problem_solved": LONG_MAX,
    "advantage": LONG_MAX,
    "limits": LONG_MAX,
    "trl_evidence": LONG_MAX,
    "reference_cases": LONG_MAX,
    "support": LONG_MAX,
    "confidential_detail": LONG_MAX,
}
_ORGANISATION_TEXTS = {
    "name_vi": LINE_MAX,
    "name_en": LINE_MAX,
    "short_name": LINE_MAX,
    "tax_code": 14,
    "address": LINE_MAX,
    "website": LINE_MAX,
    "about_vi": LONG_MAX,
    "about_en": LONG_MAX,
}
_EXPERT_TEXTS = {"name": LINE_MAX, "degree": LINE_MAX, "orcid": 19, "not_wanted": LINE_MAX}


def _texts(draft: Any, limits: dict[str, int]) -> Iterator[Problem]:
    for name, most in limits.items():
        if len(getattr(draft, name)) > most:
            yield Problem(name, "too_long", {"most": most, "has": len(getattr(draft, name))})


def _missing(draft: Any, names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        if getattr(draft, name) in (None, "", ()):
            yield Problem(name, "required")


def _codes(draft: Any, names: tuple[str, ...]) -> Iterator[Problem]:
    for name in names:
        values = getattr(draft, name)
        if len(values) > CODES_MAX:
            yield Problem(name, "too_many", {"most": CODES_MAX})
        elif any(len(value) > LINE_MAX for value in values):
            yield Problem(name, "too_long", {"most": LINE_MAX, "has": max(map(len, values))})


def _unknown(name: str, values: tuple[str, ...], known: Callable[[str], Any]) -> Iterator[Problem]:
    for value in values:
        try:
            known(value)
        except ValueError:
            yield Problem(name, "unknown_code", {"code": value})


def _rows(name: str, count: int) -> Iterator[Problem]:
    if count > ROWS_MAX:
        yield Problem(name, "too_many", {"most": ROWS_MAX})


def _trl(name: str, value: int | None) -> Iterator[Problem]:
    if value is not None and not 1 <= value <= 9:
        yield Problem(name, "out_of_range", {"low": 1, "high": 9})


def _money(low: int | None, high: int | None, low_name: str, high_name: str) -> Iterator[Problem]:
    for name, amount in ((low_name, low), (high_name, high)):
        if amount is not None and not 0 <= amount <= MONEY_MAX:
            yield Problem(name, "out_of_range", {"low": 0, "high": MONEY_MAX})
    if low is not None and high is not None and low > high:
        yield Problem(high_name, "below_lower")


def _requirement(number: int, row: Requirement) -> Iterator[Problem]:
    at = f"requirements-{number}"
    if not row.text:
        yield Problem(f"{at}-text", "required")
    for name in ("text", "indicator", "unit"):
        if len(getattr(row, name)) > LINE_MAX:
            facts = {"most": LINE_MAX, "has": len(getattr(row, name))}
            yield Problem(f"{at}-{name}", "too_long", facts)
    if (row.operator is None) != (row.value is None):
        yield Problem(f"{at}-value", "operator_and_value")
    if row.operator is Operator.BETWEEN and row.value is not None:
        if row.value_max is None:
            yield Problem(f"{at}-value_max", "required")
        elif row.value_max < row.value:
            yield Problem(f"{at}-value_max", "below_lower")


def _performance(number: int, row: Performance) -> Iterator[Problem]:
    at = f"performances-{number}"
    if not row.indicator:
        yield Problem(f"{at}-indicator", "required")
    for name in ("indicator", "unit", "condition"):
        if len(getattr(row, name)) > LINE_MAX:
            facts = {"most": LINE_MAX, "has": len(getattr(row, name))}
            yield Problem(f"{at}-{name}", "too_long", facts)
    if row.value is not None and row.value_max is not None and row.value_max < row.value:
        yield Problem(f"{at}-value_max", "below_lower")
