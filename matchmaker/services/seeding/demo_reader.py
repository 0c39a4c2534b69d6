"""Reads the records of one demonstration file, strictly."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from matchmaker.domain.drafts import (
    Contact,
    ExpertDraft,
    NeedDraft,
    OrganisationDraft,
    Performance,
    Requirement,
    SolutionDraft,
)
from matchmaker.domain.errors import Problem
from matchmaker.domain.vocabulary import (
    Language,
    Operator,
    OrganisationKind,
    Ownership,
    Pillar,
    RecordStatus,
    RelationKind,
    Role,
    Ruling,
    Scheme,
    Size,
    SolutionKind,
)
from matchmaker.services.seeding import shapes
from matchmaker.services.seeding.demo_records import (
    SeedAccount,
    SeedExclusion,
    SeedExpert,
    SeedOrganisation,
    SeedPlacing,
    SeedRecord,
    SeedRelation,
)
from matchmaker.services.seeding.errors import SeedError
from matchmaker.services.seeding.shapes import Values

Word = TypeVar("Word", bound=StrEnum)
#: What a demo record may come out as; each is reached through the ordinary steps.
STATUSES = {
    RecordStatus.DRAFT,
    RecordStatus.SUBMITTED,
    RecordStatus.PUBLISHED,
    RecordStatus.WITHDRAWN,
}
_SCHEMES = {
    "industries": Scheme.INDUSTRY,
    "fields": Scheme.FIELD,
    "sdgs": Scheme.SDG,
    "cooperation": Scheme.COOPERATION,
    "ip_statuses": Scheme.IP_STATUS,
    "transfer_methods": Scheme.TRANSFER_METHOD,
    "commune": Scheme.COMMUNE,
    "country": Scheme.COUNTRY,
    "park": Scheme.PARK,
}


@dataclass(frozen=True)
class Reader:
    """Reads the records of one file; every fault is a SeedError naming file, record and key."""

    file: str
    known: Mapping[tuple[Scheme, str], Any]

    def organisation(self, values: Values) -> SeedOrganisation:
        key = self._start(shapes.ORGANISATION, values)
        park = values.get("park", "")
        draft = OrganisationDraft(
            **_taken(values, "name_vi name_en short_name country commune about_vi about_en "
                             "founded capacity industries fields languages certificates"),
            kind=self._word(key, "kind", OrganisationKind, values),
            ownership=self._word(key, "ownership", Ownership, values),
            size=self._word(key, "size", Size, values),
            park=self._park(key, park) if park else "",
            contacts=tuple(self._contact(key, c) for c in values["contacts"]),
        )  # fmt: skip
        self._must_be_right(key, draft, draft.problems(complete=True))
        return SeedOrganisation(key, draft)

    def expert(self, values: Values) -> SeedExpert:
        key = self._start(shapes.EXPERT, values)
        draft = ExpertDraft(
            **_taken(values, "name degree topics techniques languages days_per_month not_wanted")
        )
        self._must_be_right(key, draft, draft.problems())
        return SeedExpert(key, values["org"], draft)

    def need(self, values: Values) -> SeedRecord:
        key = self._start(shapes.NEED, values)
        if values.get("negotiable", False) == ("budget_min" in values):
            raise SeedError(self.file, key, "negotiable", "either a budget or negotiable")
        draft = NeedDraft(
            **_taken(values, "title summary problem anonymous situation constraints cooperation "
                             "trl_min industries fields sdgs keywords budget_min budget_max "
                             "expected_benefit tried_before pilot_host"),
            help=tuple(values["help_sought"]),
            language=self._word(key, "language", Language, values),
            pillar=self._word(key, "pillar", Pillar, values) if "pillar" in values else None,
            requirements=tuple(self._requirement(key, r) for r in values["requirement"]),
            translation=self._translation(key, values, NeedDraft),
        )  # fmt: skip
        return self._record(key, values, draft)

    def solution(self, values: Values) -> SeedRecord:
        key = self._start(shapes.SOLUTION, values)
        draft = SolutionDraft(
            **_taken(values, "title summary description problem_solved advantage limits trl "
                             "trl_evidence ip_statuses transfer_methods cooperation price_min "
                             "price_max reference_cases support experts capacity_per_quarter "
                             "industries fields sdgs keywords"),
            kind=self._word(key, "kind", SolutionKind, values),
            language=self._word(key, "language", Language, values),
            performances=tuple(self._performance(key, p) for p in values["performance"]),
            translation=self._translation(key, values, SolutionDraft),
        )  # fmt: skip
        return self._record(key, values, draft)

    def account(self, values: Values) -> SeedAccount:
        name = str(values.get("email", ""))
        shapes.ACCOUNT.check(values, file=self.file, record=name)
        if not name.endswith(".example"):
            raise SeedError(self.file, name, "email", "not a made-up address")
        role = self._word(name, "role", Role, values)
        if (role is Role.MEMBER) != ("org" in values):
            raise SeedError(self.file, name, "org", "members have one, staff have none")
        locale = self._word(name, "locale", Language, values)
        return SeedAccount(name, values["name"], role, locale, values.get("org"))

    def relation(self, values: Values) -> SeedRelation:
        name = f"{values.get('org')} + {values.get('other')}"
        shapes.RELATION.check(values, file=self.file, record=name)
        if values["org"] == values["other"]:
            raise SeedError(self.file, name, "other", "the same organisation")
        kind = self._word(name, "kind", RelationKind, values)
        return SeedRelation(values["org"], values["other"], kind, values["note"])

    def exclusion(self, values: Values) -> SeedExclusion:
        shapes.EXCLUSION.check(values, file=self.file, record=str(values.get("record", "?")))
        return SeedExclusion(values["record"], tuple(values["orgs"]))

    def placing(self, values: Values) -> SeedPlacing:
        name = f"{values.get('need')} + {values.get('solution')}"
        shapes.PLACING.check(values, file=self.file, record=name)
        ruling = self._word(name, "ruling", Ruling, values)
        if ruling not in {Ruling.PIN, Ruling.HIDE}:
            raise SeedError(self.file, name, "ruling", f"not foreseen here: {ruling}")
        if not values["note"].strip():
            raise SeedError(self.file, name, "note", "missing")
        return SeedPlacing(values["need"], values["solution"], ruling, values["note"])

    def _record(self, key: str, values: Values, draft: NeedDraft | SolutionDraft) -> SeedRecord:
        status = RecordStatus.PUBLISHED
        if "status" in values:
            status = self._word(key, "status", RecordStatus, values)
        if status not in STATUSES:
            raise SeedError(self.file, key, "status", f"not foreseen here: {status}")
        self._must_be_right(key, draft, draft.problems(complete=status is not RecordStatus.DRAFT))
        translated = dataclasses.replace(draft, **draft.translation)  # type: ignore[arg-type]
        self._must_be_right(f"{key} translation", translated, translated.problems(complete=False))
        return SeedRecord(
            key, values["org"], draft, status, values.get("interest_days"), values["valid_days"]
        )

    def _start(self, shape: shapes.Shape, values: Values) -> str:
        key = str(values.get("key", "?"))
        shape.check(values, file=self.file, record=key)
        return key

    def _contact(self, key: str, values: Values) -> Contact:
        shapes.CONTACT.check(values, file=self.file, record=f"{key} contact")
        if not values["email"].endswith(".example"):
            raise SeedError(self.file, key, "email", "not a made-up address")
        return Contact(**_taken(values, "name role email phone languages"), consent=True)

    def _requirement(self, key: str, values: Values) -> Requirement:
        shapes.REQUIREMENT.check(values, file=self.file, record=f"{key} requirement")
        measured = {"indicator", "operator", "value", "unit"} & values.keys()
        if measured and len(measured) < 4:
            raise SeedError(self.file, key, "requirement", "measured by halves: " + values["text"])
        operator = self._word(key, "operator", Operator, values) if measured else None
        return Requirement(
            **_taken(values, "text must indicator value value_max unit"), operator=operator
        )

    def _performance(self, key: str, values: Values) -> Performance:
        shapes.PERFORMANCE.check(values, file=self.file, record=f"{key} performance")
        return Performance(**_taken(values, "indicator value value_max unit condition measured"))

    def _translation(self, key: str, values: Values, draft: type[Any]) -> dict[str, str]:
        given: dict[str, Any] = values.get("translation", {})
        for name, text in given.items():
            if name not in draft.__dataclass_fields__ or not isinstance(text, str) or not text:
                raise SeedError(self.file, key, f"translation.{name}", "not a text of this record")
        if given and "title" not in given:
            raise SeedError(self.file, key, "translation.title", "missing")
        return dict(given)

    def _park(self, key: str, name: str) -> str:
        """The code of a park that the file calls by its name."""
        for (scheme, code), term in self.known.items():
            if scheme is Scheme.PARK and term["label_vi"] == name:
                return code
        raise SeedError(self.file, key, "park", f"unknown: {name}")

    def _word(self, key: str, name: str, words: type[Word], values: Values) -> Word:
        try:
            return words(values[name])
        except ValueError as error:
            raise SeedError(self.file, key, name, f"unknown word {values[name]!r}") from error

    def _must_be_right(self, key: str, draft: Any, problems: list[Problem]) -> None:
        for problem in problems:
            raise SeedError(self.file, key, problem.field, f"{problem.code} {problem.facts}")
        for name, scheme in _SCHEMES.items():
            given = getattr(draft, name, ())
            for code in (given,) if isinstance(given, str) else given:
                if code and (scheme, code) not in self.known:
                    raise SeedError(self.file, key, name, f"unknown code {code}")


def _taken(values: Values, names: str) -> dict[str, Any]:
    """The values of these keys that were given; lists become tuples."""
    return {
        name: tuple(values[name]) if isinstance(values[name], list) else values[name]
        for name in names.split()
        if name in values
    }
