"""Every change of the schema goes up and down, with rows present, and ends where the models are."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, Engine, inspect, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from embeddings import HashingEncoder
from matchmaker import migrations
from matchmaker.domain.vocabulary import IndexRole, RecordKind, Ruling
from matchmaker.models import Base, Embedding, IndexModel, IndexTask, JobRun
from matchmaker.models.database import open_engine, reading
from matchmaker.services import indexing, reembedding, schedule, upkeep
from matchmaker.services.catalogue import Catalogue
from tests.conftest import NOON
from tests.snapshots import Snapshots
from tests.web.people import introduce, suggest

pytestmark = pytest.mark.databases

Rows = dict[str, list[dict[str, Any]]]


def revisions() -> list[str]:
    """All revisions, the oldest first."""
    script = ScriptDirectory.from_config(migrations.configuration())
    return [r.revision for r in script.walk_revisions()][::-1]


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def rows_of(engine: Engine) -> Rows:
    """Every row of every table as the database has it, in a fixed order."""
    with engine.connect() as connection:
        return {
            name: sorted(
                (dict(r) for r in connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings()),  # noqa: S608
                key=repr,
            )
            for name in tables(engine) - {"alembic_version"}
        }


def common(rows: Rows, other: Rows) -> Rows:
    """The part of `rows` in columns that `other` has too; a lost row still shows."""
    shared: Rows = {}
    for name in rows.keys() & other.keys():
        columns = set(other[name][0]) if other[name] else set()
        shared[name] = sorted(
            ({k: v for k, v in row.items() if k in columns} for row in rows[name]), key=repr
        )
    return shared


def schema(engine: Engine) -> dict[str, Any]:
    """The schema as facts: a table made anew is quoted otherwise, and means the same."""
    found = inspect(engine)
    columns = {
        table: sorted((c["name"], str(c["type"]), c["nullable"], str(c["default"])) for c in told)
        for (_, table), told in found.get_multi_columns().items()
    }
    constraints = {
        kind: {table: sorted(told, key=repr) for (_, table), told in of_all.items()}
        for kind, of_all in {
            "foreign": found.get_multi_foreign_keys(),
            "unique": found.get_multi_unique_constraints(),
            "indexes": found.get_multi_indexes(),
        }.items()
    }
    primary = {table: told for (_, table), told in found.get_multi_pk_constraint().items()}
    return {"columns": columns, "primary": primary, **constraints}


def _differs(
    context: MigrationContext, column: Any, wanted: Column[Any], found: str | None,
    default: Any, rendered: str | None,
) -> bool | None:  # fmt: skip
    """JSON defaults by their text, since PostgreSQL cannot compare two of them; else as usual."""
    if not isinstance(wanted.type, JSON):
        return None
    told = [(text or "").removesuffix("::json").strip("'") for text in (found, rendered)]
    return told[0] != told[1]


@pytest.fixture
def empty(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    if backend == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'empty.db'}")
        yield engine
        engine.dispose()
        return
    with request.getfixturevalue("server").database() as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def peopled(
    engine: Engine, catalogue: Catalogue, snapshots: Snapshots, request: pytest.FixtureRequest
) -> Engine:
    """A database with something in nearly every table."""

    def fill() -> None:
        ask = request.getfixturevalue
        session, alice, bob, carol = ask("session"), ask("alice"), ask("bob"), ask("carol")
        make_need, make_solution = ask("make_need"), ask("make_solution")
        need, solution = make_need(alice, curator=carol), make_solution(bob, curator=carol)
        make_need(alice, submit=False, title="Bản nháp")
        introduce(session, suggest(session, need, solution), carol, alice, bob)
        catalogue.drain(engine)

    snapshots.once("peopled", fill)
    return engine


def test_revisions_are_one_line_from_the_first_to_the_head() -> None:
    script = ScriptDirectory.from_config(migrations.configuration())

    assert len(script.get_bases()) == len(script.get_heads()) == 1
    assert revisions()[-1] == migrations.head()


def test_models_are_what_the_newest_revision_makes(empty: Engine) -> None:
    migrations.upgrade(empty)

    with empty.connect() as connection:
        options = {"compare_type": True, "compare_server_default": _differs}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    assert tables(empty) - {"alembic_version"} == set(Base.metadata.tables)


def test_each_revision_goes_up_down_and_up_by_itself(empty: Engine) -> None:
    before, below = None, schema(empty)
    for revision in revisions():
        migrations.upgrade(empty, revision)
        above = schema(empty)
        migrations.downgrade(empty, before or "base")
        assert migrations.current(empty) == before
        if before:
            assert schema(empty) == below
        else:
            assert tables(empty) == {"alembic_version"}
        migrations.upgrade(empty, revision)
        assert migrations.current(empty) == revision
        assert schema(empty) == above
        before, below = revision, above


def test_up_and_down_twice_changes_nothing(empty: Engine) -> None:
    migrations.upgrade(empty)
    first = schema(empty)
    migrations.upgrade(empty)

    assert schema(empty) == first
    migrations.downgrade(empty, "base")
    migrations.upgrade(empty)
    assert schema(empty) == first


def test_each_step_down_and_up_keeps_every_row(peopled: Engine) -> None:
    whole = rows_of(peopled)
    filled = {name for name, rows in whole.items() if rows}
    assert {"organisation", "need", "solution", "match", "engagement", "embedding"} <= filled

    above = whole
    for revision, lower in zip(revisions()[:0:-1], revisions()[-2::-1], strict=True):
        migrations.downgrade(peopled, lower)
        below = rows_of(peopled)
        assert common(above, below) == common(below, above), (
            f"rows lost on the way down from {revision}"
        )
        migrations.upgrade(peopled, revision)
        again = rows_of(peopled)
        assert common(again, below) == common(below, again), (
            f"rows lost on the way up to {revision}"
        )
        migrations.downgrade(peopled, lower)
        above = below
    migrations.upgrade(peopled)

    assert common(rows_of(peopled), whole).keys() == whole.keys()
    assert {n: len(r) for n, r in rows_of(peopled).items()} == {n: len(r) for n, r in whole.items()}


def test_foreign_keys_hold_after_the_way_down_and_up(peopled: Engine) -> None:
    migrations.downgrade(peopled, revisions()[0])
    migrations.upgrade(peopled)

    if peopled.dialect.name == "postgresql":
        return  # it has no way to hold rows that break a valid key; the next lines are SQLite's
    with peopled.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_down_to_the_bottom_with_rows_and_up_again(peopled: Engine) -> None:
    migrations.downgrade(peopled, "base")
    assert tables(peopled) == {"alembic_version"}

    migrations.upgrade(peopled)

    assert {name for name, rows in rows_of(peopled).items() if rows} == set()
    assert set(rows_of(peopled)) == set(Base.metadata.tables)


def test_vectors_lost_on_the_way_down_are_made_again(peopled: Engine, catalogue: Catalogue) -> None:
    """0002 keeps each record as a question: going up leaves a gap that a rebuild fills."""
    migrations.downgrade(peopled, "0001")
    migrations.upgrade(peopled)
    with Session(peopled.execution_options(writes=True)) as session, session.begin():
        indexing.ask_for_all(session)

    catalogue.drain(peopled)

    asking = [row["asking"] for row in rows_of(peopled)["embedding"] if row["level"] == 1]
    kinds = [row["record_kind"] for row in rows_of(peopled)["embedding"] if row["level"] == 1]
    assert {k for k, a in zip(kinds, asking, strict=True) if a} == {"need", "solution"}
    with reading(peopled) as session:
        fresh = Catalogue(HashingEncoder(), catalogue.data_dir)
        assert upkeep.verify(session, fresh).is_whole


def test_a_failed_change_leaves_nothing_behind_and_can_be_run_again(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE need (id INTEGER)"))

    with pytest.raises((OperationalError, ProgrammingError), match="already exists"):
        migrations.upgrade(empty)

    assert tables(empty) - {"alembic_version"} == {"need"}
    assert migrations.current(empty) is None
    with empty.begin() as connection:
        connection.execute(text("DROP TABLE need"))
    migrations.upgrade(empty)
    assert migrations.current(empty) == migrations.head()


def test_rulings_read_the_same_after_a_change_of_schema(peopled: Engine, session: Session) -> None:
    migrations.downgrade(peopled, revisions()[-2])
    migrations.upgrade(peopled)

    rulings = session.scalars(text("SELECT ruling FROM judgement ORDER BY id")).all()

    assert rulings == [Ruling.PROPOSE, Ruling.ACCEPT, Ruling.ACCEPT]


def test_daily_work_of_two_tables_is_joined_and_parted_again(empty: Engine) -> None:
    migrations.upgrade(empty, "0006")
    with empty.begin() as connection:
        for statement in (
            "INSERT INTO daily_job (name, done_on) VALUES ('newcomers', '2026-11-27')",
            (
                "INSERT INTO job_run (name, day, worker, taken_at) VALUES"
                " ('calibrate', '2026-11-26', 'w', '2026-11-25 20:00:00+00:00'),"
                " ('calibrate', '2026-11-27', 'x', '2026-11-26 20:00:00+00:00')"
            ),
        ):
            connection.execute(text(statement))
    before = rows_of(empty)

    migrations.upgrade(empty, "0008")

    with reading(empty) as session:
        runs = session.scalars(select(JobRun).order_by(JobRun.name, JobRun.day)).all()
        assert [(r.name, r.day.day, r.worker) for r in runs] == [
            ("calibrate", 26, "w"), ("calibrate", 27, "x"), ("newcomers", 27, ""),
        ]  # fmt: skip
        assert {(r.attempts, r.claimed_until, r.error) for r in runs} == {(1, None, "")}
        assert all(r.done_at is not None for r in runs)
        assert not schedule.is_due(session, "newcomers", NOON.replace(month=11, day=27))
    # What is only begun or has failed is not done, to the version before.
    with Session(empty.execution_options(writes=True)) as session, session.begin():
        session.add(JobRun(name="newcomers", day=date(2026, 11, 28), worker="w", attempts=2))
        session.add(JobRun(name="calibrate", day=date(2026, 11, 28), worker="w", attempts=2))
    migrations.downgrade(empty, "0006")
    assert rows_of(empty) == before


def test_model_in_use_is_named_and_vectors_of_others_are_left_on_the_way_down(
    peopled: Engine, catalogue: Catalogue
) -> None:
    own = catalogue.encoder.fingerprint
    migrations.downgrade(peopled, "0006")
    with peopled.begin() as connection:
        connection.execute(
            text("UPDATE embedding SET fingerprint = 'older' WHERE record_kind = 'need'")
        )

    migrations.upgrade(peopled, "0008")

    with reading(peopled) as session:
        models = session.scalars(select(IndexModel).order_by(IndexModel.role)).all()
        assert {(m.role, m.fingerprint) for m in models} == {
            (IndexRole.SERVING, own), (None, "older"),
        }  # fmt: skip
        assert {t.record_kind for t in session.scalars(select(IndexTask))} == {RecordKind.NEED}
        kept = sorted(
            row.id for row in session.scalars(select(Embedding)) if row.fingerprint == own
        )
    worker = Catalogue(HashingEncoder(), catalogue.data_dir)
    while worker.drain(peopled) or reembedding.step(peopled, worker, "w"):
        pass
    with reading(peopled) as session:
        assert upkeep.verify(session, worker).is_whole
        assert set(session.scalars(select(Embedding.fingerprint))) == {own}
    with Session(peopled.execution_options(writes=True)) as session, session.begin():
        reembedding.begin(session, "next", now=NOON)
    other = Catalogue(HashingEncoder(64), catalogue.data_dir)
    reembedding.step(peopled, other, "w")
    reembedding.step(peopled, other, "w")
    assert len({row["fingerprint"] for row in rows_of(peopled)["embedding"]}) == 2

    migrations.downgrade(peopled, "0006")

    left = rows_of(peopled)
    assert {row["fingerprint"] for row in left["embedding"]} == {own}
    assert set(kept) <= {row["id"] for row in left["embedding"]}
    assert left["index_task"] == []
