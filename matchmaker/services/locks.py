"""Waiting for one's turn: whoever counts and then writes must count alone.

SQLite lets one writer in at a time. PostgreSQL lets all in, and what one has counted another may
be adding to: there, who holds a name makes everybody else wait who wants the same one.
"""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def hold(session: Session, name: str) -> None:
    """Be the only transaction with this name until it ends; others wait.

    Take it before the first look at what is counted: a look from before the wait is out of date.
    Who takes several takes them in one order everywhere, and before any row is written.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest, signed=True))))
