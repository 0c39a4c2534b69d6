"""Who may read which field: declared here once, and asked on every way out.

Pages, search texts, snippets and explanations never read a record's columns directly; they read
the part of it that `readable` leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from matchmaker.domain.vocabulary import Level, RecordKind, Role

PUBLIC, MEMBERS, PARTIES, NDA, CURATORS = Level

#: Every field of a record that could leave the house, and its level.
LEVELS: Mapping[RecordKind, Mapping[str, Level]] = {
    RecordKind.ORGANISATION: {
        "code": PUBLIC,
        "kind": PUBLIC,
        "name_vi": PUBLIC,
        "name_en": PUBLIC,
        "short_name": PUBLIC,
        "tax_code": PUBLIC,
        "ownership": PUBLIC,
        "country": PUBLIC,
        "size": PUBLIC,
        "industries": PUBLIC,
        "fields": PUBLIC,
        "commune": PUBLIC,
        "park": PUBLIC,
        "address": MEMBERS,
        "website": PUBLIC,
        "about_vi": PUBLIC,
        "about_en": PUBLIC,
        "languages": PUBLIC,
        "certificates": PUBLIC,
        "founded": PUBLIC,
        "experts": PUBLIC,
        "verification": PUBLIC,
        "confirmed_at": PUBLIC,
        "is_demo": PUBLIC,
        "status": PUBLIC,
        "capacity": MEMBERS,
        "contacts": PARTIES,
        "related": CURATORS,
        "source": CURATORS,
    },
    RecordKind.NEED: {
        "code": PUBLIC,
        "status": PUBLIC,
        "language": PUBLIC,
        "title": PUBLIC,
        "summary": PUBLIC,
        "anonymous": PUBLIC,
        "organisation": PUBLIC,
        "help": PUBLIC,
        "cooperation": PUBLIC,
        "trl_min": PUBLIC,
        "industries": PUBLIC,
        "fields": PUBLIC,
        "sdgs": PUBLIC,
        "pillar": PUBLIC,
        "keywords": PUBLIC,
        "requirements": PUBLIC,
        "budget_band": PUBLIC,
        "interest_until": PUBLIC,
        "valid_until": PUBLIC,
        "pilot_host": PUBLIC,
        "published_at": PUBLIC,
        "is_demo": PUBLIC,
        "translation": PUBLIC,
        "problem": MEMBERS,
        "situation": MEMBERS,
        "constraints": MEMBERS,
        "expected_benefit": MEMBERS,
        "tried_before": MEMBERS,
        "budget_min": PARTIES,
        "budget_max": PARTIES,
        "confidential_detail": NDA,
        "excluded": CURATORS,
        "channel": CURATORS,
        "curator": CURATORS,
        "author": CURATORS,
    },
    RecordKind.SOLUTION: {
        "code": PUBLIC,
        "status": PUBLIC,
        "language": PUBLIC,
        "kind": PUBLIC,
        "title": PUBLIC,
        "summary": PUBLIC,
        "organisation": PUBLIC,
        "description": PUBLIC,
        "problem_solved": PUBLIC,
        "performances": PUBLIC,
        "advantage": PUBLIC,
        "trl": PUBLIC,
        "trl_evidence": PUBLIC,
        "ip_statuses": PUBLIC,
        "transfer_methods": PUBLIC,
        "cooperation": PUBLIC,
        "industries": PUBLIC,
        "fields": PUBLIC,
        "sdgs": PUBLIC,
        "keywords": PUBLIC,
        "experts": PUBLIC,
        "valid_until": PUBLIC,
        "confirmed_at": PUBLIC,
        "published_at": PUBLIC,
        "is_demo": PUBLIC,
        "translation": PUBLIC,
        "limits": MEMBERS,
        "price_min": MEMBERS,
        "price_max": MEMBERS,
        "reference_cases": MEMBERS,
        "support": MEMBERS,
        "capacity_per_quarter": MEMBERS,
        "excluded": CURATORS,
        "confidential_detail": NDA,
        "author": CURATORS,
    },
    # A round is known to those who meet in it; what they see of each other is not decided here.
    RecordKind.ROUND: {
        "code": PARTIES,
        "name": PARTIES,
        "kind": PARTIES,
        "state": PARTIES,
        "venue": PARTIES,
        "days": PARTIES,
        "settings": CURATORS,
        "officer": CURATORS,
    },
    RecordKind.MEETING: {
        "starts_at": PARTIES,
        "ends_at": PARTIES,
        "table_number": PARTIES,
        "state": PARTIES,
        "need": PARTIES,
        "solution": PARTIES,
        "probability": CURATORS,
        "fix": CURATORS,
        "outcome": CURATORS,
    },
    RecordKind.EXPERT: {
        "name": PUBLIC,
        "degree": PUBLIC,
        "topics": PUBLIC,
        "techniques": PUBLIC,
        "orcid": PUBLIC,
        "organisation": PUBLIC,
        "language": PUBLIC,
        "languages": MEMBERS,
        "days_per_month": MEMBERS,
        "not_wanted": CURATORS,
    },
}


@dataclass(frozen=True)
class Viewer:
    """Who is asking. A stranger has neither an id nor an organisation."""

    member_id: int | None = None
    organisation_id: int | None = None
    role: Role | None = None

    @property
    def is_staff(self) -> bool:
        return self.role in {Role.CURATOR, Role.MANAGER, Role.ADMIN}

    @property
    def is_curator(self) -> bool:
        return self.role in {Role.CURATOR, Role.ADMIN}

    @property
    def is_manager(self) -> bool:
        """Those who answer for the department's work and for the machine it runs on."""
        return self.role in {Role.MANAGER, Role.ADMIN}

    @property
    def is_member(self) -> bool:
        return self.member_id is not None

    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation_id is not None and self.organisation_id == organisation_id


STRANGER = Viewer()


def clearance(viewer: Viewer, owner_id: int, *, introduced: bool = False) -> Level:
    """The highest level this viewer may read of a record that `owner_id` owns.

    An owner reads all that is his, staff read everything, an introduced party level 2.
    """
    if viewer.is_staff:
        return CURATORS
    if viewer.belongs_to(owner_id):
        return NDA
    if introduced:
        return PARTIES
    return MEMBERS if viewer.is_member else PUBLIC


def level_of(kind: RecordKind, field: str, *, anonymous: bool = False) -> Level:
    """The level of one field; the name behind an anonymous need is for the parties."""
    if kind is RecordKind.NEED and field == "organisation" and anonymous:
        return PARTIES
    return LEVELS[kind][field]


@cache
def _opened(kind: RecordKind, granted: Level, anonymous: bool) -> Mapping[str, bool]:
    """Whether a reader of this level may see it, for every declared field of a kind."""
    return {field: level_of(kind, field, anonymous=anonymous) <= granted for field in LEVELS[kind]}


def readable(kind: RecordKind, values: Mapping[str, Any], granted: Level) -> dict[str, Any]:
    """The part of `values` that a reader of level `granted` may see.

    A field that is not declared is a KeyError: nothing leaves the house undeclared.
    """
    opened = _opened(kind, granted, bool(values.get("anonymous", False)))
    kept = {field: value for field, value in values.items() if opened[field]}
    if kept.get("translation"):
        # A translated field is as confidential as the field it translates.
        kept["translation"] = {
            field: text for field, text in kept["translation"].items() if field in kept
        }
    return kept
