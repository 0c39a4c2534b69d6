"""What a reader gets of a record: every page, hit, snippet and explanation goes through here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import disclosure, recipe
from matchmaker.domain.disclosure import Viewer
from matchmaker.domain.drafts import Performance, Requirement
from matchmaker.domain.money import band_of
from matchmaker.domain.text import guess_language
from matchmaker.domain.vocabulary import Level, RecordKind, Scheme
from matchmaker.models import Engagement, Expert, Match, Need, Organisation, Solution

Record = Need | Solution | Organisation
#: All that has texts: an expert is found through needs, never by a page of his own.
Readable = Record | Expert
#: Kind and row of each record whose level 2 a viewer may read.
Introduced = frozenset[tuple[RecordKind, int]]


class View(dict[str, Any]):
    """The readable part of a record; a field its reader may not see reads as None."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)


def values_of(record: Readable) -> dict[str, Any]:
    """Every declared field of a record as plain values, before anything is kept back."""
    if isinstance(record, Need):
        return _need_values(record)
    if isinstance(record, Solution):
        return _solution_values(record)
    if isinstance(record, Expert):
        return _expert_values(record)
    return _organisation_values(record)


def view(viewer: Viewer, record: Readable, introduced: Introduced = frozenset()) -> View:
    """A record as `viewer` may see it; `introduced` comes from `introduced_to`."""
    known = (record.record_kind, record.id) in introduced
    granted = disclosure.clearance(viewer, _owner(record), introduced=known)
    return view_at(record, granted)


def view_at(record: Readable, granted: Level) -> View:
    """A record as a reader of level `granted` sees it."""
    kept = disclosure.readable(record.record_kind, values_of(record), granted)
    return View(
        kept, record_kind=record.record_kind, public_id=record.public_id, granted=granted,
        updated_at=record.updated_at,
    )  # fmt: skip


def introduced_to(session: Session, viewer: Viewer) -> Introduced:
    """What his engagements opened to this viewer: the one record of each, and who stands behind it.

    Never by organisation alone: an introduction over one need must not name the owner of another
    that is still anonymous.
    """
    if viewer.organisation_id is None:
        return frozenset()
    rows = session.execute(
        select(Need.id, Need.organisation_id, Solution.id, Solution.organisation_id)
        .select_from(Engagement)
        .join(Match, Engagement.match_id == Match.id)
        .join(Need, Match.need_id == Need.id)
        .join(Solution, Match.solution_id == Solution.id)
        .where(
            (Need.organisation_id == viewer.organisation_id)
            | (Solution.organisation_id == viewer.organisation_id)
        )
    )
    opened: set[tuple[RecordKind, int]] = set()
    for need, seeker, solution, offerer in rows:
        opened |= {(RecordKind.NEED, need), (RecordKind.ORGANISATION, seeker)}
        opened |= {(RecordKind.SOLUTION, solution), (RecordKind.ORGANISATION, offerer)}
    return frozenset(opened)


def name_of(organisation: Organisation) -> dict[str, Any]:
    """What stands for an organisation in the rows of other records."""
    return {
        "public_id": organisation.public_id,
        "name_vi": organisation.name_vi,
        "name_en": organisation.name_en or organisation.name_vi,
        "short_name": organisation.short_name or organisation.name_vi,
        "kind": organisation.kind,
        "commune": organisation.commune,
        "is_demo": organisation.is_demo,
        "verification": organisation.verification,
    }


def passages(values: Mapping[str, Any], kind: RecordKind) -> list[recipe.Passage]:
    """The texts of a view in reading order: what evidence may be quoted from."""
    return recipe.passages(kind, values)


def _owner(record: Readable) -> int:
    return record.id if isinstance(record, Organisation) else record.organisation_id


def _need_values(need: Need) -> dict[str, Any]:
    plain = (
        "code", "status", "language", "title", "summary", "anonymous", "trl_min", "pillar",
        "keywords", "interest_until", "valid_until", "pilot_host", "published_at", "is_demo",
        "translation", "problem", "situation", "constraints", "expected_benefit", "tried_before",
        "budget_min", "budget_max", "confidential_detail", "excluded", "channel",
    )  # fmt: skip
    values = {name: getattr(need, name) for name in plain}
    return values | {
        "organisation": name_of(need.organisation),
        "help": need.codes(Scheme.HELP),
        "cooperation": need.codes(Scheme.COOPERATION),
        "industries": need.codes(Scheme.INDUSTRY),
        "fields": need.codes(Scheme.FIELD),
        "sdgs": need.codes(Scheme.SDG),
        "requirements": requirements_of(need),
        "budget_band": band_of(need.budget_min, need.budget_max),
        "curator": need.curator.name if need.curator else None,
        "author": need.author.name if need.author else None,
    }


def _solution_values(solution: Solution) -> dict[str, Any]:
    plain = (
        "code", "status", "language", "kind", "title", "summary", "description", "problem_solved",
        "advantage", "limits", "trl", "trl_evidence", "keywords", "valid_until", "confirmed_at",
        "published_at", "is_demo", "translation", "price_min", "price_max", "reference_cases",
        "support", "capacity_per_quarter", "excluded", "confidential_detail",
    )  # fmt: skip
    values = {name: getattr(solution, name) for name in plain}
    return values | {
        "organisation": name_of(solution.organisation),
        "performances": performances_of(solution),
        "ip_statuses": solution.codes(Scheme.IP_STATUS),
        "transfer_methods": solution.codes(Scheme.TRANSFER_METHOD),
        "cooperation": solution.codes(Scheme.COOPERATION),
        "industries": solution.codes(Scheme.INDUSTRY),
        "fields": solution.codes(Scheme.FIELD),
        "sdgs": solution.codes(Scheme.SDG),
        "experts": tuple(f"{e.degree} {e.name}".strip() for e in solution.experts),
        "author": solution.author.name if solution.author else None,
    }


def _organisation_values(organisation: Organisation) -> dict[str, Any]:
    plain = (
        "code", "kind", "status", "name_vi", "name_en", "short_name", "tax_code", "ownership",
        "country", "size", "commune", "park", "address", "website", "about_vi", "about_en",
        "languages", "certificates", "founded", "verification", "confirmed_at", "is_demo",
        "capacity", "source",
    )  # fmt: skip
    values = {name: getattr(organisation, name) for name in plain}
    experts = [
        " ".join(filter(None, [e.degree, e.name, ", ".join(e.topics), ", ".join(e.techniques)]))
        for e in organisation.experts
    ]
    contacts = [
        {"name": c.name, "role": c.role, "email": c.email, "phone": c.phone,
         "languages": c.languages}
        for c in organisation.contacts
    ]  # fmt: skip
    return values | {
        "industries": organisation.codes(Scheme.INDUSTRY),
        "fields": organisation.codes(Scheme.FIELD),
        "experts": experts,
        "contacts": contacts,
        "related": organisation.parent_id,
    }


def _expert_values(expert: Expert) -> dict[str, Any]:
    plain = (
        "name", "degree", "topics", "techniques", "orcid", "languages", "days_per_month",
        "not_wanted",
    )  # fmt: skip
    values = {name: getattr(expert, name) for name in plain}
    written = " ".join([*expert.topics, *expert.techniques])
    return values | {
        "organisation": name_of(expert.organisation),
        "language": guess_language(written),
    }


def requirements_of(need: Need) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(r.text, r.must, r.indicator, r.operator, r.value, r.value_max, r.unit)
        for r in need.requirements
    )


def performances_of(solution: Solution) -> tuple[Performance, ...]:
    return tuple(
        Performance(p.indicator, p.value, p.value_max, p.unit, p.condition, p.measured)
        for p in solution.performances
    )
