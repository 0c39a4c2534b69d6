"""Vocabulary terms."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.domain.vocabulary import Scheme
from matchmaker.models import Term


def all_terms(session: Session) -> Mapping[tuple[Scheme, str], Term]:
    """Every term by scheme and code; a few hundred rows, read once per request at most."""
    return {(t.scheme, t.code): t for t in session.scalars(select(Term).order_by(Term.position))}
