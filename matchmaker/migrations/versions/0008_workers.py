"""One table of daily work, and vectors of two models side by side; files of vectors are gone."""

from datetime import UTC, datetime, time

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
_JOB = sa.table(
    "job_run",
    sa.column("name", sa.String),
    sa.column("day", sa.Date),
    sa.column("worker", sa.String),
    sa.column("taken_at", MOMENT),
    sa.column("attempts", sa.Integer),
    sa.column("due_at", MOMENT),
    sa.column("done_at", MOMENT),
    sa.column("error", sa.Text),
)
_DAILY = sa.table("daily_job", sa.column("name", sa.String), sa.column("done_on", sa.Date))
_TASK = sa.table(
    "index_task",
    sa.column("record_kind", sa.String),
    sa.column("record_id", sa.Integer),
    sa.column("role", sa.String),
    sa.column("made_at", MOMENT),
    sa.column("attempts", sa.Integer),
    sa.column("due_at", MOMENT),
    sa.column("claimed_by", sa.String),
    sa.column("error", sa.Text),
)
_VECTORS = sa.table(
    "embedding",
    sa.column("id", sa.Integer),
    sa.column("record_kind", sa.String),
    sa.column("record_id", sa.Integer),
    sa.column("level", sa.Integer),
    sa.column("fingerprint", sa.String),
)
_MODEL = sa.table(
    "index_model",
    sa.column("role", sa.String),
    sa.column("opener", sa.Text),
    sa.column("fingerprint", sa.String),
    sa.column("began_at", MOMENT),
    sa.column("error", sa.Text),
)
_VERSION = sa.table("model_version", sa.column("live_as", sa.String), sa.column("payload", sa.JSON))
_OF_RECORD = ["record_kind", "record_id", "level"]
#: What the jobs were called in the table that goes.
_ONCE_DAILY = "newcomers"


def upgrade() -> None:
    _join_jobs()
    op.drop_table("index_snapshot")
    with op.batch_alter_table("index_task") as table:
        table.add_column(sa.Column("role", sa.String(40), nullable=True))
    op.execute(sa.update(_TASK).values(role="serving"))
    with op.batch_alter_table("index_task") as table:
        table.alter_column("role", existing_type=sa.String(40), nullable=False)
        table.drop_index(op.f("ix_index_task_due_at"))
        table.create_index(op.f("ix_index_task_role_due_at"), ["role", "due_at"])
    with op.batch_alter_table("embedding") as table:
        table.drop_constraint(op.f("uq_embedding_record_kind_record_id_level"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_embedding_record_kind_record_id_level_fingerprint"),
            [*_OF_RECORD, "fingerprint"],
        )
    op.create_table(
        "index_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(40), nullable=True),
        sa.Column("opener", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_index_model")),
        sa.UniqueConstraint("role", name=op.f("uq_index_model_role")),
    )
    _name_models()


def downgrade() -> None:
    bind = op.get_bind()
    serving = bind.scalar(sa.select(_MODEL.c.fingerprint).where(_MODEL.c.role == "serving"))
    op.drop_table("index_model")
    op.execute(sa.delete(_TASK).where(_TASK.c.role != "serving"))
    if serving is not None:
        op.execute(sa.delete(_VECTORS).where(_VECTORS.c.fingerprint != serving))
    with op.batch_alter_table("embedding") as table:
        table.drop_constraint(
            op.f("uq_embedding_record_kind_record_id_level_fingerprint"), type_="unique"
        )
        table.create_unique_constraint(op.f("uq_embedding_record_kind_record_id_level"), _OF_RECORD)
    with op.batch_alter_table("index_task") as table:
        table.drop_index(op.f("ix_index_task_role_due_at"))
        table.create_index(op.f("ix_index_task_due_at"), ["due_at"])
        table.drop_column("role")
    op.create_table(
        "index_snapshot",
        sa.Column("shelf", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("shelf", name=op.f("pk_index_snapshot")),
    )
    _part_jobs()


def _join_jobs() -> None:
    with op.batch_alter_table("job_run") as table:
        table.add_column(sa.Column("claimed_until", MOMENT, nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=True))
        table.add_column(sa.Column("due_at", MOMENT, nullable=True))
        table.add_column(sa.Column("done_at", MOMENT, nullable=True))
        table.add_column(sa.Column("error", sa.Text(), nullable=True))
    # What was taken up counted as done.
    op.execute(
        sa.update(_JOB).values(
            attempts=1, due_at=_JOB.c.taken_at, done_at=_JOB.c.taken_at, error=""
        )
    )
    with op.batch_alter_table("job_run") as table:
        table.alter_column("attempts", existing_type=sa.Integer(), nullable=False)
        table.alter_column("due_at", existing_type=MOMENT, nullable=False)
        table.alter_column("error", existing_type=sa.Text(), nullable=False)
    for name, day in op.get_bind().execute(sa.select(_DAILY.c.name, _DAILY.c.done_on)).all():
        at = datetime.combine(day, time(), UTC)
        op.execute(
            sa.insert(_JOB).values(
                name=name, day=day, worker="", taken_at=at, attempts=1, due_at=at, done_at=at,
                error="",
            )
        )  # fmt: skip
    op.drop_table("daily_job")


def _part_jobs() -> None:
    op.create_table(
        "daily_job",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_daily_job")),
    )
    op.execute(
        sa.insert(_DAILY).from_select(
            ["name", "done_on"],
            sa.select(_JOB.c.name, sa.func.max(_JOB.c.day))
            .where(_JOB.c.name == _ONCE_DAILY, _JOB.c.done_at.is_not(None))
            .group_by(_JOB.c.name),
        )
    )
    # To the version before, a row says that the work is done or in hand.
    op.execute(sa.delete(_JOB).where(sa.or_(_JOB.c.name == _ONCE_DAILY, _JOB.c.done_at.is_(None))))
    with op.batch_alter_table("job_run") as table:
        for name in ("claimed_until", "attempts", "due_at", "done_at", "error"):
            table.drop_column(name)


def _name_models() -> None:
    """The model in use, and tasks for records that have vectors of another one only."""
    bind = op.get_bind()
    counts = bind.execute(
        sa.select(_VECTORS.c.fingerprint, sa.func.count())
        .group_by(_VECTORS.c.fingerprint)
        .order_by(sa.func.count().desc(), _VECTORS.c.fingerprint)
    ).all()
    if not counts:
        return
    payload = bind.scalar(sa.select(_VERSION.c.payload).where(_VERSION.c.live_as == "encoder"))
    known = {fingerprint for fingerprint, _ in counts}
    tuned = payload if payload and payload.get("model") in known else None
    serving = tuned["model"] if tuned else counts[0][0]
    now = datetime.now(UTC)
    for fingerprint in sorted(known):
        mine = fingerprint == serving
        op.execute(
            sa.insert(_MODEL).values(
                role="serving" if mine else None,
                opener=tuned["name"] if tuned and mine else "",
                fingerprint=fingerprint,
                began_at=now,
                error="",
            )
        )
    moment = sa.literal(now, MOMENT)
    op.execute(
        sa.insert(_TASK).from_select(
            [
                "record_kind", "record_id", "role", "made_at", "attempts", "due_at",
                "claimed_by", "error",
            ],
            sa.select(
                _VECTORS.c.record_kind, _VECTORS.c.record_id, sa.literal("serving", sa.String),
                moment, sa.literal(0, sa.Integer), moment, sa.literal("", sa.String),
                sa.literal("", sa.Text),
            )
            .where(_VECTORS.c.fingerprint != serving)
            .distinct(),
        )
    )  # fmt: skip
