"""Runs migrations over the engine handed in by `matchmaker.migrations`."""

from alembic import context
from sqlalchemy import Engine

from matchmaker.models import Base


def run() -> None:
    engine: Engine = context.config.attributes["engine"]
    with engine.execution_options(writes=True).connect() as connection:
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
