"""What each run listed, groups of needs with one problem, and experts on a shelf of their own."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_EXPERT = sa.table("expert", sa.column("id", sa.Integer))
_TASK = sa.table(
    "index_task",
    sa.column("record_kind", sa.String),
    sa.column("record_id", sa.Integer),
    sa.column("made_at", sa.DateTime(timezone=True)),
    sa.column("attempts", sa.Integer),
    sa.column("due_at", sa.DateTime(timezone=True)),
    sa.column("claimed_by", sa.String),
    sa.column("error", sa.Text),
)
_SHADOWS = ("index_task", "embedding")


def upgrade() -> None:
    op.create_table(
        "match_run_item",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("solution_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("band", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["match_run.id"], name=op.f("fk_match_run_item_run_id_match_run")
        ),
        sa.ForeignKeyConstraint(
            ["solution_id"], ["solution.id"], name=op.f("fk_match_run_item_solution_id_solution")
        ),
        sa.PrimaryKeyConstraint("run_id", "solution_id", name=op.f("pk_match_run_item")),
    )
    op.create_index(op.f("ix_match_run_item_solution_id"), "match_run_item", ["solution_id"])
    op.create_table(
        "need_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["member.id"], name=op.f("fk_need_group_made_by_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_group")),
        sa.UniqueConstraint("public_id", name=op.f("uq_need_group_public_id")),
    )
    op.create_table(
        "need_group_place",
        sa.Column("need_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["need.id"], name=op.f("fk_need_group_place_need_id_need")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["need_group.id"], name=op.f("fk_need_group_place_group_id_need_group")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["member.id"], name=op.f("fk_need_group_place_added_by_id_member")
        ),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_need_group_place")),
    )
    op.create_index(op.f("ix_need_group_place_group_id"), "need_group_place", ["group_id"])
    # Experts listed before now wait for the worker like any record that was just saved.
    now = datetime.now(UTC)
    times = sa.literal(now, sa.DateTime(timezone=True))
    op.execute(
        sa.insert(_TASK).from_select(
            ["record_kind", "record_id", "made_at", "attempts", "due_at", "claimed_by", "error"],
            sa.select(
                sa.literal("expert", sa.String),
                _EXPERT.c.id,
                times,
                sa.literal(0, sa.Integer),
                times,
                sa.literal("", sa.String),
                sa.literal("", sa.Text),
            ),
        )
    )


def downgrade() -> None:
    # The version before knows no such kind and could not read these rows; they are made again.
    for name in _SHADOWS:
        shadow = sa.table(name, sa.column("record_kind", sa.String))
        op.execute(sa.delete(shadow).where(shadow.c.record_kind == "expert"))
    op.drop_table("need_group_place")
    op.drop_table("need_group")
    op.drop_table("match_run_item")
