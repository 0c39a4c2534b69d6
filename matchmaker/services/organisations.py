"""What an organisation says of itself, and a school of its experts."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.domain import identity
from matchmaker.domain.drafts import LINE_MAX, Contact, ExpertDraft, OrganisationDraft
from matchmaker.domain.errors import ConflictError, InvalidError, NotAllowedError, Problem
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import RecordKind, Scheme
from matchmaker.models import Contact as ContactRow
from matchmaker.models import Expert, Member, Organisation, Solution, Term
from matchmaker.services import audit, locks

EMAIL_MAX, PHONE_MAX = 254, 40
_CODES = {"industries": Scheme.INDUSTRY, "fields": Scheme.FIELD}
_ELSEWHERE = {"contacts", "tax_code", "commune", *_CODES}


def revise(
    session: Session, organisation: Organisation, member: Member, draft: OrganisationDraft, *,
    version: int, now: datetime,
) -> None:  # fmt: skip
    """Change an organisation that was read at `version`; the caller commits.

    Raises NotAllowedError, InvalidError with every problem found, or ConflictError with what
    changed meanwhile.
    """
    _must_belong(organisation, member)
    _must_be_right(session, organisation, draft)
    changes = differences(organisation, draft)
    if organisation.version != version and changes:
        raise ConflictError(RecordKind.ORGANISATION, organisation.public_id, changes)
    fill(organisation, draft)
    organisation.updated_at = now
    organisation.confirmed_at = now
    try:
        session.flush()
    except IntegrityError as error:
        # Another organisation took the tax code since it was looked up.
        raise InvalidError([Problem("tax_code", "taken")]) from error
    _note(session, "organisation.revise", organisation, member, now, fields=sorted(changes))


def add_expert(
    session: Session, organisation: Organisation, member: Member, draft: ExpertDraft, *,
    now: datetime, key: str | None = None,
) -> Expert:  # fmt: skip
    """List one more expert; raises NotAllowedError or InvalidError.

    `key` becomes its public id: a form sent twice with one key lists one expert.
    """
    _must_belong(organisation, member)
    if key and (made := _made(session, key)):
        _must_belong(made.organisation, member)
        return made
    _must_be_an_expert(draft)
    public_id = key or new_public_id()
    expert = Expert(public_id=public_id, **_columns(draft), created_at=now, updated_at=now)
    organisation.experts.append(expert)
    organisation.updated_at = now
    session.flush()
    _note(session, "expert.add", organisation, member, now, expert=expert.public_id)
    return expert


def _made(session: Session, key: str) -> Expert | None:
    locks.hold(session, f"submission {key}")
    return session.scalars(select(Expert).where(Expert.public_id == key)).one_or_none()


def revise_expert(
    session: Session, expert: Expert, member: Member, draft: ExpertDraft, *, now: datetime
) -> None:
    """Change what is said of an expert; raises NotAllowedError or InvalidError."""
    _must_belong(expert.organisation, member)
    _must_be_an_expert(draft)
    for name, value in _columns(draft).items():
        setattr(expert, name, value)
    expert.updated_at = now
    # The organisation's page and index text name its experts.
    expert.organisation.updated_at = now
    _note(session, "expert.revise", expert.organisation, member, now, expert=expert.public_id)


def remove_expert(session: Session, expert: Expert, member: Member, *, now: datetime) -> None:
    """Take an expert off the list and off the solutions that name him."""
    organisation = expert.organisation
    _must_belong(organisation, member)
    public_id = expert.public_id
    for solution in _solutions_naming(session, expert):
        solution.experts.remove(expert)
        solution.updated_at = now
    organisation.experts.remove(expert)
    organisation.updated_at = now
    session.flush()
    _note(session, "expert.remove", organisation, member, now, expert=public_id)


def draft_of(organisation: Organisation) -> OrganisationDraft:
    """The draft an organisation would be edited as."""
    plain = OrganisationDraft.__dataclass_fields__
    values: dict[str, Any] = {n: getattr(organisation, n) for n in plain if n not in _ELSEWHERE}
    values |= {name: organisation.codes(scheme) for name, scheme in _CODES.items()}
    values["languages"] = tuple(organisation.languages)
    values["certificates"] = tuple(organisation.certificates)
    return OrganisationDraft(
        **values,
        tax_code=organisation.tax_code or "",
        commune=organisation.commune or "",
        contacts=tuple(
            Contact(c.name, c.role, c.email, c.phone, tuple(c.languages), c.consent)
            for c in organisation.contacts
        ),
    )


def expert_draft_of(expert: Expert) -> ExpertDraft:
    """The draft an expert would be edited as."""
    values: dict[str, Any] = {n: getattr(expert, n) for n in ExpertDraft.__dataclass_fields__}
    for name in ("topics", "techniques", "languages"):
        values[name] = tuple(values[name])
    return ExpertDraft(**values)


def differences(organisation: Organisation, draft: OrganisationDraft) -> dict[str, tuple[str, str]]:
    """Fields in which an organisation and a draft differ, as (theirs, yours) in plain text."""
    theirs, yours = asdict(draft_of(organisation)), asdict(draft)
    return {
        name: (_plain(theirs[name]), _plain(yours[name]))
        for name in theirs
        if _plain(theirs[name]) != _plain(yours[name])
    }


def fill(organisation: Organisation, draft: OrganisationDraft) -> None:
    """Write a draft's values into an organisation."""
    for name, value in vars(draft).items():
        if name not in _ELSEWHERE:
            setattr(organisation, name, list(value) if isinstance(value, tuple) else value)
    # The unique column holds no empty texts: two of them would be the same.
    organisation.tax_code = _tax_code(draft) or None
    organisation.commune = draft.commune or None
    for name, scheme in _CODES.items():
        organisation.set_codes(scheme, getattr(draft, name))
    if draft.contacts != draft_of(organisation).contacts:
        organisation.contacts[:] = [
            ContactRow(**{**vars(c), "languages": list(c.languages)}) for c in draft.contacts
        ]


def _must_belong(organisation: Organisation, member: Member) -> None:
    if not member.viewer.belongs_to(organisation.id):
        raise NotAllowedError("change another organisation")


def _must_be_right(session: Session, organisation: Organisation, draft: OrganisationDraft) -> None:
    found = draft.problems(complete=True)
    found += _contact_problems(draft)
    found += _unknown_codes(session, draft)
    if draft.tax_code:
        found += _tax_problems(session, organisation, _tax_code(draft))
    if found:
        raise InvalidError(found)


def _must_be_an_expert(draft: ExpertDraft) -> None:
    if found := draft.problems():
        raise InvalidError(found)


def _tax_code(draft: OrganisationDraft) -> str:
    """The code without the spaces and points people group it by."""
    return draft.tax_code.replace(" ", "").replace(".", "")


def _tax_problems(session: Session, organisation: Organisation, tax_code: str) -> Iterator[Problem]:
    if not identity.is_tax_code(tax_code):
        yield Problem("tax_code", "not_a_tax_code")
        return
    query = select(Organisation.id).where(
        Organisation.tax_code == tax_code, Organisation.id != organisation.id
    )
    if session.scalar(query) is not None:
        yield Problem("tax_code", "taken")


def _contact_problems(draft: OrganisationDraft) -> Iterator[Problem]:
    limits = {"name": LINE_MAX, "role": LINE_MAX, "email": EMAIL_MAX, "phone": PHONE_MAX}
    for number, contact in enumerate(draft.contacts):
        for name, most in limits.items():
            has = len(getattr(contact, name))
            if has > most:
                yield Problem(f"contacts-{number}-{name}", "too_long", {"most": most, "has": has})
        if contact.email and not _is_email(contact.email):
            yield Problem(f"contacts-{number}-email", "not_an_email")


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _unknown_codes(session: Session, draft: OrganisationDraft) -> Iterator[Problem]:
    """Codes that no term of their list has; a form cannot send them, an import can."""
    wanted = [(name, scheme, c) for name, scheme in _CODES.items() for c in getattr(draft, name)]
    if draft.commune:
        wanted.append(("commune", Scheme.COMMUNE, draft.commune))
    rows = session.execute(
        select(Term.scheme, Term.code).where(Term.code.in_({code for _, _, code in wanted}))
    )
    known = {(scheme, code) for scheme, code in rows}
    for name, scheme, code in wanted:
        if (scheme, code) not in known:
            yield Problem(name, "unknown_code", {"code": code})


def _solutions_naming(session: Session, expert: Expert) -> list[Solution]:
    query = select(Solution).where(Solution.experts.any(Expert.id == expert.id))
    return list(session.scalars(query))


def _columns(draft: ExpertDraft) -> dict[str, Any]:
    return {n: list(v) if isinstance(v, tuple) else v for n, v in vars(draft).items()}


def _note(
    session: Session, action: str, organisation: Organisation, member: Member, now: datetime,
    **detail: Any,
) -> None:  # fmt: skip
    audit.record(
        session, action, now=now, actor_id=member.id, kind=RecordKind.ORGANISATION,
        public_id=organisation.public_id, detail=detail,
    )  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_plain(v) for v in value.values() if v not in (None, "", False, ()))
    if isinstance(value, list | tuple):
        return "\n".join(_plain(v) for v in value)
    return "" if value is None else str(value)
