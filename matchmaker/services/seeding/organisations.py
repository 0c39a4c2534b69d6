"""Demonstration organisations with their experts; every tax code is one no firm can have."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain import identity
from matchmaker.domain.drafts import OrganisationDraft
from matchmaker.domain.vocabulary import (
    OrganisationStatus,
    RecordKind,
    Scheme,
    Verification,
)
from matchmaker.models import Contact, Expert, Organisation
from matchmaker.services import audit, clocks
from matchmaker.services.numbering import next_code
from matchmaker.services.seeding.demo_records import DemoFiles, SeedExpert, SeedOrganisation

#: Tax codes begin with the number of a province; no province has 99.
DEMO_PREFIX = "99"
_PLAIN = (
    "kind", "name_vi", "name_en", "short_name", "ownership", "country", "size", "commune", "park",
    "about_vi", "about_en", "founded", "capacity",
)  # fmt: skip


def source_of(key: str) -> str:
    """What a demonstration record is known by when the files are loaded again."""
    return f"demo:{key}"


def demo_tax_code(key: str) -> str:
    """A tax code made from the key, right in its check digit but for no real firm."""
    start = int(hashlib.sha256(key.encode()).hexdigest(), 16)
    for step in range(11):
        head = f"{DEMO_PREFIX}{(start + step) % 10**7:07d}"
        for digit in range(10):
            if identity.is_tax_code(f"{head}{digit}"):
                return f"{head}{digit}"
    raise AssertionError("of eleven numbers in a row one has a check digit")


def load_organisations(
    session: Session, demo: DemoFiles, *, now: datetime
) -> tuple[dict[str, Organisation], int]:
    """The organisations by key, and how many of them are new."""
    query = select(Organisation).where(Organisation.source.startswith("demo:"))
    known = {o.source: o for o in session.scalars(query)}
    found, added = {}, 0
    for seed in demo.organisations.values():
        row = known.get(source_of(seed.key))
        if row is None:
            row = _add(session, seed, now=now)
            added += 1
        found[seed.key] = row
    return found, added


def load_experts(
    session: Session, demo: DemoFiles, organisations: dict[str, Organisation], *, now: datetime
) -> tuple[dict[str, Expert], int]:
    """The experts by key, and how many of them are new; within a school names are unique."""
    found, added = {}, 0
    for seed in demo.experts.values():
        school = organisations[seed.org]
        same = [e for e in school.experts if e.name == seed.draft.name]
        if not same:
            same = [_expert(seed, now=now)]
            school.experts.append(same[0])
            added += 1
        found[seed.key] = same[0]
    session.flush()
    return found, added


def _add(session: Session, seed: SeedOrganisation, *, now: datetime) -> Organisation:
    draft = seed.draft
    row = Organisation(
        code=next_code(session, "TC", clocks.local_year(now)),
        status=OrganisationStatus.VERIFIED,
        verification=Verification.CONTACT_CHECKED,
        tax_code=demo_tax_code(seed.key),
        languages=list(draft.languages),
        certificates=list(draft.certificates),
        contacts=_contacts(draft),
        source=source_of(seed.key),
        is_demo=True,
        confirmed_at=now,
        created_at=now,
        updated_at=now,
        **{name: getattr(draft, name) for name in _PLAIN},
    )
    row.set_codes(Scheme.INDUSTRY, draft.industries)
    row.set_codes(Scheme.FIELD, draft.fields)
    session.add(row)
    session.flush()
    audit.record(
        session, "organisation.add", now=now, actor_id=None, kind=RecordKind.ORGANISATION,
        public_id=row.public_id, to_state=row.status,
    )  # fmt: skip
    return row


def _contacts(draft: OrganisationDraft) -> list[Contact]:
    return [Contact(**{**vars(c), "languages": list(c.languages)}) for c in draft.contacts]


def _expert(seed: SeedExpert, *, now: datetime) -> Expert:
    lists = ("topics", "techniques", "languages")
    values = {**vars(seed.draft), **{name: list(getattr(seed.draft, name)) for name in lists}}
    return Expert(**values, created_at=now, updated_at=now)
