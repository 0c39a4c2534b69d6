"""The database is locked, or gone: a 503 after five seconds, never a success; and it heals."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.domain.identity import new_public_id
from matchmaker.domain.vocabulary import OrganisationKind, Role
from matchmaker.models import Member, Need
from matchmaker.models.database import new_session, open_engine, reading
from tests import postgres
from tests.conftest import _fill, _member, _organisation
from tests.faults.figures import tell
from tests.faults.served import Browser, Reply, serving
from tests.web.test_needs import TYPED

#: Five seconds of waiting, and what a busy machine adds.
LONGEST = 9.0


def post(browser: Browser, title: str) -> tuple[Reply, float]:
    form = TYPED | {"title": title, "submission_key": new_public_id(), "version": "0", "do": "keep"}
    began = time.monotonic()
    answer = browser.post("/needs/new", form)
    return answer, time.monotonic() - began


def must_be_refused(answer: Reply, seconds: float) -> None:
    assert answer.status == 503, answer.text[:500]
    assert int(answer.headers["Retry-After"]) > 0
    assert "chưa được ghi lại" in answer.text
    assert seconds < LONGEST


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Another process holds the writer's place; it lets go by itself."""
    deed = (
        "import sqlite3, sys, time\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "time.sleep(float(sys.argv[2]))\n"
        "database.execute('ROLLBACK')\n"
    )
    line = [sys.executable, "-c", deed, str(path), str(seconds)]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as other:  # noqa: S603 - our own command
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield


def titles(engine: Engine) -> list[str]:
    with reading(engine) as fresh:
        return list(fresh.scalars(select(Need.title).order_by(Need.id)))


def test_sqlite_locked_for_a_while_or_gone(
    settings: Settings, engine: Engine, session: Session, tmp_path: Path, alice: Member
) -> None:
    session.close()
    path = settings.data_dir / "matchmaker.db"
    with serving(settings, tmp_path) as site:
        owner = site.browser().sign_in(alice.email)

        with locked(path, 2):
            answer, waited = post(owner, "Chờ hai giây")
            assert (answer.status, owner.get("/work/").status) == (303, 200)
        with locked(path, 7):
            answer, seconds = post(owner, "Chờ bảy giây")
            must_be_refused(answer, seconds)
            assert owner.get("/").status == 200  # reading waits for nobody
        answer, _ = post(owner, "Sau đó")
        assert answer.status == 303
        assert titles(engine) == ["Chờ hai giây", "Sau đó"]

        engine.dispose()
        for name in ("matchmaker.db", "matchmaker.db-wal", "matchmaker.db-shm"):
            (settings.data_dir / name).rename(tmp_path / name)
        away = [post(owner, "Khi mất tệp")[0].status for _ in range(3)]
        read = [owner.get("/work/").status for _ in range(3)]
        assert {*away, *read} <= {503}
        assert not path.exists()  # nor was another one made in its place
        for name in ("matchmaker.db", "matchmaker.db-wal", "matchmaker.db-shm"):
            (tmp_path / name).rename(settings.data_dir / name)
        healed, _ = post(owner, "Tìm lại")
        assert healed.status == 303
    tell(f"SQLite: held 2 s: kept after {waited:.1f} s; held 7 s: 503 after {seconds:.1f} s")
    assert titles(engine) == ["Chờ hai giây", "Sau đó", "Tìm lại"]
    with closing(sqlite3.connect(path)) as looked:
        assert looked.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.postgres
def test_postgresql_locked_for_a_while_or_stopped(settings: Settings, tmp_path: Path) -> None:
    """A server of its own, since it is stopped."""
    postgres.binaries()
    with postgres.running() as server:
        engine = open_engine(server.create("away"))
        _fill(engine)
        with new_session(engine, writes=True) as session:
            firm = _organisation(session, 1, OrganisationKind.ENTERPRISE, "Hãng")
            alice = _member(session, "alice@firm.example", "Alice", firm, Role.MEMBER)
        there = replace(settings, database_url=server.url("away"))
        with serving(there, tmp_path) as site:
            owner = site.browser().sign_in(alice.email)
            with engine.begin() as other:
                other.execute(text("LOCK TABLE need IN EXCLUSIVE MODE"))
                answer, seconds = post(owner, "Khi bị khoá")
                must_be_refused(answer, seconds)
                assert owner.get("/").status == 200
            assert post(owner, "Sau đó")[0].status == 303

            server.stop("fast")
            for _ in range(3):
                must_be_refused(*post(owner, "Khi dừng"))
            assert owner.get("/work/").status == 503
            assert owner.get("/healthz").status == 200
            server.start()
            assert post(owner, "Trở lại")[0].status == 303
        tell(f"PostgreSQL: table held: 503 after {seconds:.1f} s; stopped: 3 of 3 refused, healed")
        assert titles(engine) == ["Sau đó", "Trở lại"]
        engine.dispose()
