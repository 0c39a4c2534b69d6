"""Members, passwords and sessions."""

import hashlib
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchmaker.domain.errors import InvalidError, Problem, SignInError, TooManyTriesError
from matchmaker.domain.vocabulary import RecordKind, Role
from matchmaker.models import Member, Organisation, SignInTry, WebSession
from matchmaker.queries import desk
from matchmaker.services import audit

PASSWORD_MIN, PASSWORD_MAX = 15, 128
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 10, 30
TRIES_WINDOW = timedelta(minutes=5)

_hasher = PasswordHasher()
#: Checked when no account is found, so that a stranger cannot tell by the clock.
_NOBODY = _hasher.hash("a password that nobody has")


def add_member(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    role: Role = Role.MEMBER,
    organisation: Organisation | None = None,
    now: datetime,
    actor_id: int | None = None,
) -> Member:
    """Make an account; raises InvalidError with every problem found."""
    problems = []
    address = email.strip().casefold()
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        problems.append(Problem("email", "not_an_email"))
    if desk.member_by_email(session, address):
        problems.append(Problem("email", "taken"))
    if not name.strip():
        problems.append(Problem("name", "required"))
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        problems.append(
            Problem("password", "password_length", {"least": PASSWORD_MIN, "most": PASSWORD_MAX})
        )
    if role is Role.MEMBER and organisation is None:
        problems.append(Problem("organisation", "required"))
    if problems:
        raise InvalidError(problems)
    member = Member(
        email=address,
        name=name.strip(),
        password_hash=_hasher.hash(password),
        role=role,
        organisation=organisation,
    )
    session.add(member)
    session.flush()
    audit.record(
        session, "member.add", now=now, actor_id=actor_id, kind=RecordKind.MEMBER,
        public_id=member.public_id, detail={"role": str(role)},
    )  # fmt: skip
    return member


def set_password(session: Session, member: Member, password: str, *, now: datetime) -> None:
    """Change the password and end every session of the account."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        facts = {"least": PASSWORD_MIN, "most": PASSWORD_MAX}
        raise InvalidError([Problem("password", "password_length", facts)])
    member.password_hash = _hasher.hash(password)
    session.execute(delete(WebSession).where(WebSession.member_id == member.id))
    audit.record(
        session, "member.password", now=now, actor_id=member.id, kind=RecordKind.MEMBER,
        public_id=member.public_id,
    )  # fmt: skip


def check_tries(session: Session, email: str, address: str, *, now: datetime) -> None:
    """Raise TooManyTriesError after too many failures for this account or from this address."""
    for key, most in _keys(email, address):
        count = session.scalar(
            select(func.count())
            .select_from(SignInTry)
            .where(SignInTry.key == key, SignInTry.at > now - TRIES_WINDOW)
        )
        if (count or 0) >= most:
            raise TooManyTriesError


def note_failure(session: Session, email: str, address: str, *, now: datetime) -> None:
    """Count a failed sign-in; the caller commits although the sign-in itself was refused."""
    session.execute(delete(SignInTry).where(SignInTry.at < now - 2 * TRIES_WINDOW))
    session.add_all(SignInTry(key=key, at=now) for key, _ in _keys(email, address))
    audit.record(session, "sign_in.refused", now=now, actor_id=None)


def sign_in(session: Session, email: str, password: str, *, now: datetime) -> Member:
    """The member these belong to; raises SignInError, which never says what was wrong."""
    member = desk.member_by_email(session, email)
    known = member.password_hash if member and member.is_active else _NOBODY
    try:
        _hasher.verify(known, password)
    except (VerificationError, InvalidHashError) as error:
        raise SignInError("wrong e-mail or password") from error
    if member is None or not member.is_active:
        raise SignInError("wrong e-mail or password")
    member.last_sign_in_at = now
    audit.record(
        session, "sign_in", now=now, actor_id=member.id, kind=RecordKind.MEMBER,
        public_id=member.public_id,
    )  # fmt: skip
    return member


def _keys(email: str, address: str) -> list[tuple[str, int]]:
    account = "".join(email.split()).casefold()
    return [
        (hashlib.sha256(f"account {account}".encode()).hexdigest(), TRIES_PER_ACCOUNT),
        (hashlib.sha256(f"address {address}".encode()).hexdigest(), TRIES_PER_ADDRESS),
    ]
