"""Whether anything was written since: kept answers hang on it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import Engine

from matchmaker.models import utc_now
from matchmaker.models.database import open_engine, writing
from matchmaker.models.moments import moments_of
from matchmaker.services import audit

pytestmark = pytest.mark.databases


def write(engine: Engine) -> None:
    with writing(engine) as session:
        audit.record(session, "test.written", now=utc_now(), actor_id=None)


def test_nothing_written_is_the_same_moment(engine: Engine, backend: str) -> None:
    moments = moments_of(engine)
    before = moments.now()
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM organisation")
    assert before is not None
    assert moments.now() == before


def test_whoever_writes_it_is_another_moment(engine: Engine, backend: str) -> None:
    moments = moments_of(engine)
    other = open_engine(engine.url.render_as_string(hide_password=False))
    seen = [moments.now()]
    for writer in (engine, other, engine):
        write(writer)
        seen.append(moments.now())
    other.dispose()
    assert len(set(seen)) == 4


def test_what_is_not_committed_is_no_other_moment(engine: Engine, backend: str) -> None:
    moments = moments_of(engine)
    with writing(engine) as session:
        before = moments.now()
        audit.record(session, "test.written", now=utc_now(), actor_id=None)
        session.flush()
        assert moments.now() == before or backend == "postgresql"
    assert moments.now() != before


def test_another_file_under_the_name_is_another_moment(tmp_path: Path, template: Path) -> None:
    path = tmp_path / "moved.db"
    path.write_bytes(template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    moments = moments_of(engine)
    first = moments.now()
    engine.dispose()
    path.rename(tmp_path / "elsewhere.db")
    assert moments.now() is None
    path.write_bytes(template.read_bytes())
    assert moments.now() not in {None, first}


def test_a_database_in_memory_has_none() -> None:
    assert moments_of(open_engine("sqlite://")).now() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_tells_moments_of_its_own(tmp_path: Path, template: Path) -> None:
    path = tmp_path / "forked.db"
    path.write_bytes(template.read_bytes())
    moments = moments_of(open_engine(f"sqlite:///{path}"))
    moments.now()
    read, told = os.pipe()
    if not (child := os.fork()):
        first = moments.now()
        os.write(told, f"{first} {moments.now()}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    first, second = os.read(read, 99).decode().split()
    assert first == second
