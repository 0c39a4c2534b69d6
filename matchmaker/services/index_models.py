"""Which model the index is searched by, and which one is to take its place."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import IndexRole
from matchmaker.models import IndexModel


def in_role(session: Session, role: IndexRole) -> IndexModel | None:
    """The model of a role; nothing is searched by before the first vector is written."""
    return session.scalars(select(IndexModel).where(IndexModel.role == role)).one_or_none()


def may_write(session: Session, role: IndexRole, fingerprint: str) -> bool:
    """Whether vectors of this fingerprint are wanted in this role.

    Whoever writes vectors asks in the transaction that writes them, with the sequence held.
    """
    found = in_role(session, role)
    if found is None:
        return role is IndexRole.SERVING
    return found.fingerprint == fingerprint


def note_serving(session: Session, fingerprint: str, opener: str) -> None:
    """The first vectors of all decide what the index is searched by."""
    if in_role(session, IndexRole.SERVING) is None:
        session.add(IndexModel(role=IndexRole.SERVING, opener=opener, fingerprint=fingerprint))
        session.flush()
