"""Numbers handed out inside the transaction that uses them."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matchmaker.domain.identity import code_for
from matchmaker.models import Counter


def next_value(session: Session, name: str) -> int:
    """The next number of a counter, from 1.

    The counter's row stays locked until the transaction ends, so that numbers appear in order of
    commit: who has seen number n will never be shown a smaller one later.
    """
    return _move(session, name, 1)


def hold(session: Session, name: str) -> int:
    """Keep a counter for this transaction: nobody else takes a number of it meanwhile."""
    return _move(session, name, 0)


def _move(session: Session, name: str, step: int) -> int:
    """Counter and lock in one statement: the first number, too, is waited for, not collided on."""
    into = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(Counter)
    counted = into.values(name=name, value=step).on_conflict_do_update(
        index_elements=[Counter.name], set_={Counter.value: Counter.value + step}
    )
    value: int = session.execute(counted.returning(Counter.value)).scalar_one()
    return value


def last_value(session: Session, name: str) -> int:
    """The last number handed out; 0: none yet."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0


def next_code(session: Session, prefix: str, year: int) -> str:
    """The next human code of a kind in a year, e.g. NC-2026-00042."""
    return code_for(prefix, year, next_value(session, f"{prefix}-{year}"))
