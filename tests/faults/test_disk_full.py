"""The disk is full: writes are refused with a message, reading goes on, and it heals by itself."""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker.config import Settings
from matchmaker.domain.identity import new_public_id
from matchmaker.models import Member, Need
from matchmaker.models.database import open_engine, reading
from matchmaker.services import audit, backups
from matchmaker.services.backups import BackupError
from matchmaker.services.catalogue import Catalogue
from tests.conftest import PASSWORD
from tests.faults.figures import tell
from tests.faults.served import Browser, serving
from tests.web.people import MakeNeed, MakeSolution
from tests.web.test_needs import TYPED

SIZE = "6m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few MiB of its own, where making one is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603 - our own command
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607 - as above


def fill_up(ballast: Path) -> None:
    """Take every byte that is left, the last ones one by one."""
    with ballast.open("ab", buffering=0) as file:
        for size in (65_536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def post(browser: Browser, title: str) -> int:
    form = TYPED | {"title": title, "submission_key": new_public_id(), "version": "0", "do": "keep"}
    answer = browser.post("/needs/new", form)
    if answer.status in {503, 507}:
        assert "chưa được ghi lại" in answer.text
        assert answer.headers["Retry-After"]
    return answer.status


def test_full_disk_refuses_writes_lets_people_read_and_heals(
    settings: Settings, engine: Engine, session: Session, catalogue: Catalogue, small_disk: Path,
    tmp_path: Path, alice: Member, bob: Member, carol: Member, make_need: MakeNeed,
    make_solution: MakeSolution,
) -> None:  # fmt: skip
    make_need(alice, curator=carol)
    offered = make_solution(bob, curator=carol)
    catalogue.drain(engine)
    session.close()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    there = replace(settings, data_dir=small_disk, database_url="")
    (small_disk / "matchmaker.db").write_bytes((settings.data_dir / "matchmaker.db").read_bytes())
    kept: list[str] = []
    told: Counter[int] = Counter()

    with serving(there, tmp_path) as site:
        owner = site.browser().sign_in(alice.email)
        for n in range(5):
            assert post(owner, f"Trước khi đầy {n}") == 303
            kept.append(f"Trước khi đầy {n}")

        ballast = small_disk / "ballast"
        fill_up(ballast)
        for n in range(40):  # some still find room in files that are long enough already
            status = post(owner, f"Lúc đầy {n}")
            told[status] += 1
            if status == 303:
                kept.append(f"Lúc đầy {n}")
            fill_up(ballast)
        assert told[503] + told[507] >= 20
        assert set(told) <= {303, 503, 507}
        # Reading and searching go on, for strangers and for those who are signed in.
        stranger = site.browser()
        assert stranger.get("/").status == 200
        assert stranger.get(f"/solutions/{offered.public_id}").status == 200
        found = stranger.get("/search?q=c%E1%BA%AFt+t%C3%A1ch+v%E1%BB%8F")
        assert found.status == 200
        assert offered.title in found.text
        assert owner.get("/work/").status == 200
        signed_in = sign_in_status(site.browser(), bob.email)
        # A backup onto the full disk is refused, too, and leaves nothing there.
        before = sorted(p.name for p in small_disk.iterdir())
        with pytest.raises(BackupError, match="cannot be written"):
            backups.write(
                full := open_engine(there.url), there.data_dir, small_disk / "kept.tar.gz"
            )
        full.dispose()
        assert sorted(p.name for p in small_disk.iterdir()) == before

        ballast.unlink()
        assert post(owner, "Sau khi đầy") == 303  # nobody restarted anything
        kept.append("Sau khi đầy")
    tell(f"disk full: 40 writes answered {dict(told)}, sign-in {signed_in}; {len(kept)} kept")
    # To sign in is to write: without a byte left it is refused as honestly as the rest.
    assert signed_in in {303, 503}
    looked = open_engine(there.url)
    with reading(looked) as fresh:
        titles = fresh.scalars(select(Need.title)).all()
        assert [t for t in kept if titles.count(t) != 1] == []
        assert len(titles) == len(kept) + 1
        assert audit.first_broken(fresh) is None
        assert fresh.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    looked.dispose()


def sign_in_status(browser: Browser, email: str) -> int:
    browser.token = browser.get("/account/sign-in").sent["csrf_token"][0]
    form = {"email": email, "password": PASSWORD}
    return browser.post("/account/sign-in", form).status
