"""Hard rules, pins and the newcomer floor: what they read and what they leave behind."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Added in place, with a default that stays: a table made anew would first be dropped, and the
    # rows that point to it do not allow that.
    op.add_column("need", sa.Column("excluded", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("match_run", sa.Column("rules_hash", sa.String(64), nullable=True))
    op.add_column("match_run", sa.Column("blocked", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(
        "match",
        sa.Column("placing", sa.String(40), nullable=False, server_default="ranked"),
    )
    op.add_column("match", sa.Column("blocked_by", sa.String(40), nullable=True))
    op.add_column(
        "match",
        sa.Column("newcomer_floor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "relation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.CheckConstraint("organisation_id <> other_id", name="two_organisations"),
        _key("relation", "organisation_id", "organisation"),
        _key("relation", "other_id", "organisation"),
        _key("relation", "noted_by_id", "member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_relation_public_id")),
        sa.UniqueConstraint(
            "organisation_id", "other_id", "kind",
            name=op.f("uq_relation_organisation_id_other_id_kind"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_relation_other_id"), "relation", ["other_id"])
    op.create_table(
        "newcomer_floor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(7), nullable=False),
        sa.Column("solution_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(40), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        _key("newcomer_floor", "solution_id", "solution"),
        _key("newcomer_floor", "need_id", "need"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newcomer_floor")),
        sa.UniqueConstraint(
            "period", "solution_id", name=op.f("uq_newcomer_floor_period_solution_id")
        ),
    )
    op.create_index(op.f("ix_newcomer_floor_solution_id"), "newcomer_floor", ["solution_id"])
    op.create_table(
        "daily_job",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_daily_job")),
    )


def downgrade() -> None:
    for table in ("daily_job", "newcomer_floor", "relation"):
        op.drop_table(table)
    for table, columns in {
        "match": ("newcomer_floor", "blocked_by", "placing"),
        "match_run": ("blocked", "rules_hash"),
        "need": ("excluded",),
    }.items():
        for column in columns:
            op.drop_column(table, column)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )
