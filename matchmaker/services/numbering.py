"""Numbers handed out inside the transaction that uses them."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker.domain.identity import code_for
from matchmaker.models import Counter


def next_value(session: Session, name: str) -> int:
    """The next number of a counter, from 1.

    The counter's row stays locked until the transaction ends, so that numbers appear in order of
    commit: who has seen number n will never be shown a smaller one later.
    """
    step = update(Counter).where(Counter.name == name).values(value=Counter.value + 1)
    counted = step.returning(Counter.value).execution_options(synchronize_session=False)
    value = session.scalar(counted)
    if value is None:
        session.add(Counter(name=name, value=1))
        session.flush()
        value = 1
    return value


def last_value(session: Session, name: str) -> int:
    """The last number handed out; 0: none yet."""
    return session.scalar(select(Counter.value).where(Counter.name == name)) or 0


def next_code(session: Session, prefix: str, year: int) -> str:
    """The next human code of a kind in a year, e.g. NC-2026-00042."""
    return code_for(prefix, year, next_value(session, f"{prefix}-{year}"))
