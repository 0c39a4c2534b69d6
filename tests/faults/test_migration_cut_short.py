"""`db upgrade` is killed at random moments: run again it succeeds, and every row is there."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from matchmaker import migrations
from matchmaker.config import Settings
from matchmaker.models import Member, Need
from matchmaker.models.database import reading
from matchmaker.services import audit
from tests.faults.figures import FULL, tell
from tests.faults.served import ROOT, Served
from tests.faults.shop import fill
from tests.models.test_migrations import rows_of
from tests.web.people import MakeNeed, MakeSolution

pytestmark = pytest.mark.databases

KILLS = 25 if FULL else 2
#: The oldest revision that keeps all rows on the way down and up.
_FROM = "0001"
#: Says when it begins, so that the kill falls into the change and not into the imports.
_UPGRADE = (
    "import sys\n"
    "from matchmaker import migrations\n"
    "from matchmaker.models.database import open_engine\n"
    "engine = open_engine(sys.argv[1])\n"
    "print('begin', flush=True)\n"
    "migrations.upgrade(engine)\n"
    "print('end', flush=True)\n"
)


def test_killed_upgrade_can_be_run_again(
    settings: Settings, engine: Engine, session: Session, tmp_path: Path, alice: Member,
    bob: Member, carol: Member, make_need: MakeNeed, make_solution: MakeSolution,
) -> None:  # fmt: skip
    fill(session, alice, bob, carol, make_need, make_solution, matches=2, cases=1)
    session.close()
    counts = {name: len(rows) for name, rows in rows_of(engine).items()}
    # Down and up once: what a way down cannot keep is gone before the counting starts.
    migrations.downgrade(engine, _FROM)
    migrations.upgrade(engine)
    counts = {name: len(rows) for name, rows in rows_of(engine).items()} | {
        name: count for name, count in counts.items() if name in {"need", "solution", "match"}
    }
    chance, cut, at = random.Random(8), 0, set()
    engine.dispose()
    longest = timed(settings, tmp_path, engine)
    while cut < KILLS:
        migrations.downgrade(engine, _FROM)
        engine.dispose()
        if not killed(settings, tmp_path, chance.random() * longest):
            longest *= 0.9  # too late: it had ended
            continue
        cut += 1
        at.add(migrations.current(engine))
        migrations.upgrade(engine)
        assert migrations.current(engine) == migrations.head()
        assert {name: len(rows) for name, rows in rows_of(engine).items()} == counts
        with reading(engine) as fresh:
            assert audit.first_broken(fresh) is None
            assert fresh.scalars(select(Need)).first() is not None
    tell(
        f"{engine.dialect.name}: {cut} upgrades killed, found at {sorted(map(str, at))}, all whole"
    )


def begin(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    environment = Served(settings, folder).environment()
    line = [sys.executable, "-c", _UPGRADE, settings.url]
    return subprocess.Popen(line, cwd=ROOT, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own command


def timed(settings: Settings, folder: Path, engine: Engine) -> float:
    """How long the whole way up takes."""
    migrations.downgrade(engine, _FROM)
    engine.dispose()
    with begin(settings, folder) as upgrade:
        assert upgrade.stdout is not None
        assert upgrade.stdout.readline() == b"begin\n"
        began = time.monotonic()
        assert upgrade.stdout.readline() == b"end\n"
        return time.monotonic() - began


def killed(settings: Settings, folder: Path, after: float) -> bool:
    """Whether the kill came before the end."""
    with begin(settings, folder) as upgrade:
        assert upgrade.stdout is not None
        assert upgrade.stdout.readline() == b"begin\n"
        time.sleep(after)
        upgrade.kill()
        return upgrade.stdout.readline() != b"end\n"
