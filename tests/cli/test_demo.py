"""One command sets up everything there is to see."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from matchmaker import migrations
from matchmaker.cli import main
from matchmaker.domain.vocabulary import Placing, Rule
from matchmaker.models import Match, Member, Need, Organisation, Solution
from matchmaker.models.database import open_engine, reading
from matchmaker.queries import records
from matchmaker.services import eligibility
from tests.demonstration import ACCOUNTS, PASSWORD, ROOT, Demonstration, environ

pytestmark = pytest.mark.slow


def run(data: Path, *words: str) -> Result:
    return CliRunner(env=environ(data)).invoke(main, list(words))


def counts(data: Path) -> dict[str, int]:
    engine = open_engine(f"sqlite:///{data / 'matchmaker.db'}")
    with reading(engine) as session:
        found = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Organisation, Member, Need, Solution, Match)
        }
    engine.dispose()
    return found


def test_demo_is_set_up_ranked_and_the_same_the_second_time(
    demo: Demonstration, tmp_path: Path
) -> None:
    assert f"(password: {PASSWORD})" in demo.told
    told = [line.strip() for line in demo.told.splitlines() if "@demo.example" in line]
    assert told == [f"{name}@demo.example" for name in ACCOUNTS]
    tmp_path = demo.copy(tmp_path / "var")
    assert run(tmp_path, "db", "current").output.startswith(f"{migrations.head()} ")

    made = counts(tmp_path)
    assert made["need"] > 20
    assert made["solution"] > 20
    assert made["match"] > 0

    verified = run(tmp_path, "index", "verify")
    assert (verified.exit_code, verified.output) == (
        0, "missing 0, extra 0, stale 0, waiting 0\n",
    )  # fmt: skip

    engine = open_engine(f"sqlite:///{tmp_path / 'matchmaker.db'}")
    with reading(engine) as session:
        code = session.scalars(select(Need.code).where(Need.published_at.is_not(None))).first()
    engine.dispose()
    ranked = json.loads(run(tmp_path, "match", str(code), "--json", "--limit", "3").stdout)
    assert len(ranked) == 3

    engine = open_engine(f"sqlite:///{tmp_path / 'matchmaker.db'}")
    with reading(engine) as session:
        placed = session.execute(
            select(Match.placing, func.count()).group_by(Match.placing).order_by(Match.placing)
        ).all()
        need = records.by_submission_key(session, Need, "demo:N01")
        apart = {
            key: eligibility.rule_between(
                session, need, records.by_submission_key(session, Solution, f"demo:{key}")
            )
            for key in ("C01", "C52", "H08", "H14")
        }
    engine.dispose()
    assert [row for row in placed if row[0] is not Placing.RANKED] == [
        (Placing.HIDDEN, 1), (Placing.PINNED, 1),
    ]  # fmt: skip
    assert apart == {
        "C01": None, "C52": Rule.EXCLUDED_BY_SOLUTION, "H08": Rule.EXCLUDED_BY_NEED,
        "H14": Rule.RELATED_ORGANISATION,
    }  # fmt: skip
    newcomers = run(tmp_path, "jobs", "newcomers")
    assert newcomers.exit_code == 0
    assert newcomers.stdout.startswith(("placed: ", "shown: "))
    made = counts(tmp_path)

    visit = subprocess.run(  # noqa: S603 - this interpreter, our own module
        [sys.executable, "-m", "tests.cli.visit", PASSWORD],
        cwd=ROOT, env=environ(tmp_path), check=False,
    )  # fmt: skip
    assert visit.returncode == 0, "a process that reads the indexes first dies of it"

    second = run(tmp_path, "demo", "--no-serve")
    assert second.exit_code == 0
    assert counts(tmp_path) == made
