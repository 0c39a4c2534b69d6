"""Who is asking, and when."""

from typing import Any

from flask import session
from flask_login import UserMixin, current_user, login_user, logout_user

from matchmaker.domain.disclosure import STRANGER, Viewer
from matchmaker.extensions import db, login_manager
from matchmaker.models import Member


class SignedIn(UserMixin):  # type: ignore[misc]
    """A member as Flask-Login carries it; the row itself is read again at each request."""

    def __init__(self, member: Member) -> None:
        self.member = member

    def get_id(self) -> str:
        return str(self.member.id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.member, name)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(user_id: str) -> SignedIn | None:
    member = db.session.get(Member, int(user_id)) if user_id.isdigit() else None
    return SignedIn(member) if member and member.is_active else None


def viewer() -> Viewer:
    """The asker as the rules know him; a stranger when nobody signed in."""
    return current_user.member.viewer if current_user.is_authenticated else STRANGER


def member() -> Member:
    """The member signed in; only behind a door that lets no stranger in."""
    found: Member = current_user.member
    return found


def enter(member: Member) -> None:
    """Sign a member in under a new session token."""
    language = session.get("language")
    session.clear()
    session.renew()  # type: ignore[attr-defined]
    if language:
        session["language"] = language
    session["member_id"] = member.id
    login_user(SignedIn(member))


def leave() -> None:
    """Sign out and end the session, here and for every copy of its cookie."""
    language = session.get("language")
    logout_user()
    session.clear()
    session.renew()  # type: ignore[attr-defined]
    if language:
        session["language"] = language
