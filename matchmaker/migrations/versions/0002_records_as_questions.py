"""Keep the vector of a record as a question, so that matching encodes nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("embedding") as table:
        table.add_column(sa.Column("asking", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("embedding") as table:
        table.drop_column("asking")
