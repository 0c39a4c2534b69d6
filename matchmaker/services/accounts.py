"""Members, passwords and sessions."""

import hashlib
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from matchmaker.domain.errors import InvalidError, Problem, SignInError, TooManyTriesError
from matchmaker.domain.vocabulary import RecordKind, Role
from matchmaker.models import Member, Organisation, SignInTry, WebSession
from matchmaker.models.database import reading, writing
from matchmaker.queries import desk
from matchmaker.services import audit, locks

PASSWORD_MIN, PASSWORD_MAX = 15, 128
TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS = 10, 30
TRIES_WINDOW = timedelta(minutes=5)

_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    """Checked when no account is found, so that a stranger cannot tell by the clock."""
    return _hasher.hash("a password that nobody has")


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


def enter(engine: Engine, email: str, password: str, address: str, *, now: datetime) -> Member:
    """Sign in; the try is written down before the password is looked at, and taken back if right.

    So however many guess at the same moment, none gets more tries; and nobody who writes has to
    wait while a password is hashed. Raises TooManyTriesError, or SignInError, which never says
    what was wrong.
    """
    with writing(engine) as session:
        tries = _take_tries(session, email, address, now=now)
    with reading(engine) as session:
        known = _verified(session, email, password)
    with writing(engine) as session:
        member = desk.member_by_email(session, email) if known else None
        # Disabled, or given another password, while this one was looked at: it opens nothing.
        if member is not None and member.is_active and member.password_hash == known:
            session.execute(delete(SignInTry).where(SignInTry.id.in_(tries)))
            member.last_sign_in_at = now
            audit.record(
                session, "sign_in", now=now, actor_id=member.id, kind=RecordKind.MEMBER,
                public_id=member.public_id,
            )  # fmt: skip
            return member
        audit.record(session, "sign_in.refused", now=now, actor_id=None)
    raise SignInError("wrong e-mail or password")


def _verified(session: Session, email: str, password: str) -> str | None:
    """The hash of the account that this password opens; None for any other."""
    member = desk.member_by_email(session, email)
    known = member.password_hash if member and member.is_active else None
    # Made by the first who signs in, whoever that is: only then does its time tell nothing.
    nobodys = _nobodys()
    try:
        _hasher.verify(known or nobodys, password)
    except (VerificationError, InvalidHashError):
        return None
    return known


def _take_tries(session: Session, email: str, address: str, *, now: datetime) -> list[int]:
    """Note one more try for the account and for the address; returns the rows."""
    keys = _keys(email, address)
    # Tries of a day still to come, made while a clock was wrong, lock nobody out until then.
    around = now - TRIES_WINDOW, now + TRIES_WINDOW
    for key, _ in keys:
        locks.hold(session, f"tries of {key}")
    for key, most in keys:
        count = session.scalar(
            select(func.count())
            .select_from(SignInTry)
            .where(SignInTry.key == key, SignInTry.at.between(*around))
        )
        if (count or 0) >= most:
            raise TooManyTriesError
    session.execute(
        delete(SignInTry).where(~SignInTry.at.between(now - 2 * TRIES_WINDOW, around[1]))
    )
    tries = [SignInTry(key=key, at=now) for key, _ in keys]
    session.add_all(tries)
    session.flush()
    return [one.id for one in tries]


def _keys(email: str, address: str) -> list[tuple[str, int]]:
    account = "".join(email.split()).casefold()
    return [
        (hashlib.sha256(f"account {account}".encode()).hexdigest(), TRIES_PER_ACCOUNT),
        (hashlib.sha256(f"address {address}".encode()).hexdigest(), TRIES_PER_ADDRESS),
    ]
