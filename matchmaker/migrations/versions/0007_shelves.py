"""Shelves for all workers in PostgreSQL, where it has the extension `vector`; nothing elsewhere."""

from alembic import op

from matchmaker.migrations import shelves

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shelves.create(op.get_bind())


def downgrade() -> None:
    shelves.drop(op.get_bind())
