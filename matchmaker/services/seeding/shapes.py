"""Which keys a record of a demo file has, and of which kind each value is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.services.seeding.errors import SeedError

Values = Mapping[str, Any]

TEXT, WHOLE, FIGURE, YES_NO, WORDS, TABLE, TABLES = (
    "text", "whole number", "figure", "yes or no", "list of words", "table", "list of tables",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Keys that must be there and keys that may; any other key is a fault."""

    required: Mapping[str, str]
    optional: Mapping[str, str]

    def check(self, values: Values, *, file: str, record: str) -> None:
        """Raise SeedError for the first key that is missing, unknown or of another kind."""
        for key in self.required:
            if key not in values:
                raise SeedError(file, record, key, "missing")
        kinds = {**self.required, **self.optional}
        for key, value in values.items():
            if key not in kinds:
                raise SeedError(file, record, key, "unknown key")
            if not _fits(kinds[key], value):
                raise SeedError(file, record, key, f"not a {kinds[key]}: {value!r}")


def _fits(kind: str, value: Any) -> bool:
    if kind == YES_NO:
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind in {WORDS, TABLES}:
        inner = str if kind == WORDS else dict
        return isinstance(value, list) and all(isinstance(item, inner) for item in value)
    expected = {TEXT: str, WHOLE: int, FIGURE: (int, float), TABLE: dict}[kind]
    return isinstance(value, expected)  # type: ignore[arg-type]


def _all(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


ORGANISATION = Shape(
    required={
        **_all(TEXT, "key kind name_vi name_en short_name ownership country size commune"),
        **_all(TEXT, "about_vi about_en"),
        **_all(WORDS, "industries fields languages"),
        **_all(WHOLE, "founded capacity"),
        "contacts": TABLES,
    },
    optional={"park": TEXT, "certificates": WORDS},
)
CONTACT = Shape(
    required={**_all(TEXT, "name role email phone"), "languages": WORDS},
    optional={},
)
EXPERT = Shape(
    required={
        **_all(TEXT, "key org name degree"),
        **_all(WORDS, "topics techniques languages"),
        "days_per_month": WHOLE,
    },
    optional={"not_wanted": TEXT},
)
NEED = Shape(
    required={
        **_all(TEXT, "key org language title summary problem"),
        **_all(WORDS, "help_sought cooperation industries fields keywords"),
        **_all(YES_NO, "anonymous pilot_host"),
        **_all(WHOLE, "interest_days valid_days"),
        "requirement": TABLES,
    },
    optional={
        **_all(TEXT, "situation constraints pillar expected_benefit tried_before status"),
        **_all(WHOLE, "trl_min budget_min budget_max"),
        "sdgs": WORDS,
        "negotiable": YES_NO,
        "translation": TABLE,
    },
)
REQUIREMENT = Shape(
    required={"must": YES_NO, "text": TEXT},
    optional={**_all(TEXT, "indicator operator unit"), **_all(FIGURE, "value value_max")},
)
SOLUTION = Shape(
    required={
        **_all(TEXT, "key org kind language title summary description problem_solved"),
        **_all(TEXT, "advantage limits trl_evidence"),
        **_all(WORDS, "ip_statuses cooperation transfer_methods industries fields keywords"),
        **_all(WHOLE, "trl capacity_per_quarter valid_days"),
        "performance": TABLES,
    },
    optional={
        **_all(TEXT, "reference_cases support status"),
        **_all(WHOLE, "price_min price_max"),
        **_all(WORDS, "sdgs experts"),
        "translation": TABLE,
    },
)
PERFORMANCE = Shape(
    required={**_all(TEXT, "indicator unit"), "value": FIGURE, "measured": YES_NO},
    optional={"condition": TEXT, "value_max": FIGURE},
)
ACCOUNT = Shape(
    required=_all(TEXT, "email name role locale"),
    optional={"org": TEXT},
)
RELATION = Shape(required=_all(TEXT, "org other kind note"), optional={})
EXCLUSION = Shape(required={"record": TEXT, "orgs": WORDS}, optional={})
PLACING = Shape(required=_all(TEXT, "need solution ruling note"), optional={})
