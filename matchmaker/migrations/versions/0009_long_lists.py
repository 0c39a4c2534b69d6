"""Lists of the newest records are read from an index."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("need", "solution")


def upgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_published_at", table, ["published_at"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_published_at", table_name=table)
