"""Two workers, and two who migrate, begin at one moment on an empty place: nobody falls over."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect

from matchmaker import migrations
from matchmaker.config import Settings
from matchmaker.models import Base
from matchmaker.models.database import open_engine
from tests.faults.figures import FULL, tell
from tests.faults.served import ROOT, Served, UnansweredError
from tests.postgres import Server

STARTS = 20 if FULL else 1


@pytest.fixture
def place(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """An empty folder and an empty database; the secret is still to be made."""
    settings = Settings(data_dir=tmp_path / "var", model="hashing")
    if backend == "sqlite":
        yield settings
        return
    server: Server = request.getfixturevalue("server")
    with server.database() as url:
        yield replace(settings, database_url=url)


@pytest.mark.databases
def test_two_who_migrate_at_one_moment_leave_one_whole_schema(
    place: Settings, tmp_path: Path
) -> None:
    for _ in range(STARTS):
        migrate_twice(place, tmp_path)
        engine = open_engine(place.url)
        migrations.downgrade(engine, "base")
        engine.dispose()
    tell(f"two who migrate at one moment: {STARTS} of {STARTS}")


def migrate_twice(place: Settings, folder: Path) -> None:
    site = Served(place, folder)
    line = [sys.executable, "-m", "matchmaker", "db", "upgrade"]
    both = [
        subprocess.Popen(  # noqa: S603 - our own command
            line, cwd=ROOT, env=site.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=120) for one in both]

    assert [one.returncode for one in both] == [0, 0], told
    engine = open_engine(place.url)
    assert migrations.current(engine) == migrations.head()
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()


def test_workers_that_start_before_the_database_is_made_wait_for_it(tmp_path: Path) -> None:
    """Two serving processes on an empty place: neither ends, and both serve once it is migrated."""
    for turn in range(STARTS):
        folder = tmp_path / str(turn)
        folder.mkdir()
        site = Served(Settings(data_dir=folder / "var", model="hashing"), folder)
        try:
            site.start_web()
            site.wait("/healthz")
            before = site.web_pids()
            assert len(before) == 2
            asked = site.browser().get("/readyz")
            assert asked.status == 503
            assert site.browser().get("/").status == 503
            engine = open_engine(site.settings.url)
            migrations.upgrade(engine)
            engine.dispose()
            site.wait("/readyz")
            statuses = [site.browser().get("/").status for _ in range(6)]
            assert set(statuses) == {200}
            assert site.web_pids() == before, "a worker ended and was started anew"
            assert "Traceback" not in site.log(), site.log()[-3000:]
            key = (folder / "var" / "secret.key").read_text()
            assert len(key) == 64  # one for both: a form of one is taken by the other
            for _ in range(4):
                page = site.browser()
                page.token = page.get("/account/sign-in").sent["csrf_token"][0]
                form = {"email": "a@b.example", "password": "x" * 15}
                assert page.post("/account/sign-in", form).status in {422, 429}
        except UnansweredError as error:
            raise AssertionError(f"{error}: {site.log()[-3000:]}") from error
        finally:
            site.stop()
    tell(f"cold start of two workers on an empty place: {STARTS} of {STARTS}")
