"""Runs migrations over the engine handed in by `matchmaker.migrations`."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, Engine, text

from matchmaker.models import Base

#: A number nobody else uses: whoever migrates a server's database holds it.
_TURN = 0x6D617463
#: How long the second waits for the first to finish.
_PATIENCE = "10min"


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Two who start at one moment migrate one after the other; SQLite sees to that by itself."""
    if connection.dialect.name != "postgresql":
        yield
        return
    before = connection.scalar(text("SHOW lock_timeout"))
    wait = text("SELECT set_config('lock_timeout', :time, false)")
    connection.execute(wait, {"time": _PATIENCE})
    connection.execute(text("SELECT pg_advisory_lock(:turn)"), {"turn": _TURN})
    connection.execute(wait, {"time": before})
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": _TURN})
        connection.commit()


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.execution_options(writes=True).connect() as connection, alone(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
